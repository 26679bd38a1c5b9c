"""The page of a recording that is seen first, made beside the window before it is asked for."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.steps import Steps

if TYPE_CHECKING:
    from napari_squeakout.core.stacks import SpectrogramStack


def make_ready(stack: SpectrogramStack, page: int = 0) -> SpectrogramStack:
    """Make a page once, so that it comes at once when the window shows it.

    The noise floor of the seconds around it is kept with the recording, and with its first page
    dask brings in all it computes with; in the window's own thread both would be a stall.

    Parameters
    ----------
    stack : SpectrogramStack
        Of a recording; of images nothing is kept, and nothing is made.
    page : int
        Which of its pages will be seen.

    Returns
    -------
    SpectrogramStack
        The same. What is wrong with the page is left to whoever looks at it.
    """
    if stack.recording is not None and page < stack.layout.n_pages:
        with suppress(OSError, SqueakOutError):
            np.asarray(stack.pages[page])
    return stack


def making_ready(opening: Steps[list[SpectrogramStack]]) -> Steps[list[SpectrogramStack]]:
    """Open, and make the first page of the stack that will be in view, the last."""
    stacks = yield from opening
    for stack in stacks[-1:]:
        make_ready(stack)
    return stacks
