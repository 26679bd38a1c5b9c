"""Session folders: what a person paints is in the file when it is on the screen."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.review.page_stages import count_segmented, new_stages, stages_from
from napari_squeakout.core.review.review import PageState, quick_hash
from napari_squeakout.core.stacks import PAGE_PX
from napari_squeakout.io.files import folder_written_whole, written_whole
from napari_squeakout.io.home import home_folder
from napari_squeakout.io.sources.arrays import mapped_array

from .record import SUFFIX, SessionRecord, SourceFile, fingerprint_of, read_record, write_record

if sys.platform != "win32":
    import fcntl

# Painting into a mapped file whose disk is full ends the program without a word.
_FREE_BYTES = 2**30
#: Names of its files.
RECORD, LABELS, PROBABILITIES, PROPOSED, STAGES = (
    "session.json", "labels.npy", "probabilities.npy", "proposed.npy", "stages.npy",
)  # fmt: skip
_LOCK = "session.lock"
#: All that is written into its folder.
FILES = (RECORD, LABELS, PROBABILITIES, PROPOSED, STAGES, _LOCK)
_PAGE = (PAGE_PX, PAGE_PX)
_ARRAYS = (
    (LABELS, np.int32, _PAGE), (PROBABILITIES, np.uint8, _PAGE), (PROPOSED, np.uint32, ()),
)  # fmt: skip


@dataclass
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
    read_only : str
        Why nothing may be changed; empty where it may.
    """

    folder: Path
    record: SessionRecord
    labels: NDArray[np.int32] = field(repr=False)
    probabilities: NDArray[np.uint8] = field(repr=False)
    proposed: NDArray[np.uint32] = field(repr=False)
    stages: NDArray[np.uint8] = field(repr=False)
    read_only: str = ""
    _lock: _Hold | None = field(default=None, repr=False)

    def save(self, record: SessionRecord) -> None:
        """Write the record, after what was painted has reached the disk.

        Raises
        ------
        SqueakOutError
            If the session is read-only or the system refuses.
        """
        if self.read_only:
            msg = f"{self.folder}: {self.read_only}: open it in one window only"
            raise SqueakOutError(msg)
        if not all((self.folder / name).is_file() for name in (LABELS, RECORD)):
            msg = f"{self.folder}: is not there any more: put it back, or save the layers elsewhere"
            raise SqueakOutError(msg)
        for array in self._arrays:
            if isinstance(array, np.memmap):
                array.flush()
        self.record = write_record(record, self.folder / RECORD)

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


def sessions_folder() -> Path:
    """Where sessions lie that nobody has put elsewhere."""
    return home_folder() / "sessions"


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
    with folder_written_whole(folder) as draft:
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
    lock, why = (None, "is only read here") if read_only else _locked(folder)
    try:
        # Read again: another window may have saved it before the lock was ours.
        record = read_record(folder / RECORD)
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
    return Session(folder, record, labels, probabilities, proposed, stages, why, lock)


def find_sessions(paths: Iterable[Path], folder: Path | None = None) -> list[Path]:
    """Sessions of just these files in the sessions folder, the one changed last first."""
    files = list(paths)
    sizes = [path.stat().st_size for path in files]
    same_size = [
        (record, place)
        for place, record in _records(folder or sessions_folder())
        if [source.size for source in record.sources] == sizes
    ]
    if not same_size:
        return []
    wanted = [fingerprint_of(path) for path in files]
    found = [
        (record.changed, place)
        for record, place in same_size
        if [source.fingerprint for source in record.sources] == wanted
    ]
    return [place for _, place in sorted(found, reverse=True)]


def locate(session: Session, near: Iterable[Path] = ()) -> list[Path]:
    """The files that a session's pages come from, wherever they are now.

    Parameters
    ----------
    session : Session
        Open.
    near : iterable of Path
        More folders to look in.

    Raises
    ------
    InputError
        If a file is nowhere, or is there and has been changed.
    """
    folders = [session.folder.parent, *near]
    return [_locate(source, session.folder, folders) for source in session.record.sources]


def summary(record: SessionRecord, stages: NDArray[np.uint8] | None = None) -> str:
    """What a session holds, in a line: `41 of 160 pages approved, last change 2026-11-22 10:32`.

    With the stages of its pages it also says how many are segmented, where not all are.
    """
    approved = record.review.count(PageState.APPROVED)
    changed = record.changed.astimezone()
    n_segmented = record.n_pages if stages is None else count_segmented(stages)
    text = f"{approved} of {record.n_pages} pages approved, last change {changed:%Y-%m-%d %H:%M}"
    if n_segmented == record.n_pages:
        return text
    return f"{text}; {n_segmented} of {record.n_pages} segmented"


def stages_in(folder: Path, n_pages: int) -> NDArray[np.uint8] | None:
    """The stages of a session's pages without opening it; None where they cannot be read."""
    try:
        return _mapped(folder / STAGES, np.uint8, (n_pages,), "r")
    except InputError:
        return None


def _records(folder: Path) -> Iterator[tuple[Path, SessionRecord]]:
    for path in sorted(folder.glob(f"*{SUFFIX}/{RECORD}")):
        # One that cannot be read spoils the search for no other.
        if path.parent.name.startswith("."):
            continue  # one that is being made, or was when its maker was killed
        try:
            yield path.parent, read_record(path)
        except InputError:
            continue  # opening it will say what is wrong


@dataclass
class _Hold:
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


def _locked(folder: Path) -> tuple[_Hold | None, str]:
    # A job may open what the window closes.
    lock = FileLock(folder / _LOCK, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None, "is open in another window"
    except OSError as error:
        return None, f"may not be changed ({error.strerror or error})"
    hold = _Hold(lock)
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
    with written_whole(folder / STAGES) as draft:
        np.save(draft, stages)
    return _mapped(folder / STAGES, np.uint8, stages.shape, "r+")


def _locate(source: SourceFile, folder: Path, folders: Iterable[Path]) -> Path:
    name = Path(source.absolute).name
    candidates = [folder / source.path, Path(source.absolute), *(near / name for near in folders)]
    there = [path for path in candidates if path.is_file()]
    for path in there:
        if path.stat().st_size == source.size and fingerprint_of(path) == source.fingerprint:
            return path.resolve()
    # Recorders number their files: elsewhere, one of this name may be another.
    if there and there[0] in candidates[:2]:
        msg = (
            f"{there[0]}: has changed since this session was begun, so its masks may lie elsewhere "
            "than its calls: restore the file, or begin a new session"
        )
        raise InputError(msg)
    msg = f"{source.absolute}: is not there any more: say which folder it is in now"
    raise InputError(msg)
