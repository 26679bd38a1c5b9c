"""The strip itself: sound, calls and pages of a whole recording, one below the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QImage, QPainter, QPalette
from qtpy.QtWidgets import QApplication, QSizePolicy, QToolTip, QWidget

from napari_squeakout.gui.qt.focus import paint_focus
from napari_squeakout.gui.source.page_states import PageStates, page_after

from .drawing import Drawing, Plan
from .picture import grey_picture
from .span import Span, time_text

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from qtpy.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QWheelEvent

    from napari_squeakout.core.layout import Layout
    from napari_squeakout.core.overview.overview import Overview

_HEIGHT_PX, _LEAST_PX = 104, 84
# The shortest part that is shown: some pages, and no column of the overview wider than this.
_LEAST_PAGES, _COLUMN_PX = 2.0, 12
# What a notch of the wheel does, and what Qt calls one.
_ZOOM, _ALONG, _NOTCH = 0.8, 0.1, 120
_ZOOMS = {"+": _ZOOM, "-": 1 / _ZOOM}


class OverviewStrip(QWidget):
    """All of a recording: a click goes to a page, the wheel zooms, dragging moves along.

    Parameters
    ----------
    name : str
        Object name.
    """

    #: A page was clicked.
    chosen = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName("Whole recording")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumHeight(_LEAST_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.span = Span(0, 1)
        self._layout: Layout | None = None
        self._overview: Overview | None = None
        self._words, self._share = "", 0.0
        self._pages, self._marks = PageStates(), np.zeros(0, bool)
        #: The part, size and all that it is of, and the image.
        self._picture: tuple[tuple[object, ...], QImage] | None = None
        self._pressed: tuple[float, Span] | None = None
        self._is_dragged = False
        self._page_before = 0

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Low and wide."""
        return QSize(400, _HEIGHT_PX)

    @property
    def n_pages(self) -> int:
        """Of the recording; 0 without one."""
        return 0 if self._layout is None else self._layout.n_pages

    def set_recording(self, layout: Layout | None) -> None:
        """Show another recording as a whole, of which nothing is known yet, or none."""
        self._layout, self._overview, self._picture = layout, None, None
        self._pages, self._marks = PageStates(), np.zeros(0, bool)
        self._pressed = None
        self._set_span(Span(0, max(1, self.n_pages)))

    def set_overview(self, overview: Overview) -> None:
        """Show the picture of this recording."""
        self._overview, self._words = overview, ""
        self.update()

    def tell(self, words: str, share: float = 0.0) -> None:
        """Say what stands where the picture will be, and how much of it is made."""
        self._words, self._share = words, share
        self.update()

    def set_pages(self, pages: PageStates) -> None:
        """Show how far the pages are; a page that comes into view comes into the strip."""
        if len(pages) != self.n_pages:
            return
        is_turned, self._pages = pages.page != self._pages.page, pages
        self.setAccessibleDescription(pages.words)
        if is_turned and self._pressed is None:
            self._set_span(self.span.following(pages.page, self.n_pages))
        self.update()

    def set_marks(self, marks: NDArray[np.bool_]) -> None:
        """Show where calls are, (n, 128) bool."""
        self._marks = marks.ravel()
        self.update()

    def fit(self) -> None:
        """Show the whole recording."""
        self._set_span(Span(0, self.n_pages))

    def page_at(self, x: float) -> int:
        """The page under a place."""
        return int(np.clip(self.plan.place(x), 0, self.n_pages - 1))

    def words_for(self, x: float) -> str:
        """The time under a place, and what is known of the page there."""
        page, layout = self.page_at(x), self._layout
        if layout is None:
            return ""
        at_s = np.clip(self.plan.seconds(self.plan.place(x)), 0, self.plan.seconds(layout.n_pages))
        known = self._pages.words_for(page) if len(self._pages) else f"page {page}"
        return f"{time_text(float(at_s), 0.001)}, {known}"

    # --- keys and mouse -------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Go through the pages with the keys that sliders have; + and - zoom around it."""
        if event is None:
            return
        page, text = page_after(event.key(), self._pages.page, len(self._pages)), event.text()
        if page is not None:
            self.chosen.emit(page)
        elif self.n_pages and text in _ZOOMS:
            at, least = self._pages.page + 0.5, self._least_pages()
            self._set_span(self.span.zoomed(_ZOOMS[text], at, self.n_pages, least=least))
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Begin a click or a drag."""
        if self.n_pages and event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._is_dragged = (event.position().x(), self.span), False

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Move along, or say what is under the mouse."""
        if event is None:
            return
        x = event.position().x()
        if self._pressed is not None:
            began, span = self._pressed
            self._is_dragged |= abs(x - began) >= QApplication.startDragDistance()
            if self._is_dragged:
                pages = (began - x) * span.width / self.plan.area.width()
                self._set_span(span.moved(pages, self.n_pages))
        elif self.n_pages:
            QToolTip.showText(event.globalPosition().toPoint(), self.words_for(x), self)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Go to the page that was clicked."""
        if self._pressed is None or event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        is_click, self._pressed = not self._is_dragged, None
        if is_click:
            self._page_before = self._pages.page
            self.chosen.emit(self.page_at(event.position().x()))

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Show all again; the first of the two clicks was not meant to turn the page."""
        if self.n_pages and event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self._page_before)
            self.fit()

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802 - Qt's name
        """Zoom around the mouse; sideways it moves along."""
        if event is None:
            return
        turned = event.angleDelta()
        if self.n_pages and turned.y():
            at = self.plan.place(event.position().x())
            factor = _ZOOM ** (turned.y() / _NOTCH)
            least = self._least_pages()
            self._set_span(self.span.zoomed(factor, at, self.n_pages, least=least))
        elif self.n_pages and turned.x():
            pages = -_ALONG * turned.x() / _NOTCH * self.span.width
            self._set_span(self.span.moved(pages, self.n_pages))
        event.accept()

    # --- drawing --------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw."""
        painter = QPainter(self)
        draw = Drawing(painter, self.plan, self.palette().color(QPalette.ColorRole.WindowText))
        if self._overview is None:
            draw.words(self._words, self._share)
        else:
            draw.picture(self._drawn(self._overview), self._overview)
        if self.n_pages:
            draw.calls(self._marks)
            draw.pages(self._pages)
            draw.times()
            draw.page_in_view(self._pages)
        paint_focus(self, painter)
        painter.end()

    def _drawn(self, overview: Overview) -> QImage:
        """The picture in the screen's own pixels; made once for each zoom and size."""
        ratio, area = self.devicePixelRatioF(), self.plan.area
        width, height = (max(1, round(n * ratio)) for n in (area.width(), area.height()))
        wanted = (id(overview), self.span, width, height)
        if self._picture is None or self._picture[0] != wanted:
            image = grey_picture(overview, self.span, width, height)
            image.setDevicePixelRatio(ratio)
            self._picture = wanted, image
        return self._picture[1]

    @property
    def plan(self) -> Plan:
        """Where things are."""
        return Plan(self.width(), self.height(), self.span, self._layout)

    def _least_pages(self) -> float:
        columns = 0.0 if self._overview is None else self._overview.pages_per_column
        return max(_LEAST_PAGES, columns * self.plan.area.width() / _COLUMN_PX)

    def _set_span(self, span: Span) -> None:
        self.span = span
        self.update()
