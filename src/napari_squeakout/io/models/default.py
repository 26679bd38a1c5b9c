"""The record of the model to use when none is named."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from napari_squeakout.io.home import home_folder
from napari_squeakout.io.plain_files import plain_bytes

from .files import replace_file

#: Part of the package; the default until another is chosen, and whenever that one is not there.
BUNDLED_MODEL = "squeakout-synthetic"


class DefaultModel(BaseModel):
    """What was chosen last, and what was the default before."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    name: str = BUNDLED_MODEL
    previous: str | None = None


def read_default() -> DefaultModel:
    """What was chosen; the bundled model where nothing was, or the record is spoilt."""
    try:
        return DefaultModel.model_validate_json(plain_bytes(_file()))
    except (OSError, ValidationError):
        return DefaultModel()


def write_default(name: str, previous: str | None) -> None:
    """Record a choice, whole or not at all; ModelError if it cannot be written."""
    record = DefaultModel(name=name, previous=previous)
    replace_file(_file(), record.model_dump_json(indent=2).encode())


def forget_default(name: str) -> None:
    """Let no later model of the same name inherit what was chosen of this one."""
    known = read_default()
    if name in {known.name, known.previous}:
        previous = None if known.previous == name else known.previous
        write_default(BUNDLED_MODEL if known.name == name else known.name, previous)


def default_among(usable: Collection[str]) -> str:
    """The default, given the names of the models that can be used."""
    chosen = read_default().name
    return chosen if chosen in usable else BUNDLED_MODEL


def previous_among(usable: Collection[str]) -> str | None:
    """The default before, if it can be used and is another."""
    before = read_default().previous
    return before if before in usable and before != default_among(usable) else None


def why_not_among(usable: Collection[str]) -> str | None:
    """Why the model that was chosen is not the default, in a sentence; None where it is."""
    chosen, now = read_default().name, default_among(usable)
    if _is_spoilt():
        return (
            f"{_file()}: is damaged, so what was chosen as the default is not known and {now} is "
            "used: choose again with `squeakout models use`"
        )
    if chosen == now:
        return None
    return (
        f"{chosen}, the default, is gone or cannot be read: {now} is used; import it again, or "
        "choose another with `squeakout models use`"
    )


def _is_spoilt() -> bool:
    """Whether there is a record that cannot be read."""
    try:
        DefaultModel.model_validate_json(plain_bytes(_file()))
    except FileNotFoundError:
        return False
    except (OSError, ValidationError):
        return True
    return False


def _file() -> Path:
    return home_folder() / "default.json"
