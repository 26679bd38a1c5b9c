"""The held-out pages that a fine-tuning changed most, to be looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .approved import ApprovedPages
from .fine_tune import FineTuned

_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Pages as both models see them, the one that changed most first.

    Parameters
    ----------
    names : tuple of str
        What people call each page.
    pages : NDArray
        (n, h, w) uint8 grey.
    truth : NDArray
        (n, h, w) bool, as approved.
    before, after : NDArray
        (n, h, w) uint8 probabilities, 255 = certain.
    dice : NDArray
        (n, 2) of the cleaned masks, before and after.
    thresholds : tuple of float
        Above which pixels belonged to a call, before and after.
    """

    names: tuple[str, ...]
    pages: NDArray[np.uint8] = field(repr=False)
    truth: NDArray[np.bool_] = field(repr=False)
    before: NDArray[np.uint8] = field(repr=False)
    after: NDArray[np.uint8] = field(repr=False)
    dice: NDArray[np.float64] = field(repr=False)
    thresholds: tuple[float, float]

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """All of it by name, to be written."""
        return {name: np.asarray(value) for name, value in vars(self).items()}


def changes_of(approved: ApprovedPages, tuned: FineTuned, n: int = _SHOWN) -> Changes:
    """The pages on which Dice changed most, for the better or the worse.

    Parameters
    ----------
    approved : ApprovedPages
        What was learned from and judged by.
    tuned : FineTuned
        What came of it.
    n : int
        Pages at most; those on which both models see the same are none.
    """
    held_out = tuned.plan.split.held_out
    before, after = tuned.comparison.before, tuned.comparison.after
    dice = np.column_stack([before.figures.dice, after.figures.dice])
    moved = np.abs(after.values.astype(np.int16) - before.values).mean(axis=(1, 2))
    # Among pages of equal Dice the one whose probabilities moved most.
    order = np.lexsort((-moved, -np.abs(dice[:, 1] - dice[:, 0])))
    order = order[moved[order] > 0][:n]
    return Changes(
        names=tuple(approved.places[i].name for i in held_out[order]),
        pages=approved.pages[held_out[order]],
        truth=approved.masks[held_out[order]],
        before=before.values[order],
        after=after.values[order],
        dice=dice[order],
        thresholds=(before.cleaning.threshold, after.cleaning.threshold),
    )
