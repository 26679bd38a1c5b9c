"""All pages of a source as one strip: how far each has come, and where the window is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QRectF, QSize, Qt, Signal
from qtpy.QtGui import QPainter, QPalette, QPen
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

from napari_squeakout.gui.qt.access.inks import inks_on
from napari_squeakout.gui.source.page_states import PageStates, page_after, paint_bar

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from qtpy.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

    from napari_squeakout.core.review.review import PageState

# Empty pages are drawn lower, so that those with calls stand out.
_HEIGHT_PX, _EMPTY_PX, _MARK_PX = 22, 9, 3


class PageStrip(QWidget):
    """A bar for each page; a click goes there.

    Parameters
    ----------
    name : str
        Object name.
    """

    #: A page was clicked.
    chosen = Signal(int)
    #: Other states, or another page in view: what is shown now.
    pages_changed = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName("Pages")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.pages = PageStates()

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
        self.pages = PageStates(tuple(states), occupied, page, unsegmented)
        self.setAccessibleDescription(self.pages.words)
        self.pages_changed.emit(self.pages)
        self.update()

    def page_at(self, x: float) -> int:
        """The page under a place; of several the first that is not done."""
        n_pages = len(self.pages)
        first, stop = self._pages_under(int(np.clip(x, 0, max(0, self.width() - 1))))
        return min(self.pages.least_done(first, stop), n_pages - 1)

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw."""
        painter = QPainter(self)
        n_pages, width = len(self.pages), self.width()
        if not n_pages:
            return
        # Many pages: each column of pixels shows the least done of those under it.
        n_bars, gap = (n_pages, 1) if n_pages <= width // 3 else (width, 0)
        firsts = np.minimum(np.arange(n_bars) * n_pages // n_bars, n_pages - 1)
        ground = self.palette().color(QPalette.ColorRole.Window)
        for index, look in enumerate(self.pages.looks(firsts, inks=inks_on(ground))):
            height = _HEIGHT_PX if look.is_full else _EMPTY_PX
            left, right = index * width / n_bars, (index + 1) * width / n_bars
            bar = QRectF(left, _HEIGHT_PX - height, right - left - gap, height)
            paint_bar(painter, bar, look, ground)
        self._mark(painter, n_pages, width)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Go to the page beside, or to the first or last one, with the keys that sliders have."""
        page = None if event is None else page_after(event.key(), self.pages.page, len(self.pages))
        if page is None:
            super().keyPressEvent(event)
        elif page != self.pages.page:
            self.chosen.emit(page)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Go to a page."""
        if len(self.pages) and event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.page_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Say which page it is."""
        if event is None or not len(self.pages):
            return
        words = self.words_for(self.page_at(event.position().x()))
        QToolTip.showText(event.globalPosition().toPoint(), words, self)

    def words_for(self, page: int) -> str:
        """What is known of a page: `page 3: approved, empty`."""
        return self.pages.words_for(page)

    def _pages_under(self, x: int) -> tuple[int, int]:
        n_pages, width = len(self.pages), max(1, self.width())
        first = min(x * n_pages // width, n_pages - 1)
        return first, max(first + 1, (x + 1) * n_pages // width)

    def _mark(self, painter: QPainter, n_pages: int, width: int) -> None:
        """Frame the page in view, at least as wide as can be seen."""
        left = self.pages.page * width / n_pages
        wide = max(width / n_pages - 1, 3.0)
        text = self.palette().color(QPalette.ColorRole.WindowText)
        painter.fillRect(QRectF(left, _HEIGHT_PX, wide, _MARK_PX), text)
        painter.setPen(QPen(text, 1))
        painter.drawRect(QRectF(left, 0.5, wide, _HEIGHT_PX - 1))
