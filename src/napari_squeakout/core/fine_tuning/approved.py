"""Pages whose masks a person has approved: what fine-tuning learns from and is judged by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.layout import Grid

from .splits import PagePlace


@dataclass(frozen=True, kw_only=True)
class ApprovedPages:
    """Pages whose masks a person has approved.

    Parameters
    ----------
    pages : NDArray
        (n, 512, 512) uint8 grey.
    masks : NDArray
        (n, 512, 512) bool, True where a call is.
    places : tuple of PagePlace
        Where each comes from.
    grid : Grid, optional
        What a pixel means, where all pages share it.
    notes : tuple of str
        What the user should know about pages that were left out.
    about : tuple of dict
        What is known of each source, for the model's card.
    """

    pages: NDArray[np.uint8] = field(repr=False)
    masks: NDArray[np.bool_] = field(repr=False)
    places: tuple[PagePlace, ...] = field(repr=False)
    grid: Grid | None = None
    notes: tuple[str, ...] = ()
    about: tuple[dict[str, Any], ...] = ()

    def __post_init__(self) -> None:
        if self.pages.shape != self.masks.shape or len(self.places) != len(self.pages):
            msg = (
                f"{self.pages.shape} pages, {self.masks.shape} masks and {len(self.places)} "
                "places: each page has one of both"
            )
            raise ValueError(msg)

    @property
    def with_calls(self) -> NDArray[np.bool_]:
        """(n,) whether each page has a call."""
        return np.asarray(self.masks.any(axis=(1, 2)), bool)
