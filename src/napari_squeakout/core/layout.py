"""The nouns Grid and Layout: what a pixel means, and where the pages of a stack lie."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

#: Side of a page in pixels; SqueakOut was trained at this size.
PAGE_PX = 512


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


@dataclass(frozen=True, kw_only=True)
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
