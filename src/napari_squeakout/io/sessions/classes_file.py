"""Classes by hand as a session keeps them, `classes.json`: read strictly, written whole."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from napari_squeakout.core.errors import InputError, one_line
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.measures.by_hand.classes import ClassByHand, ClassesByHand
from napari_squeakout.core.measures.by_hand.patch import Patch
from napari_squeakout.io.files import atomic_file
from napari_squeakout.io.plain_files import finite_json, plain_bytes

from .record import CLASSES

#: Version of what is written here.
SCHEMA_VERSION: Final = 1
# A hundred thousand calls take less.
_MOST_BYTES = 2**27
_REMEDY = "restore it from a copy, or move it away to go on without classes by hand"


class _Entry(BaseModel):
    """A class and the pixels that it was given to: bits, row by row, in base 64."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: str = Field(alias="class")
    top: int = Field(ge=0, lt=PAGE_PX)
    left: int = Field(ge=0)
    height: int = Field(ge=1, le=PAGE_PX)
    width: int = Field(ge=1)
    mask: str
    #: Fingerprint of the call's pixels when it was looked at last, where they were others.
    seen: str = Field("", max_length=64)


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = SCHEMA_VERSION
    classes: tuple[_Entry, ...] = ()


def read_classes(folder: Path, n_pages: int) -> ClassesByHand:
    """The classes by hand that a session keeps; none where it has no such file.

    Parameters
    ----------
    folder : Path
        The session.
    n_pages : int
        Its pages.

    Raises
    ------
    InputError
        If the file cannot be read, is damaged or of a newer version: nothing goes on without it
        unasked.
    """
    path = folder / CLASSES
    if not path.is_symlink() and not path.exists():
        return ()
    try:
        values = finite_json(plain_bytes(path, most_bytes=_MOST_BYTES).decode("utf-8"))
        version = values["schema_version"]
        if isinstance(version, int) and version > SCHEMA_VERSION:
            msg = (
                f"{path}: was written by a newer version (schema {version}, this one knows "
                f"{SCHEMA_VERSION}): update napari-squeakout"
            )
            raise InputError(msg)
        kept = _Kept.model_validate(values)
        return tuple(_given(entry, n_pages) for entry in kept.classes)
    except InputError as error:
        if str(error).startswith(str(path)):
            raise
        msg = f"{path}: is damaged ({one_line(error)}): {_REMEDY}"
        raise InputError(msg) from error
    except (OSError, ValueError, TypeError, KeyError, RecursionError, ValidationError) as error:
        msg = f"{path}: is damaged ({one_line(error)[:200]}): {_REMEDY}"
        raise InputError(msg) from error


def write_classes(classes: ClassesByHand, folder: Path) -> None:
    """Write them whole, down to the disk; where there are none and never were, there is no file."""
    path = folder / CLASSES
    if not classes and not path.exists():
        return
    kept = _Kept(classes=tuple(_entry(given) for given in classes))
    with atomic_file(path) as draft, draft.open("w", encoding="utf-8") as file:
        file.write(kept.model_dump_json(by_alias=True) + "\n")
        file.flush()
        os.fsync(file.fileno())


def are_same(classes: ClassesByHand, others: ClassesByHand) -> bool:
    """Whether both say the same of the same pixels."""
    one, other = ([(given.name, given.patch.key) for given in each] for each in (classes, others))
    return one == other


def _entry(given: ClassByHand) -> _Entry:
    patch = given.patch
    height, width = patch.mask.shape
    bits = base64.b64encode(np.packbits(patch.mask).tobytes()).decode("ascii")
    return _Entry(
        name=given.name,
        top=patch.top,
        left=patch.left,
        height=height,
        width=width,
        mask=bits,
        seen=given.seen,
    )


def _given(entry: _Entry, n_pages: int) -> ClassByHand:
    if entry.left + entry.width > n_pages * PAGE_PX:
        msg = f"a call in column {entry.left + entry.width - 1} is on none of {n_pages} pages"
        raise ValueError(msg)
    bits = np.frombuffer(base64.b64decode(entry.mask, validate=True), np.uint8)
    size = entry.height * entry.width
    if len(bits) != -(-size // 8):
        msg = f"a mask of {entry.height} x {entry.width} pixels does not have {len(bits)} bytes"
        raise ValueError(msg)
    mask = np.unpackbits(bits, count=size).astype(bool).reshape(entry.height, entry.width)
    return ClassByHand(entry.name, Patch(entry.top, entry.left, mask), entry.seen)
