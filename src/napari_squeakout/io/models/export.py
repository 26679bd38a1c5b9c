"""A model to take elsewhere, in the form that the file's ending names."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import safetensors

from napari_squeakout.core.errors import ModelError

from .files import replace_file, write_model
from .registry import load_model

#: Ending -> what such a file is.
FORMS = {
    ".safetensors": "to import elsewhere, the card inside",
    ".onnx": "for programs without PyTorch, the card in its metadata",
    ".zip": "a bioimage.io package",
}


def export_model(name: str, file: str | Path, *, overwrite: bool = False) -> Path:
    """Write a named model to one file.

    Parameters
    ----------
    name : str
        From `list_models`, or a file.
    file : str or Path
        Ends in .safetensors, .onnx or .zip (a bioimage.io package); the latter two need the extra
        `export`.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    ModelError
        If there is no such model or form, or the file exists or cannot be written.
    SqueakOutError
        If a package is missing.
    """
    path = Path(file).expanduser()
    suffix = path.suffix.lower()
    if suffix not in FORMS:
        known = ", ".join(f"{ending} ({what})" for ending, what in FORMS.items())
        msg = f"{path}: models are exported as {known}: call it {path.stem}.safetensors or so"
        raise ModelError(msg)
    model = load_model(name)
    _check_may_write(path, overwrite=overwrite)
    if suffix == ".safetensors":
        return write_model(model, path, overwrite=overwrite, alone=True)
    if suffix == ".onnx":
        from napari_squeakout.core.export.onnx import to_onnx

        replace_file(path, to_onnx(model))
        return path
    from napari_squeakout.core.export.bioimageio import to_bioimage_package

    replace_file(path, to_bioimage_package(model))
    return path


def _check_may_write(path: Path, *, overwrite: bool) -> None:
    """Only what looks like an exported model is ever replaced: a .zip may hold anything."""
    if not path.exists():
        return
    if not overwrite:
        msg = f"{path}: exists already: choose another name or allow overwriting"
        raise ModelError(msg)
    if not path.is_file() or not _LOOKS[path.suffix.lower()](path):
        msg = f"{path}: is no exported model, so it stays: choose another name"
        raise ModelError(msg)


def _is_safetensors(path: Path) -> bool:
    try:
        with safetensors.safe_open(path, "pt"):
            return True
    except (safetensors.SafetensorError, OSError):
        return False


def _is_package(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith(("rdf.yaml", "bioimageio.yaml")) for name in archive.namelist())


# An .onnx file is nothing but a model.
_LOOKS: dict[str, Callable[[Path], bool]] = {
    ".safetensors": _is_safetensors,
    ".zip": _is_package,
    ".onnx": lambda _: True,
}
