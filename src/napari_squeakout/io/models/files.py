"""A model on disk: its weights and its card, written whole and read without running anything."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch

from napari_squeakout.core.errors import ModelError, NameTakenError, is_disk_full
from napari_squeakout.core.model.card import CARD_INSIDE, ModelCard, card_from_json, new_card
from napari_squeakout.core.model.checkpoint import Checkpoint
from napari_squeakout.core.model.model import Model, weights_fingerprint
from napari_squeakout.core.model.published import PUBLISHED_CARD, PUBLISHED_MODEL, is_published
from napari_squeakout.io.drafts import drafting
from napari_squeakout.io.home import home_folder
from napari_squeakout.io.plain_files import plain_text

from .reading import read_card, read_checkpoint

_SUFFIX = ".safetensors"
# Under these names a file of this machine has the card that it was saved with, and what ties the
# one beside it to it.
_CARD_KEPT, _FINGERPRINT = "squeakout_card_kept", "weights_fingerprint"


def models_folder() -> Path:
    """Where published and own models are kept."""
    return home_folder() / "models"


def card_path(weights: Path) -> Path:
    """The file beside the weights that holds their card."""
    return weights.with_suffix(".json")


def known_card(weights: Path) -> ModelCard | None:
    """The card of a .safetensors file, its weights unread: the one inside, else the one beside.

    The one inside goes before, because it cannot have come from other weights. Files of this
    machine have both: the one beside, which can be mended by hand, counts unless it says that it
    is that of other weights.

    Raises
    ------
    ModelError
        If the file is not whole, or its card is none.
    """
    about = _metadata(weights)
    inside, kept = about.get(CARD_INSIDE), about.get(_CARD_KEPT)
    if inside is not None:
        return card_from_json(inside, str(weights))
    beside, fingerprint = _card_beside(card_path(weights))
    is_of_others = fingerprint not in {None, about.get(_FINGERPRINT)}
    if kept is not None and (beside is None or is_of_others):
        return card_from_json(kept, str(weights))
    return beside


def read_model(path: Path, *, is_known: bool = True) -> Model:
    """The model in a file of any kind that `read_checkpoint` takes.

    Parameters
    ----------
    path : Path
        The file.
    is_known : bool
        Whether it lies among the models of this machine. Of others a card says much, but what a
        file is, is told by its bytes alone.
    """
    checkpoint = read_checkpoint(path)
    card = known_card(path) if path.suffix.lower() == _SUFFIX else None
    if card is not None and not is_known:
        card = _without_claims(card, path, checkpoint)
    card = card or new_card(path, checkpoint)
    return Model(card.name, checkpoint.weights, card)


def _without_claims(card: ModelCard, path: Path, checkpoint: Checkpoint) -> ModelCard:
    """A card that came with a file, without what it says of being the authors' own."""
    claims = (
        is_published(card.source_sha256, card.source_git_blob_id),
        card.title.casefold() == PUBLISHED_CARD["title"].casefold(),
        card.name == PUBLISHED_MODEL,
        bool(card.identity) and not card.identity.startswith("not byte for byte"),
    )
    if checkpoint.known or not any(claims):
        return card
    plain = new_card(path, checkpoint)
    names = ("source_file", "source_sha256", "source_git_blob_id", "source_bytes", "identity")
    return card.model_copy(
        update={"name": plain.name, "title": plain.title, **{n: getattr(plain, n) for n in names}}
    )


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
    NameTakenError
        If the file exists and may not be replaced, or what lies in the place of its card is none.
    ModelError
        If it cannot be written.
    """
    if path.exists() and not overwrite:
        raise _taken(path)
    weights = {n: w.half() if half and w.ndim > 1 else w for n, w in model.weights.items()}
    card, fingerprint = model.card.model_dump_json(), weights_fingerprint(weights)
    about = {CARD_INSIDE: card} if alone else {_CARD_KEPT: card, _FINGERPRINT: fingerprint}
    if not alone:
        _check_is_card(card_path(path))
        _part_from_card(path)
    # The card is in the same file: a kill leaves the old model or the new one, each whole.
    content = safetensors.torch.save(weights, metadata={"format": "pt", **about})
    replace_file(path, content, overwrite=overwrite)
    if not alone:
        _write_card_beside(path, model.card, fingerprint)
    return path


def replace_file(path: Path, content: bytes, *, overwrite: bool = True) -> None:
    """Write beside, then rename: whoever reads meanwhile finds the old file whole.

    Raises
    ------
    NameTakenError
        If the file is there and may not be replaced.
    ModelError
        If it cannot be written.
    """
    try:
        with drafting(path) as draft:
            draft.path.write_bytes(content)
            if overwrite:
                draft.take_place()
            elif not draft.take_free_place():
                raise _taken(path)
    except OSError as error:
        reason = "the disk is full" if is_disk_full(error) else error.strerror
        msg = (
            f"{path}: cannot be written ({reason}): choose a folder with room and the right to "
            "write"
        )
        raise ModelError(msg) from error


def _taken(path: Path) -> NameTakenError:
    return NameTakenError(f"{path}: exists already: choose another name or allow overwriting")


def _metadata(weights: Path) -> dict[str, str]:
    if weights.exists() and not weights.is_file():
        msg = f"{weights}: is no file but a folder, a pipe or a device: choose another"
        raise ModelError(msg)
    try:
        with safetensors.safe_open(weights, "pt") as file:
            return file.metadata() or {}
    except (safetensors.SafetensorError, OSError) as error:
        msg = f"{weights}: damaged or cut short ({error}): copy or import it again"
        raise ModelError(msg) from error


def _card_beside(path: Path) -> tuple[ModelCard | None, str | None]:
    """The card in a file of its own, and the fingerprint of the weights that it says it is of."""
    content = _json_object(path)
    fingerprint = content.pop(_FINGERPRINT, None)
    if fingerprint is None:
        return read_card(path), None
    return card_from_json(json.dumps(content), str(path)), str(fingerprint)


def _json_object(path: Path) -> dict[str, Any]:
    """What is in a file; nothing where it is not there or is none."""
    try:
        content = json.loads(plain_text(path))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _as_json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, indent=2, ensure_ascii=False).encode()


def _check_is_card(path: Path) -> None:
    """Refuse to write a card where something else lies: a folder that was named is a person's."""
    try:
        is_card = not os.path.lexists(path) or _card_beside(path)[0] is not None
    except ModelError:
        is_card = False
    if not is_card:
        msg = f"{path}: is no model's card, so it stays: choose another name, or move it away"
        raise NameTakenError(msg)


def _part_from_card(weights: Path) -> None:
    """See to it that a card that lies there already is not taken for that of new weights."""
    path = card_path(weights)
    content = _json_object(path)
    if not content or _FINGERPRINT in content:
        return
    if weights.exists():  # of an earlier version, which did not say: it stays the card of these
        content[_FINGERPRINT] = "of weights that were here before"
        replace_file(path, _as_json(content))
    else:
        path.unlink()


def _write_card_beside(weights: Path, card: ModelCard, fingerprint: str) -> None:
    content = {_FINGERPRINT: fingerprint, **json.loads(card.model_dump_json())}
    # The model is there already, with its card: this one is for people.
    with suppress(ModelError):
        replace_file(card_path(weights), _as_json(content))
