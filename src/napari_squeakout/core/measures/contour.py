"""The course of a call's fundamental, and what is computed of it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from .echoes import own_voice
from .peaks import Peaks, Values
from .traces import voice_of

# Speckle moves a peak by some hundred hertz: a course is the median of so many columns, and its
# rate of change that of a mean over so many.
_MEDIAN_COLUMNS, _MEAN_COLUMNS = 3, 5
# A jump lies between neighbouring columns; a notch may hide it for so many (10.24 ms, VocalMat's
# gap between two calls). What comes later is another element, which begins where it likes.
_HIDDEN_COLUMNS = 20
# The course before and after a jump is carried on to its middle, by so many columns of each, no
# steeper than this and no farther than this.
_COURSE_COLUMNS, _STEEPEST_HZ, _FARTHEST_COLUMNS = 5, 1_000.0, 4.0


@dataclass(frozen=True, kw_only=True)
class Contour:
    """The fundamental of a call, a value for each column in which it is heard.

    Parameters
    ----------
    column : NDArray
        (n,) int, columns of the spectrogram from the stack's start.
    hz : NDArray
        (n,) frequency of the loudest bin, between the bins by a parabola, the median of 3 columns
        of one line.
    power_db, above_db, tonality : NDArray
        (n,) level of that bin, level above the noise, and how tonal it is there.
    trace : NDArray
        (n,) int, which unbroken line each lies on.
    harmonics : tuple of int
        The multiples of it that sound with it.
    column_s : float
        Seconds a column.
    """

    column: NDArray[np.int64] = field(repr=False)
    hz: Values = field(repr=False)
    power_db: Values = field(repr=False)
    above_db: Values = field(repr=False)
    tonality: Values = field(repr=False)
    trace: NDArray[np.int64] = field(repr=False)
    harmonics: tuple[int, ...]
    column_s: float

    def __len__(self) -> int:
        return len(self.column)

    @property
    def time_s(self) -> Values:
        """(n,) middle of each column, from the stack's start."""
        middle: Values = self.column + np.float64(0.5)
        return middle * self.column_s

    @property
    def runs(self) -> list[slice]:
        """Stretches of one line, in order of time."""
        ends = np.flatnonzero(np.diff(self.trace)) + 1
        edges = [0, *ends.tolist(), len(self)]
        return [slice(a, b) for a, b in itertools.pairwise(edges) if b > a]


def contour_of(peaks: Peaks, column_s: float) -> Contour:
    """The contour of a call; empty where nothing stands out of the noise."""
    voice = voice_of(peaks)
    kept = own_voice(
        peaks.column[voice.peaks], peaks.hz[voice.peaks], peaks.above_db[voice.peaks], voice.trace
    )
    of = voice.peaks[kept]
    contour = Contour(
        column=peaks.column[of],
        hz=peaks.hz[of],
        power_db=peaks.power_db[of],
        above_db=peaks.above_db[of],
        tonality=peaks.tonality[of],
        trace=voice.trace[kept],
        harmonics=voice.harmonics,
        column_s=column_s,
    )
    smooth = contour.hz.copy()
    for run in contour.runs:
        smooth[run] = scipy.ndimage.median_filter(smooth[run], _MEDIAN_COLUMNS, mode="nearest")
    contour.hz[:] = smooth
    return contour


def jumps_of(contour: Contour, least_hz: float) -> Values:
    """(n,) size in Hz of each sudden change of more than this, up positive, in order of time."""
    sizes = [_change_hz(contour, *pair) for pair in itertools.pairwise(contour.runs)]
    return np.array([size for size in sizes if abs(size) > least_hz], np.float64)


def _change_hz(contour: Contour, before: slice, after: slice) -> float:
    """By how much a line lies beside what the one before it would have gone on to."""
    gap = int(contour.column[after.start] - contour.column[before.stop - 1])
    if gap > _HIDDEN_COLUMNS:
        return 0.0
    middle = contour.column[before.stop - 1] + gap / 2
    ended = slice(max(before.start, before.stop - _COURSE_COLUMNS), before.stop)
    begun = slice(after.start, min(after.stop, after.start + _COURSE_COLUMNS))
    return _carried_on(contour, begun, middle) - _carried_on(contour, ended, middle)


def _carried_on(contour: Contour, part: slice, column: float) -> float:
    """Where a course would be at a column near its end."""
    columns, hz = contour.column[part].astype(float), contour.hz[part]
    spread = columns - columns.mean()
    slope = float(spread @ hz / (spread @ spread)) if len(columns) > 1 else 0.0
    slope = float(np.clip(slope, -_STEEPEST_HZ, _STEEPEST_HZ))
    nearest = columns[np.abs(columns - column).argmin()]
    far = float(np.clip(column - nearest, -_FARTHEST_COLUMNS, _FARTHEST_COLUMNS))
    return float(hz.mean()) + slope * float(nearest - columns.mean() + far)


def smoothed(contour: Contour) -> Values:
    """(n,) Hz, each the mean of 5 columns of its line: for rates of change, which speckle feeds."""
    hz = contour.hz.copy()
    for run in contour.runs:
        hz[run] = scipy.ndimage.uniform_filter1d(contour.hz[run], _MEAN_COLUMNS, mode="nearest")
    return hz
