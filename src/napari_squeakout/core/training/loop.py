"""Teach a network pages and their masks: one loop for training from scratch and for fine-tuning."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from lightning_fabric.utilities.exceptions import MisconfigurationException
from numpy.typing import NDArray
from torch import Tensor, nn

from napari_squeakout.core.detection.devices import choose_device, computes_in_bf16
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.model.network import SqueakOut, between
from napari_squeakout.core.scoring.mask_scores import dice_scores
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.core.training_settings import (
    FineTuneSettings,
    LearningSettings,
    TrainSettings,
)

from .batches import (
    NO_ROTATION,
    OwnRandomness,
    Part,
    RotatingPages,
    TrainingPages,
    batches_of_crops,
    split_pages,
)
from .losses import WholeLoss, focal_dice
from .schedules import build_optimizer, set_train_mode, should_stop
from .state import Epoch, StateKeeper, TrainingState, TrainResult, identity_of

# Training is watched at the threshold that calls are found with unless somebody chooses another.
_THRESHOLD = CleanSettings().threshold

Sides = tuple[NDArray[np.int64], NDArray[np.int64]]


def teaching(
    data: TrainingPages,
    settings: TrainSettings | FineTuneSettings,
    *,
    network: SqueakOut | None = None,
    split: Sides | None = None,
    turns: RotatingPages = NO_ROTATION,
    checkpoint: StateKeeper | None = None,
    fabric: Fabric | None = None,
    enough: Callable[[], bool] = lambda: False,
    on_epoch: Callable[[TrainingState], object] = lambda _: None,
) -> Steps[TrainResult]:
    """Train a network.

    Parameters
    ----------
    data : TrainingPages
        Pages and masks; a share of them is kept for validation.
    settings : TrainSettings or FineTuneSettings
        The recipe.
    network : SqueakOut, optional
        Where to start; None starts from scratch. It is not changed.
    split : tuple of NDArray, optional
        Page numbers to learn from and to validate on; fine-tuning needs it.
    turns : RotatingPages, optional
        Further pages to learn from, others in each epoch and therefore never varied.
    checkpoint : StateKeeper, optional
        Keeps the state after each epoch, and has the one to go on from where there is one. Each
        epoch draws from its own seed, so that a resumed training equals an uninterrupted one.
        torch's random numbers outside are neither used nor changed.
    fabric : Fabric, optional
        Device and precision; by default what the machine has.
    enough : callable, optional
        Asked after every batch whether to stop here and keep the best so far.
    on_epoch : callable, optional
        Told of every epoch: the last of the state's history.

    Yields
    ------
    Progress
        After every batch.

    Returns
    -------
    TrainResult
        The network of the epoch with the highest validation Dice; where the rate falls by plan the
        last one's; in fine-tuning the last one with a lower loss on them than that it started from,
        or this. Its weights lie `weight_interpolation` of the way from those of `network`.

    Raises
    ------
    InputError
        If the checkpoint belongs to a training with other settings or pages.
    """
    fabric = fabric or training_fabric()
    part = Part(fabric.global_rank, fabric.world_size)
    learn, check = split or _random_split(data, settings)
    with OwnRandomness(settings.seed):
        start = copy.deepcopy(network) if network else from_scratch(float(data.masks.mean()))
    start = start.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    batches = max(1, -(-(len(learn) + turns.each) // settings.batch_size))
    optimizer, scheduler = build_optimizer(start, settings, batches)
    state = TrainingState(
        start, optimizer, scheduler, identity_of(data, settings, start), fabric.strategy.precision
    )
    model, wrapped = fabric.setup(start, optimizer)
    if isinstance(settings, FineTuneSettings):
        state.begin(_validate(start, fabric, data, check, part, settings)[1])
    earlier = None if checkpoint is None else checkpoint.read()
    if checkpoint is not None and earlier is not None:
        state.take_up(earlier, checkpoint.source, fabric.device)
    for number in range(len(state.history), settings.epochs):
        if should_stop(state, settings):
            break
        learned = []
        set_train_mode(model, settings)
        mixed = np.concatenate([learn, turns.of(number)])
        crops = batches_of_crops(data, mixed, settings, number, part, as_they_are=turns.pages)
        for index, (pages, masks) in enumerate(crops):
            learned.append(_step(model, wrapped, fabric, pages, masks, settings))
            if not isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
                scheduler.step()
            yield Progress(number * batches + index + 1, settings.epochs * batches, "batches")
            if enough():
                return _ended(state, network, settings)
        dice, loss = _validate(start, fabric, data, check, part, settings)
        rate = optimizer.param_groups[0]["lr"]
        learned_loss, learned_dice = np.mean(learned, axis=0).tolist()
        epoch = Epoch(
            number=number,
            loss=learned_loss,
            validation_dice=dice,
            learning_rate=rate,
            validation_loss=loss,
            dice=learned_dice,
        )
        state.note(epoch, settings)
        on_epoch(state)
        if checkpoint is not None and fabric.is_global_zero:
            checkpoint.write(state.as_bytes())
    return _ended(state, network, settings)


def _ended(state: TrainingState, base: SqueakOut | None, settings: LearningSettings) -> TrainResult:
    """What was learned, as far from where it began as it may go."""
    result = state.result()
    if base is None:
        return result
    return replace(result, network=between(base, result.network, settings.weight_interpolation))


def _random_split(data: TrainingPages, settings: LearningSettings) -> Sides:
    if not isinstance(settings, TrainSettings):
        msg = "fine-tuning needs a split: choose it with split_places"
        raise TypeError(msg)
    return split_pages(len(data.pages), settings)


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


def from_scratch(call_share: float) -> SqueakOut:
    """A new network whose first guess is the share of call pixels, not one half."""
    network = SqueakOut()
    nn.init.constant_(network.conv_score.bias, prior_logit(call_share))  # type: ignore[arg-type]
    return network


def prior_logit(call_share: float) -> float:
    """What a network's last layer begins with where so large a share of pixels is of calls."""
    prior = min(max(call_share, 1e-4), 0.5)
    return float(np.log(prior / (1 - prior)))


