"""How `fine-tune` hears that it is to stop learning."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

_STDIN = 0
_CHUNK_BYTES = 4096


def stop_asked(*files: Path | None, stdin: bool) -> Callable[[], bool]:
    """A function that says whether one of the files is there, or stdin had the line `stop`."""
    heard = threading.Event()
    if stdin:
        threading.Thread(target=_listen, args=(heard,), daemon=True).start()

    def asked() -> bool:
        return heard.is_set() or any(file is not None and file.exists() for file in files)

    return asked


def _listen(heard: threading.Event) -> None:
    """Wait for the line `stop`; the end of the input is no reason to stop."""
    text = b""
    # Past sys.stdin, whose lock a thread that still waits would hold when Python ends.
    while chunk := os.read(_STDIN, _CHUNK_BYTES):
        text += chunk
        *lines, text = text.split(b"\n")
        if any(line.strip() == b"stop" for line in lines):
            heard.set()
            return
