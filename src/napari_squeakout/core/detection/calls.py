"""Masks -> calls: one row a call, in seconds and hertz, or in pixels where no scale is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from skimage.measure import regionprops

from napari_squeakout.core.layout import PAGE_PX, Grid, Layout
from napari_squeakout.core.stacks import CallTable, MaskStack, ProbabilityStack
from napari_squeakout.core.steps import Progress, Steps

from .numbering import Pieces

#: Columns of the table for pages with a scale, and without.
SCALED_COLUMNS = [
    "call", "page", "start_s", "end_s", "duration_s", "low_hz", "high_hz", "bandwidth_hz",
    "mean_hz", "area_px", "mean_probability", "peak_probability",
]  # fmt: skip
PIXEL_COLUMNS = [
    "call", "page", "start_px", "end_px", "duration_px", "low_px", "high_px", "bandwidth_px",
    "mean_px", "area_px", "mean_probability", "peak_probability",
]  # fmt: skip

# Without a scale, everything is measured in pixels.
_PIXELS = Grid(1.0, 1.0, 0.0)


@dataclass(kw_only=True)
class _Extent:
    """What has been seen of one call: columns from the stack's start, rows from the bottom."""

    page: int
    first: int
    stop: int
    low: int
    high: int
    probability: float
    peak: float
    area: int = 0
    height: float = 0.0


def finding_calls(
    masks: MaskStack, probabilities: ProbabilityStack | None = None
) -> Steps[CallTable]:
    """Measure every call.

    Parameters
    ----------
    masks : MaskStack
        Numbered calls. On contiguous pages a number is one call, across page borders too; its
        pieces on pages that do not touch in time are calls of their own, under new numbers (see
        `telling_apart`, which gives the masks them as well). On independent images a number on two
        images is two calls.
    probabilities : ProbabilityStack, optional
        For the columns `mean_probability` and `peak_probability`; empty without.

    Yields
    ------
    Progress
        After every page.

    Returns
    -------
    DataFrame
        One row a call, in order of time. `page` counts from 0 and is where the call begins; times
        count from the recording's start, or from the image's left edge; `low` and `high` are the
        mask's edges, in pixels counted from the bottom of the 512-px page. Images have their name
        in a column `image` after the fixed ones.
    """
    layout = masks.layout
    extents: dict[int, _Extent] = {}
    pieces = Pieces(layout, masks.settings)
    for index in range(layout.n_pages):
        labels = np.asarray(masks.labels[index])
        values = None if probabilities is None else np.asarray(probabilities.values[index])
        _measure_page(labels, values, index, (layout, pieces), extents)
        yield Progress(index + 1, layout.n_pages, "pages")
    columns = PIXEL_COLUMNS if layout.grid is None else SCALED_COLUMNS
    numbered = zip(pieces.numbers(), (extents[call] for call in sorted(extents)), strict=True)
    in_time = sorted(numbered, key=lambda item: (item[1].page, item[1].first, item[0]))
    rows = [(number, *_row(extent, layout)) for number, extent in in_time]
    table = pd.DataFrame(rows, columns=columns)
    if layout.grid is None:
        table = table.astype(dict.fromkeys(PIXEL_COLUMNS[2:8], int))
    if layout.page_names:
        table["image"] = [layout.page_names[page] for page in table["page"]]
    return table


def _measure_page(
    labels: NDArray[np.integer],
    values: NDArray[np.uint8] | None,
    index: int,
    known: tuple[Layout, Pieces],
    extents: dict[int, _Extent],
) -> None:
    """Add one page's part of each call to `extents`."""
    layout, pieces = known
    before = index * PAGE_PX if layout.contiguous else 0
    for part in regionprops(labels, intensity_image=values):  # type: ignore[no-untyped-call]
        top, left, bottom, right = part.bbox
        low, high = PAGE_PX - bottom, PAGE_PX - top
        key = pieces.place(part.label, index, left, right)
        unknown = 0.0 if values is not None else np.nan
        new = _Extent(
            page=index,
            first=before + left,
            stop=0,
            low=low,
            high=high,
            probability=unknown,
            peak=unknown,
        )
        extent = extents.setdefault(key, new)
        extent.stop = before + right
        extent.low, extent.high = min(extent.low, low), max(extent.high, high)
        area = int(part.area)
        extent.area += area
        # Rows are counted by their centres, from the bottom.
        extent.height += area * (PAGE_PX - 0.5 - float(part.centroid[0]))
        if values is not None:
            extent.probability += area * float(part.intensity_mean) / 255
            extent.peak = max(extent.peak, float(part.intensity_max) / 255)


def _row(extent: _Extent, layout: Layout) -> tuple[float, ...]:
    """The measures of one call, after its number."""
    grid = layout.grid or _PIXELS
    zero_s = float(layout.starts_s[0]) if layout.contiguous and layout.starts_s is not None else 0.0
    start, end = (zero_s + px * grid.seconds_per_column for px in (extent.first, extent.stop))
    height = extent.height / extent.area
    low, high, mean = (
        grid.low_hz + px * grid.hz_per_row for px in (extent.low, extent.high, height)
    )
    probability = extent.probability / extent.area
    return (
        extent.page, start, end, end - start, low, high, high - low, mean,
        extent.area, probability, extent.peak,
    )  # fmt: skip
