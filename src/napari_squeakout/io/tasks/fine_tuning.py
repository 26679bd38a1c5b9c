"""Teach a model approved pages: from what is ordered to a model that is kept, and maybe used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from napari_squeakout.core.fine_tuning.approved import ApprovedPages
from napari_squeakout.core.fine_tuning.fine_tune import FineTuned, TrainingEvent, tuning
from napari_squeakout.core.fine_tuning.learning_curve import LearningCurve, drawing_curve
from napari_squeakout.core.fine_tuning.model_cards import fine_tuned_model
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.steps import Steps
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.models.keeping import Kept, keep_model
from napari_squeakout.io.models.registry import default_model, load_model, set_default_model
from napari_squeakout.io.training_pages.approved import reading_approved
from napari_squeakout.io.training_runs.order import TrainingOrder


@dataclass(frozen=True)
class Began:
    """News: the model that is begun with."""

    base: str


@dataclass(frozen=True)
class Saved:
    """News: the new model is kept, whatever comes after."""

    kept: Kept
    model: Model
    tuned: FineTuned


@dataclass(frozen=True, kw_only=True)
class FineTuning:
    """What came of it.

    Parameters
    ----------
    model : Model
        The new one, under the name it is kept by.
    kept : Kept
        Where it is.
    tuned : FineTuned
        Course and verdict.
    curve : LearningCurve, optional
        What part of the pages would have brought, where that was asked.
    default : str
        Name of the model that is used from now on when none is named.
    is_default : bool
        Whether that is the new one.
    not_compared : bool
        Whether it is better than the model it began with, and the default is a third one.
    """

    model: Model
    kept: Kept
    tuned: FineTuned
    curve: LearningCurve | None
    default: str
    is_default: bool
    not_compared: bool


def fine_tuning(
    order: TrainingOrder,
    *,
    promote: bool = True,
    enough: Callable[[], bool] = lambda: False,
    watch: bool = False,
    places: tuple[Path, ...] = (),
    about_to_save: Callable[[str, str], object] = lambda _fingerprint, _name: None,
) -> Steps[FineTuning]:
    """Do what is ordered.

    The new model is kept whatever the verdict. It becomes the default only if it is judged better
    than the one it began with, and that is the default: whether it is better than another,
    nothing has measured.

    Parameters
    ----------
    order : TrainingOrder
        What to learn from, and how. Without a base it begins with the bundled model and never by
        itself with the last fine-tuned one: what that had unlearned would be lost for good.
    promote : bool
        Whether it may become the default.
    enough : callable, optional
        Asked after every batch whether to stop learning; the best so far is judged and kept.
    watch : bool
        Whether the news of each epoch hold a preview of a held-out page.
    places : tuple of Path
        Where to keep the model if it can not be kept among the others.
    about_to_save : callable, optional
        Told the fingerprint and each name before it is used; what it raises ends all.

    Yields
    ------
    Progress
        TrainingEvents among them, as soon as they are known: Began, ApprovedPages, Plan,
        EpochReport, FineTuned, LearningCurve, Saved.

    Raises
    ------
    SqueakOutError
        If pages cannot be read, are too few, or the model can be kept nowhere.
    """
    base = load_model(order.base or BUNDLED_MODEL)
    yield _news(Began(base.name))
    approved: ApprovedPages = yield from reading_approved(
        order.sessions, order.folders, order.near, levels=base.card.rendering.levels
    )
    yield _news(approved)
    tuned = yield from tuning(approved, base, order.settings, enough=enough, watch=watch)
    yield _news(tuned)
    curve = None
    if order.learning_curve:
        curve = yield from drawing_curve(approved, base, tuned, enough=enough)
        yield _news(curve)
    model = fine_tuned_model(order.name, base, tuned, approved, curve)
    kept = keep_model(model, places, about_to_save=partial(about_to_save, model.fingerprint))
    model = model.renamed(kept.name)
    yield _news(Saved(kept, model, tuned))
    # A model that could be kept only as a file is none that can be chosen.
    is_choice, is_compared = kept.has_name and tuned.verdict.is_better, default_model() == base.name
    if is_choice and is_compared and promote:
        set_default_model(kept.name)
    return FineTuning(
        model=model,
        kept=kept,
        tuned=tuned,
        curve=curve,
        default=default_model(),
        is_default=is_choice and is_compared and promote,
        not_compared=is_choice and not is_compared,
    )


def _news(what: object) -> TrainingEvent:
    return TrainingEvent(1, 1, "news", what)
