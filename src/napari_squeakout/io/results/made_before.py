"""Whether a result that is there already is just what would be made again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.errors import SqueakOutError

from .result_folder import record_of_result
from .run_record import RunSettings, made_with

_PACKAGE = "napari-squeakout"


def same_record(
    folder: Path, *, sha256: str, engine: Engine, settled: RunSettings
) -> dict[str, Any] | None:
    """The record of a result that was made of the same input in the same way.

    Parameters
    ----------
    folder : Path
        Where the result would be written.
    sha256 : str
        Of the input.
    engine : Engine
        Model and device.
    settled : RunSettings
        All other settings.

    Returns
    -------
    dict or None
        None where there is no result of this program, or not all of it is as it was written:
        whoever replaces it says so.

    Raises
    ------
    SqueakOutError
        If it was made in another way, with what is other.
    """
    try:
        known = record_of_result(folder)
    except (SqueakOutError, OSError):
        return None
    other = _what_is_other(known, sha256, engine, settled)
    if other:
        msg = (
            f"{folder}: exists already, made {other}: choose another --output, or replace it with "
            "--overwrite"
        )
        raise SqueakOutError(msg)
    return known


def _what_is_other(
    known: Mapping[str, Any], sha256: str, engine: Engine, settled: RunSettings
) -> str:
    if "review" in known:
        return "from a session, with what a person did there"
    if _word(known, "input", "sha256") != sha256:
        return "of another input, or of what it was before it was changed"
    if _word(known, "model", "fingerprint") != engine.model.fingerprint:
        return f"by another model ({_word(known, 'model', 'name')})"
    ours = made_with()["versions"][_PACKAGE]
    theirs = _word(known, "versions", _PACKAGE)
    if theirs != ours:
        return f"by another version ({theirs}, this is {ours})"
    settings = json.loads(json.dumps(settled.as_dict() | {"segment": engine.settings.model_dump()}))
    return _other_settings(known.get("settings"), settings)


def _other_settings(was: object, now: Mapping[str, Mapping[str, Any]]) -> str:
    other = [
        name
        for kind, values in now.items()
        for name, value in values.items()
        if name != "overwrite" and _word({"was": was}, "was", kind, name, missing=_MISSING) != value
    ]
    return f"with other settings ({', '.join(other)})" if other else ""


_MISSING = object()


def _word(known: Mapping[str, Any], *names: str, missing: object = None) -> Any:
    """What stands under these names, one in the other; whatever a damaged record has instead."""
    value: Any = known
    for name in names:
        if not isinstance(value, dict) or name not in value:
            return missing
        value = value[name]
    return value
