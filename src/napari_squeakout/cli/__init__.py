"""The `squeakout` command: what the window does, without a window.

Flags are the settings classes of core, not restated here. Exit codes: 0 success,
1 failure of an input or of the work, 2 wrong use, 130 stopped by Ctrl-C or by a polite kill.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

# Schedulers and systems that shut down send the first, terminals that are closed the other.
_POLITE = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
_FAILED, _STOPPED = 1, 130
_STOPPED_TEXT = (
    "stopped: what is finished is complete, the rest left nothing half-written; the same command "
    "goes on with what is left"
)


def main(arguments: list[str] | None = None) -> None:
    """Run the command and leave with its exit code; every failure is one line on stderr."""
    try:
        with _polite_kills_as_ctrl_c():
            # Only now: loading it takes a second, in which Ctrl-C is told in one line too.
            from .running import run_command

            code = run_command(arguments)
    except KeyboardInterrupt:
        with suppress(OSError):
            sys.stderr.write(f"{_STOPPED_TEXT}\n")
        code = _STOPPED
    sys.exit(code if _last_words_are_out() else code or _FAILED)


@contextmanager
def _polite_kills_as_ctrl_c() -> Iterator[None]:
    """Let what is at work clear up behind itself when it is asked to end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # Who set them to be ignored, as nohup does, means it.
    before = {s: signal.getsignal(s) for s in _POLITE if signal.getsignal(s) is signal.SIG_DFL}
    for number in before:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _last_words_are_out() -> bool:
    """Whether all that was said has been taken; if not, Python is kept from trying again."""
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True
