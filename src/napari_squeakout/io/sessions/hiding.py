"""Names that are hidden during review: kept in the list of a project, and in each session.

What is killed half-way leaves names hidden: the list is written first when they are hidden, and
last when they are shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.review.hidden_names import HiddenName, new_codes

from .finding import sessions_folder
from .lock import locked
from .project import place_of, rows_of
from .project_list import code_beside, code_of_content, read_project, write_project
from .record import RECORD, SUFFIX, SessionRecord, read_record, with_code, write_record

# Folders around a recording are called after animals, groups and days; those further up are not.
_FOLDERS = 3
# A text names one file; of folders of more images it says what the folder is.
_MOST_FILES = 500


def hidden_name(
    code: str, files: Sequence[Path], *, name: str = "", sessions: Iterable[Path] = ()
) -> HiddenName:
    """What is not to be read of a source whose name is hidden.

    Parameters
    ----------
    code : str
        What is read instead.
    files : sequence of Path
        That its pages are read from.
    name : str
        What it is called.
    sessions : iterable of Path
        Folders of its sessions.
    """
    places, folders = [], []
    names = dict.fromkeys([name] if name else [])
    for file in files[:_MOST_FILES]:
        names |= dict.fromkeys((file.name, file.stem))
        places += _written(file)
        folders += _around(file, _FOLDERS)
    for session in sessions:
        names |= dict.fromkeys((session.name, session.name.removesuffix(SUFFIX)))
        places += _written(session)
        if session.parent != sessions_folder():
            folders += _around(session, 1)
    return HiddenName(
        code=code, names=tuple(names), places=tuple(places), folders=tuple(dict.fromkeys(folders))
    )


def hidden_name_of(session: Path) -> tuple[list[Path], HiddenName | None]:
    """The files of a session's source as they lie now, and what is not to be read of it.

    None where its name is not hidden.

    Raises
    ------
    InputError
        If the session's record cannot be read.
    """
    record = read_record(session / RECORD)
    code = code_of(record, session)
    first, *others = record.sources
    files = [place_of(first, session), *(Path(one.absolute) for one in others)]
    hidden = hidden_name(code, files, name=record.name, sessions=[session]) if code else None
    return files, hidden


def code_of(record: SessionRecord, session: Path) -> str:
    """What stands for the name of a session's source, by the list it lies with or its own record.

    Empty where the name is not hidden.
    """
    beside = code_beside(session.parent, record.sources[0])
    if beside is None or beside or record.code:
        return beside or record.code
    return code_of_content(record.sources[0].fingerprint)


def is_hidden_with_list(session: Path) -> bool:
    """Whether a session lies with a list whose names are hidden: they are shown there."""
    try:
        source = read_record(session / RECORD).sources[0]
        return code_beside(session.parent, source) is not None
    except InputError:
        return False


def hide_names(folder: Path, elsewhere: Iterable[Path] = (), *, held: Collection[Path] = ()) -> int:
    """Hide the names of a project's recordings, each under a code that is drawn anew.

    Parameters
    ----------
    folder : Path
        Of the project.
    elsewhere : iterable of Path
        Further folders in which recordings may have sessions.
    held : collection of Path
        Sessions that this program has open: it takes it down itself.

    Returns
    -------
    int
        Sessions in which this could not be taken down. Their names are hidden all the same.

    Raises
    ------
    SqueakOutError
        If the list cannot be read or written.
    """
    rows, known = rows_of(folder, elsewhere), read_project(folder)
    codes = dict(zip((row.path for row in rows), new_codes(len(rows)), strict=True))
    listed = tuple(
        one.model_copy(update={"code": codes[place_of(one, folder)]}) for one in known.recordings
    )
    write_project(folder, listed, hidden=datetime.now(UTC))
    sessions = {row.session: codes[row.path] for row in rows if row.session is not None}
    open_here = {place.resolve() for place in held}
    return sum(
        not _taken_down(place, code)
        for place, code in sessions.items()
        if place.resolve() not in open_here
    )


def show_names(folder: Path, elsewhere: Iterable[Path] = (), *, held: Collection[Path] = ()) -> int:
    """Show the names of a project's recordings again; arguments as of `hide_names`.

    Returns
    -------
    int
        Sessions in which this could not be taken down. By themselves they open with hidden names.

    Raises
    ------
    SqueakOutError
        If the list cannot be read or written.
    """
    open_here = {place.resolve() for place in held}
    sessions = [row.session for row in rows_of(folder, elsewhere) if row.session is not None]
    failed = sum(
        not _taken_down(place, "") for place in sessions if place.resolve() not in open_here
    )
    listed = read_project(folder).recordings
    shown = tuple(one.model_copy(update={"code": ""}) for one in listed)
    write_project(folder, shown, hidden=None)
    return failed


def _taken_down(session: Path, code: str) -> bool:
    """Whether it could be written into a session's record that its name is hidden, or is not."""
    try:
        hold, _ = locked(session)
        if hold is None:
            return False
        try:
            record = read_record(session / RECORD)
            hidings = with_code(record.hidings, code)
            if hidings != record.hidings:
                changed = record.model_copy(update={"hidings": hidings})
                write_record(changed, session / RECORD)
        finally:
            hold.release()
    except (SqueakOutError, OSError):
        return False
    return True


def _around(path: Path, n: int) -> list[str]:
    """The nearest folders around a file, up to the user's own."""
    home = Path.home()
    own = {home, *home.parents}
    around = list(path.parents)[:n]
    return [text for folder in around if folder not in own for text in _written(folder)]


def _written(path: Path) -> list[str]:
    """How a path may stand in a text."""
    return list(dict.fromkeys((str(path), path.as_posix())))
