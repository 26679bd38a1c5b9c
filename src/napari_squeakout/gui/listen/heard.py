"""What is meant to be heard: chosen calls, the call in hand, or the page in view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.listening.stretches import Stretch, stretches_around
from napari_squeakout.core.numerals import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_squeakout.core.layout import Layout


@dataclass(frozen=True)
class Heard:
    """What is heard of a recording.

    Parameters
    ----------
    stretches : tuple of Stretch
        In the order of time.
    words : str
        What they are, for people and for names of files.
    pages : (int, int)
        The first and the last page that it is about: the sound around a call on a border does not
        turn the page.
    """

    stretches: tuple[Stretch, ...]
    words: str
    pages: tuple[int, int]

    def place_of(self, layout: Layout, at_s: float) -> tuple[int, float] | None:
        """The page that a moment is seen on, and its column there."""
        if layout.grid is None or layout.starts_s is None:
            return None
        first, last = self.pages
        page = min(max(_page_at(layout, at_s), first), last)
        column = (at_s - float(layout.starts_s[page])) / layout.grid.seconds_per_column
        return page, min(max(column, 0.0), float(PAGE_PX))


def page_span(layout: Layout, page: int) -> Stretch | None:
    """Where a page lies in its recording; None where it has no place in time."""
    if layout.grid is None or layout.starts_s is None or not 0 <= page < layout.n_pages:
        return None
    start_s = float(layout.starts_s[page])
    return Stretch(start_s, start_s + PAGE_PX * layout.grid.seconds_per_column)


def times_of(labels: Any, layout: Layout, page: int, number: int) -> Stretch | None:
    """Onset and offset of a call that lies on a page, also where it goes on beside it.

    Parameters
    ----------
    labels : array
        (n, 512, 512) numbers of calls.
    layout : Layout
        Where the pages lie.
    page, number : int
        Where it is, and what it is called.
    """
    if page_span(layout, page) is None or not (np.asarray(labels[page]) == number).any():
        return None
    first = last = page
    n_pages = min(layout.n_pages, len(labels))
    if layout.contiguous:
        while first > 0 and (np.asarray(labels[first - 1]) == number).any():
            first -= 1
        while last + 1 < n_pages and (np.asarray(labels[last + 1]) == number).any():
            last += 1
    begin, end = page_span(layout, first), page_span(layout, last)
    assert begin is not None  # noqa: S101 - asked above
    assert end is not None  # noqa: S101
    width_s = (begin.stop_s - begin.start_s) / PAGE_PX
    columns = [np.flatnonzero((np.asarray(labels[p]) == number).any(axis=0)) for p in (first, last)]
    return Stretch(
        begin.start_s + float(columns[0][0]) * width_s,
        end.start_s + float(columns[1][-1] + 1) * width_s,
    )


def heard_of_page(layout: Layout, page: int) -> Heard | None:
    """A page as it is."""
    span = page_span(layout, page)
    return None if span is None else Heard((span,), f"page {page}", (page, page))


def heard_of(
    layout: Layout,
    page: int,
    chosen: Sequence[tuple[float, float]],
    picked: tuple[int, Stretch] | None,
    margin_s: float,
) -> Heard | None:
    """What a person means: several chosen calls, or one that is in view, else the page.

    Parameters
    ----------
    layout, page : Layout, int
        The page in view.
    chosen : sequence of (float, float)
        Onset and offset of the calls chosen in the table.
    picked : (int, Stretch) or None
        Number, onset and offset of the call in hand.
    margin_s : float
        What is heard on both sides of a call.
    """
    span = page_span(layout, page)
    is_in_view = span is not None and any(
        start_s < span.stop_s and stop_s > span.start_s for start_s, stop_s in chosen
    )
    if len(chosen) > 1:
        return _heard_of_calls(layout, chosen, counted(len(chosen), "call"), margin_s)
    if picked is not None:
        return _heard_of_calls(layout, [picked[1]], f"call {picked[0]}", margin_s)
    if is_in_view:  # in a table without a call in hand
        return _heard_of_calls(layout, chosen, "the chosen call", margin_s)
    return heard_of_page(layout, page)


def _heard_of_calls(
    layout: Layout, calls: Sequence[tuple[float, float]], words: str, margin_s: float
) -> Heard:
    onset_s = min(start_s for start_s, _ in calls)
    offset_s = max(stop_s for _, stop_s in calls)
    width_s = 0.0 if layout.grid is None else layout.grid.seconds_per_column
    # A call that ends with its page is not on the next.
    pages = (_page_at(layout, onset_s + width_s / 2), _page_at(layout, offset_s - width_s / 2))
    return Heard(tuple(stretches_around(calls, margin_s)), words, pages)


def _page_at(layout: Layout, at_s: float) -> int:
    """The page that a moment lies on; the first or last where it lies before or after all."""
    if layout.starts_s is None:
        return 0
    return max(0, int(np.searchsorted(layout.starts_s, at_s, side="right")) - 1)
