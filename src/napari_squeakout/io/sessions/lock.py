"""That a session is open in one window only, and may be changed there."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from .record import LABELS, LOCK

if sys.platform != "win32":
    import fcntl

# Painting into a mapped file whose disk is full ends the program without a word.
_FREE_BYTES = 2**30


@dataclass
class Hold:
    """What says that a session is open.

    A lock file may be deleted by somebody who clears up, and the next one would be another; who
    deletes the labels has other worries. Windows deletes nothing that is open.
    """

    lock: FileLock
    labels: IO[bytes] | None = None

    def release(self) -> None:
        """Let others have it."""
        if self.labels is not None:
            self.labels.close()
        self.lock.release()

    def __del__(self) -> None:
        """A session that is dropped without being closed holds nothing open, as with its lock."""
        if self.labels is not None:
            self.labels.close()


def locked(folder: Path) -> tuple[Hold | None, str]:
    """The session, held; or nothing, and why it is not to be had for changes."""
    # A job may open what the window closes.
    lock = FileLock(folder / LOCK, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None, "is open in another window"
    except OSError as error:
        return None, f"may not be changed ({error.strerror or error})"
    hold = Hold(lock)
    try:
        hold.labels = _locked_labels(folder / LABELS)
    except BlockingIOError:
        hold.release()
        return None, "is open in another window"
    if shutil.disk_usage(folder).free < _FREE_BYTES:
        hold.release()
        return None, "may not be changed, since less than 1 GB is free on its disk"
    return hold, ""


def _locked_labels(path: Path) -> IO[bytes] | None:
    """The file of labels, locked where that is of use; BlockingIOError if another has it."""
    if sys.platform == "win32" or not path.is_file():
        return None
    try:
        labels = path.open("r+b")
    except OSError:
        return None  # opening it will say what is wrong
    try:
        fcntl.flock(labels, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        labels.close()
        raise
    except OSError:  # a disk that knows no locks
        labels.close()
        return None
    return labels
