"""The record of a result -> what it takes to make it again, or why that cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from napari_squeakout.core.errors import InputError, ModelError
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.setting import Settings, first_fault
from napari_squeakout.core.settings import SegmentSettings
from napari_squeakout.io.models import registry
from napari_squeakout.io.plain_files import finite_json, plain_text

from .result_folder import EXPORT, PROGRAM, RECORD
from .run_record import RunSettings, made_with

S = TypeVar("S", bound=Settings)


@dataclass(frozen=True, kw_only=True)
class Again:
    """What a record asks for.

    Parameters
    ----------
    path : Path
        What was segmented.
    sha256 : str
        Of what was read then.
    model : Model
        The very model.
    segmenting : SegmentSettings
        How it is run.
    settled : RunSettings
        All other settings.
    notes : tuple of str
        What is not as it was: versions, and settings that are newer than the record.
    """

    path: Path
    sha256: str
    model: Model
    segmenting: SegmentSettings
    settled: RunSettings
    notes: tuple[str, ...]


def read_again(
    record: Path, segmenting: SegmentSettings, stated: RunSettings, *, model: str | None = None
) -> Again:
    """Read what a result was made with.

    Parameters
    ----------
    record : Path
        Its `run.json`, or its folder.
    segmenting : SegmentSettings
        Those of its fields that are set go before the record's.
    stated : RunSettings
        The same. Whether results are replaced is never taken from a record.
    model : str, optional
        Where the model is now: name or file. By default what it was called.

    Raises
    ------
    InputError
        If it is no record of segmenting, or holds settings that this version does not know.
    ModelError
        If the model is not here, or another one is called so.
    """
    path = record / RECORD if record.is_dir() else record
    known = _read(path)
    settings = known["settings"]
    settings["result"].pop("overwrite", None)
    newer = [
        f"{path}: is older than the setting {name}, which is {value!r} here"
        for kind, now in (*vars(stated).items(), ("segment", segmenting))
        for name, value in now.model_dump().items()
        if name not in {*settings[kind], *now.model_fields_set, "overwrite"}
    ]
    return Again(
        path=Path(known["input"]["path"]),
        sha256=known["input"]["sha256"],
        model=_same_model(path, known["model"], model),
        segmenting=_settled(path, settings["segment"], segmenting, "segment"),
        settled=RunSettings(
            **{
                kind: _settled(path, settings[kind], now, kind)
                for kind, now in vars(stated).items()
            }
        ),
        notes=(*newer, *_other_versions(path, known.get("versions"))),
    )


def _read(path: Path) -> dict[str, Any]:
    """What the record says, with all that is used of it."""
    try:
        known = finite_json(plain_text(path))
    except (OSError, ValueError, RecursionError) as error:
        msg = f"{path}: is no record that can be read: name the {RECORD} of a result with --like"
        raise InputError(msg) from error
    if not isinstance(known, dict) or known.get("program") != PROGRAM or EXPORT in known:
        msg = f"{path}: is no record of this program: name the {RECORD} of a result with --like"
        raise InputError(msg)
    if "review" in known:
        msg = (
            f"{path}: was saved from a session, and what a person did there cannot be made "
            "again by segmenting: name the record of a result of `squeakout segment`"
        )
        raise InputError(msg)
    settings, kinds = known.get("settings"), [*vars(RunSettings()), "segment"]
    is_whole = (
        isinstance(settings, dict)
        and all(isinstance(settings.get(kind), dict) for kind in kinds)
        and _are_words(known.get("input"), "path", "sha256")
        and _are_words(known.get("model"), "name", "fingerprint")
    )
    if not is_whole:
        msg = f"{path}: does not say all that it takes: it is damaged, or no record of segmenting"
        raise InputError(msg)
    return known


def _are_words(values: object, *names: str) -> bool:
    return isinstance(values, dict) and all(
        isinstance(values.get(name), str) and values[name] for name in names
    )


def _settled(path: Path, recorded: Mapping[str, Any], stated: S, kind: str) -> S:
    """The record's settings, but for what is stated outright."""
    outright = stated.model_dump(include=stated.model_fields_set)
    try:
        return type(stated).model_validate({**recorded, **outright})
    except ValidationError as error:
        msg = (
            f"{path}: these settings are not possible here ({first_fault(error, of=kind)}): state "
            "another value, or use the version of napari-squeakout that the record names"
        )
        raise InputError(msg) from error


def _same_model(path: Path, made_by: Mapping[str, str], wanted: str | None) -> Model:
    name, fingerprint = made_by["name"], made_by["fingerprint"]
    try:
        model = registry.load_model(wanted or name)
    except ModelError as error:
        msg = f"{path}: was made by the model {name}, which cannot be had: {error}"
        raise ModelError(msg) from error
    if model.fingerprint != fingerprint:
        msg = (
            f"{path}: was made by the model {name} ({fingerprint[:12]}), and {wanted or name} here "
            f"is another ({model.fingerprint[:12]}): name the file of that very one with --model"
        )
        raise ModelError(msg)
    return model


def _other_versions(path: Path, recorded: object) -> tuple[str, ...]:
    was = recorded if isinstance(recorded, dict) else {}
    now = made_with()["versions"]
    apart = [
        f"{name} {was.get(name, 'of unknown version')} (here {version})"
        for name, version in now.items()
        if was.get(name) != version
    ]
    if not apart:
        return ()
    return (f"{path}: was made with {', '.join(apart)}: results may differ in some pixels",)
