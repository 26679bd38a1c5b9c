"""Corrections of whole calls, over page borders too: several made one, one cut in time.

Nothing is changed in place: what comes back are the pages that look otherwise, as they would be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_squeakout.core.detection.numbering import widest_gap
from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID, Layout
from napari_squeakout.core.settings import CleanSettings

from .corrections import LabelPage, free_number, merged, split_at_column


@dataclass(frozen=True)
class WholeCall:
    """Where a call is.

    Parameters
    ----------
    number : int
        Its number on its pages.
    first, last : int
        The pages it begins and ends on.
    """

    number: int
    first: int
    last: int

    @property
    def pages(self) -> range:
        """All its pages."""
        return range(self.first, self.last + 1)


def columns_of(labels: Any, call: WholeCall) -> list[int]:
    """Columns in which a call is, counted from the start of the stack, (n, 512, 512)."""
    found: list[int] = []
    for page in call.pages:
        there = (np.asarray(labels[page]) == call.number).any(axis=0)
        found += (page * PAGE_PX + np.flatnonzero(there)).tolist()
    return found


def why_not_one(
    labels: Any,
    calls: Sequence[WholeCall],
    others: Sequence[WholeCall],
    *,
    layout: Layout,
    most_gap_s: float,
    cleaning: CleanSettings | None = None,
) -> str:
    """Why calls cannot be one, as a sentence; empty where they can.

    Parameters
    ----------
    labels : array
        (n, 512, 512) numbers of calls.
    calls : sequence of WholeCall
        Those that are to be one.
    others : sequence of WholeCall
        Other calls on their pages.
    layout : Layout
        Of the pages.
    most_gap_s : float
        Silence that may lie between two of them, in seconds; over a page border that of
        `cleaning` if it is less, for there a number stands for two calls beyond it.
    cleaning : CleanSettings, optional
        What made the calls.
    """
    if len(calls) < 2:  # noqa: PLR2004 - one is one
        return "Choose two calls or more that are to be one."
    if not layout.contiguous and len({call.first for call in calls}) > 1:
        return "Calls on different images cannot be one."
    column_s = (layout.grid or STANDARD_GRID).seconds_per_column
    within, over_border = most_gap_s / column_s, widest_gap(layout, cleaning)
    spans = sorted(_span(labels, call) for call in calls)
    stop, number = spans[0][1:]
    for first, end, next_number in spans[1:]:
        is_over_border = (stop - 1) // PAGE_PX != first // PAGE_PX
        limit = min(within, over_border) if is_over_border else within
        if first - stop > limit:
            where = " over the border of a page" if is_over_border else ""
            return (
                f"Calls {number} and {next_number} lie {(first - stop) * column_s * 1e3:.0f} ms "
                f"apart{where}, more than the {limit * column_s * 1e3:.0f} ms that may lie within "
                "one call."
            )
        between = _between(labels, others, stop, first)
        if between:
            return f"Call {between} lies between them: choose it as well."
        if end >= stop:
            stop, number = end, next_number
    return ""


def as_one(
    labels: Any, calls: Sequence[WholeCall], *, last_number: int
) -> tuple[dict[int, LabelPage], int]:
    """Several calls made one.

    Parameters
    ----------
    labels : array
        (n, 512, 512) numbers of calls.
    calls : sequence of WholeCall
        Those that become one.
    last_number : int
        The highest number that is known to be used.

    Returns
    -------
    dict, int
        Page -> what it becomes; and the number of the call: that of the first in time, unless
        another call on these pages, or on one beside them, has it too.
    """
    pages = range(min(call.first for call in calls), max(call.last for call in calls) + 1)
    numbers = {page: {c.number for c in calls if page in c.pages} for page in pages}
    around = [page for page in (pages[0] - 1, *pages, pages[-1] + 1) if 0 <= page < len(labels)]
    number = min(_span(labels, call) for call in calls)[2]
    if any(
        number not in numbers.get(page, ()) and (np.asarray(labels[page]) == number).any()
        for page in around
    ):
        number = max(last_number, *(free_number(labels[page][None]) - 1 for page in around)) + 1
    changed = {
        page: merged(np.asarray(labels[page]), there, number)
        for page, there in numbers.items()
        if there - {number}
    }
    return changed, number


def gaps_of(labels: Any, call: WholeCall) -> list[int]:
    """Columns, from the start of the stack, at which the pieces of a call after the first begin."""
    columns = np.array(columns_of(labels, call), np.int64)
    return [int(column) for column in columns[1:][np.diff(columns) > 1]]


def cut_in_time(
    labels: Any, call: WholeCall, cuts: Sequence[int], *, last_number: int
) -> tuple[dict[int, LabelPage], list[int]]:
    """A call cut in time; the first part keeps its number.

    Parameters
    ----------
    labels : array
        (n, 512, 512) numbers of calls.
    call : WholeCall
        The one to cut.
    cuts : sequence of int
        Columns, from the start of the stack, at which another part begins.
    last_number : int
        The highest number that is known to be used.

    Returns
    -------
    dict, list of int
        Page -> what it becomes, and the numbers of the new parts, in order of time.
    """
    pages = {page: np.asarray(labels[page]) for page in call.pages}
    free = max(last_number, *(free_number(page[None]) - 1 for page in pages.values())) + 1
    given: list[int] = []
    for cut in sorted(cuts, reverse=True):  # what is cut off last is the earliest
        new = free + len(given)
        after = {
            page: _cut_off(values, call.number, cut - page * PAGE_PX, new)
            for page, values in pages.items()
        }
        is_left = any((values == call.number).any() for values in after.values())
        if is_left and any((values == new).any() for values in after.values()):
            pages, given = after, [*given, new]
    changed = {
        page: values
        for page, values in pages.items()
        if not np.array_equal(values, np.asarray(labels[page]))
    }
    return changed, given[::-1]


def _between(labels: Any, others: Sequence[WholeCall], stop: int, first: int) -> int:
    """The number of a call that lies wholly in the silence between two columns; 0 where none."""
    if first <= stop:
        return 0
    for other in others:
        columns = columns_of(labels, other)  # none where it has just been erased
        if columns and stop <= columns[0] and columns[-1] < first:
            return other.number
    return 0


def _cut_off(page: LabelPage, call: int, column: int, new: int) -> LabelPage:
    """What of a call lies in and behind a column of a page, which may lie before or behind it."""
    if column <= 0:
        return merged(page, [call], new)
    return page if column >= page.shape[1] else _split_or_all(page, call, column, new)


def _split_or_all(page: LabelPage, call: int, column: int, new: int) -> LabelPage:
    """`split_at_column`; a call that lies behind the column with all its pixels goes whole."""
    mask = page == call
    if mask.any() and not mask[:, :column].any():
        return merged(page, [call], new)
    return split_at_column(page, call, column, new)


def _span(labels: Any, call: WholeCall) -> tuple[int, int, int]:
    """First column, the one after the last, and the number of a call."""
    columns = columns_of(labels, call)
    return columns[0], columns[-1] + 1, call.number
