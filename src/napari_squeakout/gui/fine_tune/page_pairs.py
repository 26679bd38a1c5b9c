"""Pages as two models see them -> pictures: what is true outlined, what was found filled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

RGB = NDArray[np.uint8]
#: Colours of the truth and of what a model marks; told apart also by those who see no red or green.
TRUE_COLOUR, FOUND_COLOUR = (86, 180, 233), (255, 106, 61)
# A picture shows at least so much of a page, and so much around its calls.
_LEAST_ROWS, _LEAST_COLUMNS, _AROUND_PX = 160, 256, 24
_OPACITY = 0.75
# Of a picture's width: it is shown about 150 pixels wide, where a thinner line would get lost.
_OUTLINE_SHARE = 1 / 110
_SURE = 128


# Compared by identity: pictures drawn anew are others.
@dataclass(frozen=True, eq=False)
class PagePair:
    """One page as the model before and the one now see it; of equal size."""

    name: str
    before: RGB
    now: RGB


def preview_page(path: Path) -> PagePair:
    """The page that is drawn while a model learns."""
    with np.load(path) as arrays:
        page, truth = arrays["page"], arrays["truth"]
        before, now = arrays["before"], arrays["now"]
        name = str(arrays["name"]) if "name" in arrays else ""
    # What it shows must not move from epoch to epoch.
    return _pair(name, page, truth, before, now, truth | (before > _SURE))


def changed_pages(path: Path) -> tuple[PagePair, ...]:
    """The held-out pages that changed most."""
    with np.load(path) as arrays:
        pages, truths = arrays["pages"], arrays["truth"]
        befores, afters = arrays["before"], arrays["after"]
        names = [str(name) for name in arrays["names"]]
    return tuple(
        _pair(name, page, truth, before, after, truth | (before > _SURE) | (after > _SURE))
        for name, page, truth, before, after in zip(
            names, pages, truths, befores, afters, strict=True
        )
    )


def drawn(page: NDArray[np.uint8], truth: NDArray[np.bool_], values: NDArray[np.uint8]) -> RGB:
    """(h, w, 3) a page in grey, what a model is sure of in colour, the truth outlined.

    Parameters
    ----------
    page : NDArray
        (h, w) uint8 grey.
    truth : NDArray
        (h, w) bool.
    values : NDArray
        (h, w) uint8 probabilities, 255 = certain; or bool.
    """
    sure = np.asarray(values, np.float32)[..., None] / (1 if values.dtype == bool else 255)
    picture = np.repeat(page[..., None].astype(np.float32), 3, axis=2)
    picture += sure * _OPACITY * (np.array(FOUND_COLOUR, np.float32) - picture)
    wide = max(1, round(page.shape[1] * _OUTLINE_SHARE))
    around = scipy.ndimage.binary_dilation(truth, iterations=wide + 1)
    near = scipy.ndimage.binary_dilation(truth, iterations=1)
    picture[around & ~near] = TRUE_COLOUR
    return np.rint(picture).astype(np.uint8)


def _pair(
    name: str,
    page: NDArray[np.uint8],
    truth: NDArray[np.bool_],
    before: NDArray[np.uint8],
    now: NDArray[np.uint8],
    calls: NDArray[np.bool_],
) -> PagePair:
    rows, columns = (
        _window(np.any(calls, axis=1), _LEAST_ROWS),
        _window(np.any(calls, axis=0), _LEAST_COLUMNS),
    )
    part = (rows, columns)
    return PagePair(name, *(drawn(page[part], truth[part], seen[part]) for seen in (before, now)))


def _window(occupied: NDArray[np.bool_], least: int) -> slice:
    """The stretch that holds all that is occupied, and some room."""
    places = np.flatnonzero(occupied)
    if not len(places):
        return slice(0, len(occupied))
    first, stop = int(places[0]) - _AROUND_PX, int(places[-1]) + 1 + _AROUND_PX
    missing = max(0, least - (stop - first))
    first = max(0, min(first - missing // 2, len(occupied) - max(least, stop - first)))
    return slice(first, min(len(occupied), max(stop, first + least)))
