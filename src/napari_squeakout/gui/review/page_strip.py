"""All pages of a source as one strip: how far each has come, and where the window is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QRectF, QSize, Qt, Signal
from qtpy.QtGui import QBrush, QColor, QPainter, QPalette, QPen
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

from napari_squeakout.core.review.review import PageState

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from qtpy.QtGui import QMouseEvent, QPaintEvent

#: Colour of a state, told apart also by those who see red and green alike.
COLOURS = {
    PageState.UNREVIEWED: QColor(128, 128, 128, 110),
    PageState.CORRECTED: QColor(230, 159, 0),
    PageState.APPROVED: QColor(0, 158, 115),
}
# Empty pages are drawn lower, so that those with calls stand out.
_HEIGHT_PX, _EMPTY_PX, _MARK_PX = 22, 9, 3
# Nobody has looked for calls there.
_HATCHED = Qt.BrushStyle.BDiagPattern
# Many pages share a pixel where there are more of them than pixels: the least done is shown.
_RANK = (PageState.APPROVED, PageState.CORRECTED, PageState.UNREVIEWED)


class PageStrip(QWidget):
    """A bar for each page; a click goes there.

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
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._states: tuple[PageState, ...] = ()
        self._ranks = np.zeros(0, np.int64)
        self._occupied: NDArray[np.bool_] | None = None
        self._unknown = np.zeros(0, bool)
        self._page = 0

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as its bars."""
        return QSize(200, _HEIGHT_PX + _MARK_PX)

    def set_pages(
        self,
        states: Sequence[PageState],
        occupied: NDArray[np.bool_] | None,
        page: int,
        unsegmented: Collection[int] = (),
    ) -> None:
        """Show other states, which pages have calls where that is known, and the page in view.

        Pages that are not segmented are hatched until a person has approved them.
        """
        self._states, self._occupied, self._page = tuple(states), occupied, page
        self._unknown = np.zeros(len(states), bool)
        self._unknown[[p for p in unsegmented if states[p] is not PageState.APPROVED]] = True
        self._ranks = np.array([_RANK.index(state) for state in states], np.int64)
        self.update()

    def page_at(self, x: float) -> int:
        """The page under a place; of several the first that is not done."""
        n_pages = len(self._states)
        first, stop = self._pages_under(int(np.clip(x, 0, max(0, self.width() - 1))))
        under = self._ranks[first:stop]
        return min(first + int(under.argmax()), n_pages - 1)

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw."""
        painter = QPainter(self)
        n_pages, width = len(self._states), self.width()
        if not n_pages:
            return
        if n_pages <= width // 3:
            for index in range(n_pages):
                left, right = index * width / n_pages, (index + 1) * width / n_pages
                self._draw(painter, left, right - left - 1, index, index + 1)
        else:
            self._draw_columns(painter, n_pages, width)
        self._mark(painter, n_pages, width)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Go to a page."""
        if self._states and event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.page_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Say which page it is."""
        if not self._states or event is None:
            return
        page = self.page_at(event.position().x())
        words = self.words_for(page)
        QToolTip.showText(event.globalPosition().toPoint(), words, self)

    def words_for(self, page: int) -> str:
        """What is known of a page: `page 3: approved, empty`."""
        state = self._states[page]
        if self._unknown[page]:
            known = "" if state is PageState.UNREVIEWED else f"{state.value}, "
            return f"page {page}: {known}not segmented yet"
        empty = self._occupied is not None and not self._occupied[page]
        return f"page {page}: {state.value}{', empty' if empty else ''}"

    def _pages_under(self, x: int) -> tuple[int, int]:
        n_pages, width = len(self._states), max(1, self.width())
        first = min(x * n_pages // width, n_pages - 1)
        return first, max(first + 1, (x + 1) * n_pages // width)

    def _draw(self, painter: QPainter, left: float, width: float, first: int, stop: int) -> None:
        state = _RANK[int(self._ranks[first:stop].max())]
        is_unknown = bool(self._unknown[first:stop].any())
        full = self._occupied is None or is_unknown or bool(self._occupied[first:stop].any())
        height = _HEIGHT_PX if full else _EMPTY_PX
        fill = QBrush(COLOURS[state], _HATCHED) if is_unknown else QBrush(COLOURS[state])
        painter.fillRect(QRectF(left, _HEIGHT_PX - height, width, height), fill)

    def _draw_columns(self, painter: QPainter, n_pages: int, width: int) -> None:
        """Many pages: each column of pixels shows the least done of those under it."""
        firsts = np.minimum(np.arange(width) * n_pages // width, n_pages - 1)
        ranks = np.maximum.reduceat(self._ranks, firsts).tolist()
        full = [True] * width
        if self._occupied is not None:
            full = np.logical_or.reduceat(self._occupied | self._unknown, firsts).tolist()
        unknown = np.logical_or.reduceat(self._unknown, firsts).tolist()
        for x, (rank, is_full) in enumerate(zip(ranks, full, strict=True)):
            height = _HEIGHT_PX if is_full else _EMPTY_PX
            colour = COLOURS[_RANK[rank]]
            fill = QBrush(colour, _HATCHED) if unknown[x] else QBrush(colour)
            painter.fillRect(QRectF(x, _HEIGHT_PX - height, 1, height), fill)

    def _mark(self, painter: QPainter, n_pages: int, width: int) -> None:
        """Frame the page in view, at least as wide as can be seen."""
        left = self._page * width / n_pages
        wide = max(width / n_pages - 1, 3.0)
        text: Any = self.palette().color(QPalette.ColorRole.WindowText)
        painter.fillRect(QRectF(left, _HEIGHT_PX, wide, _MARK_PX), text)
        painter.setPen(QPen(text, 1))
        painter.drawRect(QRectF(left, 0.5, wide, _HEIGHT_PX - 1))
