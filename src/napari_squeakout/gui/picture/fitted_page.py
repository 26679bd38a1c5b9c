"""The page fills the canvas, and stays so until somebody zooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from qtpy.QtCore import QEvent, QObject, Signal
from qtpy.QtGui import QResizeEvent

from napari_squeakout.gui.qt.callbacks import later
from napari_squeakout.gui.qt.canvas import camera_of, canvases_of

from .page_place import page_corners, page_place
from .placed_by_khz import PlacedByKhz, why_it_rests
from .stretch import differs, stays_behind, stretch_layers, stretch_that_fills

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

    from napari_squeakout.gui.layers.layer_kinds import Layer
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer

#: Of a place or a zoom, as a part of the canvas.
_ALMOST = 0.005
_NATURAL = 1.0
#: Of the canvas' width, what is seen of the page before, and of that after.
_BESIDE, _MOST_BESIDE_PX = 0.04, 60
#: What the page itself keeps of it.
_LEAST = 0.72


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
    #: Why it does not fill the canvas though that is asked for; empty where it may.
    said = Signal(str)

    def __init__(self, viewer: Viewer, dock: QWidget) -> None:
        super().__init__(dock)
        self._viewer = viewer
        self._dock = dock
        self._source: SourceLayers | None = None
        self._fills, self._margins = True, Margins(0, 0, 0, 0)
        self._has_neighbours = False
        self._stretch = _NATURAL
        #: Centre and zoom as they were when something was fitted last.
        self._fitted: tuple[Any, float] | None = None
        self.canvas: QWidget | None = None
        # The canvas hears of its new size after this does.
        self._soon = later(self, 0, self.fit)
        self._others = PlacedByKhz(viewer, self._make_way)
        self._rests, self._why = False, ""
        viewer.events.reset_view.connect(self._on_reset)

    def watch_canvas(self) -> None:
        """Notice when the canvas changes its size; only once the dock is in its window."""
        canvases = canvases_of(self._dock.window())
        if self.canvas is None and canvases:
            self.canvas = canvases[0]
            self.canvas.installEventFilter(self)
            self._soon.start()

    def set_source(self, source: SourceLayers | None) -> None:
        """Fit the page of a source; with none it stays as it is, but for layers of others."""
        before, self._source = self._source, source
        self._others.look(self._stretch)  # one that was just added is selected, and no source is
        self._make_way()
        if source is None:
            return
        is_other = before is None or before.image != source.image
        if is_other and self._is_fitted():
            self.fit()
        else:
            stretch_layers(self._viewer, self._stretch)

    def arrange(self, *, fills: bool, margins: Margins, has_neighbours: bool = False) -> None:
        """Say whether the page is stretched, and what stays free around it."""
        changed, self._fills = fills != self._fills, fills
        is_fitted, self._margins = self._is_fitted(), margins
        self._has_neighbours = has_neighbours
        if changed and self._source is not None:
            self._make_way()
            self._restretch(self._wanted(self._source))
        if changed or is_fitted:
            self.fit()

    def disconnect_viewer(self) -> None:
        """Give the layers kHz and ms again: the dock goes, and nobody else would."""
        self._viewer.events.reset_view.disconnect(self._on_reset)
        self._others.disconnect_viewer()
        stretch_layers(self._viewer, _NATURAL)

    def eventFilter(  # noqa: N802 - Qt's name
        self, watched: QObject | None, event: QEvent | None
    ) -> bool:
        """Fit again what was fitted before."""
        if isinstance(event, QResizeEvent) and watched is self.canvas:
            if self._is_fitted():
                self._soon.start()
            self.moved.emit()
        return False

    def fit(self) -> None:
        """Show the whole page, as large as it can be."""
        source = self._source
        if source is None or self.canvas is None or source.image not in self._viewer.layers:
            return
        if page_place(self._viewer, source.image, self.size()) is None:
            return
        if stays_behind(self._viewer, source) is None:
            self._restretch(self._wanted(source))
        (top, left), (bottom, right) = page_corners(source.image)
        room = self._room()
        zoom = min(room[0] / abs(right - left), room[1] / abs(top - bottom))
        camera, margins = camera_of(self._viewer), self._free()
        up = 1 if camera.orientation2d[0] == "up" else -1
        centre = (
            (top + bottom) / 2 + up * (margins.top - margins.bottom) / 2 / zoom,
            (left + right) / 2 - (margins.left - margins.right) / 2 / zoom,
        )
        camera.center = (camera.center[0], *centre)
        camera.zoom = zoom
        self._note()
        self.moved.emit()

    def centre(self, layer: Layer, pixel: tuple[float, float]) -> None:
        """Bring a pixel of the page to the middle, where the page is zoomed: else all is seen."""
        if self._is_fitted():
            return
        first = [0.0] * (layer.ndim - len(pixel))
        place = layer.data_to_world([*first, *pixel])[-len(pixel) :]
        camera = camera_of(self._viewer)
        camera.center = (camera.center[0], *place)
        self.moved.emit()

    def size(self) -> tuple[int, int]:
        """Width and height of the canvas; a pixel while there is none."""
        return (1, 1) if self.canvas is None else (self.canvas.width(), self.canvas.height())

    def _room(self) -> tuple[float, float]:
        """Width and height that the page may have."""
        width, height = self.size()
        left, top, right, bottom = self._free()
        return max(width - left - right, 1.0), max(height - top - bottom, 1.0)

    def _free(self) -> Margins:
        """What is free around the page, and shows those before and after it where there are any."""
        left, top, right, bottom = self._margins
        # A page that keeps its shape needs all the width there is.
        if not self._has_neighbours or not self._fills:
            return self._margins
        width = self.size()[0]
        spare = ((1 - _LEAST) * width - left - right) / 2
        beside = max(round(min(_BESIDE * width, _MOST_BESIDE_PX, spare)), 0)
        return Margins(left + beside, top, right + beside, bottom)

    def _wanted(self, source: SourceLayers) -> float:
        grid = source.stack.layout.grid
        if grid is None:
            return self._stretch  # of other sources; this one has no kHz
        if not self._fills or self._others.seen() is not None:
            return _NATURAL
        return stretch_that_fills(grid, *self._room())

    def _make_way(self) -> None:
        """Let kHz be kHz while a layer of others that lies by them is seen, and say so."""
        layer, drawn = self._others.seen(), self._others.drawn()
        is_stretched, is_fitted = differs(self._stretch, _NATURAL), self._is_fitted()
        stays = layer is not None and drawn is not None and is_stretched
        rests = layer is not None and not stays
        has_rested, why = self._rests, ""
        self._rests = rests
        if layer is not None and self._fills:
            why = why_it_rests(layer, drawn if stays else None)
        if why != self._why:
            self._why = why
            self.said.emit(why)
        if rests and is_stretched:
            self._restretch(_NATURAL)
        if is_fitted and (rests != has_rested or (rests and is_stretched)):
            self.fit()

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
        size = max(self.size())
        same_zoom = abs(camera.zoom - zoom) <= _ALMOST * zoom
        return bool(same_zoom and (moved_px <= _ALMOST * size).all())
