"""Shapes of pixels: segments by size, thin borders, holes, what a careful hand tidies."""

from __future__ import annotations

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

BoolImage = NDArray[np.bool_]

#: The paper's kernel for thinning borders, and the least segment it is used on.
KERNEL_ROWS, KERNEL_COLUMNS = 4, 2
MIN_ERODED_PX = 4 * KERNEL_ROWS * KERNEL_COLUMNS
#: A segment goes on over corners.
EIGHT_NEIGHBOURS = np.ones((3, 3), bool)
# Smaller visible parts nobody would draw (on a spectrogram's own grid; 40 pixels of a page, half of
# what cleaning keeps).
_SPECK_PX = 22


def stretches(line: BoolImage) -> list[tuple[int, int]]:
    """Each (first, stop) over which a line of booleans is True, in order."""
    edges = np.flatnonzero(np.diff(line.astype(np.int8), prepend=0, append=0)).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def segments_by_size(mask: BoolImage, least_px: int) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Segments, and which of them are large enough.

    Parameters
    ----------
    mask : NDArray
        (rows, columns) bool.
    least_px : int
        Pixels that a segment needs.

    Returns
    -------
    tuple of NDArray
        The number of the segment at each pixel, 0 for none; and by that number whether it is
        large enough, False for none.
    """
    labels, count = scipy.ndimage.label(mask, EIGHT_NEIGHBOURS)
    large: NDArray[np.bool_] = np.bincount(labels.ravel(), minlength=count + 1) >= least_px
    large[0] = False
    return labels, large


def thin_borders(mask: BoolImage) -> BoolImage:
    """Erode segments of at least 32 px once by a kernel of 4 rows and 2 columns; leave the rest.

    The paper thinned the borders of its training masks so.
    """
    labels, large = segments_by_size(mask, MIN_ERODED_PX)
    eroded = scipy.ndimage.binary_erosion(
        mask, np.ones((KERNEL_ROWS, KERNEL_COLUMNS), bool), border_value=1
    )
    thinned: BoolImage = np.where(large[labels], eroded, mask)
    return thinned


def fill_holes(mask: BoolImage, largest_px: int) -> BoolImage:
    """Fill background that is enclosed and at most so large."""
    if not largest_px:
        return mask
    holes, count = scipy.ndimage.label(~mask)
    small = np.bincount(holes.ravel(), minlength=count + 1) <= largest_px
    small[0] = False
    border = np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]])
    small[border] = False
    filled: BoolImage = mask | small[holes]
    return filled


def tidy(mask: BoolImage) -> BoolImage:
    """Close pinholes and drop specks, as a careful hand would."""
    closed = scipy.ndimage.binary_closing(np.pad(mask, 3), np.ones((5, 5), bool))[3:-3, 3:-3]
    labels, large = segments_by_size(closed, _SPECK_PX)
    kept: BoolImage = large[labels]
    return kept
