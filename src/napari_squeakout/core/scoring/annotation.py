"""What somebody noted earlier about a recording: where its calls are, beside what was found."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.numerals import counted

from .event_scores import Intervals

# Times of page borders are not exact in binary: what reaches less than this far into a column,
# 0.4 ns on standard pages, only touches it.
_ALMOST_PX = 1e-6
# A writer may round, and a call may ring on: so far behind the end a call is none of another sound.
_BEHIND_S = 1.0
# No mouse or rat calls in these ways; so figures of other units are noticed.
_LONGEST_S, _SHORTEST_S = 10.0, 0.0005
_LOWEST_HZ, _HIGHEST_HZ = 1_000.0, 1_000_000.0
# Rats and mice call above this; slowed down five times and more they sing below it.
_LOWEST_REAL_HZ, _HIGHEST_REAL_HZ = 18_000.0, 250_000.0


@dataclass(frozen=True, kw_only=True)
class Annotation:
    """Calls that somebody, or some program, noted in one recording.

    Parameters
    ----------
    intervals_s : NDArray
        (n, 2) float64, onset and offset in seconds from the recording's start, in order of the
        onsets. Both are equal where a call was marked by a single moment.
    low_hz, high_hz : NDArray
        (n,) float64; NaN where not known.
    labels : tuple of str
        Type of each call; empty where none was noted.
    source : str
        Name of the file it came from.
    program : str
        What wrote that file; empty where nothing tells.
    notes : tuple of str
        What the user should know about how it was read.
    n_unread : int
        Rows of the table that hold no call that can be read; the notes name them.
    channels : tuple of str
        Channels of the recording that the table names, counted from 1; empty where it names none.

    Raises
    ------
    ValueError
        If the parts do not fit each other, or a time or a frequency is none.
    """

    intervals_s: Intervals = field(repr=False)
    low_hz: NDArray[np.float64] = field(repr=False)
    high_hz: NDArray[np.float64] = field(repr=False)
    labels: tuple[str, ...] = field(repr=False)
    source: str
    program: str = ""
    notes: tuple[str, ...] = ()
    n_unread: int = 0
    channels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._check_shapes()
        onsets, offsets = self.intervals_s.T
        if not np.isfinite(self.intervals_s).all() or (onsets < 0).any():
            self._refuse("every onset and offset must be a time from 0 s on")
        if (onsets > offsets).any() or (np.diff(onsets) < 0).any():
            self._refuse("onsets must be in order and not after their offsets: sort, and swap them")
        # A comparison with NaN is false: what is not known is not wrong.
        if (self.low_hz < 0).any() or (self.low_hz > self.high_hz).any():
            self._refuse("low_hz must be 0 or more and not above high_hz: NaN where not known")

    @property
    def n_calls(self) -> int:
        """Number of calls."""
        return len(self.labels)

    def _check_shapes(self) -> None:
        n = self.n_calls
        shapes = {"intervals_s": (n, 2), "low_hz": (n,), "high_hz": (n,)}
        for name, shape in shapes.items():
            values = getattr(self, name)
            if values.shape != shape or values.dtype != np.float64:
                self._refuse(
                    f"{name} must be float64 {shape}, as there are {n} labels, "
                    f"got {values.dtype} {values.shape}"
                )

    def _refuse(self, why: str) -> None:
        msg = f"{self.source}: {why}"
        raise ValueError(msg)


class Span(NamedTuple):
    """The part of a call that lies on one page.

    Parameters
    ----------
    first_px, last_px : int
        Columns of the page, 0..511; both belong to the call.
    call : int
        Its place in the annotation.
    """

    first_px: int
    last_px: int
    call: int


def behind_end(annotation: Annotation, duration_s: float, recording: str) -> str:
    """What to say where noted calls lie behind a recording's end; empty where none does.

    A call that ends up to 1 s behind it is let pass.
    """
    n = int((annotation.intervals_s[:, 1] > duration_s + _BEHIND_S).sum())
    if not n:
        return ""
    last_s = annotation.intervals_s.max()
    remedy = "give the table of this recording, in seconds"
    if last_s * 1e-3 <= duration_s + _BEHIND_S:
        remedy += "; if its times are milliseconds, name the columns start_ms and end_ms"
    return (
        f"{n} of {counted(annotation.n_calls, 'call')} {'lies' if n == 1 else 'lie'} behind the "
        f"end of {recording} ({duration_s:.1f} s), the last at {last_s:g} s: {remedy}"
    )


def in_real_time(annotation: Annotation, time_expansion: float) -> Annotation:
    """The same, noted as taken for real where its recording plays slowed down.

    Raises
    ------
    InputError
        If its frequencies are those of the slowed sound: then its times are too.
    """
    if time_expansion == 1:
        return annotation
    times = f"{time_expansion:g}"
    if np.nanmax(annotation.high_hz, initial=0) * time_expansion <= _HIGHEST_REAL_HZ and np.any(
        annotation.high_hz < _LOWEST_REAL_HZ
    ):
        msg = (
            f"{annotation.source}: its frequencies are those of the sound slowed down {times} "
            f"times: divide its times by {times} and multiply its frequencies by {times}"
        )
        raise InputError(msg)
    note = (
        "its times are taken for those of the real sound; if they are of the recording slowed down "
        f"{times} times, divide them by {times}"
    )
    return replace(annotation, notes=(*annotation.notes, note))


def inside(annotation: Annotation, duration_s: float) -> Annotation:
    """The same without the calls that lie behind a recording's end."""
    kept = annotation.intervals_s[:, 1] <= duration_s + _BEHIND_S
    labels = tuple(label for label, is_kept in zip(annotation.labels, kept, strict=True) if is_kept)
    return replace(
        annotation,
        intervals_s=annotation.intervals_s[kept],
        low_hz=annotation.low_hz[kept],
        high_hz=annotation.high_hz[kept],
        labels=labels,
    )


