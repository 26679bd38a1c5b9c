"""The registry of models: bundled, published, the lab's own, by name."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from pathlib import Path

from napari_squeakout.core.errors import ModelError
from napari_squeakout.core.model.card import ModelCard, check_name, is_name
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.published import PUBLISHED_CARD, PUBLISHED_MODEL, is_published
from napari_squeakout.io.home import no_entry_text

from .default import (
    BUNDLED_MODEL,
    default_among,
    forget_default,
    previous_among,
    read_default,
    why_not_among,
    write_default,
)
from .entry import ModelEntry, entry_of, usable_names
from .files import card_path, models_folder, read_model, write_model

__all__ = [
    "BUNDLED_MODEL", "PUBLISHED_MODEL", "Model", "ModelCard", "ModelEntry", "check_is_free",
    "default_model", "import_model", "list_models", "load_model", "models_folder",
    "previous_default", "remove_model", "save_model", "set_default_model", "why_not_default",
]  # fmt: skip

_SUFFIXES = (".safetensors", ".ckpt", ".pt", ".pth")


def list_models() -> list[ModelEntry]:
    """Every model that can be named: bundled, published (installed or not), own."""
    bundled = _weights_in(_bundled_folder())
    own = {n: path for n, path in _weights_in(models_folder()).items() if n not in bundled}
    published = own.pop(PUBLISHED_MODEL, None)
    far = ModelEntry(
        name=PUBLISHED_MODEL,
        kind="published",
        installed=False,
        path=None,
        title=PUBLISHED_CARD["title"],
    )
    entries = [
        *(entry_of(n, "bundled", path) for n, path in bundled.items()),
        far if published is None else entry_of(PUBLISHED_MODEL, "published", published),
        *(entry_of(n, "own", path) for n, path in own.items()),
    ]
    default, before = default_among(usable_names(entries)), previous_among(usable_names(entries))
    return [
        replace(entry, is_default=entry.name == default, was_default=entry.name == before)
        for entry in entries
    ]


def check_is_free(name: str) -> None:
    """Raise ModelError unless a new model can be called that.

    Files tell upper from lower case on some systems only, so that names may not differ in it alone.
    """
    check_name(name)
    if name.lower() in {entry.name.lower() for entry in list_models() if entry.is_taken}:
        msg = f"a model is called {name} already: choose another name"
        raise ModelError(msg)


def default_model() -> str:
    """Name of the model used when none is named: the one chosen last, else the bundled one."""
    return default_among(usable_names(list_models()))


def previous_default() -> str | None:
    """Name of the model that was the default before, to go back to."""
    return previous_among(usable_names(list_models()))


def why_not_default() -> str | None:
    """Why the model that was chosen as the default is not used, in a sentence."""
    return why_not_among(usable_names(list_models()))


def set_default_model(name: str) -> None:
    """Use a model from now on when none is named; the one before can be gone back to.

    Raises
    ------
    ModelError
        If no model of that name is on this machine, or it is spoilt.
    """
    load_model(name)
    if name not in usable_names(list_models()):
        msg = f"{name}: only a model that has a name here can be the default: import it first"
        raise ModelError(msg)
    known, now = read_default(), default_model()
    if name != known.name:  # where the one chosen before is gone, another serves already
        write_default(name, known.previous if name == now else now)


def load_model(name_or_path: str | Path | None = None) -> Model:
    """A model by name or from a file.

    Parameters
    ----------
    name_or_path : str or Path, optional
        A name from `list_models`; or a .safetensors file, with its card beside it as .json or
        without; or a .ckpt, .pt or .pth file, of which nothing is executed. None gives the
        default (`default_model`).

    Raises
    ------
    ModelError
        If there is no such model, or the file cannot be used.
    """
    entries = {entry.name: entry for entry in list_models()}
    wanted = default_model() if name_or_path is None else name_or_path
    entry = entries.get(wanted) if isinstance(wanted, str) else None
    if entry is not None and entry.path is not None:
        return read_model(entry.path).renamed(entry.name)  # files may have been renamed by hand
    if entry is not None:
        msg = f"{wanted} is not on this machine yet: run `squeakout models fetch {wanted}`"
        raise ModelError(msg)
    if isinstance(wanted, Path) or wanted.endswith(_SUFFIXES) or Path(wanted).is_file():
        return read_model(Path(wanted).expanduser(), is_known=False)
    msg = (
        f"no model is called {wanted!r}: known are {', '.join(entries)}; or give the path of a "
        f"{', '.join(_SUFFIXES)} file"
    )
    raise ModelError(msg)


def save_model(
    model: Model, folder: Path | None = None, *, overwrite: bool = False, half: bool = False
) -> Path:
    """Write `<name>.safetensors` and its card `<name>.json`; gives the path of the former.

    Parameters
    ----------
    folder : Path, optional
        Where; by default among the models that can be named.
    overwrite : bool
        Whether a model of that name may be replaced.
    half : bool
        Whether to write kernels as float16: half the size, and a fingerprint of its own.

    Raises
    ------
    ModelError
        If the name is taken or the folder cannot be written to.
    """
    if folder is None:
        _refuse_reserved(model)
    path = (folder or models_folder()) / f"{model.name}.safetensors"
    if folder is None and not path.exists():
        forget_default(model.name)  # chosen was another, deleted by hand
    return write_model(model, path, overwrite=overwrite, half=half)


def import_model(file: str | Path, name: str | None = None, *, overwrite: bool = False) -> Model:
    """Take a weights file into the models that can be named.

    What the file is, byte for byte, stands in the model's `card.identity`: to be shown, for a
    file that is not the authors' own may still be a good model.

    Parameters
    ----------
    file : str or Path
        As for `load_model`.
    name : str, optional
        What to call it; by default after the file, or `squeakout-published` if it is that.
    overwrite : bool
        Whether a model of that name may be replaced.

    Raises
    ------
    ModelError
        If the file cannot be used or the name is taken.
    """
    from napari_squeakout.core.detection.engine import check_answers

    model = read_model(Path(file).expanduser(), is_known=False)
    wanted = check_name(name or model.name)
    check_answers(model)
    model = model.renamed(wanted)
    save_model(model, overwrite=overwrite)
    return model


def remove_model(name: str) -> None:
    """Delete an installed model and its card; bundled ones stay, and serve as the default again."""
    _refuse_bundled(name, "removed: it is part of the package")
    own = {entry.name: entry.path for entry in list_models() if entry.kind != "bundled"}
    path = own.get(name)
    if path is None:
        there = ", ".join(other for other, file in own.items() if file) or "none"
        msg = f"no model called {name!r} is installed: {there} could be removed"
        raise ModelError(msg)
    try:
        for file in (path, card_path(path)):  # a card without weights is none of a later model
            file.unlink(missing_ok=True)
    except OSError as error:
        msg = f"{error.filename}: cannot be removed ({error.strerror}): ask for permission"
        raise ModelError(msg) from error
    forget_default(name)


def _source_of(model: Model) -> tuple[str, str]:
    return model.card.source_sha256, model.card.source_git_blob_id


def _bundled_folder() -> Path:
    return Path(str(resources.files("napari_squeakout") / "weights"))


def _weights_in(folder: Path) -> dict[str, Path]:
    try:
        files = sorted(folder.glob("*.safetensors"))
        return {path.stem: path for path in files if is_name(path.stem) and path.is_file()}
    except OSError as error:
        raise ModelError(no_entry_text(folder, error)) from error


def _refuse_reserved(model: Model) -> None:
    """Refuse a name that is another model's for good, by whatever capitals it differs."""
    bundled = {entry.name for entry in list_models() if entry.kind == "bundled"}
    same = next((name for name in bundled if name.lower() == model.name.lower()), None)
    if same is not None:
        _refuse_bundled(same, "overwritten: choose another name")
    is_theirs = model.name == PUBLISHED_MODEL and is_published(*_source_of(model))
    if model.name.lower() == PUBLISHED_MODEL and not is_theirs:
        msg = f"{model.name}: only the published checkpoint is called that: choose another name"
        raise ModelError(msg)


def _refuse_bundled(name: str, what: str) -> None:
    if any(entry.name == name and entry.kind == "bundled" for entry in list_models()):
        msg = f"the bundled model {name} cannot be {what}"
        raise ModelError(msg)
