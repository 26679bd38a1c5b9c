"""Drafts: what is written under a hidden name until it is whole.

Beside what is to be written lie, while somebody writes, `.squeakout-<machine>-<number>` and one of
these endings: `.lock`, held by the process that writes and gone last of all; `.part`, the draft,
with the suffix of its target; `.json`, written before a folder is replaced: which one, and what may
be removed of it; `.was`, the folder that is replaced, where two names cannot change places at once.
Whoever dies on the way leaves a lock that nobody holds: the next one to write in that folder clears
what belongs to it, and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from .exchange import exchange
from .plain_files import plain_text

# Locks of another machine may not be seen through a shared disk: each clears only its own.
_MACHINE = hashlib.sha256(platform.node().encode()).hexdigest()[:8]
_PREFIX = ".squeakout-"
_LOCK = re.compile(rf"{re.escape(_PREFIX)}{_MACHINE}-[0-9a-f]{{16}}\.lock")
# Somebody who clears up may hold the lock for a moment; some file systems have no locks at all.
_PATIENCE_S = 10.0
_NO_LOCK = (OSError, RuntimeError, NotImplementedError)
# Writers choose their format by the suffix; the rest of a name may be as long as names can be.
_LONGEST_SUFFIX = 16
_cleared: set[Path] = set()
_ours: set[str] = set()


@dataclass(frozen=True)
class Draft:
    """A hidden place beside a target.

    Parameters
    ----------
    target : Path
        What is to be written.
    stem : str
        What the names of all that belongs to it begin with.
    """

    target: Path
    stem: str

    @property
    def path(self) -> Path:
        """Where to write; not there at first."""
        suffix = self.target.suffix
        return self._beside(f".part{suffix if len(suffix) < _LONGEST_SUFFIX else ''}")

    def take_place(self) -> None:
        """Be the target: a file instead of what was there, a folder where none or an empty one is.

        Raises
        ------
        OSError
            If the system refuses, as where a folder has been filled meanwhile.
        """
        if os.name == "nt" and self.path.is_dir() and self.target.is_dir():
            self.target.rmdir()  # elsewhere a folder takes the place of an empty one in one step
        self.path.replace(self.target)

    def take_free_place(self) -> bool:
        """Be the target, a file where none is; False where somebody else has been quicker."""
        try:
            os.link(self.path, self.target)
        except FileExistsError:
            return False
        except OSError:  # a disk without links: looked and taken, with a moment between
            if self.target.exists():
                return False
            self.take_place()
        return True

    def take_place_of(self, parts: Sequence[str]) -> Path:
        """Be the target folder; gives where the one that was there is now.

        Parameters
        ----------
        parts : sequence of str
            All that is in the old one, and may be removed if this process is killed now.
        """
        about = {"target": self.target.name, "draft": _number(self.path), "parts": list(parts)}
        self._journal.write_text(json.dumps(about), encoding="utf-8")
        if exchange(self.path, self.target):
            return self.path
        try:
            self.target.rename(self._was)
            self.path.rename(self.target)
        except BaseException:
            if self._was.exists() and not self.target.exists():
                self._was.rename(self.target)
            raise
        return self._was

    def put_back(self) -> None:
        """Let the folder that was replaced stand in its place again."""
        if not self._was.exists():
            exchange(self.path, self.target)
            return
        self.target.rename(self.path)
        self._was.rename(self.target)

    def clear(self) -> None:
        """Remove what is left of this draft; a folder it was about to replace is put back."""
        self._clear([self.path] if os.path.lexists(self.path) else [])

    def clear_after_death(self) -> None:
        """Remove what a killed process has left of a draft whose target nobody knows any more."""
        beginning = f"{self.stem}.part"  # with a suffix that only its target told
        self._clear([p for p in self.target.parent.iterdir() if p.name.startswith(beginning)])

    def _clear(self, drafts: Sequence[Path]) -> None:
        about = _journal_of(self._journal)
        target = self.target.with_name(about["target"]) if about else self.target
        if self._was.exists():
            if target.exists():
                remove_parts(self._was, about.get("parts", ()))
            else:
                self._was.rename(target)
        for part in drafts:
            if about and _number(part) != about["draft"]:
                remove_parts(part, about["parts"])  # the old one, which it has changed places with
            else:
                _remove(part)
        self._journal.unlink(missing_ok=True)

    @property
    def lock(self) -> Path:
        """The file whose lock says that somebody is at work."""
        return self._beside(".lock")

    @property
    def _was(self) -> Path:
        return self._beside(".was")

    @property
    def _journal(self) -> Path:
        return self._beside(".json")

    def _beside(self, ending: str) -> Path:
        return self.target.parent / f"{self.stem}{ending}"


@contextmanager
def drafting(target: Path) -> Iterator[Draft]:
    """A draft for a target; whatever is left of it goes at the end, however that comes.

    Parameters
    ----------
    target : Path
        File or folder to write; missing parent folders are made.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Draft(target, f"{_PREFIX}{_MACHINE}-{secrets.token_hex(8)}")
    if is_hidden(target.parent):  # it goes with the draft that it is in
        try:
            yield draft
        finally:
            _remove(draft.path)
        return
    clear_leftovers(target.parent)
    lock = FileLock(draft.lock, thread_local=False)
    _ours.add(draft.stem)
    try:
        with suppress(*_NO_LOCK, Timeout):
            lock.acquire(timeout=_PATIENCE_S)
        yield draft
    finally:
        _end(draft, lock)
        _ours.discard(draft.stem)


