"""What the network has said of a long recording so far, kept until its result is whole."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.detection.segment import answers, segmenting_pages
from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.stacks import AnsweredStack, SpectrogramStack
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.io.drafts import clear_leftovers
from napari_squeakout.io.files import atomic_file, remove_own
from napari_squeakout.io.plain_files import plain_text
from napari_squeakout.io.scratch import give_back_zeros, make_room, page_array

#: Recordings of more pages (a minute) are kept on the way: less is done again in no time.
LEAST_PAGES = 272

_PREFIX = ".unfinished-"
_ANSWERS, _STATE, _LOCK = "answers", "state.json", "lock"
_EVERY_S = 10.0
_NO_LOCK = (OSError, RuntimeError, NotImplementedError)


class Unfinished:
    """Answers in a file, and how many pages of them are there.

    Parameters
    ----------
    folder : Path
        Where they lie.
    about : mapping
        What they are of and how they are made, plain values; `shape` is (pages, 512, 512).
    """

    def __init__(
        self, folder: Path, about: Mapping[str, Any], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._state, self._about = folder / _STATE, about
        self._now, self._kept_s = now, now()
        #: Pages that need not be asked about again, and those of them that are silent.
        self.done, self.n_silent = self._done_before(folder / _ANSWERS)
        if not self.done:
            self._state.unlink(missing_ok=True)
        # Pages without a call are zeros that were never written, and take no room.
        shape = tuple(about["shape"])
        with (folder / _ANSWERS).open("r+b" if self.done else "w+b") as file:
            file.truncate(int(np.prod(shape)))
            self.values: np.memmap[Any, Any] = np.memmap(file, np.uint8, "r+", shape=shape)

    def put(self, page: int, answer: NDArray[np.uint8] | None) -> None:
        """Keep the answer of the next page, None where it is silent.

        Raises
        ------
        SqueakOutError
            If the disk is full.
        """
        if answer is None:
            self.n_silent += 1
        elif answer.any():
            make_room(self.values, page, page + 1)
            self.values[page] = answer
            give_back_zeros(self.values, page, page + 1)
        self.done = page + 1
        if self._now() - self._kept_s >= _EVERY_S:
            self.keep()

    def keep(self) -> None:
        """Say on the disk how far it is."""
        self._kept_s = self._now()
        self.values.flush()
        with atomic_file(self._state) as path:
            state = {**self._about, "done": self.done, "silent": self.n_silent}
            path.write_text(json.dumps(state), encoding="utf-8")

    def _done_before(self, file: Path) -> tuple[int, int]:
        try:
            known = json.loads(plain_text(self._state))
            done, silent = known.pop("done"), known.pop("silent")
            is_whole = file.stat().st_size == int(np.prod(self._about["shape"]))
        except (OSError, ValueError, RecursionError, AttributeError, KeyError, TypeError):
            return 0, 0
        is_same = is_whole and known == json.loads(json.dumps(self._about))
        are_counts = isinstance(done, int) and isinstance(silent, int)
        if is_same and are_counts and 0 <= silent <= done <= known["shape"][0]:
            return done, silent
        return 0, 0


@contextmanager
def answering(
    stack: SpectrogramStack, engine: Engine, target: Path, about: Mapping[str, Any]
) -> Iterator[Callable[[], Steps[AnsweredStack]]]:
    """Ask the network about all pages, and of a long recording go on where it was stopped.

    Parameters
    ----------
    stack : SpectrogramStack
        The pages.
    engine : Engine
        Model and device.
    target : Path
        Folder of the result. Beside it lies `.unfinished-<its name>` until the block ends well.
    about : mapping
        What the answers are of and how they are made: others are begun anew.

    Yields
    ------
    callable
        Gives the steps of asking. What they return is there until the block ends.
    """
    if stack.layout.n_pages < LEAST_PAGES:
        yield partial(segmenting_pages, stack, engine)
        return
    with _unfinished(target, {**about, "shape": list(stack.layout.shape)}) as known:
        if known is None:
            room = page_array(stack.layout.shape, np.uint8)
            yield partial(segmenting_pages, stack, engine, out=room)
        else:
            yield partial(_going_on, stack, engine, known)


@contextmanager
def _unfinished(target: Path, about: Mapping[str, Any]) -> Iterator[Unfinished | None]:
    """What is known; None where another process works at the same, or nothing can be kept."""
    folder = _beside(target)
    lock = FileLock(folder / _LOCK, thread_local=False)
    try:
        folder.mkdir(exist_ok=True)
        lock.acquire(timeout=0)
    except (Timeout, *_NO_LOCK):
        yield None
        return
    try:
        known = Unfinished(folder, about)
        try:
            yield known
        except BaseException:
            with suppress(SqueakOutError, OSError):  # what has ended it is to be told, not this
                known.keep()
            raise
        finally:
            del known.values  # no system lets go of a file that is mapped and of its room
    except BaseException:
        lock.release()
        raise
    _remove(folder, lock)


def forget(target: Path) -> None:
    """Remove what is known of a result that is there: a kill right after it can leave it."""
    folder = _beside(target)
    if not folder.is_dir():
        return
    lock = FileLock(folder / _LOCK, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except (Timeout, *_NO_LOCK):
        return
    _remove(folder, lock)


def _remove(folder: Path, lock: FileLock) -> None:
    clear_leftovers(folder, again=True)
    remove_own(folder, (_ANSWERS, _STATE))
    lock.release()
    remove_own(folder, (_LOCK,))


def _beside(target: Path) -> Path:
    return target.with_name(f"{_PREFIX}{target.name}")


def _going_on(stack: SpectrogramStack, engine: Engine, known: Unfinished) -> Steps[AnsweredStack]:
    """Ask the network about the pages that nothing is known of yet."""
    n_pages = stack.layout.n_pages
    for page, answer in enumerate(answers(stack, engine, first=known.done), start=known.done):
        known.put(page, answer)
        yield Progress(page + 1, n_pages, "pages")
    return AnsweredStack(known.values, stack.layout, engine.model.fingerprint, known.n_silent)
