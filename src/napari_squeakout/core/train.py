"""Teach a network pages and their masks: one loop for training from scratch and for fine-tuning."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from lightning_fabric.utilities.exceptions import MisconfigurationException
from numpy.typing import NDArray
from torch import Tensor, nn

from .crops import OwnRandomness, Part, TrainingPages, batches_of_crops, split_pages
from .devices import choose_device, computes_in_bf16
from .errors import InputError
from .losses import focal_dice
from .metrics import dice_scores
from .network import SqueakOut
from .settings import TrainSettings
from .steps import Progress, Steps
from .training_state import Epoch, TrainingState, TrainResult, identity_of

# Paper: the rate falls tenfold after 5 epochs without improvement, training stops after 15.
_PATIENCE, _STOP_AFTER, _FALL = 5, 15, 0.1
# The authors' threshold on probabilities.
_THRESHOLD = 0.51


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
    fabric = fabric or training_fabric()
    part = Part(fabric.global_rank, fabric.world_size)
    learn, check = split_pages(len(data.pages), settings)
    with OwnRandomness(settings.seed):
        start = copy.deepcopy(network) if network else _from_scratch(float(data.masks.mean()))
    start = start.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    batches = max(1, -(-len(learn) // settings.batch_size))
    optimizer, scheduler = _optimizer(start, settings, batches)
    state = TrainingState(start, optimizer, scheduler, identity_of(data, settings))
    model, wrapped = fabric.setup(start, optimizer)
    if checkpoint is not None and checkpoint.exists():
        state.load(checkpoint, fabric.device)
    for number in range(len(state.history), settings.epochs):
        if settings.schedule == "plateau" and number - 1 - state.best_epoch >= _STOP_AFTER:
            break
        losses = []
        model.train()
        for index, (pages, masks) in enumerate(
            batches_of_crops(data, learn, settings, number, part)
        ):
            losses.append(_step(model, wrapped, fabric, pages, masks, settings))
            if settings.schedule == "one-cycle":
                scheduler.step()
            yield Progress(number * batches + index + 1, settings.epochs * batches, "batches")
        dice = _validate(start, fabric, data, check, part)
        state.note(
            Epoch(number, float(np.mean(losses)), dice, optimizer.param_groups[0]["lr"]), settings
        )
        if checkpoint is not None and fabric.is_global_zero:
            state.save(checkpoint)
    return state.result()


def training_fabric(devices: int = 1, nodes: int = 1) -> Fabric:
    """What trains: the best kind of device here, as many as asked for, in mixed precision.

    With more than one, call its `launch()` first: it starts the same command once for each.

    Raises
    ------
    InputError
        If there are not as many.
    """
    kind = choose_device().device.type
    strategy = "ddp" if devices * nodes > 1 else "auto"
    try:
        return Fabric(
            accelerator=kind,
            devices=devices,
            num_nodes=nodes,
            strategy=strategy,
            precision=_precision(),
        )
    except (MisconfigurationException, ValueError, RuntimeError) as error:
        reason = str(error).split("\n", 1)[0]
        msg = f"{nodes} x {devices} devices ({kind}) cannot train here ({reason}): ask for fewer"
        raise InputError(msg) from error


def _precision() -> Any:
    """Mixed precision where it pays."""
    device = choose_device().device
    if computes_in_bf16(device):
        return "bf16-mixed"
    return "32-true" if device.type == "cpu" else "16-mixed"


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


def _validate(
    network: nn.Module,
    fabric: Fabric,
    data: TrainingPages,
    pages: NDArray[np.int64],
    part: Part,
) -> float:
    """Mean Dice by the paper's convention over whole validation pages, shared by the devices."""
    network.eval()
    mine = pages[part.index :: part.count]
    scores = []
    with torch.inference_mode(), fabric.autocast():
        for first in range(0, len(mine), 4):
            index = mine[first : first + 4]
            image = (
                torch.from_numpy(np.stack([data.pages[i] for i in index]))[:, None].float() / 255
            )
            logits = network(fabric.to_device(image.contiguous(memory_format=torch.channels_last)))
            found = (torch.sigmoid(logits.float())[:, 0] > _THRESHOLD).cpu().numpy()
            scores += list(dice_scores(np.stack([data.masks[i] for i in index]), found))
    # 32 bits: Apple's GPUs have no others.
    sums = fabric.to_device(torch.tensor([sum(scores), len(scores)], dtype=torch.float32))
    total, count = fabric.all_reduce(sums, reduce_op="sum").tolist()  # type: ignore[union-attr]
    return float(total / count)
