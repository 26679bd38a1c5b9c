"""The pages of a recording that are seen first, made beside the window before it asks for them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.steps import Steps

if TYPE_CHECKING:
    from napari_squeakout.core.stacks import SpectrogramStack


def make_ready(stack: SpectrogramStack, page: int = 0) -> SpectrogramStack:
    """Make what a window asks for when it opens a recording, so that it comes at once then.

    The noise floor of the seconds around a page is kept with the recording; to find it in the
    window's own thread would be a stall. napari goes to the middle of the pages before it is
    brought to the first, and that page is made, too.

    Parameters
    ----------
    stack : SpectrogramStack
        Of a recording; of images nothing is kept, and nothing is made.
    page : int
        Which of its pages will be seen besides.

    Returns
    -------
    SpectrogramStack
        The same. What is wrong with a page is left to whoever looks at it.
    """
    n_pages = stack.layout.n_pages
    if stack.recording is not None:
        for one in sorted({0, n_pages // 2, min(page, n_pages - 1)}):
            with suppress(OSError, SqueakOutError):
                stack.page(one)
    return stack


def making_ready(opening: Steps[list[SpectrogramStack]]) -> Steps[list[SpectrogramStack]]:
    """Open, and make the first pages of the stack that will be in view, the last."""
    stacks = yield from opening
    for stack in stacks[-1:]:
        make_ready(stack)
    return stacks
