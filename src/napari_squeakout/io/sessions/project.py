"""A project: a folder of sessions and the list of the recordings that they are, or will be, of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.review.hidden_names import new_codes
from napari_squeakout.core.review.page_stages import count_segmented
from napari_squeakout.core.review.review import PageState
from napari_squeakout.io.sources.inputs import expanded, is_folder

from .finding import is_file, is_of_file, sessions_folder
from .project_list import (
    ListedFile,
    ProjectRecord,
    code_of_content,
    read_project,
    write_project,
)
from .record import RECORD, SUFFIX, SessionRecord, SourceFile, read_record, source_file
from .session import stages_in


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
    code : str
        What is to be shown instead of its name; empty where that may be shown.
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
    code: str = ""

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
    added: list[ListedFile] = []
    for file in _files_in(paths):
        # Copies are recordings of their own.
        if file.resolve() not in there:
            there.add(file.resolve())
            added.append(ListedFile(**dict(source_file(file, folder))))
    if known.hidden is not None:
        # Sessions here of what is on no list have codes of their own.
        codes = new_codes(len(added), [row.code for row in rows_of(folder)])
        added = [
            one.model_copy(update={"code": code}) for one, code in zip(added, codes, strict=True)
        ]
    return write_project(folder, (*known.recordings, *added), hidden=known.hidden)


def remove_recordings(folder: Path, paths: Iterable[Path]) -> ProjectRecord:
    """Take recordings off the list; their sessions stay where they are."""
    unwanted = {Path(path).resolve() for path in paths}
    known = read_project(folder)
    kept = tuple(one for one in known.recordings if place_of(one, folder) not in unwanted)
    return write_project(folder, kept, hidden=known.hidden)


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
    known = read_project(folder)
    for one in known.recordings:
        path = place_of(one, folder)
        session = next((s for s in (*own, *others) if s.is_of(one, path)), None)
        listed.add(session)
        why = "" if session is not None else unread.get(path.stem, "")
        code = known.hidden and (one.code or code_of_content(one.fingerprint))
        rows.append(_row(path, session, why, code=code or ""))
    for session in own:
        if session not in listed:
            source = session.record.sources[0]
            code = known.hidden and code_of_content(source.fingerprint)
            place = place_of(source, session.folder)
            rows.append(_row(place, session, code=session.record.code or code or ""))
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


def _row(path: Path, session: _Session | None, why: str = "", *, code: str) -> RecordingRow:
    missing = "" if is_file(path) else f"{path}: is not there any more"
    if session is None:
        return RecordingRow(path=path, trouble=missing or why, code=code)
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
        code=code or record.code,
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
