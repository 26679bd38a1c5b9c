"""All that a training needs to go on after a kill, and what it came to."""

from __future__ import annotations

import copy
import hashlib
import io
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from lightning_fabric.plugins.precision import Precision
from torch import Tensor

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.model.checkpoint import DAMAGED
from napari_squeakout.core.model.model import weights_fingerprint
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.core.training_settings import (
    FineTuneSettings,
    LearningSettings,
    TrainSettings,
)

from .batches import TrainingPages


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """What one pass over the pages came to.

    Dice, by the paper's convention, and loss are given for the validation pages, and for the crops
    learned from.
    """

    number: int
    loss: float
    validation_dice: float
    learning_rate: float
    validation_loss: float = float("nan")
    dice: float = float("nan")


@dataclass(frozen=True)
class TrainResult:
    """The best network of a training, and its course; best epoch -1 is the one it started from."""

    network: SqueakOut
    history: tuple[Epoch, ...]
    best_epoch: int


class StateKeeper(Protocol):
    """Where a training keeps its state, so that it goes on after a kill."""

    @property
    def source(self) -> str:
        """Its name, for whoever reads of it."""

    def read(self) -> bytes | None:
        """What was kept last; None where nothing was."""

    def write(self, content: bytes) -> None:
        """Keep it, whole; where that cannot be, learning goes on all the same."""


class TrainingState:
    """All that a training needs to go on: weights, optimiser, schedule, history, the best."""

    def __init__(
        self,
        network: SqueakOut,
        optimizer: torch.optim.Optimizer,
        scheduler: Any,
        identity: dict[str, Any],
        precision: Precision,
    ) -> None:
        self.network, self.optimizer, self.scheduler = network, optimizer, scheduler
        self.identity, self._precision = identity, precision
        self.history: list[Epoch] = []
        self.best: dict[str, Tensor] = {}
        self.best_epoch = 0
        self._loss_before = float("inf")

    def begin(self, loss: float) -> None:
        """Keep the network as it is until an epoch has a lower loss."""
        self._loss_before = loss
        self._keep(-1)

    def note(self, epoch: Epoch, settings: LearningSettings) -> None:
        """Add an epoch; keep its weights if they are the ones to keep."""
        previous = max((e.validation_dice for e in self.history), default=-1.0)
        self.history.append(epoch)
        if isinstance(settings, FineTuneSettings):
            # On a handful of pages the lowest loss is soon met by chance, at a high rate. The later
            # epochs are the settled ones, unless they are worse than no learning at all.
            better = epoch.validation_loss < self._loss_before
        else:
            # A rate that ends at almost nothing leaves its last weights settled.
            better = _falls_by_plan(settings) or epoch.validation_dice > previous
        if better:
            self._keep(epoch.number)
        if isinstance(self.scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
            self.scheduler.step(epoch.validation_dice)

    def as_bytes(self) -> bytes:
        """All of it, as torch writes it."""
        state = {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict(),
            "history": [vars(epoch) for epoch in self.history],
            "best": self.best,
            "best_epoch": self.best_epoch,
            "identity": self.identity,
            "precision": self._precision.state_dict(),
        }
        content = io.BytesIO()
        torch.save(state, content)
        return content.getvalue()

    def take_up(self, content: bytes, source: str, device: torch.device) -> None:
        """Go on from a saved state, if it is one of this very training.

        Parameters
        ----------
        content : bytes
            What `as_bytes` gave.
        source : str
            Where it was kept, to name it.
        device : torch.device
            Where the training computes.

        Raises
        ------
        InputError
            If it is of another training, or no such state.
        """
        state = _state_in(content, source, device)
        saved = state["identity"]
        other = [
            f"{k} {saved.get(k)}, not {v}" for k, v in self.identity.items() if saved.get(k) != v
        ]
        if other:
            msg = (
                f"{source}: is the checkpoint of another training ({'; '.join(other)}): "
                "train with the same settings and pages, or choose another file"
            )
            raise InputError(msg)
        try:
            self.network.load_state_dict(state["network"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.scheduler.load_state_dict(state["scheduler"])
            self.history = [Epoch(**epoch) for epoch in state["history"]]
            self.best, self.best_epoch = state["best"], state["best_epoch"]
            self._precision.load_state_dict(state["precision"])
        except DAMAGED as error:
            raise InputError(not_a_state(source)) from error

    def result(self) -> TrainResult:
        """The network to keep, on the CPU, ready to use."""
        network = copy.deepcopy(self.network).to("cpu", memory_format=torch.contiguous_format)  # type: ignore[call-overload]
        if self.best:
            network.load_state_dict(self.best)
        return TrainResult(
            network.eval().requires_grad_(True), tuple(self.history), self.best_epoch
        )

    def _keep(self, number: int) -> None:
        self.best = {k: v.detach().cpu().clone() for k, v in self.network.state_dict().items()}
        self.best_epoch = number


def _state_in(content: bytes, source: str, device: torch.device) -> dict[str, Any]:
    state = None
    with suppress(*DAMAGED):
        # As torch writes them: of other files it reads any nonsense.
        if zipfile.is_zipfile(io.BytesIO(content)):
            state = torch.load(io.BytesIO(content), weights_only=True, map_location=device)
    if not isinstance(state, dict) or not isinstance(state.get("identity"), dict):
        raise InputError(not_a_state(source))
    return state


def not_a_state(source: str) -> str:
    """The sentence on a file that is something else."""
    return f"{source}: is not the state of a training, or damaged: choose another file"


def identity_of(
    data: TrainingPages, settings: LearningSettings, start: SqueakOut
) -> dict[str, Any]:
    """What must stay the same for a training to go on as it began."""
    content = hashlib.sha256()
    for page, mask in zip(data.pages, data.masks, strict=True):
        content.update(page.tobytes())
        content.update(np.packbits(mask).tobytes())
    # A plan is made over all epochs; otherwise they are a limit that may be moved.
    free = set() if _falls_by_plan(settings) else {"epochs"}
    return {
        "pages": len(data.pages),
        "content of pages and masks": content.hexdigest()[:12],
        "weights it began with": weights_fingerprint(start.state_dict())[:12],
        **settings.model_dump(exclude=free),
    }


def _falls_by_plan(settings: LearningSettings) -> bool:
    if isinstance(settings, TrainSettings):
        return settings.schedule != "plateau"
    return isinstance(settings, FineTuneSettings)
