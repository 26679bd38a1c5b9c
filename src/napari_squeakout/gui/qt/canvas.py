"""The canvas of a window: where it is, and the page that stays fitted into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QEvent, QObject
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QWidget

from .callbacks import later

if TYPE_CHECKING:
    from qtpy.QtCore import QSize

_PAGE_AXES = 2
#: Of the canvas, as napari fits what it shows.
_FILLED = 0.95
_ALMOST = 0.005


def canvases_of(window: QWidget | None) -> list[QWidget]:
    """The widgets of a window that layers are drawn on."""
    if window is None:
        return []
    return [child for child in window.findChildren(QWidget) if child.inherits("QOpenGLWidget")]


def camera_of(viewer: Any) -> Any:
    """What says which part of the layers is seen, and how large."""
    scene = getattr(viewer, "scene", None)  # napari 0.9 moved the camera there
    return viewer.camera if scene is None else scene.camera


class FittedPage(QObject):
    """Fits the page into the canvas anew when that changes its size, until somebody zooms.

    napari fits what it shows once, when the first layer comes; the controls of that layer, the
    dock beside it and its scroll bar take their room from the canvas afterwards, and the ends of
    the page with it.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    dock : QWidget
        Lives as long as it.
    """

    def __init__(self, viewer: Any, dock: QWidget) -> None:
        super().__init__(dock)
        self._viewer = viewer
        self._dock = dock
        self._canvases: list[QWidget] = []
        # The canvas hears of its new size after this does.
        self._soon = later(self, 0, viewer.reset_view)

    def watch_canvas(self) -> None:
        """Notice when the canvas changes its size; only once the dock is in its window."""
        for canvas in canvases_of(self._dock.window()):
            if canvas not in self._canvases:
                self._canvases.append(canvas)
                canvas.installEventFilter(self)

    def eventFilter(  # noqa: N802 - Qt's name
        self, watched: QObject | None, event: QEvent | None
    ) -> bool:
        """Fit again what was fitted before."""
        if (
            isinstance(event, QResizeEvent)
            and watched in self._canvases
            and is_fitted(self._viewer, event.oldSize())
        ):
            self._soon.start()
        return False


def is_fitted(viewer: Any, size: QSize) -> bool:
    """Whether the layers are shown just as napari fits them into a canvas of a size."""
    camera = camera_of(viewer)
    if viewer.dims.ndisplay != _PAGE_AXES or not len(viewer.layers):
        return False
    low, high = viewer.layers.extent.world[:, list(viewer.dims.displayed)]
    # A layer's extent is that of its pixels' centres.
    extent = high - low + viewer.layers.extent.step[list(viewer.dims.displayed)]
    fitted = _FILLED * np.min([size.height(), size.width()] / extent)
    is_centred = np.allclose(camera.center[-2:], (low + high) / 2, atol=extent * _ALMOST)
    return bool(is_centred and abs(camera.zoom - fitted) <= _ALMOST * fitted)
