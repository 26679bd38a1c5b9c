"""Trains of equal tones, as devices make them and animals do not: which calls belong to one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.layout import PAGE_PX, Grid, Layout

from .packed_masks import PackedMask

# Of 138 false calls in 150 s of synthetic noise the bounds hold 88 and more, of 148 calls found on
# recordings 1-4 and 8 of the AMVOC set none; nor do they at a fewest of 3, or three times as wide.
#: A tone's mask is lower than this.
_HIGHEST_HZ = 4_000.0
#: Equal tones have mean frequencies and (logarithms of) lengths that differ by less than this.
_APART_HZ = 150.0
_LENGTHS_APART = 0.25
#: A part of a tone is of the train that it lies between. Its pitch is less certain, and it may be
#: longer than one of the train by a factor of this logarithm.
_OF_ONE_HZ = 400.0
_LONGER = 0.4
#: So many equal tones begin within this time before or after each of them.
_FEWEST = 5
_WITHIN_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Tones:
    """Calls that are tones of trains.

    Parameters
    ----------
    calls : NDArray
        (k,) int32 their numbers, rising.
    mean_hz : NDArray
        (k,) the mean frequency of each.
    """

    calls: NDArray[np.int32]
    mean_hz: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.calls)

    @property
    def pitches_hz(self) -> tuple[float, ...]:
        """The frequencies that they lie at, lowest first."""
        rising = np.sort(self.mean_hz)
        trains = np.split(rising, np.flatnonzero(np.diff(rising) >= _OF_ONE_HZ) + 1)
        return tuple(float(train.mean()) for train in trains if train.size)


def tones_of_trains(
    numbers: NDArray[np.int32], packed: Sequence[PackedMask], layout: Layout
) -> Tones:
    """Find the tones that come again and again at one frequency and with one length.

    Where there is such a train, shorter tones at its frequency are parts of it, too.

    Parameters
    ----------
    numbers : NDArray
        (n, 512) int32 call number of each column, from 1 in order of time.
    packed : sequence
        The pages' masks.
    layout : Layout
        Of the pages; only on those that continue each other and have a scale there are trains.
    """
    n_calls = int(numbers.max(initial=0))
    if layout.grid is None or not layout.contiguous or n_calls < _FEWEST:
        return Tones(calls=np.zeros(0, np.int32), mean_hz=np.zeros(0))
    columns = np.flatnonzero(numbers)
    firsts = np.searchsorted(numbers.reshape(-1)[columns], np.arange(1, n_calls + 1))
    height_hz, mean_hz = _heights(_profile(packed)[:, columns], firsts, layout.grid)
    onsets_s = columns[firsts] * layout.grid.seconds_per_column
    lengths: NDArray[np.float64] = np.log(np.diff(firsts, append=len(columns)))
    flat = np.flatnonzero(height_hz < _HIGHEST_HZ)
    again = flat[_come_again(onsets_s[flat], mean_hz[flat], lengths[flat])]
    return Tones(calls=(again + 1).astype(np.int32), mean_hz=mean_hz[again])


def _profile(packed: Sequence[PackedMask]) -> NDArray[np.int64]:
    """(4, columns) of each column the top row, the bottom row, the sum of rows and their number."""
    profile = np.zeros((4, len(packed), PAGE_PX), np.int64)
    profile[0] = PAGE_PX
    profile[1] = -1
    for page, bits in enumerate(packed):
        if bits is None:
            continue
        # Marks fill a small part of a page, so that only rows that hold any are unpacked.
        used = np.flatnonzero(bits.any(axis=1))
        row, column = np.nonzero(np.unpackbits(bits[used], axis=1, count=PAGE_PX))
        row = used[row]
        top, bottom, rows, area = profile[:, page]
        np.minimum.at(top, column, row)
        np.maximum.at(bottom, column, row)
        np.add.at(rows, column, row)
        np.add.at(area, column, 1)
    return profile.reshape(4, -1)


def _heights(
    profile: NDArray[np.int64], firsts: NDArray[np.intp], grid: Grid
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each call the height of its mask, and its mean frequency."""
    top = np.minimum.reduceat(profile[0], firsts)
    bottom = np.maximum.reduceat(profile[1], firsts)
    rows, area = (np.add.reduceat(line, firsts) for line in profile[2:])
    height_hz = (bottom + 1 - top) * grid.hz_per_row
    return height_hz, grid.low_hz + (PAGE_PX - 0.5 - rows / area) * grid.hz_per_row


def _come_again(
    onsets_s: NDArray[np.floating[Any]], mean_hz: NDArray[np.float64], lengths: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which tones, in order of time, are of a train: equal ones, and parts of such between them."""
    begin = np.searchsorted(onsets_s, onsets_s - _WITHIN_S)
    end = np.searchsorted(onsets_s, onsets_s + _WITHIN_S, side="right")
    around = [slice(*ends) for ends in zip(begin.tolist(), end.tolist(), strict=True)]
    again, of_one = np.zeros(len(onsets_s), bool), np.zeros(len(onsets_s), bool)
    for tone, those in enumerate(around):
        equal = np.abs(mean_hz[those] - mean_hz[tone]) < _APART_HZ
        equal &= np.abs(lengths[those] - lengths[tone]) < _LENGTHS_APART
        again[tone] = equal.sum() >= _FEWEST
    for tone, those in enumerate(around):
        near = again[those] & (np.abs(mean_hz[those] - mean_hz[tone]) < _OF_ONE_HZ)
        of_one[tone] = (near & (lengths[tone] - lengths[those] < _LONGER)).any()
    return of_one
