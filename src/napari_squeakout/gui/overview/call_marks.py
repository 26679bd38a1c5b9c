"""At which times there are calls, over the whole recording: small enough to be drawn at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.steps import Progress, Steps

#: Parts of a page that are told apart, 1.7 ms each.
PER_PAGE = 128


def marks_of(labels: NDArray[np.integer]) -> NDArray[np.bool_]:
    """(128,) where along time a page's labels, (h, w), hold a call."""
    columns = np.any(labels, axis=0)
    firsts = np.arange(PER_PAGE) * len(columns) // PER_PAGE
    return np.asarray(np.logical_or.reduceat(columns, firsts))


def marking(labels: Any, pages: Iterable[int]) -> Steps[NDArray[np.bool_]]:
    """Look where the calls are.

    Parameters
    ----------
    labels : array
        (n, h, w) the calls.
    pages : iterable of int
        Those that have any: the others are not read.

    Returns
    -------
    NDArray
        (n, 128) bool.
    """
    marks = np.zeros((len(labels), PER_PAGE), bool)
    wanted = list(pages)
    for done, page in enumerate(wanted):
        marks[page] = marks_of(np.asarray(labels[page]))
        yield Progress(done + 1, len(wanted), "pages")
    return marks
