"""Sessions that were kept of files, and the files of a session, wherever they are now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from napari_squeakout.core.errors import InputError
from napari_squeakout.io.home import home_folder, no_entry_text

from .record import RECORD, SUFFIX, SessionRecord, SourceFile, fingerprint_of, read_record

if TYPE_CHECKING:
    from .session import Session


def sessions_folder() -> Path:
    """Where sessions lie that nobody has put elsewhere."""
    return home_folder() / "sessions"


def find_sessions(paths: Iterable[Path], folder: Path | None = None) -> list[Path]:
    """Sessions of just these files, the one changed last first.

    Looked for in a folder, by default the user's own sessions, and in the projects that lie in it.
    """
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


def is_of_file(record: SessionRecord, folder: Path, path: Path) -> bool:
    """Whether a session was begun on just this file, wherever it was moved, and not on a copy.

    Parameters
    ----------
    record : SessionRecord
        Of the session; of one file with the same content.
    folder : Path
        Where the session lies.
    path : Path
        The file.
    """
    source = record.sources[0]
    places = {(folder / source.path).resolve(), Path(source.absolute)}
    return path.resolve() in places or not any(is_file(place) for place in places)


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


def _records(folder: Path) -> Iterator[tuple[Path, SessionRecord]]:
    try:
        paths = sorted(
            path for way in ("", "*/") for path in folder.glob(f"{way}*{SUFFIX}/{RECORD}")
        )
    except OSError as error:
        raise InputError(no_entry_text(folder, error)) from error
    for path in paths:
        # One that cannot be read spoils the search for no other.
        if path.parent.name.startswith("."):
            continue  # one that is being made, or was when its maker was killed
        try:
            yield path.parent, read_record(path)
        except InputError:
            continue  # opening it will say what is wrong


def _locate(source: SourceFile, folder: Path, folders: Iterable[Path]) -> Path:
    name = Path(source.absolute).name
    candidates = [folder / source.path, Path(source.absolute), *(near / name for near in folders)]
    there = [path for path in candidates if is_file(path)]
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


def is_file(path: Path) -> bool:
    """Whether it is one that may be looked at; a name may be longer than the system has them."""
    try:
        return path.is_file()
    except OSError:
        return False
