"""Two names that change places in one step, where the system can do that."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

# Linux's RENAME_EXCHANGE and macOS's RENAME_SWAP happen to be the same number.
_EXCHANGE = 2
_HERE = -100  # AT_FDCWD of Linux: paths are taken as they are
# What file systems that cannot say: network ones, mostly.
_CANNOT = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOTTY}


def exchange(one: Path, other: Path) -> bool:
    """Let two files or folders change places, so that no moment has neither.

    Parameters
    ----------
    one, other : Path
        Both are there, on one file system.

    Returns
    -------
    bool
        Whether it was done; False where this system or file system cannot.

    Raises
    ------
    OSError
        If it is refused.
    """
    call = _call()
    if call is None:
        return False
    if call(os.fsencode(one), os.fsencode(other)) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(one), None, str(other))


@cache
def _call() -> Callable[[bytes, bytes], int] | None:
    """The system's own function; None where there is none."""
    if sys.platform not in {"linux", "darwin"}:
        return None
    system = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux":
        linux = getattr(system, "renameat2", None)
        return linux and (lambda a, b: int(linux(_HERE, a, _HERE, b, _EXCHANGE)))
    mac = getattr(system, "renamex_np", None)
    return mac and (lambda a, b: int(mac(a, b, _EXCHANGE)))
