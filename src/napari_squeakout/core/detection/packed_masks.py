"""Masks kept as bits, so that an hour of them fits in memory; pages of labels made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.morphology import BoolImage

#: A page's mask as bits, (512, 64) uint8; None where it is empty.
PackedMask: TypeAlias = NDArray[np.uint8] | None


def packed_mask(mask: BoolImage) -> PackedMask:
    """Pack the mask of a page, (512, 512) bool."""
    return np.packbits(mask, axis=1) if mask.any() else None


def occupied_columns(packed: Sequence[PackedMask]) -> BoolImage:
    """(n, 512) bool, True where a page's column holds any mask."""
    occupied = np.zeros((len(packed), PAGE_PX), bool)
    for index, bits in enumerate(packed):
        if bits is not None:
            occupied[index] = np.unpackbits(np.bitwise_or.reduce(bits, axis=0), count=PAGE_PX)
    return occupied


class NumberedPages:
    """Labels that take a few bytes a page until one is looked at; indexed like an array.

    Parameters
    ----------
    packed : list
        Of each page the mask as bits, (512, 64) uint8, or None where it is empty.
    numbers : NDArray
        (n, 512) int32 call number of each column.
    """

    dtype = np.dtype(np.int32)
    ndim = 3

    def __init__(self, packed: list[PackedMask], numbers: NDArray[np.int32]) -> None:
        self._packed, self._numbers = packed, numbers

    @property
    def shape(self) -> tuple[int, int, int]:
        """(pages, rows, columns)."""
        return (len(self), PAGE_PX, PAGE_PX)

    def __len__(self) -> int:
        return len(self._packed)

    def __getitem__(self, key: Any) -> NDArray[np.int32]:
        """One page by its number; anything else makes all of them."""
        if not isinstance(key, int | np.integer):
            return np.array(np.asarray(self)[key], np.int32)
        bits = self._packed[key]
        if bits is None:
            return np.zeros((PAGE_PX, PAGE_PX), np.int32)
        mask = np.unpackbits(bits, axis=1, count=PAGE_PX)
        page: NDArray[np.int32] = np.multiply(mask, self._numbers[key], dtype=np.int32)
        return page

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """All pages."""
        pages = [self[index] for index in range(len(self))]
        full = np.stack(pages) if pages else np.zeros(self.shape, np.int32)
        return full if dtype is None else full.astype(dtype)
