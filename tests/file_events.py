"""Work that is killed, or finds the disk full, at any one of the things it does to files.

It is done in a child that is forked: what was imported is there, and nothing it does comes back
but what is on the disk and what it tells. A kill leaves what was written, as the system's own does;
half of the bytes that were just being written have reached the file.
"""

from __future__ import annotations

import builtins
import errno
import io
import json
import os
import shutil
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NoReturn

import pytest

KILLED = 9
# Longer than any piece of work here takes on a slow machine: a child that hangs is ended.
_PATIENCE_S = 120
_MADE = {"open", "os.mkdir", "os.link", "os.rename", "write", "fsync", "room", "exchange"}
_MOVED = {"os.rename", "exchange"}
_GONE = {"os.remove", "os.rmdir", "os.truncate"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

#: Is given what tells the parent a value that JSON knows, at once.
Work = Callable[[Callable[[Any], None]], object]

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills as POSIX does")


@dataclass(frozen=True)
class Ending:
    """How a child ended.

    Parameters
    ----------
    code : int
        `KILLED`, 0, or 1 where the work raised.
    events : tuple of str
        What it did to files, in order.
    error : tuple of str
        Names of the raised error's classes, its own first; empty where none was.
    text : str
        Of the error.
    told : tuple
        What the work told on its way.
    """

    code: int
    events: tuple[str, ...] = ()
    error: tuple[str, ...] = ()
    text: str = ""
    told: tuple[Any, ...] = ()


@dataclass
class Fate:
    """What befalls a child, and when.

    Parameters
    ----------
    place : Path
        Only what is done to files below counts.
    at : int
        Number of the event, from 0; -1 for none.
    is_full : bool
        Whether the disk is full from there on; otherwise the child dies.
    """

    place: Path
    at: int = -1
    is_full: bool = False
    seen: list[str] = field(default_factory=list)

    def comes(self, event: str, path: Any) -> bool:
        """Take down that something is about to be done; whether it is what ends the child."""
        name = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
        if not os.path.abspath(name).startswith(str(self.place)):  # noqa: PTH100 - called often
            return False
        if self.is_full and event in _GONE:
            return False  # a full disk lets go of files
        self.seen.append(event)
        number = len(self.seen) - 1
        # A new name may need room that a way back to the old one does not.
        stays_full = self.is_full and event not in _MOVED
        return number == self.at or (stays_full and 0 <= self.at < number)

    def strike(self, path: Any) -> NoReturn:
        """Die at once, or say that the disk is full."""
        if self.is_full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fspath(path))
        os._exit(KILLED)

    def before(self, event: str, path: Any) -> None:
        """Strike before something is done, if it is time."""
        if self.comes(event, path):
            self.strike(path)


def child(work: Work, fate: Fate) -> Ending:
    """Do some work in a child that meets its fate.

    Parameters
    ----------
    work : callable
        What to do.
    fate : Fate
        See there.
    """
    number, pipe = begun(work, fate)
    return ending_of(number, pipe)


