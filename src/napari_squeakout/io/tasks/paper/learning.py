"""Networks of the paper, taught from a store and kept in a folder; killed, they go on."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import safetensors
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import nn

from napari_squeakout.core.baselines.reconstruction import reconstructing
from napari_squeakout.core.model.model import weights_fingerprint
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.core.steps import Steps
from napari_squeakout.core.training.batches import TrainingPages, split_pages
from napari_squeakout.core.training.loop import teaching
from napari_squeakout.core.training_settings import TrainSettings
from napari_squeakout.io.files import atomic_file
from napari_squeakout.io.models.training_state import StateFile
from napari_squeakout.io.plain_files import finite_json, plain_text

Split = tuple[NDArray[np.int64], NDArray[np.int64]]
#: One image to learn from, and one to validate on.
LEAST_TO_LEARN = 2


@dataclass(frozen=True)
class Kept:
    """Where one network of a run is kept.

    Parameters
    ----------
    folder : Path
        For its files.
    name : str
        What they begin with.
    """

    folder: Path
    name: str

    @property
    def weights(self) -> Path:
        """The finished network."""
        return self.folder / f"{self.name}.safetensors"

    @property
    def course(self) -> Path:
        """What it was taught with, and how that went."""
        return self.folder / f"{self.name}.json"

    @property
    def state(self) -> Path:
        """The training while it goes on."""
        return self.folder / f"{self.name}.state"

    def read(self, network: nn.Module, identity: str) -> list[dict[str, Any]] | None:
        """Give a network what was learned, if it was learned so; its course, or None."""
        with suppress(OSError, ValueError, KeyError, TypeError, safetensors.SafetensorError):
            known = finite_json(plain_text(self.course))
            weights = safetensors.torch.load(self.weights.read_bytes())
            same = known["identity"] == identity
            if same and known["weights"] == weights_fingerprint(weights):
                network.load_state_dict(weights)
                course: list[dict[str, Any]] = known["history"]
                return course
        return None

    def take(self, network: nn.Module) -> None:
        """Give a network what was learned, however; OSError where it is not there."""
        network.load_state_dict(safetensors.torch.load(self.weights.read_bytes()))

    def write(self, network: nn.Module, identity: str, history: list[dict[str, Any]]) -> None:
        """Keep it, and let the state of its training go."""
        weights = {name: value.contiguous() for name, value in network.state_dict().items()}
        with atomic_file(self.weights) as draft:
            draft.write_bytes(safetensors.torch.save(weights))
        known = {
            "identity": identity, "weights": weights_fingerprint(weights), "history": history,
        }  # fmt: skip
        with atomic_file(self.course) as draft:
            draft.write_text(json.dumps(known, indent=1), encoding="utf-8")
        self.state.unlink(missing_ok=True)


def sides_of(pages: NDArray[np.int64], settings: TrainSettings) -> Split:
    """Which of these pages to learn from and which to validate on, drawn by the recipe's seed."""
    learn, check = split_pages(len(pages), settings)
    return pages[learn], pages[check]


def learning_masks(
    kept: Kept,
    network: nn.Module,
    data: TrainingPages,
    split: Split,
    settings: TrainSettings,
    about: str,
) -> Steps[list[dict[str, Any]]]:
    """Teach a network masks, or take what was learned so before.

    Parameters
    ----------
    kept : Kept
        Where it is kept.
    network : Module
        Where to start; what was learned is put into it.
    data : TrainingPages
        Pages and masks.
    split : tuple of NDArray
        Page numbers to learn from and to validate on.
    settings : TrainSettings
        The recipe.
    about : str
        Fingerprint of the pages and masks.

    Returns
    -------
    list of dict
        The course, a dict an epoch.
    """
    identity = _identity(network, split, settings, about)
    known = kept.read(network, identity)
    if known is not None:
        return known
    _drop_other_state(kept, identity)
    # The loop asks of a network only that pages become logits, and that it can be copied.
    result = yield from teaching(
        data,
        settings,
        network=cast(SqueakOut, network),
        split=split,
        checkpoint=StateFile(kept.state),
    )
    network.load_state_dict(result.network.state_dict())
    history = [vars(epoch) for epoch in result.history]
    kept.write(network, identity, history)
    return history


def learning_to_reconstruct(
    kept: Kept,
    network: nn.Module,
    pages: NDArray[np.uint8],
    split: Split,
    settings: TrainSettings,
    about: str,
) -> Steps[list[dict[str, Any]]]:
    """As `learning_masks`, to give pages back as they are."""
    identity = _identity(network, split, settings, about)
    known = kept.read(network, identity)
    if known is not None:
        return known
    _drop_other_state(kept, identity)
    done = yield from reconstructing(
        pages, split, settings, network=network, checkpoint=StateFile(kept.state)
    )
    network.load_state_dict(done.network.state_dict())
    history = [vars(one) for one in done.history]
    kept.write(network, identity, history)
    return history


def answering(
    network: nn.Module, pages: NDArray[np.uint8], numbers: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """(n, h, w) probabilities of these pages, 255 = certain."""
    network.eval()
    answers = np.zeros((len(numbers), *pages.shape[1:]), np.uint8)
    with torch.inference_mode():
        for at, index in enumerate(numbers):
            page = torch.from_numpy(np.array(pages[index]))[None, None].float() / 255
            values = torch.sigmoid(network(page)[0, 0].float())
            answers[at] = (values * 255).round().to(torch.uint8).numpy()
    return answers


def _identity(network: nn.Module, split: Split, settings: TrainSettings, about: str) -> str:
    """What a network is taught with, as a hash: the same gives the same network."""
    digest = hashlib.sha256(about.encode())
    digest.update(weights_fingerprint(network.state_dict()).encode())
    for numbers in split:
        digest.update(b"side")
        digest.update(np.ascontiguousarray(numbers, "<i8").tobytes())
    digest.update(settings.model_dump_json().encode())
    return digest.hexdigest()


def _drop_other_state(kept: Kept, identity: str) -> None:
    """A state of a training with other pages or settings would be refused, and is of no use."""
    kept.folder.mkdir(parents=True, exist_ok=True)
    mark = kept.folder / f"{kept.name}.state-of"
    try:
        same = plain_text(mark) == identity
    except (OSError, ValueError):
        same = False
    if not same:
        kept.state.unlink(missing_ok=True)
        with atomic_file(mark) as draft:
            draft.write_text(identity, encoding="utf-8")
