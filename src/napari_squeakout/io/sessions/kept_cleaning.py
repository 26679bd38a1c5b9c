"""What a session's calls were cleaned with, as it is kept in its record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.setting import first_fault
from napari_squeakout.core.settings import CleanSettings

from .record import SessionRecord


def kept_cleaning(folder: Path, record: SessionRecord) -> CleanSettings | None:
    """What a session's calls were cleaned with; None where nobody has.

    Parameters
    ----------
    folder : Path
        The session.
    record : SessionRecord
        As it was read.

    Raises
    ------
    InputError
        If this version does not know such settings.
    """
    known = record.settings.get("clean")
    if known is None:
        return None
    try:
        return recorded_cleaning(known)
    except ValidationError as error:
        msg = (
            f"{folder}: its calls were made with settings that this version does not know "
            f"({first_fault(error, of='clean')}): update napari-squeakout"
        )
        raise InputError(msg) from error


def recorded_cleaning(known: Any) -> CleanSettings:
    """Settings as a record has them; before there was a choice, trains of tones were kept.

    Raises
    ------
    ValidationError
        If they are none, or none that this version knows.
    """
    if isinstance(known, dict):
        known = {"drop_tone_trains": False, **known}
    return CleanSettings.model_validate(known)
