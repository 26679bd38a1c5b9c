"""Which columns of a page levelled by the noise may hold a call, and which are certainly noise."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from napari_squeakout.core.rendering.levelling import grey_of_db
from napari_squeakout.core.stacks import Page

#: A page, (512, w) float32, 0..1, levelled by the noise -> (w,) bool, True where a call may be.
LoudColumns: TypeAlias = Callable[[Page], NDArray[np.bool_]]

#: Rows and columns of pixels over which decibels are averaged (1.4 kHz x 3.9 ms): about what one
#: window of the transform passes, and the shortest call that is kept.
SOFT_PX = (9, 9)
#: What such a mean exceeds where something stands out of the noise, in dB above the floor.
BOUND_DB = 4.5
#: Where the spectrum ends, at Nyquist, the transform of noise is real and scatters far more: so
#: many rows (2.5 kHz) have a bound of their own.
TOP_ROWS, TOP_BOUND_DB = 16, 12.0


def loud_columns(page: Page) -> NDArray[np.bool_]:
    """Which columns may hold a call.

    Parameters
    ----------
    page : NDArray
        (512, w) float32, 0..1, levelled by the noise.

    Returns
    -------
    NDArray
        (w,) bool, True where anything in the column stands out of the noise.
    """
    soft = scipy.ndimage.uniform_filter(page, SOFT_PX, mode="nearest")
    loud = soft[TOP_ROWS:].max(axis=0) > grey_of_db(BOUND_DB)
    return np.asarray(loud | (soft[:TOP_ROWS].max(axis=0) > grey_of_db(TOP_BOUND_DB)))
