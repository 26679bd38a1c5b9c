"""Small files of this program's own, read where they are plain ones.

They lie where anybody may put something else under their name: a pipe would be waited for at every
start, a device be read without end.
"""

from __future__ import annotations

import errno
import json
import math
import os
import stat
from pathlib import Path
from typing import Any

# A record of a hundred thousand files takes less.
_MOST_BYTES = 2**26


def plain_bytes(path: Path, *, most_bytes: int = _MOST_BYTES) -> bytes:
    """The content of a small file.

    Parameters
    ----------
    path : Path
        The file.
    most_bytes : int
        What is longer is none of this program's.

    Raises
    ------
    OSError
        If it is not there, is no plain file, is longer, or may not be read.
    """
    known = path.stat()
    if not stat.S_ISREG(known.st_mode):
        raise OSError(errno.EINVAL, "is no plain file", os.fspath(path))
    if known.st_size > most_bytes:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), os.fspath(path))
    return path.read_bytes()


def plain_text(path: Path) -> str:
    """As `plain_bytes`, of a text in UTF-8; UnicodeDecodeError where it is none."""
    return plain_bytes(path).decode("utf-8")


def finite_json(text: str) -> Any:
    """What a text of JSON holds, all its numbers finite.

    Others written again would be null, or nothing that JSON has.

    Raises
    ------
    ValueError
        If it is no JSON, or one is NaN or infinite.
    """
    return json.loads(text, parse_constant=_refused, parse_float=_finite)


def _refused(number: str) -> float:
    msg = f"{number} is no number that a record holds"
    raise ValueError(msg)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refused(text)
