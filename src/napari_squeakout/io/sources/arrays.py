"""Arrays of numbers in .npy files, mapped; whatever is odd about a file is told in a sentence."""

from __future__ import annotations

import struct
import tokenize
import warnings
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError
from napari_squeakout.io.files import check_readable

# What numpy raises on headers that are damaged or meant to do harm: it reads them as Python's.
_HEADER_ERRORS = (
    OSError, EOFError, ValueError, TypeError, SyntaxError, LookupError, ArithmeticError,
    AttributeError, RuntimeError, MemoryError, struct.error, tokenize.TokenError,
)  # fmt: skip
_NUMBERS = "buif"


def mapped_array(path: Path, mode: Literal["r", "r+"] = "r", *, remedy: str) -> NDArray[Any]:
    """Map a .npy file of numbers that is all there.

    Parameters
    ----------
    path : Path
        The file.
    mode : {"r", "r+"}
        To read, or to write into it too.
    remedy : str
        What to do where it cannot be used.

    Raises
    ------
    InputError
        If it cannot be read, is no such file, or is cut short.
    """
    check_readable(path)
    try:
        with warnings.catch_warnings(action="ignore"):  # of headers that Python 2 has written
            # First to read, which refuses a file cut short; "r+" would fill it up with zeros.
            array = np.lib.format.open_memmap(path, "r")
            if array.dtype.kind in _NUMBERS and mode != "r":
                array = np.lib.format.open_memmap(path, mode)
    except _HEADER_ERRORS as error:
        # numpy's own words would advise to unpickle the file, which may run anything.
        msg = f"{path}: is not an array of numbers: {remedy}"
        raise InputError(msg) from error
    if array.dtype.kind not in _NUMBERS:
        msg = f"{path}: holds {array.dtype}, which are no numbers: {remedy}"
        raise InputError(msg)
    return array
