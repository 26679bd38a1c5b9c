"""What the network's encoder makes of each call: 1280 numbers, for maps and for searching."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.ndimage
import torch
from numpy.typing import NDArray

from napari_squeakout.core.detection.calls import finding_calls
from napari_squeakout.core.detection.numbering import telling_apart
from napari_squeakout.core.errors import ModelError
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.network import STRIDE
from napari_squeakout.core.rendering.render import view_as
from napari_squeakout.core.stacks import MaskStack, SpectrogramStack
from napari_squeakout.core.steps import Progress, Steps

from .measuring import call_key, check_same_pages

#: Numbers a call.
EMBEDDING_SIZE = 1280


@dataclass(frozen=True)
class _Span:
    """Columns of a call, in pixels from the first page, or from its own where pages are apart."""

    first: int
    stop: int


def embedding_calls(
    stack: SpectrogramStack, masks: MaskStack, model: Model
) -> Steps[NDArray[np.float32]]:
    """The encoder's output for each call, averaged over the columns of the call.

    Of a recording, each call is looked at in the middle of a page; of an image, where it is. It is
    computed on the processor, so that the numbers are the same on every machine. They are those of
    one model: nothing can be compared over two.

    Parameters
    ----------
    stack : SpectrogramStack
        The pages.
    masks : MaskStack
        Numbered calls.
    model : Model
        Whose encoder.

    Yields
    ------
    Progress
        After every page that is numbered and measured, and after every call.

    Returns
    -------
    NDArray
        (calls, 1280) float32, in the order of the rows that `measuring` gives.

    Raises
    ------
    InputError
        If masks and pages are not of one source.
    ModelError
        If the answers are not numbers.
    """
    check_same_pages(stack.layout, masks.layout)
    apart = yield from telling_apart(masks)
    table = yield from finding_calls(apart)
    spans = _spans(apart)
    look = view_as(stack, model.card.rendering.levels)
    encoder = model.network().backbone.features
    values = np.zeros((len(table), EMBEDDING_SIZE), np.float32)
    for row, (page, number) in enumerate(zip(table["page"], table["call"], strict=True)):
        span = spans[call_key(masks.layout, int(page), int(number))]
        position = _position(stack, span, int(page))
        with torch.inference_mode():
            image = torch.from_numpy(np.array(look(position), np.float32))[None, None]
            cells = encoder(image)[0].mean(dim=1).numpy()  # (1280, 16)
        left = position * PAGE_PX if stack.layout.contiguous else 0.0
        values[row] = _pooled(cells, span.first - left, span.stop - left)
        yield Progress(row + 1, len(table), "calls")
    if not np.isfinite(values).all():
        msg = (
            f"{model.name}: its answers are not numbers, for its weights are spoilt: choose another"
        )
        raise ModelError(msg)
    return values


def _spans(masks: MaskStack) -> dict[tuple[int, int], _Span]:
    spans: dict[tuple[int, int], _Span] = {}
    for page in range(masks.layout.n_pages):
        left = page * PAGE_PX if masks.layout.contiguous else 0
        for index, found in enumerate(scipy.ndimage.find_objects(np.asarray(masks.labels[page]))):
            if found is None:
                continue
            key = call_key(masks.layout, page, index + 1)
            first, stop = left + found[1].start, left + found[1].stop
            known = spans.get(key, _Span(first, stop))
            spans[key] = _Span(min(known.first, first), max(known.stop, stop))
    return spans


def _position(stack: SpectrogramStack, span: _Span, page: int) -> float:
    """Where a page lies that has the call in its middle; its own page where there is no other."""
    if not stack.layout.contiguous:
        return float(page)
    middle = (span.first + span.stop) / 2 / PAGE_PX
    if stack.view is None:
        return float(min(int(middle), stack.layout.n_pages - 1))
    return float(np.clip(middle - 0.5, 0, stack.layout.n_pages - 1))


def _pooled(cells: NDArray[np.float32], first: float, stop: float) -> NDArray[np.float32]:
    """(1280,) mean over the encoder's cells, 32 columns each, that a call's columns reach into."""
    n_cells = cells.shape[1]
    left = int(np.clip(first // STRIDE, 0, n_cells - 1))
    right = int(np.clip(-(-stop // STRIDE), left + 1, n_cells))
    mean: NDArray[np.float32] = cells[:, left:right].mean(axis=1)
    return mean
