"""Session folders: what a person paints is in the file when it is on the screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.measures.by_hand.classes import ClassesByHand
from napari_squeakout.core.review.page_stages import count_segmented, new_stages, stages_from
from napari_squeakout.core.review.review import PageState, quick_hash
from napari_squeakout.io.files import atomic_file, atomic_folder
from napari_squeakout.io.sources.arrays import mapped_array

from .classes_file import read_classes, write_classes
from .lock import Hold, locked
from .record import (
    LABELS,
    PROBABILITIES,
    PROPOSED,
    RECORD,
    STAGES,
    SUFFIX,
    SessionRecord,
    read_record,
    write_record,
)

_PAGE = (PAGE_PX, PAGE_PX)
_ARRAYS = (
    (LABELS, np.int32, _PAGE), (PROBABILITIES, np.uint8, _PAGE), (PROPOSED, np.uint32, ()),
)  # fmt: skip


@dataclass(kw_only=True)
class Session:
    """An open session.

    Parameters
    ----------
    folder : Path
        Where it lies.
    record : SessionRecord
        As it was read or last saved.
    labels : NDArray
        (n, 512, 512) int32, mapped to the file; a write is in the file at once.
    probabilities : NDArray
        (n, 512, 512) uint8, mapped likewise.
    proposed : NDArray
        (n,) uint32 quick hashes of the labels as cleaning wrote them, mapped likewise: what differs
        is a person's.
    stages : NDArray
        (n,) uint8 `PageStage` of each page, mapped likewise: a page that was never segmented is not
        an empty one.
    classes : tuple of ClassByHand
        What a person said of calls, as it was read or last saved.
    read_only : str
        Why nothing may be changed; empty where it may.
    """

    folder: Path
    record: SessionRecord
    labels: NDArray[np.int32] = field(repr=False)
    probabilities: NDArray[np.uint8] = field(repr=False)
    proposed: NDArray[np.uint32] = field(repr=False)
    stages: NDArray[np.uint8] = field(repr=False)
    classes: ClassesByHand = field(default=(), repr=False)
    read_only: str = ""
    _lock: Hold | None = field(default=None, repr=False)

    def save(self, record: SessionRecord) -> None:
        """Write the record, after what was painted has reached the disk.

        Raises
        ------
        SqueakOutError
            If the session is read-only or the system refuses.
        """
        self._check_may_change()
        for array in self._arrays:
            if isinstance(array, np.memmap):
                array.flush()
        self.record = write_record(record, self.folder / RECORD)

    def save_classes(self, classes: ClassesByHand) -> None:
        """Write the classes that a person gave to calls, all of them.

        Raises
        ------
        SqueakOutError
            If the session is read-only or the system refuses.
        """
        self._check_may_change()
        write_classes(classes, self.folder)
        self.classes = classes

    def _check_may_change(self) -> None:
        if self.read_only:
            msg = f"{self.folder}: {self.read_only}: open it in one window only"
            raise SqueakOutError(msg)
        if not all((self.folder / name).is_file() for name in (LABELS, RECORD)):
            msg = f"{self.folder}: is not there any more: put it back, or save the layers elsewhere"
            raise SqueakOutError(msg)

    def close(self) -> None:
        """Let another window have it; from here on nothing may be changed."""
        self.read_only = self.read_only or "has been closed"
        for array in self._arrays:
            if isinstance(array, np.memmap):
                array.flush()
            array.flags.writeable = False
        if self._lock is not None:
            self._lock.release()

    @property
    def _arrays(self) -> tuple[NDArray[Any], ...]:
        return self.labels, self.probabilities, self.proposed, self.stages


def create_session(folder: Path, record: SessionRecord) -> Session:
    """Make a session without labels and open it; sparse where the file system can.

    Raises
    ------
    SqueakOutError
        If the folder holds something already or cannot be written.
    """
    if folder.suffix != SUFFIX:
        msg = f"{folder}: the name of a session ends in {SUFFIX}: add it"
        raise SqueakOutError(msg)
    shape = (record.n_pages, PAGE_PX, PAGE_PX)
    with atomic_folder(folder) as draft:
        for name, dtype in ((LABELS, np.int32), (PROBABILITIES, np.uint8)):
            np.lib.format.open_memmap(draft / name, "w+", dtype, shape).flush()
        empty = quick_hash(np.zeros(shape[1:], np.int32))
        np.save(draft / PROPOSED, np.full(record.n_pages, empty, np.uint32))
        np.save(draft / STAGES, new_stages(record.n_pages))
        write_record(record, draft / RECORD)
    return open_session(folder)


def open_session(folder: Path, *, read_only: bool = False) -> Session:
    """Open a session; read-only, with the reason, where another window has it or it may not change.

    Where it is only to be read, no lock is taken and nothing in its folder is touched.

    Raises
    ------
    InputError
        If it is none, is damaged, or is of a newer version.
    """
    read_record(folder / RECORD)  # no lock is left in a folder that is no session
    lock, why = (None, "is only read here") if read_only else locked(folder)
    try:
        # Read again: another window may have saved it before the lock was ours.
        record = read_record(folder / RECORD)
        classes = read_classes(folder, record.n_pages)
        mode = "r" if why else "r+"
        labels, probabilities, proposed = (
            _mapped(folder / name, dtype, (record.n_pages, *page), mode)
            for name, dtype, page in _ARRAYS
        )
        if (folder / STAGES).exists():
            stages = _mapped(folder / STAGES, np.uint8, (record.n_pages,), mode)
        else:
            stages = _stages_made(folder, probabilities, labels, is_kept=not why)
    except BaseException:
        if lock is not None:
            lock.release()
        raise
    return Session(
        folder=folder,
        record=record,
        labels=labels,
        probabilities=probabilities,
        proposed=proposed,
        stages=stages,
        classes=classes,
        read_only=why,
        _lock=lock,
    )


def summary(record: SessionRecord, stages: NDArray[np.uint8] | None = None) -> str:
    """What a session holds, in a line: `41 of 160 pages approved, last change 2026-11-22 10:32`.

    With the stages of its pages it also says how many are segmented, where not all are.
    """
    approved = record.review.count(PageState.APPROVED)
    changed = _local(record.changed)
    n_segmented = record.n_pages if stages is None else count_segmented(stages)
    text = f"{approved} of {record.n_pages} pages approved, last change {changed:%Y-%m-%d %H:%M}"
    if n_segmented == record.n_pages:
        return text
    return f"{text}; {n_segmented} of {record.n_pages} segmented"


def _local(time: datetime) -> datetime:
    """In the time of this place; as it is where that has no such year."""
    try:
        return time.astimezone()
    except (OverflowError, OSError):
        return time


def stages_in(folder: Path, n_pages: int) -> NDArray[np.uint8] | None:
    """The stages of a session's pages without opening it; None where they cannot be read."""
    try:
        return _mapped(folder / STAGES, np.uint8, (n_pages,), "r")
    except InputError:
        return None


def _mapped(path: Path, dtype: Any, shape: tuple[int, ...], mode: Any) -> NDArray[Any]:
    try:
        array = mapped_array(path, mode, remedy="")
    except InputError as error:
        reason = str(error).removeprefix(f"{path}: ").partition(":")[0]
        msg = f"{path}: cannot be opened ({reason}): restore it from a copy"
        raise InputError(msg) from error
    if array.dtype != dtype or array.shape != shape:
        wanted = f"{np.dtype(dtype)} {shape}"
        msg = f"{path}: holds {array.dtype} {array.shape}, not {wanted}: restore it from a copy"
        raise InputError(msg)
    return array


def _stages_made(folder: Path, values: Any, labels: Any, *, is_kept: bool) -> NDArray[np.uint8]:
    """Stages of a session from before they were taken down; kept from now on where it may be."""
    stages = stages_from(values, labels)
    if not is_kept:
        return stages
    with atomic_file(folder / STAGES) as draft:
        np.save(draft, stages)
    return _mapped(folder / STAGES, np.uint8, stages.shape, "r+")
