"""Peaks -> whistles: lines of peaks that follow each other, and which is the fundamental's.

A call is one voice. What sounds at a multiple of something lower is its harmonic; of what sounds
side by side otherwise (the two sides of a step, an echo, another animal) the voice is the loudest,
with no more changes of line than that takes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .peaks import Peaks

# A line's next peak lies so near what its course foretells (4.9 kHz/ms beyond it), and a little
# farther for each column that it was hidden; after so many (4 ms) it is another line.
_NEXT_HZ, _HIDDEN_HZ, _HIDDEN_COLUMNS = 2_500.0, 250.0, 8
# A course is foretold by so many columns, and bends no faster than so much a column.
_COURSE_COLUMNS, _STEEPEST_HZ = 5, 2_500.0
# Shorter lines (2 ms) and fainter ones are speckle, unless there is nothing else.
_LEAST_PEAKS, _LEAST_MEDIAN_DB = 4, 6.0
# A harmonic lies this near a multiple, for so much of the time that both are there; a lower line
# that is so much fainter is a subharmonic, and what lies over it is the voice.
_MULTIPLES, _NEAR_SHARE, _NEAR_HZ, _TOGETHER = (2, 3, 4), 0.02, 700.0, 0.6
_SUBHARMONIC_DB = 15.0
# A change of line costs as much as another one that is 10 dB louder gains in 3 ms; staying on one
# that is not there, as much a column as one that is so far below the noise.
_CHANGE_DB, _ABSENT_DB = 60.0, -20.0


@dataclass(frozen=True)
class Trace:
    """One line of peaks, at most one a column.

    Parameters
    ----------
    peaks : NDArray
        (n,) int, which of a call's peaks, in order of time.
    """

    peaks: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.peaks)


@dataclass(frozen=True)
class Voice:
    """A call's fundamental and what goes with it.

    Parameters
    ----------
    peaks : NDArray
        (n,) int, which of the call's peaks the fundamental is made of, one a column.
    trace : NDArray
        (n,) int, number of the line that each lies on.
    harmonics : tuple of int
        The multiples that sound with it.
    """

    peaks: NDArray[np.int64]
    trace: NDArray[np.int64]
    harmonics: tuple[int, ...] = ()


def voice_of(peaks: Peaks) -> Voice:
    """The fundamental among a call's peaks; nothing where there are none."""
    traces = traces_of(peaks)
    multiples = _multiples(traces, peaks)
    lines = [trace for trace, multiple in zip(traces, multiples, strict=True) if multiple == 1]
    chosen, number = _loudest_path(lines, peaks)
    heard = set(multiples) - {1}
    return Voice(chosen, number, tuple(sorted(heard)))


def traces_of(peaks: Peaks) -> list[Trace]:
    """Lines of peaks, each going on where its course foretells."""
    lines: list[list[int]] = []
    open_lines: list[list[int]] = []
    edges = np.flatnonzero(np.diff(peaks.column, prepend=-1, append=-1))
    for first, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        column = int(peaks.column[first])
        open_lines = [
            line for line in open_lines if column - peaks.column[line[-1]] <= _HIDDEN_COLUMNS
        ]
        for index, line in _matches(peaks, range(first, stop), open_lines):
            if line is None:
                line = []  # noqa: PLW2901 -- a line that begins here
                lines.append(line)
                open_lines.append(line)
            line.append(index)
    clear = [
        line
        for line in lines
        if len(line) >= _LEAST_PEAKS and np.median(peaks.above_db[line]) >= _LEAST_MEDIAN_DB
    ]
    kept = clear or sorted(lines, key=len)[-1:]
    return [Trace(np.array(line)) for line in kept]


