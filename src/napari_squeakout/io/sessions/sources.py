"""Sessions and the sources they belong to: begun from pages, found again for them, read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.layout import Layout
from napari_squeakout.core.review.review import PageState
from napari_squeakout.core.setting import Settings
from napari_squeakout.core.settings import ImageSettings, RecordingSettings, RenderSettings
from napari_squeakout.core.stacks import Origin, SpectrogramStack
from napari_squeakout.core.steps import Steps
from napari_squeakout.io.files import atomic_folder, remove_own
from napari_squeakout.io.home import no_entry_text
from napari_squeakout.io.names import portable_name
from napari_squeakout.io.scratch import give_back_zeros, make_room
from napari_squeakout.io.sources.opening import opening_again

from .classes_file import write_classes
from .finding import find_sessions, locate, sessions_folder
from .project_list import code_beside, code_of_content
from .record import (
    FILES,
    LABELS,
    PROBABILITIES,
    PROPOSED,
    RECORD,
    STAGES,
    SUFFIX,
    SessionRecord,
    read_record,
    source_file,
    with_code,
    write_record,
)
from .session import Session, create_session, stages_in, summary

_CLASSES: dict[str, type[Settings]] = {
    "recording": RecordingSettings,
    "render": RenderSettings,
    "images": ImageSettings,
}


@dataclass(frozen=True)
class Earlier:
    """A session that was kept of the same files.

    Parameters
    ----------
    folder : Path
        Where it lies.
    summary : str
        What it holds, in a line.
    fits : bool
        Whether its pages are those of the stack: read and rendered in the same way.
    """

    folder: Path
    summary: str
    fits: bool


def begin_session(
    stack: SpectrogramStack, folder: Path | None = None, *, code: str = ""
) -> Session:
    """Make and open a session of a stack.

    Parameters
    ----------
    stack : SpectrogramStack
        With an origin.
    folder : Path, optional
        By default a free name in the user's sessions folder.
    code : str
        What is shown instead of its name, where that is hidden; in the folder of a project whose
        names are hidden by default that of the project.

    Raises
    ------
    SqueakOutError
        If the stack comes from no file, or the folder cannot be written.
    """
    if stack.origin is None:
        msg = f"{stack.layout.source}: comes from no file, so its session could not be opened again"
        raise SqueakOutError(msg)
    place = folder or free_folder(stack.layout.source)
    record = _record(stack.layout, stack.origin, place)
    beside = code_beside(place.parent, record.sources[0])
    if beside == "":
        beside = code_of_content(record.sources[0].fingerprint)
    hidings = with_code(record.hidings, code or beside or "")
    return create_session(place, record.model_copy(update={"hidings": hidings}))


def earlier_sessions(stack: SpectrogramStack, folder: Path | None = None) -> list[Earlier]:
    """Sessions of just the files of this stack.

    That with most approved pages first, which is the most work; of equal ones the one changed last.
    """
    if stack.origin is None:
        return []
    found = []
    for place in find_sessions(stack.origin.files, folder):
        try:
            record = read_record(place / RECORD)
        except InputError:
            continue  # it has gone meanwhile
        fits = record.n_pages == stack.layout.n_pages and _same_settings(
            record.settings, stack.origin
        )
        text = summary(record, stages_in(place, record.n_pages))
        approved = record.review.count(PageState.APPROVED)
        found.append((approved, Earlier(place, text, fits)))
    found.sort(key=lambda one: -one[0])
    return [earlier for _, earlier in found]


def reading_back(session: Session, near: Iterable[Path] = ()) -> Steps[SpectrogramStack]:
    """The pages that a session was begun with.

    Parameters
    ----------
    session : Session
        Open.
    near : iterable of Path
        More folders to look for the files in.

    Raises
    ------
    InputError
        If a file is nowhere, has been changed, or has other pages now.
    """
    record = session.record
    origin = Origin(record.kind, tuple(locate(session, near)), record.settings)
    stack = yield from opening_again(origin, record.name)
    if stack.layout.n_pages != record.n_pages:
        msg = (
            f"{session.folder}: was kept of {record.n_pages} pages, its files give "
            f"{stack.layout.n_pages} now: begin a new session"
        )
        raise InputError(msg)
    return stack


def copy_session(session: Session, folder: Path) -> None:
    """Write a session elsewhere as well; empty pages stay unwritten where the system can.

    Raises
    ------
    SqueakOutError
        If the folder holds something already, its name lacks the ending, or it cannot be written.
    """
    if folder.suffix != SUFFIX:
        msg = f"{folder}: the name of a session ends in {SUFFIX}: add it"
        raise SqueakOutError(msg)
    record = session.record
    files = locate(session)
    moved = record.model_copy(update={"sources": tuple(source_file(f, folder) for f in files)})
    with atomic_folder(folder) as draft:
        np.save(draft / PROPOSED, session.proposed)
        np.save(draft / STAGES, session.stages)
        for name, array in ((LABELS, session.labels), (PROBABILITIES, session.probabilities)):
            copy = np.lib.format.open_memmap(draft / name, "w+", array.dtype, array.shape)
            for page, values in enumerate(array):
                if values.any():
                    make_room(copy, page, page + 1)
                    copy[page] = values
                    give_back_zeros(copy, page, page + 1)
            copy.flush()
            del copy
        write_classes(session.classes, draft)
        write_record(moved, draft / RECORD)


def discard_session(session: Session) -> None:
    """Delete a session that was begun for nothing; what somebody else put into its folder stays."""
    session.close()
    remove_own(session.folder, FILES)


def _record(layout: Layout, origin: Origin, folder: Path) -> SessionRecord:
    now = datetime.now(UTC)
    return SessionRecord(
        name=layout.source,
        kind=origin.kind,
        n_pages=layout.n_pages,
        created=now,
        changed=now,
        sources=tuple(source_file(path, folder) for path in origin.files),
        settings={name: dict(values) for name, values in origin.settings.items()},
    )


def free_folder(source: str, base: Path | None = None) -> Path:
    """A folder for a session of a source that is not there yet; by default among the user's own.

    Raises
    ------
    SqueakOutError
        If nobody may look there.
    """
    stem = portable_name(source, "session")
    base = base or sessions_folder()
    names = (f"{stem}{SUFFIX}", *(f"{stem} {number}{SUFFIX}" for number in range(2, 100_000)))
    try:
        return next(base / name for name in names if not (base / name).exists())
    except OSError as error:
        raise SqueakOutError(no_entry_text(base, error)) from error


def _same_settings(record: Mapping[str, Mapping[str, Any]], origin: Origin) -> bool:
    """Whether pages lie alike; a session from before a setting came has its default."""
    return all(
        _geometry(name, record.get(name, {})) == _geometry(name, own)
        for name, own in origin.settings.items()
    )


def _geometry(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """All that says where a pixel lies; what its grey means does not bear on masks."""
    known = _CLASSES.get(name)
    try:
        whole = dict(values) if known is None else known.model_validate(dict(values)).model_dump()
    except ValidationError:
        whole = dict(values)  # of another version
    return {name: value for name, value in whole.items() if name != "levels"}
