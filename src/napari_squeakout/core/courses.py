"""What differs between training from scratch and fine-tuning: what moves, how fast, how long."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from .learning_settings import FineTuneSettings, LearningSettings, TrainSettings
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
        return _one_cycle(_groups(network, settings), settings.epochs * batches, rising=0.3)
    if isinstance(settings, TrainSettings) and settings.schedule == "one-cycle":
        whole = [{"params": network.parameters(), "lr": settings.learning_rate}]
        return _one_cycle(whole, settings.epochs * batches, rising=0.15)
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


def set_learning(network: nn.Module, settings: LearningSettings) -> None:
    """Training mode; in fine-tuning batch norms go by what they know, not by a few pages."""
    network.train()
    if isinstance(settings, FineTuneSettings):
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()


def is_over(state: TrainingState, settings: LearningSettings) -> bool:
    """Whether too many epochs have passed since the last one worth keeping."""
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
    groups: list[dict[str, Any]] = [{"params": decoder, "lr": settings.learning_rate}]
    if encoder and not settings.freeze_encoder:
        rate = settings.learning_rate * settings.encoder_rate_share
        groups.append({"params": encoder, "lr": rate})
    return groups
