"""A model that took hours to make is kept, whatever has happened to its name or its place."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from napari_squeakout.core.errors import ModelError, NameTakenError
from napari_squeakout.core.model.model import Model

from .files import write_model
from .registry import list_models, save_model

_LONGEST_NAME, _MOST_NAMES = 64, 1000


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Where a model is now.

    Parameters
    ----------
    path : Path
        Its weights.
    name : str
        What it is called.
    has_name : bool
        Whether it is among the models that can be named; otherwise it is a file of its own.
    note : str
        What a person should know; empty where all went as it was asked for.
    """

    path: Path
    name: str
    has_name: bool = True
    note: str = ""


def keep_model(
    model: Model,
    places: tuple[Path, ...] = (),
    *,
    about_to_save: Callable[[str], object] = lambda _: None,
) -> Kept:
    """Save a model: under its name, else under a free one like it, else as a file elsewhere.

    Parameters
    ----------
    model : Model
        With the name that was asked for.
    places : tuple of Path
        Folders to write to where the models' own cannot be; this folder, that of the user and the
        system's for passing files are tried after them.
    about_to_save : callable, optional
        Told each name before it is used; a name for which it raises ModelError or OSError is given
        up, whatever else it raises ends all.

    Raises
    ------
    ModelError
        If it can be written nowhere.
    """
    try:
        return _named(model, about_to_save)
    except (ModelError, OSError) as error:
        return _elsewhere(model, places, error)


def _named(model: Model, about_to_save: Callable[[str], object]) -> Kept:
    for name in _names_like(model.name):
        if name.lower() in {entry.name.lower() for entry in list_models() if entry.is_taken}:
            continue
        about_to_save(name)
        with suppress(NameTakenError):
            path = save_model(model.renamed(name))
            is_other = name != model.name
            note = f"a model is called {model.name} by now: this one is saved as {name}"
            return Kept(path=path, name=name, note=note if is_other else "")
    msg = f"{model.name}: all names like this are taken: remove some of these models"
    raise ModelError(msg)


def _names_like(name: str) -> Iterator[str]:
    yield name
    for number in range(2, _MOST_NAMES):
        yield f"{name[: _LONGEST_NAME - len(str(number)) - 1]}-{number}"


def _elsewhere(model: Model, places: tuple[Path, ...], error: Exception) -> Kept:
    for folder in (*places, Path.cwd(), Path.home(), Path(tempfile.gettempdir())):
        for name in _names_like(model.name):
            path = folder.absolute() / f"{name}.safetensors"
            if path.exists():
                continue
            with suppress(ModelError):
                write_model(model, path, overwrite=False, alone=True)
                note = f"{error}; it is saved as {path}: `squeakout models import` takes it in"
                return Kept(path=path, name=name, has_name=False, note=note)
            break
    raise error
