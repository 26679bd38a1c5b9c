"""A project: a folder of sessions and the list of the recordings that they are, or will be, of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.review.page_stages import count_segmented
from napari_squeakout.core.review.review import PageState
from napari_squeakout.io.files import atomic_file, check_readable
from napari_squeakout.io.sources.inputs import expanded, is_folder

from .finding import is_file, is_of_file, sessions_folder
from .record import RECORD, SUFFIX, SessionRecord, SourceFile, read_record, source_file
from .session import stages_in

#: Name of the list in a project's folder.
PROJECT: Final = "project.json"
SCHEMA_VERSION: Final = 1
# A list of a hundred thousand recordings takes less.
_LARGEST_BYTES = 2**26


class ProjectRecord(BaseModel):
    """The recordings of a project, in the order in which they were added.

    Parameters
    ----------
    recordings : tuple of SourceFile
        Each known by its content, so that a moved folder is found again.
    changed : datetime
        When one was last added or taken off.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = SCHEMA_VERSION
    recordings: tuple[SourceFile, ...] = ()
    changed: AwareDatetime


@dataclass(frozen=True, kw_only=True)
class RecordingRow:
    """What is known of one recording of a project without opening it.

    Parameters
    ----------
    path : Path
        The recording.
    session : Path, optional
        Its session in the project, if it has one.
    n_pages, n_segmented, n_approved : int
        Pages; 0 where it has no session yet.
    n_calls : int, optional
        As last counted; None where nobody has.
    duration_s : float, optional
        None where nobody knows.
    changed : datetime, optional
        When its session was last written.
    trouble : str
        What is wrong with it; empty where nothing is.
    """

    path: Path
    session: Path | None = None
    n_pages: int = 0
    n_segmented: int = 0
    n_approved: int = 0
    n_calls: int | None = None
    duration_s: float | None = None
    changed: datetime | None = None
    trouble: str = ""

    @property
    def is_reviewed(self) -> bool:
        """Whether every page is approved."""
        return self.n_pages > 0 and self.n_approved == self.n_pages


@dataclass(frozen=True, eq=False)
class _Session:
    folder: Path
    record: SessionRecord

    def is_of(self, source: SourceFile, path: Path) -> bool:
        """Whether it is of a file on the list."""
        same = [one.fingerprint for one in self.record.sources] == [source.fingerprint]
        return same and is_of_file(self.record, self.folder, path)


def is_project(folder: Path) -> bool:
    """Whether a folder holds a list of recordings."""
    return is_file(folder / PROJECT)


def read_project(folder: Path) -> ProjectRecord:
    """The list of a project; an empty one where its folder has none yet.

    Raises
    ------
    InputError
        If it cannot be read, or was written by a newer version.
    """
    path = folder / PROJECT
    if not is_file(path):
        return ProjectRecord(changed=datetime.now(UTC))
    check_readable(path)
    if path.stat().st_size > _LARGEST_BYTES:
        msg = f"{path}: is larger than any list of recordings: restore it from a copy"
        raise InputError(msg)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return ProjectRecord.model_validate(values)
    except (ValueError, RecursionError, ValidationError) as error:
        msg = (
            f"{path}: is no list of recordings that this version reads: restore it from a copy, or "
            "update napari-squeakout"
        )
        raise InputError(msg) from error


def has_recordings_of(project: Path, folder: Path) -> bool:
    """Whether a project holds recordings that lie in a folder; no, where it cannot be read."""
    try:
        listed = read_project(project).recordings
    except InputError:
        return False
    return any(place_of(one, project).parent == folder.resolve() for one in listed)


def project_for(paths: Sequence[Path]) -> Path:
    """The folder of a project of these: that begun for them before, or a new one.

    It lies among the user's own sessions and is called after the folder of the recordings.
    """
    first = Path(paths[0]).resolve()
    folder = first if is_folder(first) else first.parent
    base, name = sessions_folder(), folder.name or "recordings"
    names = (name, *(f"{name} {number}" for number in range(2, 100_000)))
    return next(
        base / one
        for one in names
        if not (base / one).exists() or has_recordings_of(base / one, folder)
    )


