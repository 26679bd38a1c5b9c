"""Probabilities and settings -> masks; pure, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.layout import PAGE_PX, Grid
from napari_squeakout.core.morphology import (
    KERNEL_ROWS,
    BoolImage,
    fill_holes,
    segments_by_size,
    thin_borders,
)
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.stacks import CleanedStack, ProbabilityStack
from napari_squeakout.core.steps import Progress, Steps

from .call_columns import number_calls
from .packed_masks import NumberedPages, PackedMask, packed_mask


def is_call(values: NDArray[np.uint8], threshold: float) -> BoolImage:
    """Which pixels belong to a call, of any shape: those with a probability above the threshold.

    Parameters
    ----------
    values : NDArray
        uint8 probabilities, 255 = certain.
    threshold : float
        0..1; what lies exactly at it belongs to none.
    """
    above: BoolImage = values > threshold * 255
    return above


def cleaning_pages(
    probabilities: ProbabilityStack, settings: CleanSettings | None = None
) -> Steps[CleanedStack]:
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
    CleanedStack
        Labels are unpacked page by page, so that an hour of masks need not be in memory.

    Raises
    ------
    ValueError
        If a band is asked for and the pages have no frequency scale.
    """
    settings = settings or CleanSettings()
    layout = probabilities.layout
    packed = []
    for index, bits in cleaned_pages(probabilities, settings):
        packed.append(bits)
        yield Progress(index + 1, layout.n_pages, "pages")
    numbered = number_calls(packed, settings, layout)
    pages = NumberedPages(packed, numbered.columns)
    return CleanedStack(pages, layout, settings, numbered.notes)


def cleaned_pages(
    probabilities: ProbabilityStack,
    settings: CleanSettings,
    *,
    skip: Callable[[int], bool] | None = None,
) -> Iterator[tuple[int, PackedMask]]:
    """Clean the pages of a stack one by one, each in view of those beside it.

    Parameters
    ----------
    probabilities : ProbabilityStack
        What the network said.
    settings : CleanSettings
        What to keep.
    skip : callable, optional
        Asked of every page right before it is read; one that it says yes to is not cleaned and
        comes out empty. Those beside it are cleaned in view of its probabilities all the same.

    Yields
    ------
    tuple
        Index of the page, and its mask as bits.
    """
    for index in range(probabilities.layout.n_pages):
        if skip is not None and skip(index):
            yield index, None
            continue
        mask = cleaned_page(probabilities, index, settings)
        yield index, packed_mask(mask)


def cleaned_page(probabilities: ProbabilityStack, index: int, settings: CleanSettings) -> BoolImage:
    """One page of a stack, (512, 512) bool, cleaned in view of those beside it."""
    values = np.asarray(probabilities.values[index])
    # Three pages cost three times as much, and most show what one does: no segment and no hole
    # reaches across an empty column, and thinning and filling never fill one. So where the first
    # and the last column of a page hold nothing, nothing beyond them bears on it.
    at_edge = is_call(values[:, [0, -1]], settings.threshold).any()
    if at_edge and probabilities.layout.contiguous:
        values = _with_neighbours(probabilities, index)
    return clean_page(values, settings, probabilities.layout.grid)


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
    mask = is_call(values, settings.threshold)
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


def _with_neighbours(probabilities: ProbabilityStack, index: int) -> NDArray[np.uint8]:
    """A page with those before and after it, which continue it; empty ones past the ends."""
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
        is_sure[labels[is_call(values, settings.min_peak_probability)]] = True
        keep &= is_sure
    kept: BoolImage = keep[labels]
    return kept
