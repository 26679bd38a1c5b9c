"""Windows around calls as images with masks, in the folders that `train` and `fine-tune` read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.export.windows import window_labels, windows_of
from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.numerals import are, counted
from napari_squeakout.core.rendering.render import view_as
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.io.files import atomic_file

from .findings import Findings

#: Folders of images and of their masks.
IMAGES, MASKS = "images", "masks"


def writing_windows(found: Findings, folder: Path, name: str) -> Steps[list[str]]:
    """Write `images/<name>_<where>.png` and `masks/` of the same names, 512 x 512.

    Grey is between each window's own extremes, as readers of images take it to be. A mask shows all
    calls of its window.

    Parameters
    ----------
    found : Findings
        The source; of a session only pages that a person has approved are shown.
    folder : Path
        Where to write.
    name : str
        What the names begin with.

    Returns
    -------
    list of str
        What the user should know.

    Raises
    ------
    SqueakOutError
        If its masks or its pages are not to be had, nothing is approved, or it cannot be written.
    """
    if found.approved is not None and not found.approved:
        msg = f"{found.place}: no page is approved, so no mask is known to be right: review it"
        raise InputError(msg)
    masks, stack = found.masks(), (yield from found.pages())
    masks = replace(masks, layout=stack.layout)
    known = frozenset(range(stack.layout.n_pages)) - found.unknown
    pages = known if found.approved is None else known & found.approved
    windows = windows_of(masks, pages)
    look = view_as(stack, "page")
    for done, first in enumerate(windows, start=1):
        window = f"{name}_{_where(stack.layout, first)}.png"
        grey = np.rint(look(first / PAGE_PX) * 255).astype(np.uint8)
        _write_image(grey, folder / IMAGES / window)
        mask = np.where(window_labels(masks.labels, first) > 0, 255, 0).astype(np.uint8)
        _write_image(mask, folder / MASKS / window)
        yield Progress(done, len(windows), "windows")
    return _told(found, len(windows), len(pages))


def _where(layout: Layout, first: int) -> str:
    """The image that a window is, or where it begins in the recording."""
    page, shift = divmod(first, PAGE_PX)
    if layout.page_names:
        return layout.page_names[page]
    if layout.starts_s is None or layout.grid is None:
        return f"{page:06d}"
    start_s = float(layout.starts_s[page]) + shift * layout.grid.seconds_per_column
    return f"{round(start_s * 1e6):012d}us"


def _write_image(pixels: NDArray[np.uint8], path: Path) -> None:
    with atomic_file(path) as draft:
        Image.fromarray(pixels).save(draft)


def _told(found: Findings, n_windows: int, n_pages: int) -> list[str]:
    if found.approved is None:
        return _of_approval(found)
    left_out = found.n_pages - n_pages
    if not left_out:
        return []
    pages = counted(left_out, "page")
    return [f"{counted(n_windows, 'window')}, of approved pages alone: {pages} left out"]


def _of_approval(found: Findings) -> list[str]:
    """Say it where masks are shown that a person has not approved."""
    if not found.n_approved:
        return [
            "nobody has approved these masks: look through them before a model learns from them"
        ]
    if found.n_approved == found.n_pages:
        return []
    approved = f"{found.n_approved} of {counted(found.n_pages, 'page')} {are(found.n_approved)}"
    told = (
        f"{approved} approved, and a result does not say which: export its session, or look "
        "through these masks before a model learns from them"
    )
    return [told]
