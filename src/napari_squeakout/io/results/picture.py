"""A picture of a result: the pages with most calls, outlined."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import binary_dilation

from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.stacks import CallTable, MaskStack, SpectrogramStack
from napari_squeakout.io.files import atomic_file

_MOST_PAGES, _COLUMNS = 8, 4
_GAP, _CAPTION = 12, 28
_OUTLINE = (255, 106, 61)
_PAPER, _INK = (24, 26, 31), (222, 225, 230)


def write_picture(
    stack: SpectrogramStack,
    masks: MaskStack,
    calls: CallTable,
    path: str | Path,
    *,
    without: Collection[int] = (),
) -> None:
    """Write a sheet of up to eight pages, in order of time, those with most calls.

    Parameters
    ----------
    stack : SpectrogramStack
        What was looked at.
    masks : MaskStack
        What was found.
    calls : DataFrame
        The table of `masks`; says which pages have most calls.
    path : str or Path
        PNG to write.
    without : collection of int
        Pages that nobody has looked for calls on: shown, they would look empty.
    """
    looked_at = [page for page in range(stack.layout.n_pages) if page not in without]
    pages = _pages_to_show(calls, looked_at)
    columns = min(_COLUMNS, len(pages))
    rows = -(-len(pages) // columns)
    size = (columns * (PAGE_PX + _GAP) + _GAP, rows * (PAGE_PX + _CAPTION + _GAP) + _GAP)
    sheet = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=17)
    for place, page in enumerate(pages):
        left = _GAP + (place % columns) * (PAGE_PX + _GAP)
        top = _GAP + (place // columns) * (PAGE_PX + _CAPTION + _GAP)
        outlined = outline(stack.page(page), np.asarray(masks.labels[page]))
        sheet.paste(Image.fromarray(outlined), (left, top + _CAPTION))
        draw.text((left, top + 3), _caption(stack.layout, page), _INK, font)
    with atomic_file(path) as draft:
        sheet.save(draft)


def outline(page: NDArray[np.float32], labels: NDArray[np.integer]) -> NDArray[np.uint8]:
    """(512, 512, 3) picture of a page with the border of each call drawn around it."""
    picture = np.repeat(np.rint(page * 255).astype(np.uint8)[..., None], 3, axis=2)
    mask = labels > 0
    picture[binary_dilation(mask, np.ones((3, 3), bool)) & ~mask] = _OUTLINE
    return picture


def _pages_to_show(calls: CallTable, looked_at: Sequence[int]) -> list[int]:
    counts = calls["page"].value_counts()
    most = [int(page) for page in counts.index[:_MOST_PAGES]]
    return sorted(most) or list(looked_at[:_COLUMNS])


def _caption(layout: Layout, page: int) -> str:
    if layout.page_names:
        return layout.page_names[page][:48]
    if layout.starts_s is None or layout.grid is None:
        return f"page {page}"
    start_s = float(layout.starts_s[page])
    end_s = start_s + PAGE_PX * layout.grid.seconds_per_column
    low, high = (layout.grid.hz(edge) / 1e3 for edge in (PAGE_PX, 0))
    return f"page {page}: {start_s:.3f}-{end_s:.3f} s, {low:.0f}-{high:.0f} kHz"
