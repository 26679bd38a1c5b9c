"""Arrays for whole recordings, in memory or in a file that nobody has to delete."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.morphology import BoolImage, stretches

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

#: Larger arrays lie in a file, so that an hour of recording need not fit in memory.
IN_MEMORY_BYTES = 2**29
_BLOCK_BYTES = 2**20
# Left to others where room can only be looked for.
_SPARE_BYTES = 2**26
# What file systems give room by, and Linux's fallocate(2): FALLOC_FL_PUNCH_HOLE | KEEP_SIZE.
_HOLE_BYTES = 4096
_PUNCH_HOLE_KEEP_SIZE = 3
# File systems and systems that cannot set room aside.
_CANNOT = {errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS, errno.ENODEV}


def page_array(shape: tuple[int, ...], dtype: DTypeLike, *, sparse: bool = False) -> NDArray[Any]:
    """Zeros; beyond 512 MB mapped to a temporary file that goes away with the array.

    Parameters
    ----------
    shape, dtype
        Of the array.
    sparse : bool
        Whether most of it stays zero, so that no room is set aside for it.

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
            if not sparse:
                set_room_aside(file, n_bytes)
            return np.memmap(file, dtype, "w+" if sparse else "r+", shape=shape)
    except OSError as error:
        msg = (
            f"{tempfile.gettempdir()}: has no room for {n_bytes / 1e9:.1f} GB of pages "
            f"({error.strerror}): free space, or set TMPDIR to a folder on another disk"
        )
        raise SqueakOutError(msg) from error


def make_room(array: NDArray[Any], first: int, stop: int) -> None:
    """Set aside the room of some pages of an array in a sparse file, before they are written.

    Parameters
    ----------
    array : NDArray
        Pages; nothing is done for one that is mapped to no file with a name.
    first, stop : int
        The pages.

    Raises
    ------
    SqueakOutError
        If there is none: written all the same, they would end the process.
    """
    place = _place_in_file(array, first)
    if place is None or stop <= first:
        return
    name, begins = place
    try:
        _set_aside(name, begins, (stop - first) * array[0].nbytes)
    except OSError as error:
        msg = f"{name}: there is no room for more pages ({error.strerror}): free space on this disk"
        raise SqueakOutError(msg) from error


def give_back_zeros(array: NDArray[Any], first: int, stop: int) -> None:
    """Give the room of what is zero back to the disk, where its file system takes it.

    What is read stays the same. Before pages are written again, room has to be made for them.

    Parameters
    ----------
    array : NDArray
        Pages; nothing is done for one that is mapped to no file with a name.
    first, stop : int
        The pages.
    """
    place = _place_in_file(array, first)
    if place is None or not sys.platform.startswith("linux"):
        return
    name, begins = place
    values = array[first:stop].reshape(-1).view(np.uint8)
    blocks = values[: len(values) // _HOLE_BYTES * _HOLE_BYTES].reshape(-1, _HOLE_BYTES)
    is_zero: BoolImage = blocks.max(axis=1) == 0
    with suppress(OSError, AttributeError), open(name, "r+b") as file:  # noqa: PTH123 - as in _set_aside
        for hole in stretches(is_zero):
            _make_hole(file.fileno(), *(begins + _HOLE_BYTES * end for end in hole))


def _make_hole(file: int, begin: int, end: int) -> None:
    call = ctypes.CDLL(None, use_errno=True).fallocate
    call.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
    if call(file, _PUNCH_HOLE_KEEP_SIZE, begin, end - begin):
        raise OSError(ctypes.get_errno(), "no holes")


def _place_in_file(array: NDArray[Any], page: int) -> tuple[str, int] | None:
    """Name of the file that an array is mapped to, and where a page begins; None without one."""
    # A part of a mapped array does not know where in the file it begins.
    if not isinstance(array, np.memmap) or not isinstance(array.base, mmap.mmap):
        return None
    if array.filename is None:
        return None
    return str(array.filename), array.offset + page * array[0].nbytes


def _set_aside(name: str, offset: int, n_bytes: int) -> None:
    if not hasattr(os, "posix_fallocate"):
        if shutil.disk_usage(name).free < n_bytes + _SPARE_BYTES:
            raise OSError(errno.ENOSPC, "the disk is nearly full")
        return
    with open(name, "r+b") as file:  # noqa: PTH123 - one name, many times a second
        try:
            os.posix_fallocate(file.fileno(), offset, n_bytes)
        except OSError as error:
            if error.errno not in _CANNOT:
                raise


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
