"""Which columns belong to which call: calls along time, and trains of tones that are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.layout import STANDARD_GRID, Layout
from napari_squeakout.core.morphology import BoolImage, stretches
from napari_squeakout.core.numerals import are, counted
from napari_squeakout.core.settings import CleanSettings

from .packed_masks import PackedMask, occupied_columns
from .tone_trains import Tones, tones_of_trains


@dataclass(frozen=True)
class NumberedColumns:
    """The calls of a stack along time.

    Parameters
    ----------
    columns : NDArray
        (n, 512) int32 call number of each column, from 1 in order of time, 0 where there is none.
    left_out : NDArray
        (n, 512) True where tones of devices were.
    notes : tuple of str
        What was left out, where something was.
    """

    columns: NDArray[np.int32]
    left_out: BoolImage
    notes: tuple[str, ...] = ()


def number_calls(
    packed: Sequence[PackedMask], settings: CleanSettings, layout: Layout
) -> NumberedColumns:
    """Find the calls of a stack along time, without the tones of devices where settings say so.

    Parameters
    ----------
    packed : sequence
        The pages' masks.
    settings : CleanSettings
        Gap, shortest call, and whether trains of equal tones are left out.
    layout : Layout
        Whether pages continue each other, and what a pixel means.
    """
    numbers = number_columns(occupied_columns(packed), settings, layout)
    tones = tones_of_trains(numbers, packed, layout) if settings.drop_tone_trains else ()
    if not tones:
        return NumberedColumns(numbers, np.zeros(numbers.shape, bool))
    is_call = np.ones(int(numbers.max()) + 1, bool)
    is_call[0] = False
    is_call[tones.calls] = False
    anew = np.where(is_call, np.cumsum(is_call), 0).astype(np.int32)
    left_out = (numbers > 0) & ~is_call[numbers]
    return NumberedColumns(anew[numbers], left_out, (tones_text(tones),))


def without_tones(numbers: NDArray[np.int32], left_out: BoolImage) -> NDArray[np.int32]:
    """Leave out of a line of numbers what lies mostly where tones were left out before.

    Parameters
    ----------
    numbers : NDArray
        (512,) int32 call number of each column of a page that is cleaned alone.
    left_out : NDArray
        (512,) bool; that page as the whole recording was cleaned.
    """
    columns, tones = np.bincount(numbers), np.bincount(numbers, weights=left_out)
    is_tone = 2 * tones > columns
    return np.where(is_tone[numbers], 0, numbers).astype(np.int32)


def tones_text(tones: Tones) -> str:
    """Say what was left out, and what keeps it."""
    pitches = [f"{hz / 1000:.1f}" for hz in tones.pitches_hz]
    more = len(pitches) - _MOST_NAMED
    near = ", ".join(pitches[:_MOST_NAMED]) + (f" kHz and {more} more" if more > 0 else " kHz")
    return (
        f"{counted(len(tones), 'tone')} near {near} {are(len(tones))} left out: they come again "
        "and again at one frequency and with one length, as a device's do "
        "(drop_tone_trains, switched off, keeps them)"
    )


#: Frequencies of trains that a note names.
_MOST_NAMED = 3


def number_columns(
    occupied: BoolImage, settings: CleanSettings, layout: Layout
) -> NDArray[np.int32]:
    """Find calls along time.

    Segments that overlap in time or are closer than the gap are one call, as steps and harmonics
    are; what is shorter than the shortest call is none.

    Parameters
    ----------
    occupied : NDArray
        (n, 512) True where a page's column holds any mask.
    settings : CleanSettings
        Gap and shortest call.
    layout : Layout
        Whether pages continue each other, and what a column means.

    Returns
    -------
    NDArray
        (n, 512) int32 call number of each column, 0 where there is none.
    """
    column_s = (layout.grid or STANDARD_GRID).seconds_per_column
    gap, shortest = settings.join_gap_s / column_s, settings.min_duration_s / column_s
    numbers = np.zeros(occupied.shape, np.int32)
    strips = (
        [slice(None)] if layout.contiguous else [slice(i, i + 1) for i in range(layout.n_pages)]
    )
    count = 0
    for strip in strips:
        line = numbers[strip].reshape(-1)
        for first, stop in _runs(occupied[strip].reshape(-1), gap):
            if stop - first >= shortest:
                count += 1
                line[first:stop] = count
        numbers[strip] = line.reshape(numbers[strip].shape)
    return numbers


def _runs(line: BoolImage, gap: float) -> list[tuple[int, int]]:
    """Stretches (first, stop) of True, joined where fewer than `gap` columns lie between."""
    runs: list[tuple[int, int]] = []
    for first, stop in stretches(line):
        if runs and first - runs[-1][1] < gap:
            runs[-1] = (runs[-1][0], stop)
        else:
            runs.append((first, stop))
    return runs
