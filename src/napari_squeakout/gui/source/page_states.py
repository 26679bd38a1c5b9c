"""How far all pages of a source have come: the looks and words that every strip of them uses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QRectF, Qt
from qtpy.QtGui import QBrush, QColor

from napari_squeakout.core.numerals import counted
from napari_squeakout.core.review.review import PageState
from napari_squeakout.gui.qt.access.inks import ON_DARK, Inks

if TYPE_CHECKING:
    from qtpy.QtGui import QPainter

# Nobody has looked for calls there.
_HATCHED = Qt.BrushStyle.BDiagPattern
_NOTCH_PX = 2
#: Keys of a slider -> the page they go to, of the page in view and the last one.
_WAYS: dict[int, Callable[[int, int], int]] = {
    Qt.Key.Key_Left: lambda page, _last: page - 1,
    Qt.Key.Key_Right: lambda page, _last: page + 1,
    Qt.Key.Key_Home: lambda _page, _last: 0,
    Qt.Key.Key_End: lambda _page, last: last,
}
# Many pages share a pixel where there are more of them than pixels: the least done is shown.
_RANK = (PageState.APPROVED, PageState.CORRECTED, PageState.UNREVIEWED)


class Look(NamedTuple):
    """How a bar is drawn: what its colour tells, notch and hatching tell as well.

    Parameters
    ----------
    brush : QBrush
        What it is filled with; hatched where nobody has looked for calls.
    is_full : bool
        Whether it has full height: bars of empty pages are lower.
    is_notched : bool
        Whether it is parted in its middle, as that of a page is which was corrected.
    """

    brush: QBrush
    is_full: bool
    is_notched: bool


@dataclass(frozen=True, eq=False)
class PageStates:
    """All pages of a source at one moment.

    Parameters
    ----------
    states : sequence of PageState
        Of each page.
    occupied : NDArray, optional
        (n,) bool, which pages have calls; None where that is not known.
    page : int
        That in view.
    unsegmented : collection of int
        Pages that the network was never asked about; hatched until a person has approved them.
    """

    states: Sequence[PageState] = ()
    occupied: NDArray[np.bool_] | None = None
    page: int = 0
    unsegmented: Collection[int] = ()
    _ranks: NDArray[np.int64] = field(init=False, repr=False)
    _unknown: NDArray[np.bool_] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        unknown = np.zeros(len(self.states), bool)
        seen = (p for p in self.unsegmented if self.states[p] is not PageState.APPROVED)
        unknown[list(seen)] = True
        ranks = np.array([_RANK.index(state) for state in self.states], np.int64)
        object.__setattr__(self, "_unknown", unknown)
        object.__setattr__(self, "_ranks", ranks)

    def __len__(self) -> int:
        return len(self.states)

    def words_for(self, page: int) -> str:
        """What is known of a page: `page 3: approved, empty`."""
        state = self.states[page]
        if self._unknown[page]:
            known = "" if state is PageState.UNREVIEWED else f"{state.value}, "
            return f"page {page}: {known}not segmented yet"
        empty = self.occupied is not None and not self.occupied[page]
        return f"page {page}: {state.value}{', empty' if empty else ''}"

    @property
    def words(self) -> str:
        """How far all of them are, and what is known of the one in view."""
        if not len(self):
            return ""
        each = zip(np.bincount(self._ranks, minlength=len(_RANK)), _RANK, strict=True)
        counts = ", ".join(f"{n} {state.value}" for n, state in each if n)
        there = f". In view, {self.words_for(self.page)}" if 0 <= self.page < len(self) else ""
        return f"{counted(len(self), 'page')}: {counts}{there}"

    def least_done(self, first: int, stop: int) -> int:
        """Of pages `first` to `stop` the first that is not done."""
        return first + int(self._ranks[first:stop].argmax())

    def looks(
        self, firsts: NDArray[np.int64], stop: int | None = None, *, inks: Inks = ON_DARK
    ) -> list[Look]:
        """How groups of pages are drawn.

        Parameters
        ----------
        firsts : NDArray
            First page of each group.
        stop : int, optional
            Where the last group ends; by default it has all pages that are left.
        inks : Inks
            In which colours.
        """
        if not len(firsts):
            return []
        ranks = np.maximum.reduceat(self._ranks[:stop], firsts).tolist()
        full = np.ones(len(firsts), bool)
        if self.occupied is not None:
            full = np.logical_or.reduceat((self.occupied | self._unknown)[:stop], firsts)
        unknown = np.logical_or.reduceat(self._unknown[:stop], firsts).tolist()
        return [
            Look(
                _brush(_RANK[rank], is_unknown, inks),
                bool(is_full),
                _RANK[rank] is PageState.CORRECTED,
            )
            for rank, is_full, is_unknown in zip(ranks, full, unknown, strict=True)
        ]


def colour_of(state: PageState, inks: Inks) -> str:
    """That of a state of pages."""
    return {
        PageState.UNREVIEWED: inks.unreviewed,
        PageState.CORRECTED: inks.corrected,
        PageState.APPROVED: inks.approved,
    }[state]


@cache
def _brush(state: PageState, is_unknown: bool, inks: Inks) -> QBrush:
    colour = QColor(colour_of(state, inks))
    return QBrush(colour, _HATCHED) if is_unknown else QBrush(colour)


def paint_bar(painter: QPainter, bar: QRectF, look: Look, ground: QColor) -> None:
    """Draw the bar of a page, or of several."""
    painter.fillRect(bar, look.brush)
    if look.is_notched:
        top = bar.center().y() - _NOTCH_PX / 2
        painter.fillRect(QRectF(bar.left(), top, bar.width(), _NOTCH_PX), ground)


def page_after(key: int, page: int, n_pages: int) -> int | None:
    """The page that a key of a slider goes to; None where it goes nowhere, or there are none."""
    way = _WAYS.get(key) if n_pages else None
    return None if way is None else min(max(way(page, n_pages - 1), 0), n_pages - 1)
