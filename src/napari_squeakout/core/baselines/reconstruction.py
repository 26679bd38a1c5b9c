"""Teach a network to give pages back as they are, before it learns masks."""

from __future__ import annotations

import copy
import hashlib
import io
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from napari_squeakout.core.detection.devices import choose_device
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.model.checkpoint import DAMAGED
from napari_squeakout.core.model.model import weights_fingerprint
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.core.training.state import StateKeeper, not_a_state
from napari_squeakout.core.training_settings import TrainSettings

# As for masks: the rate falls tenfold after 5 passes without improvement, 15 are the end.
_PATIENCE, _STOP_AFTER, _FALL = 5, 15, 0.1


@dataclass(frozen=True)
class Pass:
    """What one pass over the pages came to.

    Parameters
    ----------
    loss : float
        Mean absolute difference on the pages learned from, grey 0..1.
    accuracy : float
        1 - mean absolute difference on the pages kept for validation. The paper gives an accuracy
        of 91.67 % and does not say of what.
    """

    loss: float
    accuracy: float


@dataclass(frozen=True)
class Reconstructed:
    """The network that reconstructs best, and the course of its training."""

    network: nn.Module = field(repr=False)
    history: tuple[Pass, ...]

    @property
    def accuracy(self) -> float:
        """That of the best pass."""
        return max(one.accuracy for one in self.history)


class _State:
    """Weights, optimiser, schedule, course, the best."""

    def __init__(self, network: nn.Module, rate: float, identity: dict[str, Any]) -> None:
        self.network, self.identity = network, identity
        self.optimizer = torch.optim.Adam(network.parameters(), lr=rate)
        self.scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
            self.optimizer, mode="max", factor=_FALL, patience=_PATIENCE
        )
        self.history: list[Pass] = []
        self.best: dict[str, Tensor] = {}

    def note(self, one: Pass) -> None:
        if one.accuracy > max((earlier.accuracy for earlier in self.history), default=-1.0):
            weights = self.network.state_dict()
            self.best = {name: value.detach().cpu().clone() for name, value in weights.items()}
        self.history.append(one)
        self.scheduler.step(one.accuracy)

    @property
    def is_over(self) -> bool:
        best = max(range(len(self.history)), key=lambda i: self.history[i].accuracy, default=0)
        return len(self.history) - 1 - best >= _STOP_AFTER

    def as_bytes(self) -> bytes:
        content = io.BytesIO()
        state = {name: getattr(self, name).state_dict() for name in _PARTS}
        history = [asdict(one) for one in self.history]
        torch.save(
            {**state, "history": history, "best": self.best, "identity": self.identity}, content
        )
        return content.getvalue()

    def take_up(self, content: bytes, source: str, device: torch.device) -> None:
        try:
            saved = torch.load(io.BytesIO(content), weights_only=True, map_location=device)
            if saved["identity"] != self.identity:
                msg = (
                    f"{source}: is the state of a training with other pages or settings: train "
                    "with the same, or choose another folder"
                )
                raise InputError(msg)
            for name in _PARTS:
                getattr(self, name).load_state_dict(saved[name])
            self.history = [Pass(**one) for one in saved["history"]]
            self.best = saved["best"]
        except DAMAGED as error:
            raise InputError(not_a_state(source)) from error


_PARTS = ("network", "optimizer", "scheduler")


def reconstructing(
    pages: NDArray[np.uint8],
    split: tuple[NDArray[np.int64], NDArray[np.int64]],
    settings: TrainSettings,
    *,
    network: nn.Module,
    checkpoint: StateKeeper | None = None,
    on_pass: Callable[[Pass], object] = lambda _: None,
) -> Steps[Reconstructed]:
    """Train a network to give pages back: Adam, the mean absolute difference, the paper's schedule.

    Parameters
    ----------
    pages : NDArray
        (n, 512, 512) uint8; may be memory-mapped.
    split : tuple of NDArray
        Page numbers to learn from and to validate on.
    settings : TrainSettings
        Seed, epochs, batch size and rate.
    network : Module
        Where to start; it is not changed.
    checkpoint : StateKeeper, optional
        Keeps the state after each pass, and has the one to go on from where there is one; what is
        resumed ends as what was never stopped.
    on_pass : callable, optional
        Told of every pass.

    Raises
    ------
    InputError
        If the checkpoint belongs to another training.
    """
    device = choose_device().device
    start = copy.deepcopy(network).to(device)
    state = _State(start, settings.learning_rate, _identity(pages, split, settings, network))
    earlier = None if checkpoint is None else checkpoint.read()
    if checkpoint is not None and earlier is not None:
        state.take_up(earlier, checkpoint.source, device)
    learn, check = split
    batches = -(-len(learn) // settings.batch_size)
    for number in range(len(state.history), settings.epochs):
        if state.is_over:
            break
        order = np.random.default_rng([settings.seed, number]).permutation(learn)
        losses = []
        start.train()
        for at in range(0, len(order), settings.batch_size):
            losses.append(_step(state, _grey(pages, order[at : at + settings.batch_size], device)))
            done = number * batches + at // settings.batch_size + 1
            yield Progress(done, settings.epochs * batches, "batches")
        state.note(Pass(float(np.mean(losses)), _accuracy(start, pages, check, device)))
        on_pass(state.history[-1])
        if checkpoint is not None:
            checkpoint.write(state.as_bytes())
    best = copy.deepcopy(start).cpu()
    best.load_state_dict(state.best)
    return Reconstructed(best.eval(), tuple(state.history))


def _step(state: _State, page: Tensor) -> float:
    state.optimizer.zero_grad()
    loss = F.l1_loss(torch.sigmoid(state.network(page)), page)
    loss.backward()  # type: ignore[no-untyped-call]
    state.optimizer.step()
    return float(loss.detach())


def _accuracy(
    network: nn.Module, pages: NDArray[np.uint8], check: NDArray[np.int64], device: torch.device
) -> float:
    network.eval()
    apart = []
    with torch.inference_mode():
        for index in check:
            page = _grey(pages, np.array([index]), device)
            apart.append(float(F.l1_loss(torch.sigmoid(network(page)), page)))
    return 1 - float(np.mean(apart))


def _grey(pages: NDArray[np.uint8], index: NDArray[np.int64], device: torch.device) -> Tensor:
    """(n, 1, h, w) float32, 0..1."""
    return torch.from_numpy(np.stack([pages[i] for i in index]))[:, None].float().to(device) / 255


def _identity(
    pages: NDArray[np.uint8],
    split: tuple[NDArray[np.int64], NDArray[np.int64]],
    settings: TrainSettings,
    network: nn.Module,
) -> dict[str, Any]:
    content = hashlib.sha256()
    for numbers in split:
        content.update(np.ascontiguousarray(numbers).tobytes())
        for index in numbers:
            content.update(pages[index].tobytes())
    return {
        "content": content.hexdigest()[:12],
        "weights": weights_fingerprint(network.state_dict())[:12],
        **settings.model_dump(include={"seed", "batch_size", "learning_rate"}),
    }
