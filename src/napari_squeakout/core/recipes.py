"""A finished training -> a model with its card."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .cards import ModelCard
from .training_state import TrainResult
from .weights import Model


def trained_model(name: str, result: TrainResult, data: str, recipe: dict[str, Any]) -> Model:
    """Wrap a trained network.

    Parameters
    ----------
    name : str
        What to call it.
    result : TrainResult
        From `train`.
    data : str
        What it learned from, in words.
    recipe : dict
        The settings it learned with.
    """
    best = result.history[result.best_epoch]
    card = ModelCard(
        name=name,
        data=data,
        recipe=recipe,
        metrics={"validation_dice": best.validation_dice, "epochs": float(len(result.history))},
        date=datetime.now(UTC).date().isoformat(),
    )
    return Model(name, result.network.state_dict(), card)