def begun(work: Work, fate: Fate) -> tuple[int, IO[bytes]]:
    """A child at work: its number, and the lines it tells."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    with warnings.catch_warnings(action="ignore"):  # of threads, which nothing here needs
        number = os.fork()
    if number == 0:
        os.close(reading)
        _live(work, fate, writing)
    os.close(writing)
    return number, os.fdopen(reading, "rb")


def ending_of(number: int, pipe: IO[bytes]) -> Ending:
    """How a child ended, when it has; what it told that nobody has heard yet."""
    with pipe:
        lines = [json.loads(line) for line in pipe if line.endswith(b"\n")]
    code = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
    assert code in {0, 1, KILLED, -signal.SIGKILL}, f"the child was ended by signal {-code}"
    told = tuple(line["told"] for line in lines if "told" in line)
    if code in {KILLED, -signal.SIGKILL}:
        return Ending(KILLED, told=told)
    last = lines[-1]
    return Ending(code, tuple(last["events"]), tuple(last["error"]), last["text"], told)


def endings(
    work: Work, place: Path, *, is_full: bool = False, watched: Path | None = None
) -> Iterator[Ending]:
    """Do some work again and again in a folder, ended at each thing it does to files there.

    The folder is put in order in between; last of all nothing befalls the work. Unless
    NAPARI_SQUEAKOUT_EVERY_KILL is set, three of four are left out before the last dozen: they
    fill drafts.

    Parameters
    ----------
    work : callable
        As for `child`.
    place : Path
        The folder.
    is_full : bool
        Whether the disk is full from then on; otherwise the child dies.
    watched : Path, optional
        A part of it: the rest lies on a disk of its own.
    """
    before = place.with_name(f"{place.name} before")
    shutil.copytree(place, before)
    watched = watched or place
    number = len(child(work, Fate(watched)).events)
    places = range(number + 1)
    if not os.environ.get("NAPARI_SQUEAKOUT_EVERY_KILL"):
        places = [*range(0, number - 12, 4), *range(max(0, number - 12), number + 1)]
    for at in places:
        shutil.rmtree(place)
        shutil.copytree(before, place)
        yield child(work, Fate(watched, at, is_full=is_full))


def _live(work: Any, fate: Fate, pipe: int) -> NoReturn:
    """All of a child's life."""
    code, error, text = 0, [], ""
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(_PATIENCE_S)
        _set_up(fate)
        work(lambda value: _tell(pipe, told=value))
    except BaseException as raised:  # noqa: BLE001 - it is told, and judged by the test
        code, text = 1, " ".join(str(raised).split())
        error = [kind.__name__ for kind in type(raised).__mro__]
    finally:
        try:
            _tell(pipe, events=fate.seen, error=error, text=text)
        finally:
            os._exit(code)


def _tell(pipe: int, **what: Any) -> None:
    os.write(pipe, json.dumps(what).encode() + b"\n")


def _set_up(fate: Fate) -> None:
    """Let all that is done to files pass by the child's fate."""
    import numpy as np

    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)  # its threads have stayed with the parent
    from napari_squeakout.io import drafts

    sys.addaudithook(lambda event, arguments: _hear(fate, event, arguments))
    whole = io.open
    opened = lambda *a, **k: _opened(fate, whole, *a, **k)  # noqa: E731
    io.open = builtins.open = opened
    np.lib.format.isfileobj = lambda _: False  # it would write past what is watched
    exchange = drafts.exchange
    drafts.exchange = lambda a, b: (fate.before("exchange", b), exchange(a, b))[1]
    fsync = os.fsync
    os.fsync = lambda n: (fate.before("fsync", _path_of(n)), fsync(n))[1]  # type: ignore[assignment]
    if hasattr(os, "posix_fallocate"):
        room = os.posix_fallocate
        os.posix_fallocate = lambda n, *a: (fate.before("room", _path_of(n)), room(n, *a))[1]


def _hear(fate: Fate, event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        path, _, flags = arguments
        # What is there already needs no room.
        needed = os.O_CREAT if fate.is_full else _WRITING
        if isinstance(flags, int) and flags & needed and not (fate.is_full and _is_there(path)):
            fate.before("open", path)
    elif event in _MADE:
        fate.before(event, arguments[1] if event in {"os.rename", "os.link"} else arguments[0])
    elif event in _GONE:
        fate.before(event, arguments[0])


def _is_there(path: Any) -> bool:
    return isinstance(path, int) or Path(os.fsdecode(path)).exists()


def _path_of(number: int) -> str:
    try:
        return str(Path(f"/proc/self/fd/{number}").readlink())
    except OSError:
        return ""


def _opened(
    fate: Fate,
    whole: Any,
    file: Any,
    mode: str = "r",
    buffering: int = -1,
    *rest: Any,
    **named: Any,
) -> Any:
    """As `open`; each write to a file with a name passes by the child's fate."""
    if isinstance(file, int) or not set(mode) & set("wax+"):
        return whole(file, mode, buffering, *rest, **named)
    opener, closefd = named.pop("opener", None), named.pop("closefd", True)
    raw = _Watched(file, mode.replace("b", "").replace("t", ""), closefd, opener)
    raw.fate = fate
    if buffering == 0:
        return raw
    buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
    if "b" in mode:
        return buffered
    return io.TextIOWrapper(buffered, *rest, **named)


class _Watched(io.FileIO):
    """A file of which half the bytes are written when its time has come."""

    fate: Fate

    def write(self, data: Any, /) -> int:
        """As a file's own."""
        if self.fate.comes("write", self.name):
            view = memoryview(data).cast("B")
            super().write(view[: len(view) // 2])
            self.fate.strike(self.name)
        return super().write(data)
