"""The page fills the canvas, and stays so until somebody zooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from qtpy.QtCore import QEvent, QObject, QTimer, Signal

from napari_squeakout.gui.qt.canvas import camera_of, canvases_of

from .page_place import page_corners, page_place
from .stretch import differs, stays_behind, stretch_layers, stretch_that_fills

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

    from napari_squeakout.gui.layers.roles import SourceLayers

#: Of a place or a zoom, as a part of the canvas.
_ALMOST = 0.005
_NATURAL = 1.0


class Margins(NamedTuple):
    """What is left free around the page, in pixels."""

    left: int
    top: int
    right: int
    bottom: int


class FittedPage(QObject):
    """Fits the page of the source acted on into the canvas.

    napari fits all layers at one height a kHz, once, when the first layer comes. Here the page is
    stretched to the canvas' shape, and fitted anew when that changes: the controls of a layer, the
    dock beside it and its scroll bar take their room from it. Who has zoomed or moved the picture
    keeps what is seen; napari's house button fits again.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    dock : QWidget
        Lives as long as it.
    """

    #: The page lies elsewhere.
    moved = Signal()

    def __init__(self, viewer: Any, dock: QWidget) -> None:
        super().__init__(dock)
        self._viewer = viewer
        self._dock = dock
        self._source: SourceLayers | None = None
        self._fills, self._margins = True, Margins(0, 0, 0, 0)
        self._stretch = _NATURAL
        #: Centre and zoom as they were when something was fitted last.
        self._fitted: tuple[Any, float] | None = None
        self.canvas: Any = None
        # The canvas hears of its new size after this does.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.fit)
        viewer.events.reset_view.connect(self._on_reset)

    def watch_canvas(self) -> None:
        """Notice when the canvas changes its size; only once the dock is in its window."""
        canvases = canvases_of(self._dock.window())
        if self.canvas is None and canvases:
            self.canvas = canvases[0]
            self.canvas.installEventFilter(self)
            self._soon.start()

    def set_source(self, source: SourceLayers | None) -> None:
        """Fit the page of a source; none leaves everything as it is."""
        before, self._source = self._source, source
        if source is None:
            return
        is_other = before is None or before.image != source.image
        if is_other and self._is_fitted():
            self.fit()
        else:
            stretch_layers(self._viewer, self._stretch)

    def arrange(self, *, fills: bool, margins: Margins) -> None:
        """Say whether the page is stretched, and what stays free around it."""
        changed, self._fills = fills != self._fills, fills
        is_fitted, self._margins = self._is_fitted(), margins
        if changed and self._source is not None:
            self._restretch(self._wanted(self._source))
        if changed or is_fitted:
            self.fit()

    def disconnect_viewer(self) -> None:
        """Give the layers kHz and ms again: the dock goes, and nobody else would."""
        self._viewer.events.reset_view.disconnect(self._on_reset)
        stretch_layers(self._viewer, _NATURAL)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Fit again what was fitted before."""
        if event.type() == QEvent.Type.Resize and watched is self.canvas:
            if self._is_fitted():
                self._soon.start()
            self.moved.emit()
        return False

    def fit(self) -> None:
        """Show the whole page, as large as it can be."""
        source = self._source
        if source is None or self.canvas is None or source.image not in self._viewer.layers:
            return
        width, height = self._size()
        if page_place(self._viewer, source.image, (width, height)) is None:
            return
        if stays_behind(self._viewer, source) is None:
            self._restretch(self._wanted(source))
        (top, left), (bottom, right) = page_corners(source.image)
        room = self._room()
        zoom = min(room[0] / abs(right - left), room[1] / abs(top - bottom))
        camera, margins = camera_of(self._viewer), self._margins
        up = 1 if camera.orientation2d[0] == "up" else -1
        centre = (
            (top + bottom) / 2 + up * (margins.top - margins.bottom) / 2 / zoom,
            (left + right) / 2 - (margins.left - margins.right) / 2 / zoom,
        )
        camera.center = (camera.center[0], *centre)
        camera.zoom = zoom
        self._note()
        self.moved.emit()

    def _size(self) -> tuple[int, int]:
        return self.canvas.width(), self.canvas.height()

    def _room(self) -> tuple[float, float]:
        """Width and height that the page may have."""
        width, height = self._size()
        left, top, right, bottom = self._margins
        return max(width - left - right, 1.0), max(height - top - bottom, 1.0)

    def _wanted(self, source: SourceLayers) -> float:
        grid = source.stack.layout.grid
        if grid is None:
            return self._stretch  # of other sources; this one has no kHz
        return stretch_that_fills(grid, *self._room()) if self._fills else _NATURAL

    def _restretch(self, stretch: float) -> None:
        if differs(stretch, self._stretch):
            self._stretch = stretch
        stretch_layers(self._viewer, self._stretch)

    def _on_reset(self, _event: Any = None) -> None:
        """Napari has fitted all layers: the house button, or the first layer has come."""
        self._note()
        self.fit()

    def _note(self) -> None:
        camera = camera_of(self._viewer)
        self._fitted = (np.asarray(camera.center[-2:]), camera.zoom)

    def _is_fitted(self) -> bool:
        if self._fitted is None:
            return True
        camera, (centre, zoom) = camera_of(self._viewer), self._fitted
        moved_px = np.abs(np.asarray(camera.center[-2:]) - centre) * zoom
        size = max(self._size()) if self.canvas is not None else 1
        same_zoom = abs(camera.zoom - zoom) <= _ALMOST * zoom
        return bool(same_zoom and (moved_px <= _ALMOST * size).all())
