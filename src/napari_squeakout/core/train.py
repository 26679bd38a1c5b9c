"""Teach a network pages and their masks: one loop for training from scratch and for fine-tuning."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn

from .augment import paper_augmentation
from .errors import InputError
from .losses import focal_dice
from .metrics import dice_scores
from .network import SqueakOut
from .settings import TrainSettings
from .steps import Progress, Steps

# Paper: the rate falls tenfold after 5 epochs without improvement, training stops after 15.
_PATIENCE, _STOP_AFTER, _FALL = 5, 15, 0.1
# One to learn from and one to validate on.
_MIN_PAGES = 2
# The authors' threshold on probabilities.
_THRESHOLD = 0.51


@dataclass(frozen=True)
class TrainingPages:
    """Pages to learn from.

    Parameters
    ----------
    pages : NDArray
        (n, 512, 512) uint8 grey; may be memory-mapped.
    masks : NDArray
        (n, 512, 512) bool, True where a call is.
    """

    pages: NDArray[np.uint8] = field(repr=False)
    masks: NDArray[np.bool_] = field(repr=False)

    def __post_init__(self) -> None:
        n_pages, *size = self.pages.shape
        if self.masks.shape != (n_pages, *size) or len(size) != 2 or n_pages < _MIN_PAGES:  # noqa: PLR2004 - height and width
            msg = (
                "training needs two or more pages and as many masks, "
                f"got {self.pages.shape} and {self.masks.shape}"
            )
            raise ValueError(msg)


@dataclass(frozen=True)
class Epoch:
    """What one pass over the pages came to.

    The Dice is that of the validation pages, by the paper's convention.
    """

    number: int
    loss: float
    validation_dice: float
    learning_rate: float


@dataclass(frozen=True)
class TrainResult:
    """The best network of a training, and its course."""

    network: SqueakOut
    history: tuple[Epoch, ...]
    best_epoch: int


def train(
    data: TrainingPages,
    settings: TrainSettings,
    *,
    network: SqueakOut | None = None,
    checkpoint: Path | None = None,
    fabric: Fabric | None = None,
) -> Steps[TrainResult]:
    """Train a network.

    Parameters
    ----------
    data : TrainingPages
        Pages and masks; a share of them is kept for validation.
    settings : TrainSettings
        The recipe.
    network : SqueakOut, optional
        Where to start; None starts from scratch. It is not changed.
    checkpoint : Path, optional
        File to save the state to after each epoch, and to go on from where it exists. Each
        epoch draws from its own seed, so that a resumed training equals an uninterrupted one.
        torch's random numbers outside are neither used nor changed.
    fabric : Fabric, optional
        Device and precision; by default what the machine has.

    Yields
    ------
    Progress
        After every batch.

    Returns
    -------
    TrainResult
        The network of the epoch with the highest validation Dice; with one-cycle the last one's.

    Raises
    ------
    InputError
        If the checkpoint belongs to a training with other settings or pages.
    """
    fabric = fabric or Fabric(devices=1, precision=_precision())
    learn, check = _split(len(data.pages), settings)
    with _OwnRandomness(settings.seed):
        start = copy.deepcopy(network) if network else _from_scratch(float(data.masks.mean()))
    start = start.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    batches = max(1, -(-len(learn) // settings.batch_size))
    optimizer, scheduler = _optimizer(start, settings, batches)
    state = _State(start, optimizer, scheduler, _identity(data, settings))
    model, wrapped = fabric.setup(start, optimizer)
    if checkpoint is not None and checkpoint.exists():
        state.load(checkpoint, fabric.device)
    for number in range(len(state.history), settings.epochs):
        if settings.schedule == "plateau" and number - 1 - state.best_epoch >= _STOP_AFTER:
            break
        losses = []
        model.train()
        for index, (pages, masks) in enumerate(_batches(data, learn, settings, number)):
            losses.append(_step(model, wrapped, fabric, pages, masks, settings))
            if settings.schedule == "one-cycle":
                scheduler.step()
            yield Progress(number * batches + index + 1, settings.epochs * batches, "batches")
        dice = _validate(model, fabric, data, check)
        state.note(
            Epoch(number, float(np.mean(losses)), dice, optimizer.param_groups[0]["lr"]), settings
        )
        if checkpoint is not None:
            state.save(checkpoint)
    return state.result()


class _OwnRandomness:
    """Within it, torch draws on the CPU from this seed, going on where it was left."""

    def __init__(self, seed: int) -> None:
        self._inside = torch.Generator().manual_seed(seed).get_state()
        self._outside = self._inside

    def __enter__(self) -> None:
        self._outside = torch.get_rng_state()
        torch.set_rng_state(self._inside)

    def __exit__(self, *_: object) -> None:
        self._inside = torch.get_rng_state()
        torch.set_rng_state(self._outside)


class _State:
    """All that a training needs to go on: weights, optimiser, schedule, history, the best."""

    def __init__(
        self,
        network: SqueakOut,
        optimizer: torch.optim.Optimizer,
        scheduler: Any,
        identity: dict[str, Any],
    ) -> None:
        self.network, self.optimizer, self.scheduler = network, optimizer, scheduler
        self.identity = identity
        self.history: list[Epoch] = []
        self.best: dict[str, Tensor] = {}
        self.best_epoch = 0

    def note(self, epoch: Epoch, settings: TrainSettings) -> None:
        """Add an epoch; keep its weights if they are the ones to keep."""
        previous = max((e.validation_dice for e in self.history), default=-1.0)
        self.history.append(epoch)
        # One-cycle ends at a rate of almost nothing: its last weights are its settled ones.
        if settings.schedule == "one-cycle" or epoch.validation_dice > previous:
            self.best = {k: v.detach().cpu().clone() for k, v in self.network.state_dict().items()}
            self.best_epoch = epoch.number
        if settings.schedule == "plateau":
            self.scheduler.step(epoch.validation_dice)

    def save(self, path: Path) -> None:
        """Write beside, then rename: a kill leaves the old state or the new one."""
        state = {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict(),
            "history": [vars(epoch) for epoch in self.history],
            "best": self.best,
            "best_epoch": self.best_epoch,
            "identity": self.identity,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".part")
        torch.save(state, beside)
        beside.replace(path)

    def load(self, path: Path, device: torch.device) -> None:
        """Take up a saved state, if it is one of this very training."""
        state = torch.load(path, weights_only=True, map_location=device)
        saved = state.get("identity", self.identity)
        other = [
            f"{k} {saved.get(k)}, not {v}" for k, v in self.identity.items() if saved.get(k) != v
        ]
        if other:
            msg = (
                f"{path}: is the checkpoint of another training ({'; '.join(other)}): "
                "train with the same settings and pages, or choose another file"
            )
            raise InputError(msg)
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scheduler.load_state_dict(state["scheduler"])
        self.history = [Epoch(**epoch) for epoch in state["history"]]
        self.best, self.best_epoch = state["best"], state["best_epoch"]

    def result(self) -> TrainResult:
        """The network to keep, on the CPU, ready to use."""
        with _OwnRandomness(0):  # its first weights are drawn only to be replaced
            network = SqueakOut()
        network.load_state_dict(self.best)
        return TrainResult(network.eval(), tuple(self.history), self.best_epoch)


def _identity(data: TrainingPages, settings: TrainSettings) -> dict[str, Any]:
    """What must stay the same for a training to go on as it began."""
    # One-cycle plans its course over all epochs; otherwise they are a limit that may be moved.
    free = set() if settings.schedule == "one-cycle" else {"epochs"}
    return {"pages": len(data.pages), **settings.model_dump(exclude=free)}


def _precision() -> Any:
    """Mixed precision where it pays: bfloat16 on a GPU or a CPU that computes in it."""
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        return (
            "bf16-mixed"
            if torch.cuda.is_available() and torch.cuda.is_bf16_supported()
            else "16-mixed"
        )
    return "bf16-mixed" if torch.cpu._is_avx512_bf16_supported() else "32-true"


def _from_scratch(call_share: float) -> SqueakOut:
    """A new network whose first guess is the share of call pixels, not one half."""
    network = SqueakOut()
    prior = min(max(call_share, 1e-4), 0.5)
    nn.init.constant_(network.conv_score.bias, float(np.log(prior / (1 - prior))))  # type: ignore[arg-type]
    return network


def _optimizer(
    network: nn.Module, settings: TrainSettings, batches: int
) -> tuple[torch.optim.Optimizer, Any]:
    if settings.schedule == "one-cycle":
        adamw = torch.optim.AdamW(
            network.parameters(), lr=settings.learning_rate, weight_decay=0.01
        )
        total = settings.epochs * batches
        return adamw, torch.optim.lr_scheduler.OneCycleLR(
            adamw, settings.learning_rate, total, pct_start=0.15
        )
    adam = torch.optim.Adam(network.parameters(), lr=settings.learning_rate)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
        adam, mode="max", factor=_FALL, patience=_PATIENCE
    )
    return adam, plateau


def _split(n_pages: int, settings: TrainSettings) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Shuffled page numbers to learn from and to validate on; at least one of each."""
    order = np.random.default_rng(settings.seed).permutation(n_pages)
    n_check = min(max(1, round(settings.validation_share * n_pages)), n_pages - 1)
    return np.sort(order[n_check:]), np.sort(order[:n_check])