def is_hidden(path: Path) -> bool:
    """Whether a path is that of a draft, or of something in one."""
    return any(part.startswith(_PREFIX) for part in path.parts)


def clear_leftovers(folder: Path, *, again: bool = False) -> None:
    """Clear what processes that were killed have left in a folder; once in the life of this one.

    Parameters
    ----------
    folder : Path
        Where something is about to be written.
    again : bool
        Whether to look in a folder that was looked into before.
    """
    place = folder.absolute()
    if place in _cleared and not again:
        return
    _cleared.add(place)
    with suppress(OSError):
        for path in list(place.iterdir()):
            stem = path.name.removesuffix(".lock")
            if _LOCK.fullmatch(path.name) and stem not in _ours:
                _clear_if_dead(Draft(place / "nothing", stem))


def remove_parts(folder: Path, parts: Iterable[str]) -> None:
    """Remove these files of a folder, and it; with anything else in it, it becomes visible."""
    known = set(parts)
    for inner, _, names in os.walk(folder, topdown=False):
        for name in names:
            path = Path(inner, name)
            if path.relative_to(folder).as_posix() in known:
                path.unlink()
        with suppress(OSError):  # it holds something that nobody knew of
            Path(inner).rmdir()
    if folder.exists():
        folder.rename(folder.with_name(f"kept-{folder.name.removeprefix(_PREFIX)}"))


def _clear_if_dead(draft: Draft) -> None:
    lock = FileLock(draft.lock, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except (Timeout, *_NO_LOCK):
        return
    _end(draft, lock, dead=True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _end(draft: Draft, lock: FileLock, *, dead: bool = False) -> None:
    """Clear a draft and let its lock go; where the system refuses, the next one will."""
    try:
        if dead:
            draft.clear_after_death()
        else:
            draft.clear()
    except OSError:
        lock.release()
        return
    lock.release()
    with suppress(OSError):
        draft.lock.unlink(missing_ok=True)


def _journal_of(path: Path) -> dict[str, Any]:
    """What is written there; nothing where it is not there, or was cut short by a kill."""
    try:
        content = json.loads(plain_text(path))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) and _is_journal(content) else {}


def _is_journal(content: dict[str, Any]) -> bool:
    """Whether that is what is written before a folder is replaced; a disk may have spoilt it."""
    target, parts = content.get("target"), content.get("parts")
    return (
        isinstance(target, str)
        and target.isprintable()
        and Path(target).name == target != ""
        and isinstance(content.get("draft"), int)
        and isinstance(parts, list)
        and all(isinstance(part, str) for part in parts)
    )


def _number(path: Path) -> int:
    """What the file system calls it, whatever name it has."""
    return path.stat().st_ino
