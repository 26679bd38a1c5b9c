"""Files of weights and of cards -> what is in them; nothing that they contain is run."""

from __future__ import annotations

import stat
from pathlib import Path

from napari_squeakout.core.errors import ModelError
from napari_squeakout.core.model.card import ModelCard, card_from_json
from napari_squeakout.core.model.checkpoint import LARGEST_BYTES, Checkpoint, checkpoint_in
from napari_squeakout.io.plain_files import plain_text


def read_checkpoint(path: str | Path) -> Checkpoint:
    """Weights in a safetensors file, a Lightning checkpoint or a saved `state_dict`.

    Parameters
    ----------
    path : str or Path
        A .safetensors, .ckpt, .pt or .pth file; what a file is, is told by its content.

    Raises
    ------
    ModelError
        If it cannot be read, is not SqueakOut's, or asks to run something.
    """
    path = Path(path)
    return checkpoint_in(_read_bytes(path), path)


def read_card(path: Path) -> ModelCard | None:
    """The card in a .json file; None without the file; ModelError if it is something else."""
    if not path.is_file():
        return None
    try:
        text = plain_text(path)
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path}: not a model card ({error}): correct or remove it"
        raise ModelError(msg) from error
    return card_from_json(text, str(path))


def _read_bytes(path: Path) -> bytes:
    try:
        known = path.stat()
        if not stat.S_ISREG(known.st_mode):  # one may wait for ever, or never end
            msg = f"{path}: is no file but a folder, a pipe or a device: choose another"
            raise ModelError(msg)
        size = known.st_size
        if size > LARGEST_BYTES:
            msg = (
                f"{path}: {size:,} bytes are more than any SqueakOut checkpoint has (limit "
                f"{LARGEST_BYTES:,}): choose another file"
            )
            raise ModelError(msg)
        return path.read_bytes()
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}): check the path"
        raise ModelError(msg) from error
