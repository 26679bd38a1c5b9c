"""What differs between training from scratch and fine-tuning: what moves, how fast, how long."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from napari_squeakout.core.training_settings import (
    FineTuneSettings,
    LearningSettings,
    TrainSettings,
)

from .state import TrainingState

# Paper: the rate falls tenfold after 5 epochs without improvement, training stops after 15.
_PATIENCE, _STOP_AFTER, _FALL = 5, 15, 0.1
# A rate that holds rises over so many steps, or a tenth of all, and falls over this share of all.
_RISE_STEPS, _RISING_SHARE, _FALLING_SHARE = 300, 0.1, 0.25


def build_optimizer(
    network: nn.Module, settings: LearningSettings, batches: int
) -> tuple[torch.optim.Optimizer, Any]:
    """Optimiser and schedule; a frozen encoder is taken out of both.

    Parameters
    ----------
    network : Module
        What learns; with fine-tuning its `backbone` is the encoder.
    settings : LearningSettings
        Of a training or a fine-tuning.
    batches : int
        Steps per epoch.
    """
    if isinstance(settings, FineTuneSettings):
        return _one_cycle(_groups(network, settings), settings.epochs * batches, rising=0.3)
    if isinstance(settings, TrainSettings) and settings.schedule == "one-cycle":
        whole = [{"params": network.parameters(), "lr": settings.learning_rate}]
        return _one_cycle(whole, settings.epochs * batches, rising=0.15)
    if isinstance(settings, TrainSettings) and settings.schedule == "hold":
        return _holding(network, settings.learning_rate, settings.epochs * batches)
    adam = torch.optim.Adam(network.parameters(), lr=settings.learning_rate)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
        adam, mode="max", factor=_FALL, patience=_PATIENCE
    )
    return adam, plateau


def _one_cycle(
    groups: list[dict[str, Any]], steps: int, *, rising: float
) -> tuple[torch.optim.Optimizer, Any]:
    """AdamW whose rates rise to those of their groups and fall again, once over so many steps."""
    highest = [group["lr"] for group in groups]
    adamw = torch.optim.AdamW(groups, weight_decay=0.01)
    return adamw, torch.optim.lr_scheduler.OneCycleLR(adamw, highest, steps, pct_start=rising)


def _holding(
    network: nn.Module, highest: float, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
    """AdamW whose rate rises soon, stays, and falls to nothing at the end.

    What is learned until it falls does not depend on how long it goes on, if that is long, so that
    a training can be judged early by letting a copy of it fall.
    """
    rising = min(_RISE_STEPS, max(1, round(_RISING_SHARE * steps)))
    falling = max(1, round(_FALLING_SHARE * steps))

    def share(step: int) -> float:
        return min(1.0, (step + 1) / rising, max(steps - step, 0) / falling)

    adamw = torch.optim.AdamW(network.parameters(), lr=highest, weight_decay=0.01)
    return adamw, torch.optim.lr_scheduler.LambdaLR(adamw, share)


def set_train_mode(network: nn.Module, settings: LearningSettings) -> None:
    """Training mode; frozen batch norms, as in fine-tuning, go by what they know already."""
    network.train()
    if not isinstance(settings, TrainSettings) or settings.freeze_norms:
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()


def should_stop(state: TrainingState, settings: LearningSettings) -> bool:
    """Whether too many epochs have passed since the last one worth keeping."""
    without = len(state.history) - 1 - state.best_epoch
    if isinstance(settings, FineTuneSettings):
        return without >= settings.patience
    plateau = isinstance(settings, TrainSettings) and settings.schedule == "plateau"
    return plateau and without >= _STOP_AFTER


def _groups(network: nn.Module, settings: FineTuneSettings) -> list[dict[str, Any]]:
    """The decoder, and the encoder at its own rate unless it is frozen."""
    encoder = [p for name, p in network.named_parameters() if name.startswith("backbone.")]
    decoder = [p for name, p in network.named_parameters() if not name.startswith("backbone.")]
    for parameter in encoder:
        parameter.requires_grad_(not settings.freeze_encoder)
    groups: list[dict[str, Any]] = [{"params": decoder, "lr": settings.learning_rate}]
    if encoder and not settings.freeze_encoder:
        rate = settings.learning_rate * settings.encoder_lr_factor
        groups.append({"params": encoder, "lr": rate})
    return groups
