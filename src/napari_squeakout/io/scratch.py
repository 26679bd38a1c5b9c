"""Arrays for whole recordings, in memory or in a file that nobody has to delete."""

from __future__ import annotations

import errno
import os
import tempfile
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from napari_squeakout.core.errors import SqueakOutError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import DTypeLike, NDArray

#: Larger arrays lie in a file, so that an hour of recording need not fit in memory.
IN_MEMORY_BYTES = 2**29
_BLOCK_BYTES = 2**20
# File systems and systems that cannot set room aside.
_CANNOT = {errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS, errno.ENODEV}


def page_array(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Zeros; beyond 512 MB mapped to a temporary file that goes away with the array.

    Raises
    ------
    SqueakOutError
        If there is no room for them.
    """
    n_bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    if n_bytes <= IN_MEMORY_BYTES:
        return np.zeros(shape, dtype)
    try:
        with tempfile.TemporaryFile(prefix="squeakout-") as file:
            set_room_aside(file, n_bytes)
            return np.memmap(file, dtype, "r+", shape=shape)
    except OSError as error:
        msg = (
            f"{tempfile.gettempdir()}: has no room for {n_bytes / 1e9:.1f} GB of pages "
            f"({error.strerror}): free space, or set TMPDIR to a folder on another disk"
        )
        raise SqueakOutError(msg) from error


def array_in_file(path: Path, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Zeros in a file of nothing else, mapped; OSError where there is no room."""
    with path.open("w+b") as file:
        set_room_aside(file, int(np.prod(shape)) * np.dtype(dtype).itemsize)
        return np.memmap(file, dtype, "r+", shape=shape)


def set_room_aside(file: IO[bytes], n_bytes: int) -> None:
    """Make a file so long, of zeros at its end, with its room on the disk.

    A page of a mapped file that finds no room when it is written to ends the process at once.

    Raises
    ------
    OSError
        If there is no room.
    """
    begins = os.fstat(file.fileno()).st_size
    try:
        os.posix_fallocate(file.fileno(), begins, n_bytes - begins)
    except AttributeError:
        _fill(file, n_bytes)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        _fill(file, n_bytes)


def _fill(file: IO[bytes], n_bytes: int) -> None:
    file.seek(0, os.SEEK_END)
    while (left := n_bytes - file.tell()) > 0:
        file.write(bytes(min(left, _BLOCK_BYTES)))
    file.flush()
