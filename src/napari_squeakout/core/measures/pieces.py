"""How many unconnected parts a call's mask has, over page borders too."""

from __future__ import annotations

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from napari_squeakout.core.morphology import EIGHT_NEIGHBOURS, BoolImage


class Pieces:
    """Counts the segments of one call; its pages come in their order."""

    def __init__(self) -> None:
        self.count = 0
        self._page = -2
        # (rows,) which segment reaches the last page's right edge; 0 where none does.
        self._border: NDArray[np.int64] = np.zeros(0, np.int64)

    def add(self, mask: BoolImage, *, page: int | None) -> None:
        """Count those of a page; one that goes on from the page before is not counted again.

        Parameters
        ----------
        mask : NDArray
            (rows, columns) bool, the call.
        page : int, optional
            Which page; None for one that continues none.
        """
        segments, count = scipy.ndimage.label(mask, EIGHT_NEIGHBOURS)
        here = {number: number for number in range(1, count + 1)}
        self.count += count
        if page is not None and page == self._page + 1:
            self._join(segments[:, 0], here)
        self._page = -2 if page is None else page
        self._border = np.array([here.get(int(number), 0) for number in segments[:, -1]], np.int64)

    def _join(self, left: NDArray[np.integer], here: dict[int, int]) -> None:
        """Make one of what touches over the border; those of the page before count below 0."""
        names = {-int(number): -int(number) for number in np.unique(self._border[self._border > 0])}
        names |= here
        for shift in (-1, 0, 1):
            beside = scipy.ndimage.shift(self._border, shift, order=0)
            for row in np.flatnonzero((left > 0) & (beside > 0)).tolist():
                one, other = names[int(left[row])], names[-int(beside[row])]
                if one != other:
                    self.count -= 1
                    kept, gone = max(one, other), min(one, other)
                    names = {k: kept if name == gone else name for k, name in names.items()}
        here.update({number: names[number] for number in here})
