"""A call on one page -> what sounds in each column: its peaks, and the spectrum around them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from napari_squeakout.core.morphology import BoolImage
from napari_squeakout.core.stacks import PageDecibels

Values = NDArray[np.float64]

# Two whistles are two peaks from so far apart on (rows of 244 Hz); speckle splits a line in less.
_NEAR_ROWS = 6
# A peak stands so far above the noise's mean, as the faint ends of a whistle do; noise has such
# peaks too, which make no line.
_LEAST_DB = 3.5
# What is so much fainter than a column's loudest is the splash of the window or of its end.
_BELOW_LOUDEST_DB = 38.0
# A mask may lie beside its ridge by a row or two.
_BESIDE_ROWS = 2
# The parabola's top lies within half a row of the loudest.
_HALF_ROW = 0.5
# How tonal a peak is, is told by 10 kHz up and down.
_AROUND_ROWS = 41
# Grey of a page without sound behind it, over its whole range, as decibels.
_GREY_DB = 50.0
# Where a line is white all over, its middle is the loudest: images are softened by so many rows.
_WHITE_ROWS = 2.0


@dataclass(frozen=True, kw_only=True)
class Sound:
    """A page to be measured, highest frequency first.

    Parameters
    ----------
    power_db, above_db : NDArray
        (rows, columns) dB re full scale^2 / Hz, and above the noise.
    known : NDArray
        (rows, columns) bool, where there is sound.
    low_hz, hz_per_row : float
        Lower edge of the lowest row, and a row's height.
    in_decibels : bool
        False where only grey is known: then frequencies can be measured, and levels not.
    """

    power_db: NDArray[np.floating] = field(repr=False)
    above_db: NDArray[np.floating] = field(repr=False)
    known: BoolImage = field(repr=False)
    low_hz: float
    hz_per_row: float
    in_decibels: bool = True

    def hz(self, row: Values) -> Values:
        """Frequency of (fractional) rows, at their middle."""
        return self.low_hz + (len(self.power_db) - 0.5 - row) * self.hz_per_row


def sound_of(page: PageDecibels, *, low_hz: float, high_hz: float) -> Sound:
    """The sound of a page of a recording whose band this is."""
    hz_per_row = (high_hz - low_hz) / len(page.power_db)
    above_db = page.power_db - page.floor_db
    return Sound(
        power_db=page.power_db,
        above_db=above_db,
        known=page.known,
        low_hz=low_hz,
        hz_per_row=hz_per_row,
    )


def sound_of_image(grey: NDArray[np.floating], *, low_hz: float, high_hz: float) -> Sound:
    """What an image, (rows, columns) 0..1, tells of its sound: where it is, and not how loud."""
    known = np.ones(grey.shape, bool)
    soft = scipy.ndimage.gaussian_filter1d(grey, _WHITE_ROWS, axis=0)
    db = _GREY_DB * (soft - np.median(soft))
    return Sound(
        power_db=db,
        above_db=db,
        known=known,
        low_hz=low_hz,
        hz_per_row=(high_hz - low_hz) / len(grey),
        in_decibels=False,
    )


@dataclass(frozen=True, kw_only=True)
class Peaks:
    """The peaks of a call, in order of time.

    Parameters
    ----------
    column : NDArray
        (n,) int, columns of the spectrogram from the stack's start.
    hz : NDArray
        (n,) between the rows.
    power_db, above_db : NDArray
        (n,) as in `Sound`.
    tonality : NDArray
        (n,) 0 for noise, 1 for a pure tone.
    """

    column: NDArray[np.int64]
    hz: Values
    power_db: Values
    above_db: Values
    tonality: Values

    def __len__(self) -> int:
        return len(self.column)


#: Of a call of which nothing stands out of the noise.
_NONE = np.zeros(0)
NO_PEAKS = Peaks(
    column=np.zeros(0, np.int64), hz=_NONE, power_db=_NONE, above_db=_NONE, tonality=_NONE
)


def joined(parts: list[Peaks]) -> Peaks:
    """The peaks of a call that lies on several pages."""
    names = Peaks.__annotations__
    return Peaks(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})


def on_spectrogram(mask: BoolImage, shape: tuple[int, ...]) -> BoolImage:
    """A page's mask on the spectrogram's own grid: all that it covers, and nothing lost between."""
    if mask.shape == shape:
        return mask
    rows, columns = (
        np.minimum(((np.arange(n) + 0.5) * m / n).astype(int), m - 1)
        for n, m in zip(shape, mask.shape, strict=True)
    )
    inside = mask[np.ix_(rows, columns)]
    at = [
        ((pixels + 0.5) * n / m).astype(int)
        for pixels, n, m in zip(np.nonzero(mask), shape, mask.shape, strict=True)
    ]
    inside[at[0], at[1]] = True
    return inside


def peaks_of(sound: Sound, inside: BoolImage, first_column: int) -> Peaks:
    """The peaks of a call on a page.

    Parameters
    ----------
    sound : Sound
        The page.
    inside : NDArray
        (rows, columns) bool, its mask on the same grid.
    first_column : int
        The page's first column, counted from the stack's start.
    """
    columns = np.flatnonzero(inside.any(axis=0))
    around = slice(columns[0], columns[-1] + 1)
    above_db = np.where(sound.known[:, around], sound.above_db[:, around], -np.inf)
    near = np.ones((2 * _BESIDE_ROWS + 1, 1), bool)
    reach = scipy.ndimage.binary_dilation(inside[:, around], near)
    loudest_db = np.where(reach, above_db, -np.inf).max(axis=0)
    top = scipy.ndimage.maximum_filter1d(above_db, 2 * _NEAR_ROWS + 1, axis=0, mode="nearest")
    is_peak = reach & (above_db == top) & (above_db >= _LEAST_DB)
    is_peak &= above_db > loudest_db - _BELOW_LOUDEST_DB
    column, row = np.nonzero(is_peak.T)
    power_db = np.asarray(sound.power_db[:, around], np.float64)
    row = _uphill(power_db, row, column)
    at, level_db = _between_rows(power_db, row, column)
    return Peaks(
        column=first_column + columns[0] + column,
        hz=sound.hz(at),
        power_db=level_db,
        above_db=level_db - (power_db - sound.above_db[:, around])[row, column],
        tonality=_tonality(power_db, sound.known[:, around], row, column),
    )


def _uphill(db: Values, row: NDArray[np.intp], column: NDArray[np.intp]) -> NDArray[np.intp]:
    """Rows moved to the loudest beside them: the floor is not as smooth as the top of a line."""
    beside = np.arange(-_BESIDE_ROWS, _BESIDE_ROWS + 1)
    near = np.clip(row[:, None] + beside, 0, len(db) - 1)
    best = db[near, column[:, None]].argmax(axis=1)
    uphill: NDArray[np.intp] = near[np.arange(len(row)), best]
    return uphill


def _between_rows(
    db: Values, row: NDArray[np.intp], column: NDArray[np.intp]
) -> tuple[Values, Values]:
    """Row and level of peaks, by the parabola through each and the rows beside it."""
    last = len(db) - 1
    middle = db[row, column]
    below, over = db[np.maximum(row - 1, 0), column], db[np.minimum(row + 1, last), column]
    bend = below - 2 * middle + over
    bends = (bend < 0) & (row > 0) & (row < last)
    slope = (below - over) / 2
    shift: Values = np.divide(slope, bend, out=np.zeros_like(bend), where=bends)
    shift = np.clip(shift, -_HALF_ROW, _HALF_ROW)
    return shift + row, middle - slope * shift / 2


def _tonality(
    power_db: Values, known: BoolImage, row: NDArray[np.intp], column: NDArray[np.intp]
) -> Values:
    """(n,) 1 - geometric / arithmetic mean of the power around each peak."""
    around = row[:, None] + np.arange(-_AROUND_ROWS, _AROUND_ROWS + 1)
    inside = (around >= 0) & (around < len(power_db))
    at = np.clip(around, 0, len(power_db) - 1)
    use = inside & known[at, column[:, None]]
    db = power_db[at, column[:, None]]
    count = use.sum(axis=1)
    mean_db = np.where(use, db, 0).sum(axis=1) / count
    mean = np.where(use, 10 ** (db / 10), 0).sum(axis=1) / count
    return np.asarray(1 - 10 ** (mean_db / 10) / mean)


def profile_of(sound: Sound, inside: BoolImage) -> Values:
    """(rows,) power of a call at each frequency, summed over its mask."""
    use = inside & sound.known
    return np.asarray(np.where(use, 10.0 ** (sound.power_db / 10), 0.0).sum(axis=1))
