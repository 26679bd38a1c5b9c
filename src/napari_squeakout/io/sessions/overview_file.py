"""The overview of a recording beside its session, so that it need not be made again.

A hash of all that follows, a line of JSON that says what it was made of, and the picture, deflated.
What does not fit, or was damaged, is made anew: nothing is lost with it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import zlib
from typing import Any, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.overview.overview import VERSION, Overview
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.io.files import atomic_file
from napari_squeakout.io.plain_files import plain_bytes

from .record import OVERVIEW, RECORD
from .session import Session

_log = logging.getLogger(__name__)

_HASH_BYTES: Final = 32
# The largest picture is some 500 kB, deflated to a part of that.
_LARGEST_BYTES, _MOST_LEVELS = 2**22, 2**22


class _About(BaseModel):
    """What a picture was made of, and its shape."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    made_of: dict[str, Any]
    rows: int = Field(ge=1)
    columns: int = Field(ge=1)
    n_pages: int = Field(ge=1)
    pages_per_column: float = Field(gt=0)
    low_hz: float = Field(ge=0)
    hz_per_row: float = Field(gt=0)


def keep_overview(session: Session, stack: SpectrogramStack, overview: Overview) -> bool:
    """Write an overview into its session; False where that cannot be, which costs no work.

    Parameters
    ----------
    session : Session
        One that may be written; it is left alone where its folder has gone.
    stack : SpectrogramStack
        The recording that it was made of.
    overview : Overview
        The picture.
    """
    if session.read_only or not (session.folder / RECORD).is_file():
        return False
    rows, columns = overview.levels.shape
    about = _About(
        made_of=_made_of(session, stack),
        rows=rows,
        columns=columns,
        n_pages=overview.n_pages,
        pages_per_column=overview.pages_per_column,
        low_hz=overview.low_hz,
        hz_per_row=overview.hz_per_row,
    )
    body = about.model_dump_json().encode() + b"\n" + zlib.compress(overview.levels.tobytes())
    try:
        with atomic_file(session.folder / OVERVIEW) as draft:
            draft.write_bytes(hashlib.sha256(body).digest() + body)
    except (SqueakOutError, OSError) as error:
        _log.info("the overview is not kept: %s", error)
        return False
    return True


def kept_overview(session: Session, stack: SpectrogramStack) -> Overview | None:
    """The overview in a session; None where there is none, or none of just these pages."""
    path = session.folder / OVERVIEW
    try:
        content = plain_bytes(path, most_bytes=_LARGEST_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        _log.info("%s: cannot be read (%s); it is made anew", path, error)
        return None
    known = _parsed(content)
    if known is None:
        _log.warning("%s: is damaged; it is made anew", path)
        return None
    about, overview = known
    is_of_these = about.made_of == _made_of(session, stack)
    return overview if is_of_these and about.n_pages == stack.layout.n_pages else None


def _parsed(content: bytes) -> tuple[_About, Overview] | None:
    digest, body = content[:_HASH_BYTES], content[_HASH_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        return None
    head, _, deflated = body.partition(b"\n")
    try:
        about = _About.model_validate_json(head)
        size = about.rows * about.columns
        inflater = zlib.decompressobj()
        levels = inflater.decompress(deflated, min(size, _MOST_LEVELS) + 1)
    except (ValidationError, zlib.error):
        return None
    if len(levels) != size:
        return None
    picture = np.frombuffer(levels, np.uint8).reshape(about.rows, about.columns)
    return about, Overview(
        levels=picture,
        n_pages=about.n_pages,
        pages_per_column=about.pages_per_column,
        low_hz=about.low_hz,
        hz_per_row=about.hz_per_row,
    )


def _made_of(session: Session, stack: SpectrogramStack) -> dict[str, Any]:
    """The file, by its content, and all settings that it was read and rendered with."""
    settings = {} if stack.origin is None else stack.origin.settings
    own: dict[str, Any] = {
        "version": VERSION,
        "files": [[file.size, file.fingerprint] for file in session.record.sources],
        "settings": {name: dict(values) for name, values in settings.items()},
    }
    written: dict[str, Any] = json.loads(json.dumps(own, default=str))  # as it is read back
    return written
