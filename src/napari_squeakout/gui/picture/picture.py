"""What stands around and on the page, kept where the page is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari.utils.theme import get_theme
from qtpy.QtCore import QObject, QRectF
from qtpy.QtGui import QColor

from napari_squeakout.gui.layers.sight import why_not_in_view
from napari_squeakout.gui.qt.callbacks import later, when_destroyed
from napari_squeakout.gui.qt.canvas import camera_of, grid_of

from .call_numbers import Onset, onsets, paint_numbers
from .fitted_page import FittedPage, Margins
from .neighbours import COLUMNS, Beside, Greys, beside, paint_beside
from .outline import fit_outline
from .overlay import Overlay, paint_cursor
from .page_place import PagePlace, page_place
from .rulers import BELOW_PX, LEFT_PX, Colours, frequency_scale, paint_rulers, time_scale
from .settings import PictureSettings

if TYPE_CHECKING:
    from qtpy.QtGui import QPainter
    from qtpy.QtWidgets import QWidget

    from napari_squeakout.gui.layers.layer_kinds import Emitter, ImageLayer, LabelsLayer
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer

#: Free around the page: the frame of the canvas, and half of a number at a ruler's end.
_PLAIN, _RULED = Margins(6, 6, 6, 6), Margins(LEFT_PX + 2, 10, 14, BELOW_PX + 2)
#: Who turns many pages waits for none of those beside them.
_BESIDE_MS = 60


class Picture(QObject):
    """The page in the canvas, its rulers, and the numbers of its calls.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    dock : QWidget
        Lives as long as it.
    """

    def __init__(self, viewer: Viewer, dock: QWidget) -> None:
        super().__init__(dock)
        self._viewer = viewer
        self._settings = PictureSettings()
        self._source: SourceLayers | None = None
        self._page = 0
        self._calls: LabelsLayer | None = None
        #: Where the calls of the page in view begin; None where that is to be found out.
        self._onsets: list[Onset] | None = None
        #: The column of the page that is heard; None while nothing is.
        self._cursor: float | None = None
        self._overlay: Overlay | None = None
        #: What lies beside the page in view; None where that is to be found out.
        self._beside: Beside | None = None
        self._greys = Greys()
        self._beside_soon = later(self, _BESIDE_MS, self._look_beside)
        self._look: ImageLayer | None = None
        self.fitted = FittedPage(viewer, dock)
        self.fitted.moved.connect(self._on_moved)
        camera = camera_of(viewer).events
        self._listened = [
            *(getattr(camera, name) for name in ("center", "zoom", "orientation")),
            viewer.dims.events.ndisplay,
            viewer.dims.events.order,
            grid_of(viewer).events.enabled,
            viewer.events.theme,
        ]
        for emitter in self._listened:
            emitter.connect(self._on_moved)

    def watch_canvas(self) -> None:
        """Lie over the canvas; only once the dock is in its window."""
        self.fitted.watch_canvas()
        if self._overlay is None and self.fitted.canvas is not None:
            self._overlay = Overlay(self.fitted.canvas, self.paint)
            when_destroyed(self._overlay, self._forget_overlay)

    def show(self, settings: PictureSettings) -> None:
        """Follow settings."""
        self._settings = settings
        self._arrange()
        self._on_beside()
        self._on_moved()

    def set_source(self, source: SourceLayers | None) -> None:
        """Show the page of a source; none shows nothing around it."""
        self._source = source
        calls = None if source is None else source.calls
        if calls != self._calls:
            self._let_go_of_calls()
            self._calls = calls
            for emitter in _changes_of(calls):
                emitter.connect(self._on_calls)
        image = None if source is None else source.image
        if image != self._look:
            self._let_go_of_look()
            self._look, self._beside = image, None
            for emitter in _looks_of(image):
                emitter.connect(self._on_beside)
        self._arrange()
        self.fitted.set_source(source)
        self._on_calls()
        self._on_moved()

    def set_page(self, page: int) -> None:
        """Follow the page in view."""
        if page != self._page:
            self._beside = None
        self._page = page
        self._on_calls()

    def set_cursor(self, column: float | None) -> None:
        """Show a line at a column of the page in view, or none."""
        if column != self._cursor:
            self._cursor = column
            self._redraw()

    def disconnect_viewer(self) -> None:
        """Leave the window as it was."""
        for emitter in self._listened:
            emitter.disconnect(self._on_moved)
        self._let_go_of_calls()
        self._let_go_of_look()
        self.fitted.disconnect_viewer()
        overlay, self._overlay = self._overlay, None
        if overlay is not None:
            overlay.deleteLater()

    def place(self) -> PagePlace | None:
        """Where the page is; None where it is not seen as a page."""
        source, canvas = self._source, self.fitted.canvas
        if source is None or canvas is None or source.image not in self._viewer.layers:
            return None
        return page_place(self._viewer, source.image, self.fitted.size())

    def paint(self, painter: QPainter) -> None:
        """Paint what belongs at the page, on a sheet over the canvas."""
        place, source = self.place(), self._source
        if place is None or source is None or self._page >= source.stack.layout.n_pages:
            return
        size = self.fitted.size()
        within = QRectF(0, 0, *size)
        if self._settings.rulers:
            within = QRectF(LEFT_PX, 0, size[0] - LEFT_PX, size[1] - BELOW_PX)
        if self._beside is not None:
            paint_beside(painter, place, within, self._beside)
        if self._settings.call_numbers:
            self._paint_numbers(painter, place, within)
        if self._cursor is not None:
            paint_cursor(painter, place, within, self._cursor)
        if self._settings.rulers:
            layout = source.stack.layout
            of_recording = self._settings.time_from == "recording"
            across = time_scale(layout, self._page, of_recording=of_recording)
            scales = (frequency_scale(layout), across)
            # Also where nothing comes before: a ruler that moved with the page would be read anew.
            beside_px = COLUMNS * place.pixel_px()[1] if self._has_neighbours() else 0.0
            paint_rulers(painter, place, size, scales, self._colours(), beside_px=beside_px)

    def _paint_numbers(self, painter: QPainter, place: PagePlace, within: QRectF) -> None:
        calls = self._calls
        if calls is None or why_not_in_view(self._viewer, self._source):
            return
        if self._onsets is None:
            self._onsets = onsets(calls.data[self._page])
        paint_numbers(painter, place, within, self._onsets, calls.get_color)

    def _colours(self) -> Colours:
        theme = get_theme(self._viewer.theme)
        return Colours(
            *(QColor(*colour.as_rgb_tuple()[:3]) for colour in (theme.text, theme.canvas))
        )

    def _arrange(self) -> None:
        """Leave room around the page for what is shown there."""
        self.fitted.arrange(
            fills=self._settings.fill_canvas,
            margins=_RULED if self._settings.rulers else _PLAIN,
            has_neighbours=self._has_neighbours(),
        )

    def _has_neighbours(self) -> bool:
        source = self._source
        return self._settings.neighbours and source is not None and source.stack.layout.contiguous

    def _look_beside(self) -> None:
        """Find out what lies beside the page in view."""
        source = self._source
        self._beside = None
        is_wanted = source is not None and self._has_neighbours() and source.image.visible
        if source is not None and is_wanted and source.image in self._viewer.layers:
            self._beside = beside(source, self._page, greys=self._greys)
        self._redraw()

    def _on_beside(self, _event: Any = None) -> None:
        self._beside_soon.start()
        self._redraw()

    def _on_calls(self, _event: Any = None) -> None:
        self._onsets = None
        self._on_beside()

    def _on_moved(self, _event: Any = None) -> None:
        if self._overlay is not None:
            self._overlay.cover()
        place = self.place()
        if place is not None and self._calls is not None:
            fit_outline(self._calls, place)
        self._redraw()

    def _forget_overlay(self) -> None:
        """It goes with the canvas where the whole window is closed."""
        self._overlay = None

    def _redraw(self) -> None:
        if self._overlay is not None:
            self._overlay.update()

    def _let_go_of_calls(self) -> None:
        for emitter in _changes_of(self._calls):
            emitter.disconnect(self._on_calls)
        self._calls = None

    def _let_go_of_look(self) -> None:
        for emitter in _looks_of(self._look):
            emitter.disconnect(self._on_beside)
        self._look = None


def _looks_of(image: ImageLayer | None) -> tuple[Emitter, ...]:
    """What tells that the page looks otherwise."""
    if image is None:
        return ()
    tells = image.events
    return (tells.contrast_limits, tells.gamma, tells.colormap, tells.visible)


def _changes_of(calls: LabelsLayer | None) -> tuple[Emitter, ...]:
    """What tells that calls look otherwise."""
    if calls is None:
        return ()
    tells = calls.events
    return (
        tells.set_data,
        tells.paint,
        tells.visible,
        tells.colormap,
        tells.selected_label,
        tells.data,
    )