def _matches(
    peaks: Peaks, here: range, lines: list[list[int]]
) -> list[tuple[int, list[int] | None]]:
    """Which line each peak of a column goes on, the nearest first; none for one that begins."""
    apart: list[tuple[float, int, int]] = []
    for number, line in enumerate(lines):
        hidden = int(peaks.column[here[0]] - peaks.column[line[-1]]) - 1
        expected = _foretold_hz(peaks, line, hidden + 1)
        limit = _NEXT_HZ + _HIDDEN_HZ * hidden
        apart += [
            (distance, index, number)
            for index in here
            if (distance := abs(float(peaks.hz[index]) - expected)) <= limit
        ]
    goes_on: dict[int, int] = {}
    for _, index, number in sorted(apart):
        if index not in goes_on and number not in goes_on.values():
            goes_on[index] = number
    return [(i, lines[goes_on[i]] if i in goes_on else None) for i in here]


def _foretold_hz(peaks: Peaks, line: list[int], columns: int) -> float:
    """Where a line would be so many columns after its last peak."""
    last, before = line[-1], line[max(0, len(line) - _COURSE_COLUMNS)]
    passed = int(peaks.column[last] - peaks.column[before])
    if len(line) < _COURSE_COLUMNS or not passed:
        return float(peaks.hz[last])
    slope = float(peaks.hz[last] - peaks.hz[before]) / passed
    return float(peaks.hz[last]) + float(np.clip(slope, -_STEEPEST_HZ, _STEEPEST_HZ)) * columns


def _multiples(traces: list[Trace], peaks: Peaks) -> list[int]:
    """Of each line, which multiple of a lower one it is; 1 for what is none."""
    order = sorted(range(len(traces)), key=lambda i: float(np.median(peaks.hz[traces[i].peaks])))
    multiples = [1] * len(traces)
    for place, upper in enumerate(order):
        for lower in order[:place]:
            multiple = _multiple_of(traces[upper], traces[lower], peaks)
            if multiple and multiples[lower] == 1:
                multiples[upper] = multiple
                break
    return multiples


def _multiple_of(upper: Trace, lower: Trace, peaks: Peaks) -> int:
    """Which multiple of a line another is; 0 where it is none."""
    _, above, below = np.intersect1d(
        peaks.column[upper.peaks], peaks.column[lower.peaks], return_indices=True
    )
    if len(above) < _TOGETHER * len(upper):
        return 0
    high, low = upper.peaks[above], lower.peaks[below]
    if np.median(peaks.above_db[high] - peaks.above_db[low]) > _SUBHARMONIC_DB:
        return 0
    for multiple in _MULTIPLES:
        off_hz = np.abs(peaks.hz[high] - multiple * peaks.hz[low])
        if np.median(off_hz - _NEAR_SHARE * peaks.hz[high]) <= 0 or np.median(off_hz) <= _NEAR_HZ:
            return multiple
    return 0


def _loudest_path(lines: list[Trace], peaks: Peaks) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """One peak a column: the loudest of all ways along the lines, each change of line at a cost."""
    if not lines:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    columns = np.unique(np.concatenate([peaks.column[line.peaks] for line in lines]))
    at = np.full((len(columns), len(lines)), -1)
    for number, line in enumerate(lines):
        at[np.searchsorted(columns, peaks.column[line.peaks]), number] = line.peaks
    level = np.where(at >= 0, peaks.above_db[at], _ABSENT_DB)
    best = level[0].copy()
    came_from = np.zeros(at.shape, int)
    for step in range(1, len(columns)):
        leader = int(best.argmax())
        change = best[leader] - _CHANGE_DB > best
        came_from[step] = np.where(change, leader, np.arange(len(lines)))
        best = np.where(change, best[leader] - _CHANGE_DB, best) + level[step]
    path = np.zeros(len(columns), int)
    path[-1] = int(best.argmax())
    for step in range(len(columns) - 1, 0, -1):
        path[step - 1] = came_from[step, path[step]]
    chosen = at[np.arange(len(columns)), path]
    heard = chosen >= 0
    return chosen[heard].astype(np.int64), path[heard].astype(np.int64)
