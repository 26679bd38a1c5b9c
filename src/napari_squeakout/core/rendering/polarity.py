"""Whether pages show calls dark on white, as many programs print them, and not bright on black.

In decibels noise has its longer tail towards low levels: nulls are deep, peaks are not high. What
is drawn dark on white has it the other way round, and what stands out of it over several pixels is
dark. Both figures change their sign, and only that, when black and white are swapped.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

# The noise is what is left of a page without its surroundings; a call covers several pixels.
_SURROUNDINGS_PX, _CALL_PX = 9, 7
# How far both figures together, or the calls alone, must lie on the other side: of 72 windows of
# VocalMat, clipped, brightened, blurred or scaled as power none does, all inverted do.
_SIDE_SHARE, _CLEAR, _CLEAR_SIDE = 0.5, 0.03, -0.3
# Rows and columns without any noise: filled, a frame, or outside the recording.
_FLAT = 0.01


def are_swapped(pages: Iterable[NDArray[Any]]) -> bool:
    """Whether most pages that show something look dark on white.

    Parameters
    ----------
    pages : iterable of NDArray
        (512, 512) each, 0..1, as the network gets them.
    """
    told = [_is_swapped(page) for page in pages if page.max() > page.min()]
    return sum(told) > len(told) / 2


def _is_swapped(page: NDArray[Any]) -> bool:
    noisy = page[page.std(axis=1) > _FLAT][:, page.std(axis=0) > _FLAT]
    if not noisy.size:
        return False
    noise = noisy - ndimage.uniform_filter(noisy, _SURROUNDINGS_PX)
    tail = _asymmetry(noise, 5, 95)
    side = _asymmetry(ndimage.uniform_filter(noisy, _CALL_PX), 0.5, 99.5)
    return tail - _SIDE_SHARE * side > _CLEAR and (tail > 0 or side < _CLEAR_SIDE)


def _asymmetry(values: NDArray[Any], low: float, high: float) -> float:
    """From -1, all that stands out is low, to 1, all of it is high."""
    below, middle, above = np.percentile(values, (low, 50, high))
    span = float(above - below)
    return float(below + above - 2 * middle) / span if span > 0 else 0.0