def doubts(
    intervals_s: Intervals, low_hz: NDArray[np.float64], high_hz: NDArray[np.float64]
) -> list[str]:
    """Why the units of a table may be others than those it was read with, a sentence each."""
    told = []
    lengths_s = np.diff(intervals_s)[np.diff(intervals_s) > 0]
    usual_s = float(np.median(lengths_s)) if len(lengths_s) else np.nan
    if usual_s > _LONGEST_S or usual_s < _SHORTEST_S:
        told.append(
            f"a usual call of it lasts {usual_s:g} s: see that the unit of its times is right, and "
            "name the columns start_ms and end_ms if they are milliseconds"
        )
    known_hz = np.concatenate([low_hz, high_hz])
    known_hz = known_hz[known_hz > 0]
    usual_hz = float(np.median(known_hz)) if len(known_hz) else np.nan
    if usual_hz < _LOWEST_HZ or usual_hz > _HIGHEST_HZ:
        told.append(
            f"a usual frequency of it is {usual_hz:g} Hz: see that their unit is right, low_hz or "
            "low_khz"
        )
    return told


def spans_on_page(annotation: Annotation, layout: Layout, page: int) -> tuple[Span, ...]:
    """Where the noted calls lie on one page, for drawing.

    Parameters
    ----------
    annotation : Annotation
        Of the recording that the pages show.
    layout : Layout
        Where the pages lie in time.
    page : int
        0..n_pages - 1.

    Returns
    -------
    tuple of Span
        In order of the onsets. A call on a border has a span on both pages; one that ends on the
        border has none on the page behind it; a single moment is one column.

    Raises
    ------
    ValueError
        If the pages have no time axis, or there is no such page.
    """
    if layout.grid is None or layout.starts_s is None:
        msg = f"{layout.source}: has no time axis, so {annotation.source} cannot be laid on it"
        raise ValueError(msg)
    if not 0 <= page < layout.n_pages:
        msg = f"{layout.source}: there is no page {page}: give 0 to {layout.n_pages - 1}"
        raise ValueError(msg)
    edges = (annotation.intervals_s - layout.starts_s[page]) / layout.grid.seconds_per_column
    first = np.floor(edges[:, 0] + _ALMOST_PX).astype(np.int64)
    last = np.maximum(first, np.ceil(edges[:, 1] - _ALMOST_PX).astype(np.int64) - 1)
    here = np.flatnonzero((first < PAGE_PX) & (last >= 0))
    first, last = np.maximum(first, 0), np.minimum(last, PAGE_PX - 1)
    return tuple(Span(int(first[call]), int(last[call]), int(call)) for call in here)
