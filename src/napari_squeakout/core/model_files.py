"""A model on disk: its weights and its card, written whole and read without running anything."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
import safetensors
import safetensors.torch

from .cards import ModelCard, card_from_json, new_card, read_card
from .checkpoints import read_checkpoint
from .errors import ModelError
from .weights import Model

_SUFFIX = ".safetensors"
#: Under this name a file that is to travel alone carries its card.
CARD_INSIDE = "squeakout_card"


def home_folder() -> Path:
    """Where this package keeps its files: $NAPARI_SQUEAKOUT_HOME, or the user's data folder."""
    home = os.environ.get("NAPARI_SQUEAKOUT_HOME")
    return Path(home).expanduser() if home else Path(platformdirs.user_data_dir("napari-squeakout"))


def models_folder() -> Path:
    """Where published and own models are kept."""
    return home_folder() / "models"


def card_path(weights: Path) -> Path:
    """The file beside the weights that holds their card."""
    return weights.with_suffix(".json")


def known_card(weights: Path) -> ModelCard | None:
    """The card of a .safetensors file, its weights unread: the one inside, else the one beside.

    The one inside goes before, because it cannot have come from other weights.

    Raises
    ------
    ModelError
        If the file is not whole, or its card is none.
    """
    try:
        with safetensors.safe_open(weights, "pt") as file:
            inside = (file.metadata() or {}).get(CARD_INSIDE)
    except (safetensors.SafetensorError, OSError) as error:
        msg = f"{weights}: damaged or cut short ({error}): copy or import it again"
        raise ModelError(msg) from error
    return read_card(card_path(weights)) if inside is None else card_from_json(inside, str(weights))


def read_model(path: Path) -> Model:
    """The model in a file of any kind that `read_checkpoint` takes."""
    checkpoint = read_checkpoint(path)
    card = known_card(path) if path.suffix.lower() == _SUFFIX else None
    card = card or new_card(path, checkpoint)
    return Model(card.name, checkpoint.weights, card)


def write_model(
    model: Model, path: Path, *, overwrite: bool, half: bool = False, alone: bool = False
) -> Path:
    """Write weights and card; gives the path of the former.

    Parameters
    ----------
    model : Model
        What to write.
    path : Path
        A .safetensors.
    overwrite : bool
        Whether an existing file may be replaced.
    half : bool
        Whether to write kernels as float16.
    alone : bool
        Whether the card goes into the same file, not beside it.

    Raises
    ------
    ModelError
        If the file exists or cannot be written.
    """
    if path.exists() and not overwrite:
        msg = f"{path}: exists already: choose another name or allow overwriting"
        raise ModelError(msg)
    weights = {n: w.half() if half and w.ndim > 1 else w for n, w in model.weights.items()}
    inside = {CARD_INSIDE: model.card.model_dump_json()} if alone else {}
    content = safetensors.torch.save(weights, metadata={"format": "pt", **inside})
    if not alone:  # card first: a model counts as there when its weights are
        replace_file(card_path(path), model.card.model_dump_json(indent=2).encode())
    replace_file(path, content)
    return path


def replace_file(path: Path, content: bytes) -> None:
    """Write beside, then rename: whoever reads meanwhile finds the old file whole.

    Raises
    ------
    ModelError
        If it cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_bytes(content)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        msg = (
            f"{path}: cannot be written ({error.strerror}): choose a folder with room and the "
            "right to write"
        )
        raise ModelError(msg) from error
