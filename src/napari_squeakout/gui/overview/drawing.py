"""Where things are on the strip, and how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QPen

from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.gui.qt.access.inks import (
    CALL_ON_PICTURE,
    IN_VIEW,
    PICTURE,
    PICTURE_WORDS,
    inks_on,
    thinned,
)
from napari_squeakout.gui.source.page_states import paint_bar

from .call_marks import PER_PAGE
from .picture import shrunk
from .span import Span, ticks, time_text

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from qtpy.QtGui import QImage, QPainter

    from napari_squeakout.core.overview.overview import Overview
    from napari_squeakout.gui.qt.access.inks import Inks
    from napari_squeakout.gui.source.page_states import Look, PageStates

_INSIDE_ALPHA = 40
# Room around the picture: kHz on the left, and below it a lane of calls, one of pages, and times.
_LEFT, _TOP, _RIGHT, _GAP, _CALLS, _PAGES, _TIMES = 34, 4, 10, 2, 6, 8, 17
# Room for a time; the least width of a page's bar, and of the frame around that in view.
_TIME_PX, _BAR_PX, _FRAME_PX, _FOOT_PX, _TICK_PX, _FONT_PX = 84, 3, 3, 9, 3, 10
_FAINT, _CLEAR, _FULL = 28, 190, 255


@dataclass(frozen=True)
class Plan:
    """Where the parts of a recording are on a strip of some size.

    Parameters
    ----------
    width, height : int
        Of the strip.
    span : Span
        What it shows.
    layout : Layout, optional
        The pages of the recording.
    """

    width: int
    height: int
    span: Span
    layout: Layout | None

    @property
    def area(self) -> QRectF:
        """Where the picture is."""
        below = 2 * _GAP + _CALLS + _PAGES + _TIMES
        width = max(1, self.width - _LEFT - _RIGHT)
        return QRectF(_LEFT, _TOP, width, max(1, self.height - _TOP - below))

    @property
    def calls(self) -> QRectF:
        """The lane of calls."""
        area = self.area
        return QRectF(area.left(), area.bottom() + _GAP, area.width(), _CALLS)

    @property
    def pages(self) -> QRectF:
        """The lane of pages."""
        area = self.area
        return QRectF(area.left(), self.calls.bottom() + _GAP, area.width(), _PAGES)

    @property
    def n_pages(self) -> int:
        """Of the recording."""
        return 0 if self.layout is None else self.layout.n_pages

    def x(self, place: float) -> float:
        """Where a place of the recording, in pages, is on the strip."""
        area = self.area
        return area.left() + (place - self.span.left) * area.width() / self.span.width

    def place(self, x: float) -> float:
        """What is there, in pages."""
        area = self.area
        return self.span.left + (x - area.left()) * self.span.width / area.width()

    def seconds(self, place: float) -> float:
        """The time of a place of the recording."""
        layout = self.layout
        if layout is None or layout.starts_s is None or layout.grid is None:
            return place
        page_s = PAGE_PX * layout.grid.seconds_per_column
        return float(layout.starts_s[0]) + place * page_s


class Drawing:
    """Draws a strip.

    Parameters
    ----------
    painter : QPainter
        Of the strip.
    plan : Plan
        Where things are.
    ink, ground : QColor
        What the theme writes with, and on.
    """

    def __init__(self, painter: QPainter, plan: Plan, ink: QColor, ground: QColor) -> None:
        self._painter, self._plan, self._ink_colour = painter, plan, ink
        self._ground, self._inks = ground, inks_on(ground)
        font = painter.font()
        font.setPixelSize(_FONT_PX)
        painter.setFont(font)

    def words(self, words: str, share: float) -> None:
        """What stands in the place of the picture, and how much of that is made."""
        painter, area = self._painter, self._plan.area
        painter.fillRect(area, QColor(PICTURE))
        painter.setPen(QColor(PICTURE_WORDS))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)
        made = QRectF(area.left(), area.bottom() - 2, area.width() * share, 2)
        painter.fillRect(made, QColor(CALL_ON_PICTURE))

    def picture(self, image: QImage, overview: Overview) -> None:
        """The sound, and between which frequencies it is."""
        painter, area = self._painter, self._plan.area
        painter.drawImage(area.topLeft(), image)
        painter.setPen(self._ink(_CLEAR))
        beside = QRectF(0, area.top() - 2, _LEFT - 5, area.height() + 4)
        for text, side in (
            (f"{overview.high_hz / 1e3:.0f}", Qt.AlignmentFlag.AlignTop),
            ("kHz", Qt.AlignmentFlag.AlignVCenter),
            (f"{overview.low_hz / 1e3:.0f}", Qt.AlignmentFlag.AlignBottom),
        ):
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight | side, text)

    def calls(self, marks: NDArray[np.bool_]) -> None:
        """A mark for each call, (n * 128,) bool; those that share a pixel share their mark."""
        lane, span = self._plan.calls, self._plan.span
        self._painter.fillRect(lane, self._ink(_FAINT))
        if not marks.size:
            return
        n = max(1, round(lane.width()))
        there = shrunk(marks, span.left * PER_PAGE, span.right * PER_PAGE, n)
        ends = np.flatnonzero(np.diff(np.r_[False, there, False])).reshape(-1, 2)
        for first, stop in ends.tolist():
            mark = QRectF(lane.left() + first, lane.top(), stop - first, lane.height())
            self._painter.fillRect(mark, QColor(self._inks.mark))

    def pages(self, pages: PageStates) -> None:
        """A bar for each page; where there is no room for that, one for several."""
        if not len(pages):
            return
        plan, lane = self._plan, self._plan.pages
        every = max(1, int(np.ceil(_BAR_PX * plan.span.width / lane.width())))
        begin = int(plan.span.left) // every * every
        stop = min(plan.n_pages, (int(np.ceil(plan.span.right / every))) * every)
        firsts = np.arange(begin, stop, every)
        self._painter.setClipRect(lane)
        bars = _bars(firsts, stop, pages, self._inks, merged=every > 1)
        for first, end, look in bars:
            left, right = plan.x(first), plan.x(min(end, plan.n_pages)) - int(every == 1)
            height = lane.height() if look.is_full else lane.height() / 2
            bar = QRectF(left, lane.bottom() - height, right - left, height)
            paint_bar(self._painter, bar, look, self._ground)
        self._painter.setClipping(False)

    def times(self) -> None:
        """Seconds, or minutes and hours, of the recording."""
        painter, area, span = self._painter, self._plan.area, self._plan.span
        begin_s, end_s = self._plan.seconds(span.left), self._plan.seconds(span.right)
        times, step_s = ticks(begin_s, end_s, max(2, int(area.width() / _TIME_PX)))
        top = self._plan.pages.bottom() + 1
        painter.setPen(self._ink(_CLEAR))
        for at_s in times:
            x = area.left() + (at_s - begin_s) / (end_s - begin_s) * area.width()
            painter.drawLine(QPointF(x, top), QPointF(x, top + _TICK_PX))
            place = QRectF(x - _TIME_PX / 2, top + 1, _TIME_PX, _TIMES - 2)
            painter.drawText(
                place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom,
                time_text(at_s, step_s),
            )  # fmt: skip

    def page_in_view(self, pages: PageStates) -> None:
        """Frame it, at least as wide as can be seen."""
        area, lane = self._plan.area, self._plan.pages
        left, right = self._plan.x(pages.page), self._plan.x(pages.page + 1)
        if not len(pages) or right < area.left() or left > area.right():
            return
        wide = max(right - left, float(_FRAME_PX))
        left = (left + right - wide) / 2
        frame = QRectF(left, area.top() - 1, wide, area.height() + 1)
        self._painter.fillRect(frame, thinned(IN_VIEW, _INSIDE_ALPHA))
        self._painter.setPen(QPen(QColor(IN_VIEW), 1))
        self._painter.drawRect(frame)
        foot = max(wide, float(_FOOT_PX))
        middle = left + wide / 2
        self._painter.fillRect(
            QRectF(middle - foot / 2, lane.bottom() + 1, foot, 2), self._ink(_FULL)
        )

    def _ink(self, alpha: int) -> QColor:
        ink = QColor(self._ink_colour)
        ink.setAlpha(alpha)
        return ink


def _bars(
    firsts: NDArray[np.int64], stop: int, pages: PageStates, inks: Inks, *, merged: bool
) -> list[tuple[int, int, Look]]:
    """First page, end and look of each bar; of those without a gap alike ones are one."""
    bars: list[tuple[int, int, Look]] = []
    ends = [*firsts.tolist()[1:], stop]
    looks = pages.looks(firsts, stop, inks=inks)
    for first, end, look in zip(firsts.tolist(), ends, looks, strict=True):
        begin = bars.pop()[0] if merged and bars and bars[-1][2] == look else first
        bars.append((begin, end, look))
    return bars
