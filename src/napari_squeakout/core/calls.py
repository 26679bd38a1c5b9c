"""Masks -> calls: one row a call, in seconds and hertz, or in pixels where no scale is known."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import scipy.ndimage
from numpy.typing import NDArray

from .stacks import PAGE_PX, CallTable, Layout, MaskStack, ProbabilityStack
from .steps import Progress, Steps

#: Columns of the table for pages with a scale, and without.
SCALED_COLUMNS = [
    "call", "page", "start_s", "end_s", "duration_s", "low_hz", "high_hz", "bandwidth_hz", "mean_hz",
    "area_px", "mean_probability", "peak_probability",
]  # fmt: skip
PIXEL_COLUMNS = [
    "call", "page", "start_px", "end_px", "duration_px", "low_px", "high_px", "bandwidth_px", "mean_px",
    "area_px", "mean_probability", "peak_probability",
]  # fmt: skip


@dataclass
class _Extent:
    """What has been seen of one call so far: columns from the stack's start, rows from the page's bottom."""

    page: int
    first: int
    stop: int
    low: int
    high: int
    area: int = 0
    height: float = 0.0
    probabilities: list[float] = field(default_factory=list)
    peak: int = 0


def find_calls(masks: MaskStack, probabilities: ProbabilityStack | None = None) -> Steps[CallTable]:
    """Measure every call.

    Parameters
    ----------
    masks : MaskStack
        Numbered calls. On contiguous pages a number is one call, across page borders too; on
        independent images a number on two images is two calls.
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
    extents: dict[tuple[int, int], _Extent] = {}
    for index in range(layout.n_pages):
        labels = np.asarray(masks.labels[index])
        values = None if probabilities is None else np.asarray(probabilities.values[index])
        _measure_page(labels, values, index, layout, extents)
        yield Progress(index + 1, layout.n_pages, "pages")
    columns = PIXEL_COLUMNS if layout.grid is None else SCALED_COLUMNS
    in_time = sorted(extents.items(), key=lambda item: (item[1].page, item[1].first, item[0]))
    rows = [(number, *_row(extent, layout)) for (number, _), extent in in_time]
    table = pd.DataFrame(rows, columns=columns)
    if layout.page_names:
        table["image"] = [layout.page_names[page] for page in table["page"]]
    return table


def _measure_page(
    labels: NDArray[np.integer],
    values: NDArray[np.uint8] | None,
    index: int,
    layout: Layout,
    extents: dict[tuple[int, int], _Extent],
) -> None:
    """Add one page's part of each call to `extents`."""
    if not labels.any():
        return
    before = index * PAGE_PX if layout.contiguous else 0
    lowest = int(labels[labels > 0].min())
    # Late pages hold high numbers only: counting from the page's lowest keeps the search short.
    boxes = scipy.ndimage.find_objects(np.where(labels > 0, labels - lowest + 1, 0))
    for number, box in enumerate(boxes, start=lowest):
        if box is None:
            continue
        inside = labels[box] == number
        rows, columns = box
        low, high = PAGE_PX - rows.stop, PAGE_PX - rows.start
        key = (number, 0 if layout.contiguous else index)
        extent = extents.setdefault(key, _Extent(index, before + columns.start, 0, low, high))
        extent.stop = before + columns.stop
        extent.low, extent.high = min(extent.low, low), max(extent.high, high)
        area = int(inside.sum())
        extent.area += area
        from_top = np.arange(rows.start, rows.stop) + 0.5
        extent.height += float(inside.sum(axis=1) @ (PAGE_PX - from_top))
        if values is not None:
            part = values[box][inside]
            extent.probabilities.append(float(part.sum(dtype=np.int64)))
            extent.peak = max(extent.peak, int(part.max()))


def _row(extent: _Extent, layout: Layout) -> tuple[float, ...]:
    """The measures of one call, after its number."""
    low, high, mean = extent.low, extent.high, extent.height / extent.area
    probability = (
        (sum(extent.probabilities) / extent.area / 255, extent.peak / 255)
        if extent.probabilities
        else (np.nan, np.nan)
    )
    if layout.grid is None:
        span = (extent.first, extent.stop, extent.stop - extent.first)
        return (extent.page, *span, low, high, high - low, mean, extent.area, *probability)
    grid = layout.grid
    zero_s = float(layout.starts_s[0]) if layout.contiguous and layout.starts_s is not None else 0.0
    start_s, end_s = (
        zero_s + column * grid.seconds_per_column for column in (extent.first, extent.stop)
    )
    band = tuple(grid.low_hz + px * grid.hz_per_row for px in (low, high))
    mean_hz = grid.low_hz + mean * grid.hz_per_row
    return (
        extent.page,
        start_s,
        end_s,
        end_s - start_s,
        *band,
        band[1] - band[0],
        mean_hz,
        extent.area,
        *probability,
    )
