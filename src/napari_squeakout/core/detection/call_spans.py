"""When calls are, without their other measures: after an edit only changed pages are looked at."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.steps import Progress, Steps

from .numbering import Pieces


@dataclass(frozen=True, eq=False)
class PageSpans:
    """The columns of each call on a page, and of which labels they are.

    Parameters
    ----------
    code : int
        From `page_code`.
    spans : tuple
        (number, first column, the one after the last) of each call.
    """

    code: int
    spans: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class TimedCalls:
    """Calls in order of time.

    Parameters
    ----------
    intervals_s : NDArray
        (n, 2) float64 onset and offset, seconds from the recording's start.
    pages : NDArray
        (n,) int64 page on which each begins.
    numbers : NDArray
        (n,) int64 number that each has in the labels; several calls may have one.
    """

    intervals_s: NDArray[np.float64] = field(repr=False)
    pages: NDArray[np.int64] = field(repr=False)
    numbers: NDArray[np.int64] = field(repr=False)


def finding_spans(
    labels: Any, known: Mapping[int, PageSpans], pages: Collection[int]
) -> Steps[dict[int, PageSpans]]:
    """Find the columns of the calls on some pages, and take the others as they are known.

    Parameters
    ----------
    labels : array
        (n, 512, 512) numbers of calls, 0 where there is none.
    known : mapping
        What this gave before; empty at first.
    pages : collection of int
        Those that may have changed since, or are not known yet.

    Yields
    ------
    Progress
        After every page.
    """
    found = dict(known)
    for done, page in enumerate(sorted(pages), 1):
        # A copy: what is painted meanwhile is in both, or in neither.
        here = np.array(labels[page])
        code = page_code(here)
        before = known.get(page)
        if before is None or before.code != code:
            found[page] = PageSpans(code, _spans_on(here))
        yield Progress(done, len(pages), "pages")
    return found


def page_code(labels: NDArray[np.integer]) -> int:
    """The labels of a page, (h, w), as one small number (crc32): equal for equal ones."""
    return zlib.crc32(np.ascontiguousarray(labels, np.int32).data)


def timed_calls(
    known: Mapping[int, PageSpans], layout: Layout, settings: CleanSettings | None = None
) -> TimedCalls:
    """When the calls are whose columns are known, as `finding_calls` tells it.

    Parameters
    ----------
    known : mapping
        From `finding_spans`, of all pages.
    layout : Layout
        Where the pages lie in time.
    settings : CleanSettings, optional
        What made the calls: its gap says which pieces of a number are one call.

    Raises
    ------
    ValueError
        If the pages have no time axis.
    """
    if layout.grid is None or layout.starts_s is None:
        msg = f"{layout.source}: has no time axis, so nobody knows when its calls are"
        raise ValueError(msg)
    pieces, calls = Pieces(layout, settings), dict[int, list[int]]()
    for page in sorted(known):
        before = page * PAGE_PX if layout.contiguous else 0
        for number, first, stop in known[page].spans:
            key = pieces.place(number, page, first, stop)
            call = calls.setdefault(key, [page, number, before + first, before + stop])
            call[3] = before + stop
    rows = np.array(
        sorted(calls.values(), key=lambda call: (call[0], call[2], call[1])), np.int64
    ).reshape(-1, 4)
    zero_s = float(layout.starts_s[0]) if layout.contiguous else 0.0
    return TimedCalls(
        intervals_s=zero_s + rows[:, 2:].astype(np.float64) * layout.grid.seconds_per_column,
        pages=rows[:, 0],
        numbers=rows[:, 1],
    )


def _spans_on(labels: NDArray[np.integer]) -> tuple[tuple[int, int, int], ...]:
    rows, columns = np.nonzero(labels > 0)
    numbers, call = np.unique(labels[rows, columns], return_inverse=True)
    first, stop = np.full(len(numbers), PAGE_PX), np.zeros(len(numbers), int)
    np.minimum.at(first, call, columns)
    np.maximum.at(stop, call, columns + 1)
    return tuple(zip(numbers.tolist(), first.tolist(), stop.tolist(), strict=True))