def _step(
    model: Any,
    optimizer: Any,
    fabric: Fabric,
    pages: Tensor,
    masks: Tensor,
    settings: LearningSettings,
) -> tuple[float, float]:
    """Learn one batch; its loss and mean Dice."""
    pages = fabric.to_device(pages.contiguous(memory_format=torch.channels_last))
    masks = fabric.to_device(masks)
    optimizer.zero_grad()
    logits = model(pages).float()
    loss = focal_dice(logits, masks, **_shares(settings))
    fabric.backward(loss)
    optimizer.step()
    found = (torch.sigmoid(logits.detach())[:, 0] > _THRESHOLD).cpu().numpy()
    dice = dice_scores(masks[:, 0].cpu().numpy() > 0, found)
    return float(loss.detach()), float(dice.mean())


def _validate(
    network: nn.Module,
    fabric: Fabric,
    data: TrainingPages,
    pages: NDArray[np.int64],
    part: Part,
    settings: LearningSettings,
) -> tuple[float, float]:
    """Mean Dice by the paper's convention and loss, over whole pages, shared by the devices."""
    network.eval()
    mine = pages[part.index :: part.count]
    scores: list[float] = []
    whole = WholeLoss(**_shares(settings))
    with torch.inference_mode(), fabric.autocast():
        for first in range(0, len(mine), 4):
            index = mine[first : first + 4]
            truth = np.stack([data.masks[i] for i in index])
            image = (
                torch.from_numpy(np.stack([data.pages[i] for i in index]))[:, None].float() / 255
            )
            image = fabric.to_device(image.contiguous(memory_format=torch.channels_last))
            logits = network(image).float().cpu()
            found = (torch.sigmoid(logits)[:, 0] > _THRESHOLD).numpy()
            whole.add(logits, torch.from_numpy(truth)[:, None].float())
            scores += dice_scores(truth, found).tolist()
    # 32 bits: Apple's GPUs have no others.
    sums = torch.cat([whole.sums, torch.tensor([sum(scores), len(scores)])]).float()
    total = fabric.all_reduce(fabric.to_device(sums), reduce_op="sum").cpu()  # type: ignore[union-attr]
    return float(total[-2] / total[-1]), whole.value(total[:-2])


def _shares(settings: LearningSettings) -> dict[str, Any]:
    """The loss as the recipe has it."""
    return {
        "focal_weight": settings.focal_weight,
        "gamma": settings.focal_gamma,
        "own_share": settings.per_crop_dice_weight,
        "slack_px": settings.per_crop_dice_smoothing_px,
    }
