"""Pages and engine -> probabilities."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.rendering.render import View, view_as
from napari_squeakout.core.stacks import Page, ProbabilityStack, SpectrogramStack
from napari_squeakout.core.steps import Progress, Steps

from .engine import Engine

# Rendering a page takes a few ms of one core: two threads keep a CPU and most GPUs busy.
_RENDER_THREADS = 2


def segmenting_pages(
    stack: SpectrogramStack, engine: Engine, *, out: NDArray[np.uint8] | None = None
) -> Steps[ProbabilityStack]:
    """Ask the network about every page.

    A recording is looked at through overlapping windows whose answers are blended, each strongest
    where it sees most around it, so that a call on a page border is neither cut nor counted twice.
    Images are looked at one by one.

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
    ProbabilityStack
        On the layout of `stack`.
    """
    values = np.zeros(stack.layout.shape, np.uint8) if out is None else out
    for done, page in enumerate(answers(stack, engine), start=1):
        values[done - 1] = page
        yield Progress(done, stack.layout.n_pages, "pages")
    return ProbabilityStack(values, stack.layout, engine.model.fingerprint)


def answers(
    stack: SpectrogramStack, engine: Engine, *, first: int = 0
) -> Iterator[NDArray[np.uint8]]:
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
    NDArray
        (512, 512) uint8 probabilities of each page.
    """
    look = view_as(stack, engine.model.card.rendering.levels)
    windows, n_pages = engine.settings.windows_per_page, stack.layout.n_pages
    if stack.layout.contiguous and stack.view is not None and windows > 1:
        yield from _blended(look, range(first, n_pages), engine, windows)
    else:
        for batch in _batches(look, range(first, n_pages), engine):
            yield from engine(batch)


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
    render: Callable[[Any], Page], positions: Iterable[Any], engine: Engine
) -> Iterator[NDArray[np.float32]]:
    """Pages of a batch at a time, rendered a little ahead of the network by other threads."""
    pending: deque[Future[Page]] = deque()
    todo = iter(positions)
    with ThreadPoolExecutor(_RENDER_THREADS, "render") as pool:
        try:
            while True:
                while len(pending) < 2 * max(engine.batch_size, _RENDER_THREADS):
                    position = next(todo, None)
                    if position is None:
                        break
                    pending.append(pool.submit(render, position))
                if not pending:
                    return
                taken = [pending.popleft() for _ in range(min(engine.batch_size, len(pending)))]
                yield np.stack([future.result() for future in taken])
        finally:
            for future in pending:
                future.cancel()
