"""Pages and engine -> probabilities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID
from napari_squeakout.core.rendering.ahead import made_ahead
from napari_squeakout.core.rendering.render import View, view_as
from napari_squeakout.core.stacks import AnsweredStack, SpectrogramStack
from napari_squeakout.core.steps import Progress, Steps

from .engine import Engine
from .one_pass import looked_at_once
from .silence import LoudColumns, loud_columns

# Where a recording cannot be looked at once and nothing is said of windows.
_WINDOWS = 2


def segmenting_pages(
    stack: SpectrogramStack, engine: Engine, *, out: NDArray[np.uint8] | None = None
) -> Steps[AnsweredStack]:
    """Ask the network about every page.

    A recording is looked at once, in tiles that see beyond what they answer for, or through
    overlapping windows whose answers are blended, each strongest where it sees most around it: a
    call on a page border is neither cut nor counted twice. Images are looked at one by one.

    Parameters
    ----------
    stack : SpectrogramStack
        Pages; with `view`, also between pages.
    engine : Engine
        What computes; its settings say how many windows a page gets.
    out : NDArray, optional
        (n, 512, 512) uint8 to fill, for instance memory-mapped. Pages are complete in the order of
        the progress.

    Yields
    ------
    Progress
        After every page.

    Returns
    -------
    AnsweredStack
        On the layout of `stack`.
    """
    values = np.zeros(stack.layout.shape, np.uint8) if out is None else out
    n_silent = 0
    for page, answer in enumerate(answers(stack, engine)):
        n_silent += answer is None
        if answer is not None:
            values[page] = answer
        elif values[page].any():  # a file's room that was never written stays so
            values[page] = 0
        yield Progress(page + 1, stack.layout.n_pages, "pages")
    return AnsweredStack(values, stack.layout, engine.model.fingerprint, n_silent)


def answers(
    stack: SpectrogramStack, engine: Engine, *, first: int = 0
) -> Iterator[NDArray[np.uint8] | None]:
    """Ask the network, page by page.

    Parameters
    ----------
    stack : SpectrogramStack
        Pages; with `view`, also between pages.
    engine : Engine
        What computes.
    first : int
        Page to begin at; the answers are those that a beginning at 0 gives, to the last bit.

    Yields
    ------
    NDArray or None
        (512, 512) uint8 probabilities of each page; None where it was not asked, for no call may be
        on that page.
    """
    levels = engine.model.card.rendering.levels
    look = view_as(stack, levels)
    windows, pages = engine.settings.windows_per_page, range(first, stack.layout.n_pages)
    slides = stack.layout.contiguous and stack.view is not None
    if slides and windows == 0 and levels == "noise" and (stack.views or stack.levels == levels):
        before, after = stack.beside
        yield from looked_at_once(
            lambda position: look(position - before),
            range(before + pages.start, before + pages.stop),
            before + pages.stop + after,
            engine,
            loud=_loud(stack, engine) if engine.settings.skip_silence else None,
        )
    elif slides and windows != 1:
        yield from _blended(look, pages, engine, windows or _WINDOWS)
    else:
        for batch in _batches(look, pages, engine):
            yield from engine(batch)


def _loud(stack: SpectrogramStack, engine: Engine) -> LoudColumns:
    """What says where a call may be on these pages."""
    return engine.loud_columns if stack.layout.grid == STANDARD_GRID else loud_columns


def _blended(look: View, pages: range, engine: Engine, windows: int) -> Iterator[NDArray[np.uint8]]:
    """Slide a window along the recording; a page is finished when no later window reaches it."""
    last = (pages.stop - 1) * windows
    # Windows that begin on the page before reach into the first one.
    step = max(0, (pages.start - 1) * windows + 1)
    positions = [at / windows for at in range(step, last + 1)] if len(pages) else []
    shift = PAGE_PX // windows
    weight = np.sin(np.pi * (np.arange(PAGE_PX, dtype=np.float32) + 0.5) / PAGE_PX) ** 2
    total = np.zeros((PAGE_PX, 2 * PAGE_PX), np.float32)
    weights = np.zeros(2 * PAGE_PX, np.float32)
    for batch in _batches(look, positions, engine):
        for answer in engine(batch):
            left = (step % windows) * shift
            total[:, left : left + PAGE_PX] += weight * answer
            weights[left : left + PAGE_PX] += weight
            step += 1
            if step % windows == 0 or step == last + 1:
                if step > pages.start * windows:
                    yield np.rint(total[:, :PAGE_PX] / weights[:PAGE_PX]).astype(np.uint8)
                total = np.roll(total, -PAGE_PX, axis=1)
                weights = np.roll(weights, -PAGE_PX)
                total[:, PAGE_PX:] = weights[PAGE_PX:] = 0


def _batches(
    look: View, positions: Iterable[float], engine: Engine
) -> Iterator[NDArray[np.float32]]:
    """Pages of a batch at a time, rendered a little ahead of the network."""
    made = made_ahead(look, positions, lambda: engine.batch_size)
    while taken := list(islice(made, engine.batch_size)):
        yield np.stack(taken)
