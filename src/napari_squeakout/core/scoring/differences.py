"""Where noted and found calls differ, one after the other, for who walks through them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from napari_squeakout.core.detection.call_spans import TimedCalls
from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.setting import Settings, setting

from .comparison import CALL_COLUMNS, Comparison, Outcome

_NONE = -1


class WalkSettings(Settings):
    """Which calls one walks through that are noted and found otherwise."""

    edge_s: float = setting(
        0.01,
        "A matched call is a difference too where its onset or offset is off by more than this.",
        title="Edges off by more than", unit="s", ge=0, le=1, step=0.001,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A call that is noted and found otherwise.

    Parameters
    ----------
    outcome : Outcome
        What came of it; matched where an edge is off.
    page : int
        Where it is seen: the page of its onset, or of its offset where only that is off; of a pair,
        where both are.
    annotated_s, found_s : tuple of float or None
        Onset and offset, seconds; None where it was not annotated, or not found.
    number : int or None
        Of the found call, in the masks.
    onset_error_s, offset_error_s : float
        Found minus annotated, so above 0 is late; NaN where it is no pair.
    """

    outcome: Outcome
    page: int
    annotated_s: tuple[float, float] | None
    found_s: tuple[float, float] | None
    number: int | None
    onset_error_s: float
    offset_error_s: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Differences:
    """All differences, in order of time.

    Parameters
    ----------
    calls : DataFrame
        Of the comparison.
    rows : NDArray
        (n,) int64 which of them are differences.
    pages, numbers : NDArray
        (n,) int64 page of each, and number of the found call, -1 where there is none.
    """

    calls: pd.DataFrame = field(repr=False)
    rows: NDArray[np.int64] = field(repr=False)
    pages: NDArray[np.int64] = field(repr=False)
    numbers: NDArray[np.int64] = field(repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> Difference:
        """One of them."""
        row = self.calls.iloc[int(self.rows[place])]
        number = int(self.numbers[place])
        return Difference(
            outcome=Outcome(row["outcome"]),
            page=int(self.pages[place]),
            annotated_s=_interval(row["annotated_start_s"], row["annotated_end_s"]),
            found_s=_interval(row["found_start_s"], row["found_end_s"]),
            number=None if number == _NONE else number,
            onset_error_s=float(row["onset_error_s"]),
            offset_error_s=float(row["offset_error_s"]),
        )

    def place_of(self, difference: Difference | None) -> int | None:
        """Where a difference stands, known by its times; None where it is one no more."""
        if difference is None:
            return None
        here = np.flatnonzero(self.pages == difference.page).tolist()
        return next((place for place in here if _is_same(self[place], difference)), None)

    def following(self, page: int, last: Difference | None, step: int = 1) -> int | None:
        """The next difference (step 1), or that before (step -1), of where one is.

        Parameters
        ----------
        page : int
            That in view.
        last : Difference or None
            That shown last; it counts while its page is in view.
        step : int
            1 or -1.

        Returns
        -------
        int or None
            None past the end: there is no going around.
        """
        is_here = last is not None and last.page == page
        place = self.place_of(last) if is_here else None
        if place is None and is_here and last is not None:
            # It is mended: from where it was.
            return self._beside(_begin_of(last), step)
        if place is not None:
            other = place + step
            return other if 0 <= other < len(self) else None
        ahead = np.flatnonzero(self.pages >= page if step > 0 else self.pages <= page)
        return None if not len(ahead) else int(ahead[0] if step > 0 else ahead[-1])

    def on_pages(self, outcome: Outcome, n_pages: int) -> NDArray[np.bool_]:
        """(n_pages,) whether a difference of that kind is on each page."""
        is_wanted = self.calls["outcome"].to_numpy()[self.rows] == outcome
        hit = np.zeros(n_pages, bool)
        hit[self.pages[is_wanted]] = True
        return hit

    def _beside(self, begin_s: float, step: int) -> int | None:
        begins_s = _begins(self.calls)[self.rows]
        ahead = np.flatnonzero(begins_s > begin_s if step > 0 else begins_s < begin_s)
        return None if not len(ahead) else int(ahead[0] if step > 0 else ahead[-1])


def differences(
    comparison: Comparison,
    found: TimedCalls,
    layout: Layout,
    settings: WalkSettings | None = None,
) -> Differences:
    """Tell which calls are noted and found otherwise, and where they are.

    Parameters
    ----------
    comparison : Comparison
        From `compare_calls`.
    found : TimedCalls
        The found calls that were compared.
    layout : Layout
        Where the pages lie in time.
    settings : WalkSettings, optional
        From which error on an edge counts.

    Raises
    ------
    ValueError
        If the pages have no time axis.
    """
    if layout.starts_s is None:
        msg = f"{layout.source}: has no time axis, so nothing can be compared on it"
        raise ValueError(msg)
    edge_s = (settings or WalkSettings()).edge_s
    calls = comparison.calls
    onset_off, offset_off = (
        np.abs(calls[f"{edge}_error_s"].to_numpy(np.float64)) > edge_s
        for edge in ("onset", "offset")
    )
    is_other = calls["outcome"].to_numpy() != Outcome.MATCHED
    rows = np.flatnonzero(is_other | onset_off | offset_off)
    # Of a pair where both are, which may be on the page behind that of an onset alone; and a call
    # that ends on a border has nothing on the page behind it.
    begin_s, end_s = _shared(calls)
    seen_s = np.where(offset_off & ~onset_off, end_s - _half_column_s(layout), begin_s)[rows]
    pages = np.clip(np.searchsorted(layout.starts_s, seen_s, "right") - 1, 0, None)
    return Differences(
        calls=calls, rows=rows, pages=pages.astype(np.int64), numbers=_numbers(calls, found)[rows]
    )


def middle_of(difference: Difference, layout: Layout) -> tuple[float, float]:
    """Row and column of a page at which a difference is, half-way up.

    Raises
    ------
    ValueError
        If the pages have no time axis.
    """
    if layout.starts_s is None or layout.grid is None:
        msg = f"{layout.source}: has no time axis, so nothing lies at a time on it"
        raise ValueError(msg)
    times = difference.annotated_s or difference.found_s or (0.0, 0.0)
    from_edge_s = sum(times) / 2 - float(layout.starts_s[difference.page])
    column = float(np.clip(from_edge_s / layout.grid.seconds_per_column, 0, PAGE_PX - 1))
    return (PAGE_PX - 1) / 2, column


def _numbers(calls: pd.DataFrame, found: TimedCalls) -> NDArray[np.int64]:
    """(rows,) number of each row's found call; of several at the same times one after the other."""
    at = dict[tuple[float, float], list[int]]()
    for (start_s, end_s), number in zip(found.intervals_s.tolist(), found.numbers, strict=True):
        at.setdefault((start_s, end_s), []).append(int(number))
    starts, ends = (calls[f"found_{edge}_s"].tolist() for edge in ("start", "end"))
    taken = (at.get(times, []) for times in zip(starts, ends, strict=True))
    return np.array([numbers.pop(0) if numbers else _NONE for numbers in taken], np.int64)


def _begins(calls: pd.DataFrame) -> NDArray[np.float64]:
    annotated, found = (
        calls[f"{side}_start_s"].to_numpy(np.float64) for side in ("annotated", "found")
    )
    return np.where(np.isnan(annotated), found, annotated)


def _shared(calls: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Onset and offset of what both calls of a pair have in common, or of the only one."""
    times = {name: calls[name].to_numpy(np.float64) for name in CALL_COLUMNS[2:6]}
    return (
        np.fmax(times["annotated_start_s"], times["found_start_s"]),
        np.fmin(times["annotated_end_s"], times["found_end_s"]),
    )


def _begin_of(difference: Difference) -> float:
    times = difference.annotated_s or difference.found_s
    return 0.0 if times is None else times[0]


def _interval(start_s: float, end_s: float) -> tuple[float, float] | None:
    return None if np.isnan(start_s) else (float(start_s), float(end_s))


def _is_same(one: Difference, other: Difference) -> bool:
    return (one.annotated_s, one.found_s, one.number) == (
        other.annotated_s, other.found_s, other.number,
    )  # fmt: skip


def _half_column_s(layout: Layout) -> float:
    """Seconds of half a column; 0 where nobody knows."""
    return 0.0 if layout.grid is None else layout.grid.seconds_per_column / 2
