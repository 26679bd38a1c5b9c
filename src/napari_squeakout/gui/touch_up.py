"""Corrections of one page of labels: page in, corrected page out; nothing is changed in place."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from napari_squeakout.core.clean import KERNEL_COLUMNS, KERNEL_ROWS, thin_borders

LabelPage: TypeAlias = NDArray[Any]

_KERNEL = np.ones((KERNEL_ROWS, KERNEL_COLUMNS), bool)
_EIGHT_NEIGHBOURS = np.ones((3, 3), bool)


def eroded(labels: LabelPage, call: int) -> LabelPage:
    """One call with its border thinned by the paper's kernel."""
    mask = labels == call
    return np.where(mask & ~thin_borders(mask), 0, labels)


def dilated(labels: LabelPage, call: int) -> LabelPage:
    """One call with its border thickened by the paper's kernel, into background only."""
    grown = scipy.ndimage.binary_dilation(labels == call, _KERNEL)
    return np.where(grown & (labels == 0), call, labels)


def without_small(labels: LabelPage, smallest_px: int) -> LabelPage:
    """Segments with fewer pixels removed."""
    kept = labels.copy()
    for call in _calls(labels):
        segments, count = scipy.ndimage.label(labels == call, _EIGHT_NEIGHBOURS)
        small = np.bincount(segments.ravel(), minlength=count + 1) < smallest_px
        small[0] = False
        kept[small[segments]] = 0
    return kept


def filled(labels: LabelPage) -> LabelPage:
    """Holes inside each call filled, whatever their size; other calls in them stay."""
    full = labels.copy()
    for call in _calls(labels):
        inside = scipy.ndimage.binary_fill_holes(labels == call)
        full[inside & (labels == 0)] = call
    return full


def without_call(labels: LabelPage, call: int) -> LabelPage:
    """One call erased."""
    return np.where(labels == call, 0, labels)


def cleared(labels: LabelPage) -> LabelPage:
    """An empty page."""
    return np.zeros_like(labels)


def _calls(labels: LabelPage) -> list[int]:
    numbers = np.unique(labels)
    return [int(number) for number in numbers[numbers > 0]]
