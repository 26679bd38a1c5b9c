"""What differs between training from scratch and fine-tuning: what moves, how fast, how long."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from .settings import FineTuneSettings, LearningSettings, TrainSettings
from .training_state import TrainingState

# Paper: the rate falls tenfold after 5 epochs without improvement, training stops after 15.
_PATIENCE, _STOP_AFTER, _FALL = 5, 15, 0.1


def optimizer_of(
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
        adam = torch.optim.Adam(_groups(network, settings), lr=settings.learning_rate)
        return adam, torch.optim.lr_scheduler.ConstantLR(adam, factor=1.0)
    if isinstance(settings, TrainSettings) and settings.schedule == "one-cycle":
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


def set_learning(network: nn.Module, settings: LearningSettings) -> None:
    """Training mode; in fine-tuning batch norms go by what they know, not by a few pages."""
    network.train()
    if isinstance(settings, FineTuneSettings):
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()


def is_over(state: TrainingState, settings: LearningSettings) -> bool:
    """Whether too many epochs have passed without a better one."""
    without = len(state.history) - 1 - state.best_epoch
    if isinstance(settings, FineTuneSettings):
        return without >= settings.stop_after
    plateau = isinstance(settings, TrainSettings) and settings.schedule == "plateau"
    return plateau and without >= _STOP_AFTER


def _groups(network: nn.Module, settings: FineTuneSettings) -> list[dict[str, Any]]:
    """The decoder, and the encoder at its own rate unless it is frozen."""
    encoder = [p for name, p in network.named_parameters() if name.startswith("backbone.")]
    decoder = [p for name, p in network.named_parameters() if not name.startswith("backbone.")]
    for parameter in encoder:
        parameter.requires_grad_(not settings.freeze_encoder)
    groups: list[dict[str, Any]] = [{"params": decoder}]
    if encoder and not settings.freeze_encoder:
        rate = settings.learning_rate * settings.encoder_rate_share
        groups.append({"params": encoder, "lr": rate})
    return groups
