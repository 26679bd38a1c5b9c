"""A whole recording as one small picture: dB above each row's floor; calls are found by eye.

It is looked at through windows of 1 ms, as pages are, but in a long recording through only one
every 2 ms. Whatever lasts longer than 5 ms fills at least one of them, and the loudest window of a
column is what the column shows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.recording import Recording, Samples
from napari_squeakout.core.rendering.levelling import floor_of, quiet_of
from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ, STEP, WINDOW, page_columns
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.core.steps import Progress, Steps

#: Version of what is computed here: a picture kept by another one is made anew.
VERSION = 1
#: Columns that a picture has at most, however long the recording; a page has at most so many.
MOST_COLUMNS, MOST_PER_PAGE = 4096, 128
#: Steps of a level: 0..63.75 dB above the floor fit into 8 bits.
LEVELS_PER_DB = 4

_WINDOW_S = WINDOW / SAMPLE_RATE_HZ
# Left edge of the first page: a window stands for its middle, half a step to either side.
_FIRST_S = (WINDOW - STEP) / 2 / SAMPLE_RATE_HZ
# Of the steps of a page's spectrogram one in so many is looked at, at most: 2.05 ms.
_MOST_STEPS = 4
# Read at once (1.8 s); the floor is told by these pages and as many before and after.
_PAGES_AT_ONCE = 8
# What is quiet is told block by block; every second window tells as much.
_PAGES_A_BLOCK, _EVERY = 2, 2
# Less sound around (0.2 s), or less than this share of it, tells lines that go on from calls badly.
_FEW_S, _FEW_SHARE = 0.2, 0.5

_Power = NDArray[np.float32]


@dataclass(frozen=True, eq=False, kw_only=True)
class Overview:
    """A picture of a whole recording, cut along its pages.

    Parameters
    ----------
    levels : NDArray
        (rows, columns) uint8, highest frequency first: quarters of a dB above the row's floor, the
        loudest that is seen in the column; 0 where nothing is above the floor or nothing is known.
    n_pages : int
        Of the recording: its pages end where the last column does, or before.
    pages_per_column : float
        Below 1 where a page has several columns.
    low_hz, hz_per_row : float
        Lower edge of the lowest row, and the height of each.
    """

    levels: NDArray[np.uint8]
    n_pages: int
    pages_per_column: float
    low_hz: float
    hz_per_row: float

    @property
    def high_hz(self) -> float:
        """Upper edge of the highest row."""
        return self.low_hz + len(self.levels) * self.hz_per_row


def looking_over(stack: SpectrogramStack) -> Steps[Overview]:
    """Look over a whole recording; an hour takes ten seconds or so, any length the same memory.

    Parameters
    ----------
    stack : SpectrogramStack
        All pages of a recording.

    Returns
    -------
    Overview
        At most 4096 columns, each a part of a page or several pages: an hour's are 0.9 s long. A
        call of more than 5 ms is in its column; a shorter one may fall between two windows.

    Raises
    ------
    InputError
        If the stack is not that of a recording, or a part of it cannot be read.
    """
    if stack.recording is None or stack.rendering is None:
        msg = f"{stack.layout.source}: has no time that goes on: only recordings have an overview"
        raise InputError(msg)
    look = _Look(stack.recording, stack.rendering, stack.layout.n_pages)
    levels = np.zeros((look.n_rows, look.n_columns), np.uint8)
    heard: deque[_Heard] = deque(maxlen=3)
    for part in _parts(look):
        heard.append(look.listen(part))
        if len(heard) > 1:
            look.write(levels, heard[-2], tuple(heard))
        yield Progress(part.stop, look.n_pages, "pages")
    look.write(levels, heard[-1], tuple(heard)[-2:])
    upright = np.ascontiguousarray(levels[::-1])
    return Overview(
        levels=upright,
        n_pages=look.n_pages,
        pages_per_column=look.pages_per_column,
        low_hz=look.low_hz,
        hz_per_row=look.hz_per_row,
    )


@dataclass(frozen=True, kw_only=True)
class _Part:
    """Pages `first` to `stop`: their sound, and where in it each window begins."""

    first: int
    stop: int
    samples: Samples
    starts: NDArray[np.int64]
    is_inside: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class _Heard:
    """Pages `first` to `stop`: (rows, columns) the highest power, and what tells the floor."""

    first: int
    stop: int
    peaks: _Power
    quiet: list[NDArray[np.float32]]
    n_known: int
    n_all: int


def _parts(look: _Look) -> Iterator[_Part]:
    """All pages, some at a time; the next are read while these are looked at."""
    with ThreadPoolExecutor(1, "overview") as pool:
        ahead: Future[_Part] | None = None
        for first in range(0, look.n_pages, _PAGES_AT_ONCE):
            part = ahead
            ahead = pool.submit(look.read, first, min(first + _PAGES_AT_ONCE, look.n_pages))
            if part is not None:
                yield part.result()
        if ahead is not None:
            yield ahead.result()


class _Look:
    """How a recording is looked at: where windows lie, and which column each belongs to."""

    def __init__(self, sound: Recording, settings: RenderSettings, n_pages: int) -> None:
        rate_hz = sound.sample_rate_hz
        self._sound, self.n_pages = sound, n_pages
        self._page_s = page_columns(settings) * STEP / SAMPLE_RATE_HZ
        # At the recording's own rate: bringing an hour to another takes longer than all of this.
        self._window = max(2, round(_WINDOW_S * rate_hz))
        self._taper = np.hamming(self._window).astype(np.float32)
        self._transform = scipy.fft.next_fast_len(self._window, real=True)
        self.hz_per_row = rate_hz / self._transform
        wanted = np.arange(1 + round(settings.high_hz / self.hz_per_row)) * self.hz_per_row
        self._bins = np.flatnonzero((wanted > settings.low_hz) & (wanted <= settings.high_hz))
        # Half the rate itself has no imaginary part: noise there reaches higher than elsewhere.
        self._bins = self._bins[: -1 if self._bins[-1] * 2 == self._transform else None]
        self.n_rows, self.low_hz = len(self._bins), (self._bins[0] - 0.5) * self.hz_per_row
        self._n_bins_there = int(np.count_nonzero(self._bins * 2 < self._transform))
        self._per_page = int(np.clip(MOST_COLUMNS // n_pages, 1, MOST_PER_PAGE))
        self._pages_a_column = -(-n_pages // MOST_COLUMNS)
        self.n_columns = -(-n_pages * self._per_page // self._pages_a_column)
        steps = page_columns(settings)
        every = int(np.clip(steps // self._per_page, 1, _MOST_STEPS))
        self._n_windows = steps // every

    @property
    def pages_per_column(self) -> float:
        return self._pages_a_column / self._per_page

    def read(self, first: int, stop: int) -> _Part:
        """The sound of pages `first` to `stop`."""
        n, rate_hz = (stop - first) * self._n_windows, self._sound.sample_rate_hz
        middles_s = _FIRST_S + self._page_s * (first + (np.arange(n) + 0.5) / self._n_windows)
        starts = np.rint(middles_s * rate_hz - self._window / 2).astype(np.int64)
        begin = int(starts[0])
        samples = self._sound.read(begin, int(starts[-1]) + self._window)
        is_inside = (starts >= 0) & (starts + self._window <= self._sound.n_samples)
        return _Part(
            first=first, stop=stop, samples=samples, starts=starts - begin, is_inside=is_inside
        )

    def listen(self, part: _Part) -> _Heard:
        """What some pages hold."""
        power, known = self._power(part)
        quiet, n_known = [], 0
        for first in range(0, len(power), self._n_windows * _PAGES_A_BLOCK):
            block = slice(first, first + self._n_windows * _PAGES_A_BLOCK, _EVERY)
            heard = power[block].T
            level, count = quiet_of(heard, np.broadcast_to(known[block], heard.shape))
            quiet.append(_decibels(level))
            n_known += count * _EVERY
        return _Heard(
            first=part.first,
            stop=part.stop,
            peaks=self._peaks(power),
            quiet=quiet,
            n_known=n_known,
            n_all=len(power),
        )

    def write(self, levels: NDArray[np.uint8], heard: _Heard, around: Sequence[_Heard]) -> None:
        """Put pages into the picture, above the floor that those around them tell."""
        n_known, n_all = (sum(getattr(h, name) for h in around) for name in ("n_known", "n_all"))
        quiet = [level for h in around for level in h.quiet]
        if not np.isfinite(quiet).any():
            return  # hardly anything but gates: there is no floor to be above
        known_s = n_known * self._page_s / self._n_windows
        few = known_s < _FEW_S or n_known < _FEW_SHARE * n_all
        floor = floor_of(quiet, few=few)
        above = (_decibels(heard.peaks) - floor[:, None]) * LEVELS_PER_DB
        values = np.clip(np.rint(above), 0, 255).astype(np.uint8)
        columns = np.arange(heard.first * self._per_page, heard.stop * self._per_page)
        np.maximum.at(levels[: self._n_bins_there].T, columns // self._pages_a_column, values.T)

    def _power(self, part: _Part) -> tuple[_Power, NDArray[np.bool_]]:
        """(windows, rows) power, lowest frequency first, 0 where unknown; and which are known."""
        frames = np.lib.stride_tricks.sliding_window_view(part.samples, self._window)[part.starts]
        known = part.is_inside.copy()
        if _may_be_silent(part.samples, self._window):
            known &= ~_silent(frames)
        frames *= self._taper  # indexed by an array they are a copy, of a size that counts
        spectrum = scipy.fft.rfft(frames, self._transform, axis=1, overwrite_x=True)
        there = spectrum[:, self._bins[0] : self._bins[0] + self._n_bins_there]
        power = np.square(there.real)
        power += np.square(there.imag)
        power[~known] = 0
        return power, known

    def _peaks(self, power: _Power) -> _Power:
        """(rows, columns) the highest power of each column of the pages."""
        pages = power.reshape(-1, self._n_windows, power.shape[1])
        firsts = np.arange(self._per_page) * self._n_windows // self._per_page
        peaks = np.maximum.reduceat(pages, firsts, axis=1)
        return np.ascontiguousarray(peaks.reshape(-1, power.shape[1]).T)


def _may_be_silent(samples: Samples, window: int) -> bool:
    """Whether half a window may be exact zeros in a row: two of its quarters' ends would be."""
    zeros = samples[:: window // 4] == 0
    return bool(np.any(zeros[1:] & zeros[:-1]))


def _silent(frames: Samples) -> NDArray[np.bool_]:
    """(n,) True where half a window is exact zeros in a row: gates and cuts leave them."""
    zeros = frames == 0
    half = frames.shape[1] // 2
    silent = np.zeros(len(frames), bool)
    doubtful = np.flatnonzero(np.count_nonzero(zeros, axis=1) >= half)
    sums = np.pad(np.cumsum(zeros[doubtful], axis=1), ((0, 0), (1, 0)))
    silent[doubtful] = (sums[:, half:] - sums[:, :-half] == half).any(axis=1)
    return silent


def _decibels(power: _Power) -> NDArray[np.float32]:
    """Levels; far below every floor where there is no power, and not known where that is not."""
    levels: NDArray[np.float32] = 10 * np.log10(np.maximum(power, np.float32(1e-30)))
    return levels
