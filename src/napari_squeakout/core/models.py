"""The registry of models: bundled, published, the lab's own, by name."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Literal

import platformdirs
import safetensors.torch

from .cards import ModelCard, is_name, new_card, read_card
from .checkpoints import read_checkpoint
from .errors import ModelError
from .published import PUBLISHED_CARD, PUBLISHED_MODEL
from .settings import RenderSettings
from .weights import Model

__all__ = [
    "DEFAULT_MODEL", "PUBLISHED_MODEL", "Model", "ModelCard", "ModelEntry", "export_model",
    "home_folder", "import_model", "list_models", "load_model", "models_folder", "remove_model",
    "save_model",
]  # fmt: skip

#: The model used when none is named.
DEFAULT_MODEL = "squeakout-synthetic"

_SUFFIXES = (".safetensors", ".ckpt", ".pt", ".pth")


@dataclass(frozen=True)
class ModelEntry:
    """A model that can be named.

    Parameters
    ----------
    name, title : str
        What it is called, and called in full.
    kind : str
        "bundled" with the package, "published" by the authors, or the lab's "own".
    installed : bool
        Whether it is on this machine.
    path : Path, optional
        Its weights; None where not installed.
    rendering : RenderSettings
        What it expects of pages.
    """

    name: str
    kind: Literal["bundled", "published", "own"]
    installed: bool
    path: Path | None
    title: str
    rendering: RenderSettings = field(default_factory=RenderSettings)


def home_folder() -> Path:
    """Where this package keeps its files: $NAPARI_SQUEAKOUT_HOME, or the user's data folder."""
    home = os.environ.get("NAPARI_SQUEAKOUT_HOME")
    return Path(home).expanduser() if home else Path(platformdirs.user_data_dir("napari-squeakout"))


def models_folder() -> Path:
    """Where published and own models are kept."""
    return home_folder() / "models"


def list_models() -> list[ModelEntry]:
    """Every model that can be named: bundled, published (installed or not), own."""
    bundled = _weights_in(_bundled_folder())
    own = {n: path for n, path in _weights_in(models_folder()).items() if n not in bundled}
    published = own.pop(PUBLISHED_MODEL, None)
    far = ModelEntry(PUBLISHED_MODEL, "published", False, None, PUBLISHED_CARD["title"])
    return [
        *(_entry(n, "bundled", path) for n, path in bundled.items()),
        far if published is None else _entry(PUBLISHED_MODEL, "published", published),
        *(_entry(n, "own", path) for n, path in own.items()),
    ]


def load_model(name_or_path: str | Path | None = None) -> Model:
    """A model by name or from a file.

    Parameters
    ----------
    name_or_path : str or Path, optional
        A name from `list_models`; or a .safetensors file, with its card beside it as .json or
        without; or a .ckpt, .pt or .pth file, of which nothing is executed. None gives the
        bundled default.

    Raises
    ------
    ModelError
        If there is no such model, or the file cannot be used.
    """
    wanted = DEFAULT_MODEL if name_or_path is None else name_or_path
    entries = {entry.name: entry for entry in list_models()}
    entry = entries.get(wanted) if isinstance(wanted, str) else None
    if entry is not None and entry.path is not None:
        return _read_model(entry.path).renamed(entry.name)  # files may have been renamed by hand
    if entry is not None:
        msg = f"{wanted} is not on this machine yet: run `squeakout models fetch {wanted}`"
        raise ModelError(msg)
    if isinstance(wanted, Path) or wanted.endswith(_SUFFIXES) or Path(wanted).is_file():
        return _read_model(Path(wanted).expanduser())
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
    model : Model
        What to write.
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
        _refuse_bundled(model.name, "overwritten: choose another name")
    return _write_model(
        model, (folder or models_folder()) / f"{model.name}.safetensors", overwrite, half
    )


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
    model = _read_model(Path(file).expanduser())
    model = model.renamed(name or model.name)
    save_model(model, overwrite=overwrite)
    return model


def export_model(name: str, file: str | Path, *, overwrite: bool = False) -> Path:
    """Write a named model to `file`, a .safetensors, with its card beside it as .json."""
    path = Path(file).expanduser()
    if path.suffix != ".safetensors":
        msg = f"{path}: models are exported as .safetensors: call it {path.stem}.safetensors"
        raise ModelError(msg)
    return _write_model(load_model(name), path, overwrite, False)


def remove_model(name: str) -> None:
    """Delete an installed model and its card; bundled ones stay."""
    _refuse_bundled(name, "removed: it is part of the package")
    own = [entry for entry in list_models() if entry.path and entry.kind != "bundled"]
    path = next((entry.path for entry in own if entry.name == name), None)
    if path is None:
        msg = (
            f"no model called {name!r} is installed: {', '.join(e.name for e in own) or 'none'} "
            "could be removed"
        )
        raise ModelError(msg)
    for file in (path, _card_path(path)):
        file.unlink(missing_ok=True)


def _bundled_folder() -> Path:
    return Path(str(resources.files("napari_squeakout") / "weights"))


def _weights_in(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder.glob("*.safetensors")) if is_name(path.stem)}


def _card_path(weights: Path) -> Path:
    return weights.with_suffix(".json")


def _entry(name: str, kind: Literal["bundled", "published", "own"], weights: Path) -> ModelEntry:
    """An installed model for a list, which one spoilt card must not break."""
    try:
        card = read_card(_card_path(weights))
    except ModelError:
        return ModelEntry(name, kind, True, weights, f"{weights.stem} (its card cannot be read)")
    if card is None:
        return ModelEntry(name, kind, True, weights, weights.stem)
    return ModelEntry(name, kind, True, weights, card.title or weights.stem, card.rendering)


def _read_model(path: Path) -> Model:
    checkpoint = read_checkpoint(path)
    card = read_card(_card_path(path)) if path.suffix.lower() == ".safetensors" else None
    card = card or new_card(path, checkpoint)
    return Model(card.name, checkpoint.weights, card)


def _refuse_bundled(name: str, what: str) -> None:
    if any(entry.name == name and entry.kind == "bundled" for entry in list_models()):
        msg = f"the bundled model {name} cannot be {what}"
        raise ModelError(msg)


def _write_model(model: Model, path: Path, overwrite: bool, half: bool) -> Path:
    """Card first: a model counts as there when its weights are."""
    if path.exists() and not overwrite:
        msg = f"{path}: exists already: choose another name or allow overwriting"
        raise ModelError(msg)
    weights = {n: w.half() if half and w.ndim > 1 else w for n, w in model.weights.items()}
    content = safetensors.torch.save(weights, metadata={"format": "pt"})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(_card_path(path), model.card.model_dump_json(indent=2).encode())
        _replace(path, content)
    except OSError as error:
        msg = (
            f"{path}: cannot be written ({error.strerror}): choose a folder with room and the "
            "right to write"
        )
        raise ModelError(msg) from error
    return path


def _replace(path: Path, content: bytes) -> None:
    """Write beside, then rename: whoever reads meanwhile finds the old file whole."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