def add_recordings(folder: Path, paths: Iterable[Path]) -> ProjectRecord:
    """Add recordings and image files, and the recordings in folders, that are not there yet.

    Raises
    ------
    SqueakOutError
        If one cannot be read, a folder holds no recording, or the list cannot be written.
    """
    known = read_project(folder)
    there = {place_of(one, folder) for one in known.recordings}
    added = list(known.recordings)
    for file in _files_in(paths):
        # Copies are recordings of their own.
        if file.resolve() not in there:
            there.add(file.resolve())
            added.append(source_file(file, folder))
    return _write(folder, tuple(added))


def remove_recordings(folder: Path, paths: Iterable[Path]) -> ProjectRecord:
    """Take recordings off the list; their sessions stay where they are."""
    unwanted = {Path(path).resolve() for path in paths}
    known = read_project(folder).recordings
    return _write(folder, tuple(one for one in known if place_of(one, folder) not in unwanted))


def rows_of(folder: Path, elsewhere: Iterable[Path] = ()) -> list[RecordingRow]:
    """What is known of the recordings of a project, in the order of its list.

    Sessions in its folder of recordings that are not on the list come last.

    Parameters
    ----------
    folder : Path
        Of the project.
    elsewhere : iterable of Path
        Further folders in which a recording without a session here may have one.

    Raises
    ------
    InputError
        If the list cannot be read.
    """
    own, unread = _sessions(folder)
    others = [session for near in elsewhere for session in _sessions(near)[0]]
    rows, listed = [], set()
    for one in read_project(folder).recordings:
        path = place_of(one, folder)
        session = next((s for s in (*own, *others) if s.is_of(one, path)), None)
        listed.add(session)
        why = "" if session is not None else unread.get(path.stem, "")
        rows.append(_row(path, session, why))
    rows += [
        _row(place_of(session.record.sources[0], session.folder), session)
        for session in own
        if session not in listed
    ]
    return rows


def place_of(source: SourceFile, folder: Path) -> Path:
    """Where a file of a folder's record is now, or was last."""
    near = (folder / source.path).resolve()
    # Recorders number their files: beside a folder that was moved, one of this name may be another.
    is_it = is_file(near) and near.stat().st_size == source.size
    return near if is_it else Path(source.absolute)


def _files_in(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        files = [file for file in expanded(Path(path)) if not is_folder(file)]
        if not files:
            msg = f"{path}: holds no recording: a folder of images is opened by itself"
            raise InputError(msg)
        yield from files


def _row(path: Path, session: _Session | None, why: str = "") -> RecordingRow:
    missing = "" if is_file(path) else f"{path}: is not there any more"
    if session is None:
        return RecordingRow(path=path, trouble=missing or why)
    record = session.record
    stages = stages_in(session.folder, record.n_pages)
    return RecordingRow(
        path=path,
        session=session.folder,
        n_pages=record.n_pages,
        n_segmented=record.n_pages if stages is None else count_segmented(stages),
        n_approved=record.review.count(PageState.APPROVED),
        n_calls=record.n_calls,
        duration_s=_duration_s(record),
        changed=record.changed,
        trouble=missing,
    )


def _duration_s(record: SessionRecord) -> float | None:
    """As far as pages tell: to within one of them."""
    page_s = record.settings.get("render", {}).get("page_length_s")
    is_known = record.kind == "recording" and isinstance(page_s, int | float)
    return record.n_pages * float(page_s) if is_known else None  # type: ignore[arg-type]


def _sessions(folder: Path) -> tuple[list[_Session], dict[str, str]]:
    """The sessions of a folder, that changed last first; name -> why another cannot be read."""
    found, unread = [], dict[str, str]()
    try:
        paths = sorted(folder.glob(f"*{SUFFIX}/{RECORD}"))
    except OSError as error:
        msg = f"{folder}: cannot be looked into ({error.strerror}): choose another folder"
        raise InputError(msg) from error
    for path in paths:
        try:
            found.append(_Session(path.parent, read_record(path)))
        except InputError as error:
            unread[path.parent.name.removesuffix(SUFFIX)] = str(error)
    return sorted(found, key=lambda session: session.record.changed, reverse=True), unread


def _write(folder: Path, recordings: tuple[SourceFile, ...]) -> ProjectRecord:
    record = ProjectRecord(recordings=recordings, changed=datetime.now(UTC))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_file(folder / PROJECT) as draft:
            draft.write_text(record.model_dump_json(indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        msg = f"{folder}: cannot be written ({error.strerror}): choose another folder"
        raise SqueakOutError(msg) from error
    return record
