"""How good found calls are in time, against the onsets and offsets a person noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from .ratios import ratio

Intervals = NDArray[np.float64]

# Frames are compared on a grid of 1 ms.
_FRAMES_PER_S, _ALMOST = 1000, 1e-6
_UNDEFINED = float("nan")


@dataclass(frozen=True, kw_only=True)
class JudgedRecording:
    """One recording with what is true of it and what was found in it.

    Parameters
    ----------
    truth, found : NDArray
        (n, 2) onset and offset of each call in seconds.
    duration_s : float or None
        Length of the recording, where it is known.
    notes : tuple of str
        What the user should know about how both were read.
    """

    truth: Intervals
    found: Intervals
    duration_s: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EventScores:
    """Agreement of found calls with noted ones; NaN where a figure is not defined.

    A found and a noted call match one to one where they overlap in time; pairs with the largest
    intersection over union are taken first.

    Parameters
    ----------
    calls, found, matched : int
        Noted calls, found calls, pairs of both.
    precision, recall, f1 : float
        Of calls.
    onset_error_s, offset_error_s : float
        Median over the pairs of found minus noted; above 0 is late.
    time_iou : float
        Mean intersection over union of the pairs.
    frame_f1 : float
        F1 of milliseconds.
    false_calls_per_minute : float
        Found calls without a noted one.
    """

    calls: int
    found: int
    matched: int
    precision: float
    recall: float
    f1: float
    onset_error_s: float
    offset_error_s: float
    time_iou: float
    frame_f1: float
    false_calls_per_minute: float

    def as_dict(self) -> dict[str, float]:
        """Plain numbers, for JSON."""
        return asdict(self)


def match_events(truth: Intervals, found: Intervals) -> tuple[NDArray[np.int64], Intervals]:
    """Pair noted with found calls.

    Parameters
    ----------
    truth, found : NDArray
        (n, 2) and (m, 2) seconds.

    Returns
    -------
    pairs : NDArray
        (p, 2) row in `truth`, row in `found`, best pair first.
    iou : NDArray
        (p,) intersection over union of each.
    """
    rows, columns = overlapping(truth, found)
    noted, other = truth[rows], found[columns]
    overlap = np.minimum(noted[:, 1], other[:, 1]) - np.maximum(noted[:, 0], other[:, 0])
    union = np.diff(noted)[:, 0] + np.diff(other)[:, 0] - overlap
    iou = overlap / np.maximum(union, 1e-12)
    free_true, free_found = np.ones(len(truth), bool), np.ones(len(found), bool)
    pairs, shares = [], []
    for k in np.argsort(-iou, kind="stable"):
        i, j = rows[k], columns[k]
        if free_true[i] and free_found[j]:
            free_true[i] = free_found[j] = False
            pairs.append((i, j))
            shares.append(iou[k])
    return np.array(pairs, np.int64).reshape(-1, 2), np.array(shares, np.float64)


def overlapping(truth: Intervals, found: Intervals) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of both that overlap, in order; without a table of all pairs, so that nights fit."""
    by_onset = np.argsort(found[:, 0], kind="stable")
    in_order = found[by_onset]
    latest_s = np.maximum.accumulate(in_order[:, 1])
    first = np.searchsorted(latest_s, truth[:, 0], side="right")
    stop = np.maximum(np.searchsorted(in_order[:, 0], truth[:, 1], side="left"), first)
    rows = np.repeat(np.arange(len(truth)), stop - first)
    begun = np.repeat(np.cumsum(stop - first) - (stop - first), stop - first)
    columns = by_onset[np.arange(len(rows)) - begun + np.repeat(first, stop - first)]
    low = np.maximum(truth[rows, 0], found[columns, 0])
    meets = np.minimum(truth[rows, 1], found[columns, 1]) > low
    in_both = np.lexsort((columns[meets], rows[meets]))
    return rows[meets][in_both], columns[meets][in_both]


def score_events(recordings: Sequence[JudgedRecording]) -> EventScores:
    """Score one recording, or several pooled as if they were one.

    Parameters
    ----------
    recordings : sequence of JudgedRecording
        At least one.

    Raises
    ------
    ValueError
        If there is none.
    """
    if not recordings:
        msg = "nothing to evaluate: no recording with noted and found calls"
        raise ValueError(msg)
    errors, ious, frames = [], [], np.zeros(3, np.int64)
    for recording in recordings:
        pairs, iou = match_events(recording.truth, recording.found)
        errors.append(recording.found[pairs[:, 1]] - recording.truth[pairs[:, 0]])
        ious.append(iou)
        frames += _frames(recording)
    error_s, time_iou = np.concatenate(errors), np.concatenate(ious)
    calls, found = sum(len(r.truth) for r in recordings), sum(len(r.found) for r in recordings)
    matched = len(error_s)
    return EventScores(
        calls=calls,
        found=found,
        matched=matched,
        precision=ratio(matched, found, undefined=_UNDEFINED),
        recall=ratio(matched, calls, undefined=_UNDEFINED),
        f1=ratio(2 * matched, calls + found, undefined=_UNDEFINED),
        onset_error_s=float(np.median(error_s[:, 0])) if matched else _UNDEFINED,
        offset_error_s=float(np.median(error_s[:, 1])) if matched else _UNDEFINED,
        time_iou=float(time_iou.mean()) if matched else _UNDEFINED,
        frame_f1=ratio(2 * int(frames[0]), int(frames[1] + frames[2]), undefined=_UNDEFINED),
        false_calls_per_minute=ratio(found - matched, _minutes(recordings), undefined=_UNDEFINED),
    )


def _frames(recording: JudgedRecording) -> NDArray[np.int64]:
    """Milliseconds that are: noted and found, noted, found."""
    both = np.concatenate([recording.truth, recording.found])
    grids = np.zeros((2, int(_FRAMES_PER_S * both.max(initial=0)) + 2), bool)
    for grid, intervals in zip(grids, (recording.truth, recording.found), strict=True):
        for start_s, end_s in np.maximum(intervals, 0):
            # Times in whole ms are not exact in binary.
            first = int(start_s * _FRAMES_PER_S + _ALMOST)
            grid[first : int(np.ceil(end_s * _FRAMES_PER_S - _ALMOST))] = True
    return np.array([grids.all(axis=0).sum(), *grids.sum(axis=1)])


def _minutes(recordings: Sequence[JudgedRecording]) -> float:
    durations = [recording.duration_s for recording in recordings]
    return sum(d for d in durations if d is not None) / 60 if None not in durations else 0.0
