"""Which lines of a contour are echoes of what the same voice sang just before.

Where walls answer, a call's loudest part sounds on while the call goes elsewhere or ends: a line
at a frequency that the voice has left, fainter than it was there. Taken for the voice it would be
a jump.
"""

from __future__ import annotations

import itertools

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

# An echo arrives so many columns after (1 to 41 ms), so near the frequency it was sung at, so much
# fainter, in this share of its columns: speckle lets some stand out.
_SOONEST, _LATEST, _NEAR_HZ, _FAINTER_DB, _SHARE = 2, 80, 700.0, 5.0, 0.7
# Levels are told by the mean of so many columns, for speckle.
_MEAN_COLUMNS = 5


def own_voice(
    column: NDArray[np.int64],
    hz: NDArray[np.float64],
    above_db: NDArray[np.float64],
    trace: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """(n,) which columns of a contour are sung; False where the line there is an echo.

    Parameters
    ----------
    column, hz, above_db, trace : NDArray
        (n,) each, as in `Contour`, in order of time.
    """
    sung = np.ones(len(column), bool)
    if not len(column):
        return sung
    at = column - column[0]
    # What has been sung so far, by column.
    sung_hz, sung_db = np.full(at[-1] + 1, np.nan), np.full(at[-1] + 1, -np.inf)
    edges = [0, *(np.flatnonzero(np.diff(trace)) + 1).tolist(), len(column)]
    for first, stop in itertools.pairwise(edges):
        run = slice(first, stop)
        level_db = scipy.ndimage.uniform_filter1d(above_db[run], _MEAN_COLUMNS, mode="nearest")
        before_db = _loudest_before(at[run], hz[run], sung_hz, sung_db)
        sung[run] = np.mean(before_db - level_db >= _FAINTER_DB) < _SHARE
        if sung[first]:
            sung_hz[at[run]], sung_db[at[run]] = hz[run], level_db
    return sung


def _loudest_before(
    at: NDArray[np.int64],
    hz: NDArray[np.float64],
    sung_hz: NDArray[np.float64],
    sung_db: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(n,) dB of the loudest that was sung near these frequencies just before; -inf for nothing."""
    loudest_db = np.full(len(at), -np.inf)
    for later in range(_SOONEST, _LATEST + 1):
        then = np.maximum(at - later, 0)
        near = (at >= later) & (np.abs(sung_hz[then] - hz) < _NEAR_HZ)
        loudest_db = np.where(near, np.maximum(loudest_db, sung_db[then]), loudest_db)
    return loudest_db
