"""The nouns: recordings, and pages of spectrogram, probability and mask.

All are frozen and checked at birth. Axes are always (page, frequency, time); row 0 is the
highest frequency.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .settings import CleanSettings, Levels

#: Side of a page in pixels; SqueakOut was trained at this size.
PAGE_PX = 512

Samples: TypeAlias = NDArray[np.float32]
Page: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True)
class Recording:
    """One channel of sound, readable in blocks.

    Parameters
    ----------
    name : str
        What the recording is called in results.
    sample_rate_hz : int
        Samples per second.
    n_samples : int
        Length in samples.
    reader : callable
        `reader(start, stop)` gives float32 samples, full scale = 1. Must be safe to call from
        several threads.
    path : Path, optional
        File it came from.
    notes : tuple of str
        What the user should know about how it was read.
    time_expansion : float
        How many times slower than life its file plays; all else is as in life.
    """

    name: str
    sample_rate_hz: int
    n_samples: int
    reader: Callable[[int, int], Samples] = field(repr=False)
    path: Path | None = None
    notes: tuple[str, ...] = ()
    time_expansion: float = 1.0

    def __post_init__(self) -> None:
        if self.sample_rate_hz <= 0 or self.n_samples <= 0:
            msg = f"{self.name}: {self.n_samples} samples at {self.sample_rate_hz} Hz are no sound"
            raise ValueError(msg)

    @classmethod
    def from_array(
        cls, samples: NDArray[Any], *, sample_rate_hz: int, name: str = "array"
    ) -> Recording:
        """Wrap samples in memory, (n,), full scale = 1."""
        if samples.ndim != 1:
            msg = f"{name}: shape (n,) wanted, one channel, got {samples.shape}: choose a channel"
            raise ValueError(msg)
        sound = np.ascontiguousarray(samples, dtype=np.float32)
        return cls(name, sample_rate_hz, len(sound), lambda start, stop: sound[start:stop])

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.sample_rate_hz

    def read(self, start: int, stop: int) -> Samples:
        """Samples `start` to `stop`, float32; silence where that lies outside the recording."""
        overlaps = start < self.n_samples and stop > 0
        first, last = (max(start, 0), min(stop, self.n_samples)) if overlaps else (0, 0)
        inside = self.reader(first, last) if overlaps else np.zeros(0, np.float32)
        before = min(max(0, -start), stop - start)
        return np.pad(inside, (before, stop - start - before - len(inside)))


@dataclass(frozen=True)
class Grid:
    """What a pixel means.

    Parameters
    ----------
    seconds_per_column, hz_per_row : float
        Size of a pixel.
    low_hz : float
        Lower edge of the lowest row.
    """

    seconds_per_column: float
    hz_per_row: float
    low_hz: float

    def __post_init__(self) -> None:
        if self.seconds_per_column <= 0 or self.hz_per_row <= 0:
            msg = f"a pixel has a size, got {self.seconds_per_column} s x {self.hz_per_row} Hz"
            raise ValueError(msg)

    def hz(self, row_edge: float, *, rows: int = PAGE_PX) -> float:
        """Frequency at a row's upper edge; `row_edge` = `rows` is the bottom of the page."""
        return self.low_hz + (rows - row_edge) * self.hz_per_row


#: What a pixel means on the pages SqueakOut was trained on: 431 steps of 0.512 ms and 328 bins of
#: 250000 / 1024 Hz, from 45.17 kHz, on 512 x 512 pixels.
STANDARD_GRID = Grid(
    seconds_per_column=431 * 128 / 250_000 / PAGE_PX,
    hz_per_row=328 * 250_000 / 1024 / PAGE_PX,
    low_hz=184.5 * 250_000 / 1024,
)


