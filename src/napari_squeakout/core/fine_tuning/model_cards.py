"""A finished training -> a model with its card."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.errors import ModelError
from napari_squeakout.core.model.card import FineTuningRecord, ModelCard, PagesUsed
from napari_squeakout.core.model.domain import Domain, domain_of, widened
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.settings import CleanSettings, RenderSettings
from napari_squeakout.core.training.state import TrainResult

from .approved import ApprovedPages
from .fine_tune import FineTuned
from .learning_curve import LearningCurve
from .splits import Split

_SOFTWARE = ("napari-squeakout", "torch", "numpy", "kornia", "scikit-image")
# More do not change what is usual among them.
_PAGES_LOOKED_AT = 400


def trained_model(
    name: str,
    result: TrainResult,
    data: str,
    recipe: dict[str, Any],
    *,
    pages: NDArray[np.uint8] | None = None,
    base: Model | None = None,
    rendering: RenderSettings | None = None,
) -> Model:
    """Wrap a trained network.

    Parameters
    ----------
    name : str
        What to call it.
    result : TrainResult
        From `teaching`.
    data : str
        What it learned from, in words.
    recipe : dict
        The settings it learned with.
    pages : NDArray, optional
        (n, h, w) grey, which it learned from: some of them tell what kind they are.
    base : Model, optional
        What it went on from.
    rendering : RenderSettings, optional
        What its pages were; by default as the base has it, without one levelled by the noise.

    Raises
    ------
    ModelError
        If it was stopped before the first epoch was over.
    """
    if not result.history:
        msg = f"{name}: was stopped before its first epoch was over, so nothing was learned"
        raise ModelError(msg)
    some = () if pages is None else pages[:: max(1, len(pages) // _PAGES_LOOKED_AT)]
    known = ModelCard(name=name, rendering=RenderSettings()) if base is None else base.card
    # What a base knew of grey of another meaning says nothing of these pages.
    same = rendering is None or rendering.levels == known.rendering.levels
    known_domain = known.domain if same else None
    best = result.history[result.best_epoch]
    card = ModelCard(
        name=name,
        parent=None if base is None else base.fingerprint,
        data=data,
        rendering=rendering or known.rendering,
        recipe=recipe,
        domain=widened([known_domain, domain_of(some)]),
        metrics={"validation_dice": best.validation_dice, "epochs": float(len(result.history))},
        date=datetime.now(UTC).date().isoformat(),
        licence=known.licence,
        reference=known.reference,
    )
    return Model(name, result.network.state_dict(), card)


def fine_tuned_model(
    name: str,
    base: Model,
    tuned: FineTuned,
    approved: ApprovedPages,
    curve: LearningCurve | None = None,
) -> Model:
    """Wrap a fine-tuned network with all that is needed to judge it later.

    Parameters
    ----------
    name : str
        What to call it.
    base : Model
        What it was fine-tuned from.
    tuned : FineTuned
        From `tuning`.
    approved : ApprovedPages
        What it learned from.
    curve : LearningCurve, optional
        What part of that would have brought.
    """
    split, verdict = tuned.plan.split, tuned.verdict
    card = ModelCard(
        name=name,
        title=f"{base.card.title or base.name}, fine-tuned on {len(split.learn)} pages",
        description=verdict.sentence,
        parent=base.fingerprint,
        data=f"{len(approved.pages)} approved pages of {len(approved.about)} sources",
        rendering=base.card.rendering,
        recipe={"fine_tune": tuned.settings.model_dump(), "base": base.name},
        cleaning=CleanSettings().at_threshold(verdict.after.threshold),
        fine_tuning=FineTuningRecord(
            sources=tuple(approved.about),
            held_out=tuple(approved.places[i].name for i in split.held_out),
            held_out_by=split.by,
            pages=PagesUsed(
                learned=len(split.learn),
                held_out=len(split.held_out),
                between=len(split.between),
                replayed=tuned.plan.replayed,
            ),
            best_epoch=tuned.result.best_epoch + 1,
            verdict=verdict.as_dict(),
            learning_curve=None if curve is None else curve.as_dict(),
            software={package: version(package) for package in _SOFTWARE},
        ),
        domain=widened([base.card.domain, _domain(approved, split)]),
        metrics={
            "dice_before": verdict.before.dice,
            "dice_after": verdict.after.dice,
            "certainty": verdict.certainty,
            "epochs": float(len(tuned.result.history)),
        },
        date=datetime.now(UTC).date().isoformat(),
        licence=base.card.licence,
    )
    return Model(name, tuned.result.network.state_dict(), card)


def _domain(approved: ApprovedPages, split: Split) -> Domain | None:
    rates = [about["sample_rate_hz"] for about in approved.about if "sample_rate_hz" in about]
    return domain_of(approved.pages[split.learn], rates)
