"""Arrays for whole recordings, in memory or in a file that nobody has to delete."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

#: Larger arrays lie in a file, so that an hour of recording need not fit in memory.
IN_MEMORY_BYTES = 2**29


def page_array(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Zeros; beyond 512 MB mapped to a temporary file that goes away with the array."""
    if int(np.prod(shape)) * np.dtype(dtype).itemsize <= IN_MEMORY_BYTES:
        return np.zeros(shape, dtype)
    with tempfile.TemporaryFile(prefix="squeakout-") as file:
        return np.memmap(file, dtype, "w+", shape=shape)