@dataclass(frozen=True)
class Layout:
    """Where the pages of a stack lie.

    Parameters
    ----------
    source : str
        Name of the recording, folder or file.
    n_pages : int
        Number of pages.
    grid : Grid, optional
        What a pixel means; None for images of unknown scale, which are measured in pixels.
    starts_s : NDArray, optional
        (n_pages,) time of each page's left edge in the recording; None without a time axis.
    contiguous : bool
        Whether each page begins where the one before ends.
    page_names : tuple of str
        Name of each page (image stems); empty for recordings.
    source_shapes : tuple of (int, int)
        Height and width of each source image; empty for recordings.
    """

    source: str
    n_pages: int
    grid: Grid | None = None
    starts_s: NDArray[np.float64] | None = None
    contiguous: bool = False
    page_names: tuple[str, ...] = ()
    source_shapes: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        counts = {
            "page_names": len(self.page_names) or None,
            "source_shapes": len(self.source_shapes) or None,
            "starts_s": None if self.starts_s is None else len(self.starts_s),
        }
        for what, count in counts.items():
            if count not in {None, self.n_pages}:
                msg = f"{self.source}: {count} {what} for {self.n_pages} pages"
                raise ValueError(msg)
        if self.contiguous and (self.grid is None or self.starts_s is None):
            msg = f"{self.source}: contiguous pages need a grid and starts_s"
            raise ValueError(msg)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(pages, rows, columns)."""
        return (self.n_pages, PAGE_PX, PAGE_PX)

    def part(self, first: int, stop: int) -> Layout:
        """Where the pages first..stop lie.

        Raises
        ------
        ValueError
            If there are no such pages.
        """
        if not 0 <= first < stop <= self.n_pages:
            msg = (
                f"{self.source}: has {self.n_pages} pages, counted from 0: first {first} and "
                f"stop {stop} choose none or others"
            )
            raise ValueError(msg)
        return replace(
            self,
            n_pages=stop - first,
            starts_s=None if self.starts_s is None else self.starts_s[first:stop],
            page_names=self.page_names[first:stop],
            source_shapes=self.source_shapes[first:stop],
        )


def _check_pages(name: str, values: Any, layout: Layout, dtype: type) -> None:
    if tuple(values.shape) != layout.shape or not np.issubdtype(values.dtype, dtype):
        msg = (
            f"{layout.source}: {name} must be {dtype.__name__} {layout.shape}, "
            f"got {values.dtype} {tuple(values.shape)}"
        )
        raise ValueError(msg)


@dataclass(frozen=True)
class Origin:
    """The files that pages were read from, and how: enough to read them again.

    Parameters
    ----------
    kind : {"recording", "images"}
        What they are.
    files : tuple of Path
        Each once, in the order of the pages.
    settings : mapping
        Name of a settings class in small letters -> its values.
    """

    kind: Literal["recording", "images"]
    files: tuple[Path, ...]
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class PageDecibels:
    """A page of a recording on the spectrogram's own grid, whatever is shown of it.

    Parameters
    ----------
    power_db : NDArray
        (rows, columns) float32, dB re full scale^2 / Hz, highest frequency first.
    floor_db : NDArray
        (rows, columns) float32, the noise's mean power there, in the same unit.
    known : NDArray
        (rows, columns) bool, where the recording says anything.
    """

    power_db: NDArray[np.float32] = field(repr=False)
    floor_db: NDArray[np.float32] = field(repr=False)
    known: NDArray[np.bool_] = field(repr=False)


@dataclass(frozen=True)
class SpectrogramStack:
    """Pages of spectrogram.

    Parameters
    ----------
    pages : array
        (n, 512, 512) float32, 0..1; lazy (dask) where it comes from files.
    layout : Layout
        Where they lie.
    view : callable, optional
        `view(position)` makes the page-sized window that begins `position` pages into the stack;
        between two pages only where these are contiguous.
    notes : tuple of str
        What the user should know about how they were made.
    unreadable : tuple of str
        What was asked for and could not be read, one sentence each; it has no page.
    origin : Origin, optional
        Where it came from; None for pages that no file holds.
    levels : {"page", "noise"}
        What grey means on `pages`.
    views : mapping
        Of each meaning of grey that the source can give, the `view` of it.
    decibels : callable, optional
        `decibels(index)` gives the sound of a page, to be measured; None where no recording is
        behind the pages.
    sample_rate_hz : int, optional
        Of the recording that they were rendered from, as it was sampled; None for images.
    """

    pages: Any = field(repr=False)
    layout: Layout
    view: Callable[[float], Page] | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    origin: Origin | None = None
    levels: Levels = "page"
    views: Mapping[Levels, Callable[[float], Page]] = field(default_factory=dict, repr=False)
    decibels: Callable[[int], PageDecibels] | None = field(default=None, repr=False)
    sample_rate_hz: int | None = None

    def __post_init__(self) -> None:
        _check_pages("pages", self.pages, self.layout, np.floating)

    def page(self, index: int) -> Page:
        """One page, (512, 512) float32, computed if need be."""
        # Past dask, whose graph of a long stack takes longer to search than a page to render.
        page = self.pages[index] if self.view is None else self.view(float(index))
        return np.asarray(page, dtype=np.float32)

    def part(self, first: int, stop: int) -> SpectrogramStack:
        """The pages first..stop as a stack of their own.

        Raises
        ------
        ValueError
            If there are no such pages.
        """
        if (first, stop) == (0, self.layout.n_pages):
            return self
        return replace(
            self,
            layout=self.layout.part(first, stop),
            pages=self.pages[first:stop],
            view=None if self.view is None else _view_from(self.view, first),
            views={levels: _view_from(view, first) for levels, view in self.views.items()},
            decibels=None if self.decibels is None else _decibels_from(self.decibels, first),
        )


def _view_from(view: Callable[[float], Page], first: int) -> Callable[[float], Page]:
    """A view of a part, whose positions count from the part's first page."""
    return lambda position: view(position + first)


def _decibels_from(
    decibels: Callable[[int], PageDecibels], first: int
) -> Callable[[int], PageDecibels]:
    """The sound of a part, whose pages count from the part's first."""
    return lambda index: decibels(index + first)


@dataclass(frozen=True)
class ProbabilityStack:
    """What the network said; a new threshold never needs the network again.

    Parameters
    ----------
    values : array
        (n, 512, 512) uint8; probability = value / 255.
    layout : Layout
        Where the pages lie.
    model : str
        Fingerprint of the model that made them.
    """

    values: Any = field(repr=False)
    layout: Layout
    model: str = ""

    def __post_init__(self) -> None:
        _check_pages("probabilities", self.values, self.layout, np.uint8)


@dataclass(frozen=True)
class MaskStack:
    """Which pixels belong to which call.

    Parameters
    ----------
    labels : array
        (n, 512, 512) int32; 0 is background, 1.. are calls, each number used once in the stack
        (`told_apart` sees to it where others wrote them).
    layout : Layout
        Where the pages lie.
    settings : CleanSettings, optional
        What made them; None for masks drawn by hand or read from files.
    """

    labels: Any = field(repr=False)
    layout: Layout
    settings: CleanSettings | None = None

    def __post_init__(self) -> None:
        _check_pages("labels", self.labels, self.layout, np.integer)


#: One row a call; columns in core/detection/calls.py.
CallTable: TypeAlias = pd.DataFrame