def _batches(
    data: TrainingPages, pages: NDArray[np.int64], settings: TrainSettings, epoch: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """One epoch of random crops, (n, 1, crop, crop) images and masks, float32."""
    rng = np.random.default_rng([settings.seed, epoch])
    randomness = _OwnRandomness(settings.seed * 100_003 + epoch)
    with randomness:
        augmentation = paper_augmentation() if settings.augment else None
    order = rng.permutation(pages)
    for first in range(0, len(order), settings.batch_size):
        crops = [
            _crop(data, int(i), settings, rng) for i in order[first : first + settings.batch_size]
        ]
        image = torch.from_numpy(np.stack([c[0] for c in crops]))[:, None].float() / 255
        mask = torch.from_numpy(np.stack([c[1] for c in crops]))[:, None].float()
        if augmentation is not None:
            with randomness:
                image, mask = _varied(augmentation, image, mask)
        yield image, mask


def _varied(augmentation: Any, image: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    with warnings.catch_warnings():
        # kornia leaves align_corners open when it bends masks; PyTorch's default is what we want.
        warnings.filterwarnings("ignore", message="Default grid_sample and affine_grid")
        image, mask = augmentation(image, mask)
    return image.clamp(0, 1), (mask > 0.5).float()  # noqa: PLR2004 - in or out


def _crop(
    data: TrainingPages, index: int, settings: TrainSettings, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A random square of one page, often placed on a call."""
    page, mask = data.pages[index], data.masks[index]
    side, room = settings.crop_px, page.shape[0] - settings.crop_px
    corner = rng.integers(0, room + 1, 2)
    if room and rng.uniform() < settings.call_crop_share and mask.any():
        pixels = np.argwhere(mask)
        corner = np.clip(pixels[rng.integers(len(pixels))] - rng.integers(0, side, 2), 0, room)
    part = np.s_[corner[0] : corner[0] + side, corner[1] : corner[1] + side]
    return page[part], mask[part]


def _step(
    model: Any,
    optimizer: Any,
    fabric: Fabric,
    pages: Tensor,
    masks: Tensor,
    settings: TrainSettings,
) -> float:
    pages = fabric.to_device(pages.contiguous(memory_format=torch.channels_last))
    masks = fabric.to_device(masks)
    optimizer.zero_grad()
    logits = model(pages).float()
    loss = focal_dice(logits, masks, focal_share=settings.focal_share, gamma=settings.focal_gamma)
    fabric.backward(loss)
    optimizer.step()
    return float(loss.detach())


def _validate(model: Any, fabric: Fabric, data: TrainingPages, pages: NDArray[np.int64]) -> float:
    """Mean Dice by the paper's convention over whole validation pages."""
    model.eval()
    scores = []
    with torch.inference_mode():
        for first in range(0, len(pages), 4):
            index = pages[first : first + 4]
            image = (
                torch.from_numpy(np.stack([data.pages[i] for i in index]))[:, None].float() / 255
            )
            logits = model(fabric.to_device(image.contiguous(memory_format=torch.channels_last)))
            found = (torch.sigmoid(logits.float())[:, 0] > _THRESHOLD).cpu().numpy()
            scores += list(dice_scores(np.stack([data.masks[i] for i in index]), found))
    return float(np.mean(scores))
