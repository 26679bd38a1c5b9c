"""How bright pages are shown; it never changes what the network gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_squeakout.core.rendering.levelling import grey_of_db

if TYPE_CHECKING:
    from napari_squeakout.core.stacks import SpectrogramStack

    from .layer_kinds import ImageLayer

#: Ways to show a page; the network always gets the last.
CLEAR, PER_PAGE = "Calls on a dark floor", "Auto, per page"
WHOLE, NETWORK = "Auto, whole recording", "Exact network input"
#: Under this name an image carries the limits that it was given here; others are a person's own.
LIMITS = "napari-squeakout limits"

# Seven eighths of white noise lie below the first; calls that stand out by 10 dB are a third grey.
_BLACK_DB, _WHITE_DB = 3.0, 25.0
_PERCENTILES = (25, 99.8)
_SAMPLED_PAGES = 12
_PLANE_AXES = 2

Limits = tuple[float, float]


def first_limits(stack: SpectrogramStack) -> Limits:
    """Darkest and brightest value of a picture that has just come; no page is looked at."""
    if stack.levels == "noise":
        return grey_of_db(_BLACK_DB), grey_of_db(_WHITE_DB)
    return (0.0, 1.0)


def contrast_limits(stack: SpectrogramStack, data: Any, page: int, how: str) -> Limits:
    """Darkest and brightest value shown.

    Parameters
    ----------
    stack : SpectrogramStack
        What is shown; where its grey means decibels above the noise, black is the same level on
        all pages of all recordings.
    data : array
        (n, h, w) or (h, w), as the layer has it.
    page : int
        The page in view.
    how : str
        `CLEAR`, `PER_PAGE`, `WHOLE` or `NETWORK`.
    """
    if how == NETWORK:
        whole = np.dtype(data.dtype).kind in "bui"
        return (0.0, float(np.iinfo(data.dtype).max)) if whole else (0.0, 1.0)
    if how == CLEAR and stack.levels == "noise":
        return first_limits(stack)
    pages = data[None] if data.ndim == _PLANE_AXES else data
    chosen = (
        np.linspace(0, len(pages) - 1, _SAMPLED_PAGES)
        if how == WHOLE
        else [min(page, len(pages) - 1)]
    )
    sample = [np.asarray(pages[int(index)]) for index in dict.fromkeys(int(i) for i in chosen)]
    low, high = np.percentile(np.stack(sample), _PERCENTILES)
    return (float(low), float(high)) if high > low else (0.0, 1.0)


def depends_on_page(stack: SpectrogramStack, how: str) -> bool:
    """Whether another page is shown with other limits."""
    return how == PER_PAGE or (how == CLEAR and stack.levels != "noise")


def set_limits(image: ImageLayer, limits: Limits) -> None:
    """Show an image between two values, and know them again."""
    image.contrast_limits = limits
    image.metadata[LIMITS] = tuple(image.contrast_limits)


def has_our_limits(image: ImageLayer) -> bool:
    """Whether an image is shown as it was set here, and not by hand or by whoever made it."""
    return image.metadata.get(LIMITS) == tuple(image.contrast_limits)
