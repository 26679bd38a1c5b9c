"""Probabilities and settings -> masks; pure, page by page."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.morphology import (
    KERNEL_ROWS,
    BoolImage,
    fill_holes,
    segments_by_size,
    thin_borders,
)
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.stacks import (
    PAGE_PX,
    STANDARD_GRID,
    Grid,
    Layout,
    MaskStack,
    ProbabilityStack,
)
from napari_squeakout.core.steps import Progress, Steps


def clean(
    probabilities: ProbabilityStack, settings: CleanSettings | None = None
) -> Steps[MaskStack]:
    """Turn probabilities into numbered calls.

    Parameters
    ----------
    probabilities : ProbabilityStack
        What the network said.
    settings : CleanSettings, optional
        Threshold, thinning, sizes, gaps and band.

    Yields
    ------
    Progress
        After every page.

    Returns
    -------
    MaskStack
        Labels are unpacked page by page, so that an hour of masks need not be in memory.

    Raises
    ------
    ValueError
        If a band is asked for and the pages have no frequency scale.
    """
    settings = settings or CleanSettings()
    layout = probabilities.layout
    packed = []
    occupied = np.zeros((layout.n_pages, PAGE_PX), bool)
    for index in range(layout.n_pages):
        mask = clean_page(_with_neighbours(probabilities, index), settings, layout.grid)
        occupied[index] = mask.any(axis=0)
        packed.append(np.packbits(mask, axis=1) if occupied[index].any() else None)
        yield Progress(index + 1, layout.n_pages, "pages")
    labels = NumberedPages(packed, number_columns(occupied, settings, layout))
    return MaskStack(labels, layout, settings)


class NumberedPages:
    """Labels that take a few bytes a page until one is looked at; indexed like an array.

    Parameters
    ----------
    packed : list
        Of each page the mask as bits, (512, 64) uint8, or None where it is empty.
    numbers : NDArray
        (n, 512) int32 call number of each column.
    """

    dtype = np.dtype(np.int32)
    ndim = 3

    def __init__(self, packed: list[NDArray[np.uint8] | None], numbers: NDArray[np.int32]) -> None:
        self._packed, self._numbers = packed, numbers

    @property
    def shape(self) -> tuple[int, int, int]:
        """(pages, rows, columns)."""
        return (len(self), PAGE_PX, PAGE_PX)

    def __len__(self) -> int:
        return len(self._packed)

    def __getitem__(self, key: Any) -> NDArray[np.int32]:
        """One page by its number; anything else makes all of them."""
        if not isinstance(key, int | np.integer):
            return np.array(np.asarray(self)[key], np.int32)
        bits = self._packed[key]
        if bits is None:
            return np.zeros((PAGE_PX, PAGE_PX), np.int32)
        mask = np.unpackbits(bits, axis=1, count=PAGE_PX)
        page: NDArray[np.int32] = np.multiply(mask, self._numbers[key], dtype=np.int32)
        return page

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """All pages."""
        pages = [self[index] for index in range(len(self))]
        full = np.stack(pages) if pages else np.zeros(self.shape, np.int32)
        return full if dtype is None else full.astype(dtype)


def clean_page(
    values: NDArray[np.uint8], settings: CleanSettings, grid: Grid | None = None
) -> BoolImage:
    """Clean one page.

    Parameters
    ----------
    values : NDArray
        (512, 512) uint8 probabilities, or (512, 1536) with the pages before and after, so that
        sizes and holes on a border are judged whole.
    settings : CleanSettings
        What to keep.
    grid : Grid, optional
        What a pixel means; needed for a band.

    Returns
    -------
    NDArray
        (512, 512) bool; the middle page.
    """
    mask = values > settings.threshold * 255
    _limit_band(mask, settings, grid)
    width = mask.shape[1]
    middle = slice(PAGE_PX, 2 * PAGE_PX) if width == 3 * PAGE_PX else slice(0, width)
    box = _box_that_counts(mask, middle)
    inside = mask[box]
    cleaned = np.zeros_like(mask)
    if inside.any():
        for _ in range(settings.erosion_iterations):
            inside = thin_borders(inside)
        inside = fill_holes(inside, settings.fill_holes_px)
        cleaned[box] = _keep_segments(inside, values[box], settings)
    return cleaned[:, middle]


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
    edges = np.flatnonzero(np.diff(line.astype(np.int8), prepend=0, append=0))
    runs: list[tuple[int, int]] = []
    for first, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if runs and first - runs[-1][1] < gap:
            runs[-1] = (runs[-1][0], stop)
        else:
            runs.append((first, stop))
    return runs


def _with_neighbours(probabilities: ProbabilityStack, index: int) -> NDArray[np.uint8]:
    """A page with those before and after it, where they continue it; empty ones past the ends."""
    if not probabilities.layout.contiguous:
        return np.asarray(probabilities.values[index])
    around = range(index - 1, index + 2)
    nothing = np.zeros((PAGE_PX, PAGE_PX), np.uint8)
    inside = range(probabilities.layout.n_pages)
    return np.hstack(
        [np.asarray(probabilities.values[i]) if i in inside else nothing for i in around]
    )


def _limit_band(mask: BoolImage, settings: CleanSettings, grid: Grid | None) -> None:
    """Empty the rows outside the band, in place."""
    if settings.keep_low_hz is None and settings.keep_high_hz is None:
        return
    if grid is None:
        msg = (
            "a band in Hz needs images of known scale: "
            "set image_span_s, image_low_hz and image_high_hz"
        )
        raise ValueError(msg)
    centres_hz = grid.low_hz + (PAGE_PX - 0.5 - np.arange(PAGE_PX)) * grid.hz_per_row
    mask[centres_hz < (settings.keep_low_hz or 0)] = False
    mask[centres_hz > (settings.keep_high_hz or np.inf)] = False


def _box_that_counts(mask: BoolImage, middle: slice) -> tuple[slice, slice]:
    """Rows and columns outside which nothing bears on the middle page; saves most of the work.

    No segment and no hole reaches across an empty column.
    """
    empty = np.flatnonzero(~mask.any(axis=0))
    before, after = empty[empty < middle.start], empty[empty >= middle.stop]
    first = int(before[-1]) if before.size else 0
    stop = int(after[0]) + 1 if after.size else mask.shape[1]
    rows = np.flatnonzero(mask[:, first:stop].any(axis=1))
    columns = first + np.flatnonzero(mask[:, first:stop].any(axis=0))
    return _with_margin(rows, mask.shape[0]), _with_margin(columns, mask.shape[1])


def _with_margin(occupied: NDArray[np.intp], size: int) -> slice:
    """From the first to the last, with room for the kernel."""
    if not occupied.size:
        return slice(0, 0)
    first, last = int(occupied[0]), int(occupied[-1])
    return slice(max(0, first - KERNEL_ROWS), min(size, last + KERNEL_ROWS + 1))


def _keep_segments(
    mask: BoolImage, values: NDArray[np.uint8], settings: CleanSettings
) -> BoolImage:
    """Keep segments that are large enough and somewhere sure enough."""
    labels, keep = segments_by_size(mask, settings.min_area_px)
    if settings.min_peak_probability > settings.threshold:
        is_sure = np.zeros(len(keep), bool)
        is_sure[labels[values > settings.min_peak_probability * 255]] = True
        keep &= is_sure
    kept: BoolImage = keep[labels]
    return kept
