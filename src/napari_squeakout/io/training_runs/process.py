"""The process of a fine-tuning: on its own, so that nothing that happens to one harms the other."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from .folder import ERRORS

# The window is to stay quick while all cores learn.
_NICE = 5


def spawn(arguments: list[str], folder: Path) -> subprocess.Popen[bytes]:
    """A process of its own session, without a window or a pipe that would end or stall with us."""
    detached: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        flags = (
            subprocess.CREATE_NEW_PROCESS_GROUP
            # Not DETACHED_PROCESS: the python of an environment starts another, which Windows
            # would give a console of its own, and who closes that ends the training.
            | subprocess.CREATE_NO_WINDOW
            | subprocess.BELOW_NORMAL_PRIORITY_CLASS
        )
        detached = {"creationflags": flags}
    with (folder / ERRORS).open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603 (our own command; names and paths are arguments)
            # -P: a file of somebody's in the folder we are in is no module of ours.
            [sys.executable, "-P", "-m", "napari_squeakout.cli", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            **detached,
        )
    if sys.platform != "win32":
        with suppress(OSError):  # not everywhere allowed
            # Before it has threads, which inherit this.
            ours = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, process.pid, ours + _NICE)
    atexit.register(_let_go, process)
    return process


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """Part with a process that goes on without us, which Python would complain about."""
    if process.poll() is None:
        process.returncode = 0


def kill_group(pid: int) -> None:
    """End a process at once, with what it has started."""
    try:
        if sys.platform == "win32":
            os.kill(pid, signal.SIGTERM)  # ends it at once there
        elif os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
