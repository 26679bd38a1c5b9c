"""Pages as the window shows them: one that cannot be read is blank, and that is told once."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

import dask.array as da
import numpy as np
from napari.utils.notifications import show_warning
from numpy.typing import NDArray

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.stacks import PAGE_PX, SpectrogramStack


def shown_pages(stack: SpectrogramStack) -> Any:
    """The pages of a stack for a layer.

    Lazy ones are read from files when they are looked at, and a file may have gone or be broken
    by then. napari would put a traceback in front of the picture; segmenting still says it.

    Returns
    -------
    array
        (n, 512, 512) float32; lazy where the stack's own are.
    """
    if not isinstance(stack.pages, da.Array):
        return stack.pages
    return da.map_blocks(
        partial(_shown_block, stack, set()),
        chunks=((1,) * stack.layout.n_pages, PAGE_PX, PAGE_PX),
        dtype=np.float32,
        meta=np.zeros((0, 0, 0), np.float32),
        # Otherwise dask would make a name of all that the stack holds.
        name=f"shown-{uuid.uuid4().hex}",
    )


def _shown_block(
    stack: SpectrogramStack, told: set[int], block_info: Any = None
) -> NDArray[np.float32]:
    page = block_info[None]["chunk-location"][0]
    try:
        return stack.page(page)[None]
    except SqueakOutError as error:
        if page not in told:
            told.add(page)
            show_warning(f"Page {page} of {stack.layout.source} is left blank. {error}")
        return np.zeros((1, PAGE_PX, PAGE_PX), np.float32)
