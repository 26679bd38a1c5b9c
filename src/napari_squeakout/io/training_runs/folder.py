"""The folder of one fine-tuning: what is asked of it, what it tells, whether it is alive.

`order.json` what to do; `events.jsonl` what came of it, a line each; `stderr.txt` what went wrong;
`preview.npz` and `changes.npz` pages to be shown; `process.json` who does it, on which machine;
`lock` held by the run for its life. `stop`, `cancelled` and `seen` are marks: empty files.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from filelock import FileLock, Timeout

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.io.files import atomic_file
from napari_squeakout.io.plain_files import plain_bytes

from .events import EpochEvent, Event, event_of, line_of

ORDER, EVENTS, ERRORS, PROCESS = "order.json", "events.jsonl", "stderr.txt", "process.json"
STOP, CANCELLED, SEEN = "stop", "cancelled", "seen"
PREVIEW, CHANGES = "preview.npz", "changes.npz"
if TYPE_CHECKING:
    from numpy.typing import NDArray

E = TypeVar("E", bound=Event)
_LOCK = "lock"
#: All that is written into it, but for a model that could be saved nowhere else.
FILES = (ORDER, EVENTS, ERRORS, PROCESS, STOP, CANCELLED, SEEN, PREVIEW, CHANGES, _LOCK)
# Whoever looks whether the run is alive holds the lock for a moment.
_PATIENCE_S = 10.0


def _check_is_for_a_run(folder: Path) -> None:
    """Make the folder; nothing of anybody else's is to be replaced in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        foreign = sorted(path.name for path in folder.iterdir() if path.name not in FILES)
        # What only a run has; the others' names are common ones.
        is_ours = not any(folder.iterdir()) or any((folder / n).exists() for n in (ORDER, EVENTS))
    except OSError as error:
        reason = error.strerror or str(error)
        msg = f"{folder}: cannot be used for a run ({reason}): give a new folder"
        raise SqueakOutError(msg) from error
    if foreign or not (is_ours or (folder / _LOCK).exists()):
        what = f"{foreign[0]} in it" if foreign else "files in it"
        msg = f"{folder}: has {what} that no run has written: give a new folder"
        raise SqueakOutError(msg)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Be the run of this folder, which may exist already: until the block or the process ends.

    Raises
    ------
    SqueakOutError
        If another run holds it, one has been there before, it holds something else, or it cannot
        be written to.
    """
    _check_is_for_a_run(folder)
    lock = FileLock(folder / _LOCK, thread_local=False)
    try:
        lock.acquire(timeout=_PATIENCE_S)
    except Timeout as error:
        msg = f"{folder}: a fine-tuning is running in this folder: choose another folder"
        raise SqueakOutError(msg) from error
    try:
        if (folder / EVENTS).exists():
            msg = f"{folder}: a fine-tuning has run in this folder already: choose another folder"
            raise SqueakOutError(msg)
        write_json(folder / PROCESS, {"pid": os.getpid(), "machine": platform.node()})
        yield
    finally:
        lock.release()


def is_held(folder: Path) -> bool:
    """Whether a run is alive in it, of whatever process."""
    if not (folder / _LOCK).exists():
        return False
    lock = FileLock(folder / _LOCK, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:  # somebody else's, which may not be written to
        return False
    lock.release()
    return False


def append_event(folder: Path, event: Event) -> None:
    """Add a line to what the run tells; one that was cut short before it spoils itself alone."""
    path = folder / EVENTS
    try:
        with path.open("a+b") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0, end - 1))
            is_cut = file.read(1) not in {b"", b"\n"}
            file.write(b"\n" * is_cut + line_of(event).encode() + b"\n")
    except OSError as error:  # of a write the system does not say where it was
        raise OSError(error.errno, error.strerror, str(path)) from error


class EventsHeard:
    """What a run has told so far, by kind; each look reads only what has come since."""

    def __init__(self) -> None:
        #: Kinds of all lines, of those too of which nothing else could be read: it happened.
        self.kinds: set[str] = set()
        self.epochs: list[EpochEvent] = []
        self.seconds = 0.0
        self._latest: dict[type, Event] = {}
        self._read_bytes = 0

    def listen(self, folder: Path) -> EventsHeard:
        """Take in what is new; a line that is just being written, or was when killed, is not."""
        if not (folder / EVENTS).is_file():
            return self
        try:
            with (folder / EVENTS).open("rb") as file:
                file.seek(self._read_bytes)
                whole, _, _ = file.read().rpartition(b"\n")
        except OSError:
            return self
        self._read_bytes += len(whole)
        for told in map(_parsed, whole.split(b"\n")):
            if isinstance(told, dict) and isinstance(told.get("kind"), str):
                self.kinds.add(told["kind"])
                event = event_of(told)
                if event is not None:
                    self._take(event)
        return self

    def latest(self, kind: type[E]) -> E | None:
        """The last event of a kind; None before any."""
        event = self._latest.get(kind)
        return event if isinstance(event, kind) else None

    def _take(self, event: Event) -> None:
        self._latest[type(event)] = event
        self.seconds = event.seconds
        if isinstance(event, EpochEvent):
            self.epochs.append(event)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write it whole or not at all."""
    with atomic_file(path) as draft:
        draft.write_text(json.dumps(content, indent=2), encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Its content; nothing where it is not there or spoilt."""
    try:
        content = _parsed(plain_bytes(path))
    except OSError:
        return {}
    return content if isinstance(content, dict) else {}


def write_arrays(path: Path, **arrays: NDArray[Any]) -> None:
    """Write an .npz so that whoever reads meanwhile finds the old one or the new one."""
    import numpy as np

    with atomic_file(path) as draft:
        np.savez_compressed(draft, **arrays)  # type: ignore[arg-type]


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
