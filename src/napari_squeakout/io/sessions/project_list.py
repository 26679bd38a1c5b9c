"""The list of a project's recordings, as `project.json`: read strictly, written whole."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.review.hidden_names import CODE
from napari_squeakout.io.files import atomic_file, check_readable

from .finding import is_file
from .record import SourceFile

#: Name of the list in a project's folder.
PROJECT: Final = "project.json"
SCHEMA_VERSION: Final = 1
# A list of a hundred thousand recordings takes less.
_LARGEST_BYTES = 2**26


class ListedFile(SourceFile):
    """A recording of a list.

    Parameters
    ----------
    code : str
        What is shown instead of its name while names are hidden; empty otherwise.
    """

    code: str = ""


class ProjectRecord(BaseModel):
    """The recordings of a project, in the order in which they were added.

    Parameters
    ----------
    recordings : tuple of ListedFile
        Each known by its content, so that a moved folder is found again.
    hidden : datetime or None
        Since when names are hidden; None while they are shown.
    changed : datetime
        When one was last added or taken off.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = SCHEMA_VERSION
    recordings: tuple[ListedFile, ...] = ()
    hidden: AwareDatetime | None = None
    changed: AwareDatetime


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


def write_project(
    folder: Path, recordings: tuple[ListedFile, ...], *, hidden: datetime | None
) -> ProjectRecord:
    """Write the list of a project whole.

    Raises
    ------
    SqueakOutError
        If it cannot be written.
    """
    record = ProjectRecord(recordings=recordings, hidden=hidden, changed=datetime.now(UTC))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_file(folder / PROJECT) as draft:
            draft.write_text(record.model_dump_json(indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        msg = f"{folder}: cannot be written ({error.strerror}): choose another folder"
        raise SqueakOutError(msg) from error
    return record


def code_beside(folder: Path, source: SourceFile) -> str | None:
    """What a list in a folder, whose names are hidden, has for a file.

    Empty where the file is not on that list; None where there is no such list.
    """
    if not is_project(folder):
        return None
    try:
        known = read_project(folder)
    except InputError:
        return None  # opening the project says what is wrong
    if known.hidden is None:
        return None
    same = [one for one in known.recordings if one.fingerprint == source.fingerprint]
    same.sort(key=lambda one: one.absolute != source.absolute)  # copies are listed, too
    return next((one.code for one in same), "")


def code_of_content(fingerprint: str) -> str:
    """A code of four digits that only depends on what a file holds."""
    return f"{CODE}{1000 + int(hashlib.sha256(fingerprint.encode()).hexdigest(), 16) % 9000}"
