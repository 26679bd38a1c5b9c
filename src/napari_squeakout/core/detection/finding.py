"""Pages -> calls: segment, clean and measure, one after the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.stacks import CallTable, CleanedStack, ProbabilityStack, SpectrogramStack
from napari_squeakout.core.steps import Steps

from .calls import finding_calls
from .clean import cleaning_pages
from .engine import Engine
from .segment import segmenting_pages


@dataclass(frozen=True)
class Found:
    """What there is on pages.

    Parameters
    ----------
    probabilities : ProbabilityStack
        What the network said.
    masks : CleanedStack
        The calls, pixel by pixel.
    calls : DataFrame
        One row a call.
    """

    probabilities: ProbabilityStack
    masks: CleanedStack
    calls: CallTable


def finding(
    stack: SpectrogramStack,
    engine: Engine,
    cleaning: CleanSettings | None = None,
    *,
    out: NDArray[np.uint8] | None = None,
) -> Steps[Found]:
    """Find the calls of a source.

    Parameters
    ----------
    stack : SpectrogramStack
        Its pages.
    engine : Engine
        Model and device.
    cleaning : CleanSettings, optional
        How probabilities become calls; by default as the model was judged.
    out : NDArray, optional
        (pages, 512, 512) uint8 to write the probabilities to, where they do not fit in memory.

    Yields
    ------
    Progress
        Of segmenting, cleaning and measuring.
    """
    probabilities = yield from segmenting_pages(stack, engine, out=out)
    return (yield from finding_in(probabilities, engine, cleaning))


def finding_in(
    probabilities: ProbabilityStack, engine: Engine, cleaning: CleanSettings | None = None
) -> Steps[Found]:
    """Find the calls in what a network has said; parameters as for `finding`.

    Yields
    ------
    Progress
        Of cleaning and measuring.
    """
    masks = yield from cleaning_pages(
        probabilities, engine.model.cleaning(cleaning or CleanSettings())
    )
    calls = yield from finding_calls(masks, probabilities)
    return Found(probabilities, masks, calls)
