"""What a session remembers, as `session.json`: read strictly, migrated, written whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.review.review import PageReview, Review
from napari_squeakout.io.files import atomic_file, check_readable
from napari_squeakout.io.plain_files import finite_json

#: Version of what is written here.
SCHEMA_VERSION: Final = 2
#: Names of the files of a session.
RECORD, LABELS, PROBABILITIES, PROPOSED, STAGES = (
    "session.json", "labels.npy", "probabilities.npy", "proposed.npy", "stages.npy",
)  # fmt: skip
#: Only in sessions of recordings, and only to save its making.
OVERVIEW = "overview.bin"
LOCK = "session.lock"
#: Only once a person has given a call a class.
CLASSES: Final = "classes.json"
#: All that is written into its folder.
FILES = (RECORD, LABELS, PROBABILITIES, PROPOSED, STAGES, CLASSES, OVERVIEW, LOCK)
#: How the folder of a session is called.
SUFFIX: Final = ".squeakout"
# A file is known by its size and this many blocks spread over it: an hour of sound in a moment.
_BLOCKS, _BLOCK_BYTES = 64, 65_536
# A hundred thousand pages, each with a review, take less.
_LARGEST_BYTES = 2**28


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceFile(_Frozen):
    """A file that pages come from; it is read and never written.

    Parameters
    ----------
    path : str
        Relative to the session's folder where both lie on one drive, else absolute; with slashes.
    absolute : str
        Where it was seen last.
    size : int
        Bytes.
    fingerprint : str
        From `fingerprint_of`.
    """

    path: str
    absolute: str
    size: int
    fingerprint: str


class MadeBy(_Frozen):
    """The model that proposed."""

    name: str
    fingerprint: str


class ProposedAgain(_Frozen):
    """A new model's proposals for pages that nobody had worked on.

    Parameters
    ----------
    model : str
        Its name.
    pages_before : tuple of int
        Pages that had been worked on before.
    """

    model: str
    pages_before: tuple[int, ...]


class Hiding(_Frozen):
    """A time in which the name of the source was hidden.

    Parameters
    ----------
    code : str
        What was shown instead.
    hidden : datetime
        Since when.
    lifted : datetime or None
        Until when; None while it is.
    """

    code: str = Field(min_length=1)
    hidden: AwareDatetime
    lifted: AwareDatetime | None = None


class SessionRecord(_Frozen):
    """All of a session but its arrays.

    Parameters
    ----------
    name : str
        Of the source.
    kind : {"recording", "images"}
        What the pages are made from.
    sources : tuple of SourceFile
        The files, in the order of the pages.
    n_pages : int
        Number of pages.
    settings : dict
        Name of a settings class in small letters -> its values.
    model : MadeBy or None
        What made the probabilities.
    proposed_again : ProposedAgain or None
        The model that proposed unreviewed pages anew; None where none has.
    pages : dict
        Page number -> review; pages without an entry are untouched.
    page : int or None
        That in view when it was last written; sessions from before that was taken down have none.
    n_calls : int or None
        Calls there were when they were last counted; None where nobody has.
    hidings : tuple of Hiding
        When its name was hidden, the first time first; whose approvals came then stands in `pages`.
    created, changed : datetime
        When it was begun and last written.
    """

    schema_version: Literal[2] = SCHEMA_VERSION
    name: str
    kind: Literal["recording", "images"]
    sources: tuple[SourceFile, ...]
    n_pages: int = Field(ge=1)
    settings: dict[str, dict[str, Any]] = {}
    model: MadeBy | None = None
    proposed_again: ProposedAgain | None = None
    pages: dict[int, PageReview] = {}
    page: int | None = Field(None, ge=0)
    n_calls: int | None = Field(None, ge=0)
    hidings: tuple[Hiding, ...] = ()
    created: AwareDatetime
    changed: AwareDatetime

    @model_validator(mode="after")
    def _sources_fit(self) -> SessionRecord:
        if not self.sources or (self.kind == "recording" and len(self.sources) > 1):
            msg = f"{len(self.sources)} sources are not those of one {self.kind}"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _pages_are_there(self) -> SessionRecord:
        Review(self.n_pages, self.pages)
        return self

    @property
    def review(self) -> Review:
        """The states of its pages."""
        return Review(self.n_pages, self.pages)

    @property
    def code(self) -> str:
        """What is shown instead of its name; empty where that may be shown."""
        return code_in(self.hidings)

    def with_review(self, review: Review) -> SessionRecord:
        """The same with other states."""
        return self.model_copy(update={"pages": dict(review.pages)})


def code_in(hidings: Sequence[Hiding]) -> str:
    """The code that stands for a name now; empty where it is not hidden."""
    return hidings[-1].code if hidings and hidings[-1].lifted is None else ""


def with_code(hidings: Sequence[Hiding], code: str) -> tuple[Hiding, ...]:
    """The same while a name is hidden under a code, from now on; without one it is shown."""
    now, known = datetime.now(UTC), tuple(hidings)
    if code_in(known) == code:
        return known
    if not code:
        return (*known[:-1], known[-1].model_copy(update={"lifted": now}))
    if code_in(known):  # it stays hidden, under another one
        return (*known[:-1], known[-1].model_copy(update={"code": code}))
    return (*known, Hiding(code=code, hidden=now))


def _proposed_apart(values: dict[str, Any]) -> dict[str, Any]:
    """What version 1 kept among the settings, in a place of its own."""
    settings = values.get("settings", {})
    if not isinstance(settings, dict) or "proposed_again" not in settings:
        return {**values, "schema_version": 2}
    others = {name: own for name, own in settings.items() if name != "proposed_again"}
    apart = {"settings": others, "proposed_again": settings["proposed_again"]}
    return {**values, **apart, "schema_version": 2}


#: Older version -> what makes the next one of it.
_MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _proposed_apart}


def read_record(path: Path) -> SessionRecord:
    """Read `session.json`.

    Raises
    ------
    InputError
        If it cannot be read, is none, or was written by a newer version of this package.
    """
    check_readable(path)
    if path.stat().st_size > _LARGEST_BYTES:
        msg = f"{path}: is larger than any session's record can be: restore it from a copy"
        raise InputError(msg)
    try:
        values = finite_json(path.read_text(encoding="utf-8"))
        version = int(values["schema_version"])
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        msg = f"{path}: is no session: choose a folder whose name ends in .squeakout"
        raise InputError(msg) from error
    if version > SCHEMA_VERSION:
        msg = (
            f"{path}: was written by a newer version (schema {version}, this one knows "
            f"{SCHEMA_VERSION}): update napari-squeakout"
        )
        raise InputError(msg)
    try:
        for older in range(version, SCHEMA_VERSION):
            values = _MIGRATIONS[older](values)
        return SessionRecord.model_validate(values)
    except (ValidationError, KeyError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        msg = f"{path}: is damaged ({reason}): restore it from a copy"
        raise InputError(msg) from error


def write_record(record: SessionRecord, path: Path) -> SessionRecord:
    """Write `session.json` whole, down to the disk; gives the record with its new time."""
    record = record.model_copy(update={"changed": datetime.now(UTC)})
    with atomic_file(path) as draft, draft.open("w", encoding="utf-8") as file:
        file.write(record.model_dump_json(indent=1, exclude_defaults=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return record


def source_file(path: Path, folder: Path) -> SourceFile:
    """Take down a file for a session in this folder."""
    place = path.resolve()
    try:
        relative = Path(os.path.relpath(place, folder.resolve())).as_posix()
    except ValueError:  # another drive of Windows
        relative = place.as_posix()
    return SourceFile(
        path=relative,
        absolute=place.as_posix(),
        size=place.stat().st_size,
        fingerprint=fingerprint_of(place),
    )


def fingerprint_of(path: Path) -> str:
    """Hash of a file's size and of 64 blocks spread evenly over it; of all, below 4 MiB.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    check_readable(path)
    size = path.stat().st_size
    digest = hashlib.blake2b(str(size).encode(), digest_size=20)
    with path.open("rb") as file:
        if size <= _BLOCKS * _BLOCK_BYTES:
            digest.update(file.read())
        else:
            for index in range(_BLOCKS):
                file.seek(index * (size - _BLOCK_BYTES) // (_BLOCKS - 1))
                digest.update(file.read(_BLOCK_BYTES))
    return digest.hexdigest()
