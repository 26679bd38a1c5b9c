"""Pages levelled by the noise: decibels above each row's floor, which is tracked over seconds.

A level means the same on every page of every recording: lines that go on and a sloped floor are
gone, a loud click darkens nothing, and overlapping windows agree pixel by pixel. Where nothing is
known (exact zeros, past the ends, above the recording's own Nyquist) there is no level; such parts
are filled with noise of the usual texture, so that they have no edge.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray
from PIL import Image

from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.recording import Recording, Samples
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.stacks import Page, PageDecibels

from .kept_blocks import KeptBlocks
from .spectrogram import SAMPLE_RATE_HZ, STEP, WINDOW, in_passband, page_columns, power_db

Decibels = NDArray[np.float32]

#: Black and white of a levelled page, in dB above the floor, which is the noise's mean power.
LOWEST_DB, HIGHEST_DB = -15.0, 35.0
_LEVELS_DB, _GREYS = (LOWEST_DB, HIGHEST_DB), (0.0, 1.0)

# A row's quiet seventh is left alone by calls and their echoes unless these fill all but that of a
# block; of the blocks around it, those of the quieter third then say what the floor is.
QUIET_SHARE, _QUIET_BLOCKS = 0.15, 0.35
# The power of Gaussian noise is exponentially distributed: its mean lies so far above that.
_MEAN_ABOVE_QUIET_DB = float(-10 * np.log10(-np.log1p(-QUIET_SHARE)))
# Blocks as long as a page, eight before and eight after: 3.75 s of the usual pages.
_BLOCKS_AROUND = 8
# A page looks nine blocks ahead for its floor. Where the page before it has been made, the one that
# far behind is there.
_IN_TURN = _BLOCKS_AROUND + 3
# Neighbouring columns share half of their sound: every second one tells as much.
_EVERY = 2
# With less sound than this around (0.2 s), or where less than this share of the time is known, as
# between the zeros of a gate that leaves hardly more than calls, nothing tells a flat call from a
# line that goes on: a row's floor may then lie only so far above that of the rows around (15 kHz).
_FEW_COLUMNS, _FEW_SHARE, _LINE_DB, _AROUND_ROWS = 390, 0.5, 3.0, 61
# Fewer columns say nothing about a row.
_LEAST_COLUMNS = 8
# So many exact zeros in a row (half a window) are no sound: gates, triggers and cuts leave them.
_ZEROS = WINDOW // 2
# Blocks whose figures are kept (15 minutes, 11 MB).
_KEPT_BLOCKS = 4096
# Spectrograms of blocks that are kept, in bytes: 29 usual ones. With 18, each block is transformed
# once while pages are made in turn.
_KEPT_SPECTRA = 2**24
# Columns read beyond a window's edges, for the interpolation to see.
_BESIDE = 2


class Levelled:
    """A recording as one long levelled spectrogram, any part of which may be looked at.

    Parameters
    ----------
    sound : Recording
        At 250 kHz.
    settings : RenderSettings
        Band and page length.
    nyquist_hz : float
        Half the rate at which it was recorded: above it nothing is known.
    """

    def __init__(self, sound: Recording, settings: RenderSettings, nyquist_hz: float) -> None:
        self._sound, self._settings = sound, settings
        self._in_band = in_passband(settings, nyquist_hz)
        self._n_columns = (sound.n_samples - WINDOW) // STEP + 1
        self._block = page_columns(settings)
        self._n_blocks = -(-self._n_columns // self._block)
        at_once = max(1, _KEPT_SPECTRA // (4 * len(self._in_band) * self._block))
        self._spectra = KeptBlocks(self._transformed, at_once)
        self._quiet = KeptBlocks(self._quiet_of, _KEPT_BLOCKS)
        self._floors = KeptBlocks(self._block_floor, _KEPT_BLOCKS)

    def window(self, position: float) -> Page:
        """The page-sized window that begins `position` pages into the recording, (512, 512)."""
        left = position * self._block
        first = int(np.floor(left)) - _BESIDE
        stop = int(np.ceil(left + self._block)) + _BESIDE
        return page_of_levels(self.levels_db(first, stop), left - first, self._block)

    def known(self, position: float) -> NDArray[np.bool_]:
        """(512, 512) True where the window that begins there shows levels, not a filling."""
        left = position * self._block
        first, stop = int(np.floor(left)), int(np.ceil(left + self._block))
        samples = self._sound.read(first * STEP, (stop - 1) * STEP + WINDOW)
        # What is beside a filling is blended with it when the page is enlarged.
        known = scipy.ndimage.binary_erosion(
            self._known(samples, first, stop), np.ones((3, 3)), border_value=1
        )
        share = (np.arange(PAGE_PX) + 0.5) / PAGE_PX
        columns = (left - first + share * self._block).astype(int)
        rows = (share * len(known)).astype(int)
        whole: NDArray[np.bool_] = known[rows[:, None], columns[None, :]]
        return whole

    def levels_db(self, first: int, stop: int) -> Decibels:
        """(rows, columns) dB above the floor, of spectrogram columns `first` to `stop`."""
        db, known = self._spectrogram(first, stop)
        levels = db - self._floor_db(first, stop)
        return np.where(known, levels, _texture_db(first, stop, self._settings))

    def decibels(self, index: int) -> PageDecibels:
        """A page's power and the floor it stands on, column by column, nothing smoothed."""
        first = index * self._block
        power_db, known = self._spectrogram(first, first + self._block)
        return PageDecibels(power_db, self._floor_db(first, first + self._block), known)

    def _spectrogram(self, first: int, stop: int) -> tuple[Decibels, NDArray[np.bool_]]:
        """Levels in dB re full scale, and where they are known, (rows, columns) each."""
        blocks = range(first // self._block, (stop - 1) // self._block + 1)
        parts = [self._spectra[block] for block in blocks]
        here = slice(first - blocks[0] * self._block, stop - blocks[0] * self._block)
        if len(parts) == 1:
            db, in_time = parts[0]
        else:
            db = np.concatenate([part for part, _ in parts], axis=1)
            in_time = np.concatenate([part for _, part in parts])
        return db[:, here], self._in_band[:, None] & in_time[None, here]

    def _transformed(self, block: int) -> tuple[Decibels, NDArray[np.bool_]]:
        """(rows, columns) levels of a block, and (columns,) where there is sound."""
        first = block * self._block
        stop = first + self._block
        samples = self._sound.read(first * STEP, (stop - 1) * STEP + WINDOW)
        db = power_db(samples, self._settings)
        db.flags.writeable = False  # many get to see it
        return db, self._in_time(samples, first, stop)

    def _known(self, samples: Samples, first: int, stop: int) -> NDArray[np.bool_]:
        return self._in_band[:, None] & self._in_time(samples, first, stop)[None, :]

    def _in_time(self, samples: Samples, first: int, stop: int) -> NDArray[np.bool_]:
        columns = np.arange(first, stop)
        inside = (columns >= 0) & (columns < self._n_columns)
        return np.asarray(inside & ~silent_columns(samples))

    def _floor_db(self, first: int, stop: int) -> Decibels:
        """(rows, columns) the noise's mean power, between the middles of blocks on a line."""
        at = np.clip((np.arange(first, stop) + 0.5) / self._block - 0.5, 0, self._n_blocks - 1)
        before = np.floor(at).astype(int)
        share = (at - before).astype(np.float32)
        blocks = {int(b): self._floors[int(b)] for b in {*before, *np.ceil(at).astype(int)}}
        low = np.stack([blocks[b] for b in before], axis=1)
        high = np.stack([blocks[b] for b in np.ceil(at).astype(int)], axis=1)
        floor: Decibels = low + share * (high - low)
        return floor

    def _block_floor(self, block: int) -> Decibels:
        """(rows,) floor around the middle of a block."""
        first = max(0, block - _BLOCKS_AROUND)
        stop = min(self._n_blocks, block + _BLOCKS_AROUND + 1)
        parts = [self._quiet[b] for b in range(first, stop)]
        known = sum(count for _, count in parts)
        all_ = min(stop * self._block, self._n_columns) - first * self._block
        few = known < _FEW_COLUMNS or known < _FEW_SHARE * all_
        return floor_of([quiet for quiet, _ in parts], few=few)

    def _quiet_of(self, block: int) -> tuple[Decibels, int]:
        """(rows,) level of a block's quiet share, nan where unknown, and its known columns."""
        first = block * self._block
        stop = min(first + self._block, self._n_columns)
        if block - _IN_TURN in self._spectra:  # this one will be looked at too
            return quiet_of(*self._spectrogram(first, stop))
        samples = self._sound.read(first * STEP, (stop - 1) * STEP + WINDOW)
        known = self._known(samples, first, stop)
        # Columns that are passed over anyway are not made: a page far from those seen before waits
        # for seventeen blocks.
        every = _passed_over(stop - first) if known.any(axis=0).all() else 1
        return quiet_of(power_db(samples, self._settings, every=every), known, every=every)


def quiet_of(db: Decibels, known: NDArray[np.bool_], *, every: int = 1) -> tuple[Decibels, int]:
    """(rows,) level of the quiet share of each row, nan where unknown; and the known columns.

    `db` may hold only the first of so many columns, where all are known.
    """
    columns = known.any(axis=0)
    count = int(np.count_nonzero(columns))
    level = np.full(len(db), np.nan, np.float32)
    if count >= _LEAST_COLUMNS:
        heard = db[:, columns][:, :: _passed_over(count)] if every == 1 else db
        rank = int(QUIET_SHARE * heard.shape[1])
        rows = known.any(axis=1)
        level[rows] = np.partition(heard[rows], rank, axis=1)[:, rank]
    return level, count


def _passed_over(n_columns: int) -> int:
    """Of how many columns the first is enough."""
    return _EVERY if n_columns > _FEW_COLUMNS // 2 else 1


def floor_of(quiet: list[Decibels], *, few: bool) -> Decibels:
    """(rows,) mean power of the noise, from the quiet shares of blocks; 0 where unknown.

    Where it is told by few columns, calls may fill them: no row then lies far above the others.
    """
    levels = np.stack(quiet)
    known = np.isfinite(levels).any(axis=0)
    floor = np.zeros(levels.shape[1], np.float32)
    if known.any():
        blocks = np.sort(levels[:, known], axis=0)  # nan last
        rank = (_QUIET_BLOCKS * (np.isfinite(blocks).sum(axis=0) - 1)).astype(int)
        floor[known] = np.take_along_axis(blocks, rank[None], axis=0)[0]
        if few:
            around = scipy.ndimage.median_filter(floor[known], _AROUND_ROWS, mode="nearest")
            floor[known] = np.minimum(floor[known], around + _LINE_DB)
        floor[known] += _MEAN_ABOVE_QUIET_DB
    return floor


def grey_of_db(level_db: float) -> float:
    """Grey on a levelled page, 0..1, of a level in dB above the floor."""
    return float(np.interp(level_db, _LEVELS_DB, _GREYS))


def db_of_grey(grey: float) -> float:
    """Level in dB above the floor of a grey, 0..1; black and white stand for all beyond."""
    return float(np.interp(grey, _GREYS, _LEVELS_DB))


def page_of_levels(levels_db: Decibels, left: float = 0.0, columns: float | None = None) -> Page:
    """Grey page of levels above the floor.

    Parameters
    ----------
    levels_db : NDArray
        (rows, columns) dB, highest frequency first.
    left, columns : float
        The part that becomes the page; by default all of it.

    Returns
    -------
    NDArray
        (512, 512) float32, 0..1 in steps of 1/255: -15 dB is black, 35 dB is white.
    """
    rows, width = levels_db.shape
    right = width if columns is None else left + columns
    grey = np.clip((levels_db - LOWEST_DB) / (HIGHEST_DB - LOWEST_DB), 0, 1).astype(np.float32)
    image = Image.fromarray(grey).resize(
        (PAGE_PX, PAGE_PX), Image.Resampling.BICUBIC, box=(left, 0, right, rows)
    )
    levelled: Page = np.rint(255 * np.clip(np.asarray(image), 0, 1)) / np.float32(255)
    return levelled


def silent_columns(samples: Samples) -> NDArray[np.bool_]:
    """(columns,) True where a column's window holds so many exact zeros in a row."""
    zeros = np.concatenate([[0], np.cumsum(samples == 0)])
    runs = (zeros[_ZEROS:] - zeros[:-_ZEROS]) == _ZEROS  # of those that begin at each sample
    inside = np.lib.stride_tricks.sliding_window_view(runs, WINDOW - _ZEROS + 1)[::STEP]
    return np.asarray(inside.any(axis=1))


def _texture_db(first: int, stop: int, settings: RenderSettings) -> Decibels:
    """(rows, columns) what white noise looks like, above its mean power; repeats itself."""
    texture = _texture(settings.low_hz, settings.high_hz)
    return texture[:, np.arange(first, stop) % texture.shape[1]]


@lru_cache(maxsize=4)
def _texture(low_hz: float, high_hz: float) -> Decibels:
    """Noise for parts that are not known, 0.5 s of it."""
    columns = 1000
    noise = np.random.default_rng(0).standard_normal((columns - 1) * STEP + WINDOW)
    settings = RenderSettings(low_hz=low_hz, high_hz=high_hz)
    db = power_db(noise.astype(np.float32), settings)
    return np.asarray(db - 10 * np.log10(2 / SAMPLE_RATE_HZ), np.float32)
