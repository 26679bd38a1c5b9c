"""Teach a model a few approved pages of one lab, and judge what came of it.

Features of the frozen encoder are not kept between epochs: each epoch varies its crops, so that no
input comes twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from lightning_fabric import Fabric

from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.settings import CleanSettings, Levels
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.core.training.batches import RotatingPages, TrainingPages
from napari_squeakout.core.training.loop import teaching
from napari_squeakout.core.training.state import Epoch, TrainingState, TrainResult
from napari_squeakout.core.training_settings import FineTuneSettings

from .approved import ApprovedPages
from .comparison import Comparison, comparing_models, synthetic
from .preview import HeldOutPreview, Preview
from .splits import Split, split_places
from .verdict import Verdict

# Those that measure forgetting come from another (HELD_OUT_SEED).
_REPLAY_SEED = 1_000_003
# Synthetic pages come back after this many epochs: the same few would soon be known by heart, and
# everything else forgotten. So many differ enough; more only take memory and time.
_REPLAY_EPOCHS, _REPLAY_PAGES = 10, 300


@dataclass(frozen=True)
class Plan:
    """What a fine-tuning is about to do.

    Parameters
    ----------
    split : Split
        Pages by what they are for.
    replayed : int
        Synthetic pages among those learned from in each epoch.
    epochs : int
        At most.
    """

    split: Split
    replayed: int
    epochs: int


@dataclass(frozen=True)
class EpochReport:
    """What an epoch came to.

    Parameters
    ----------
    epoch : Epoch
        Its figures.
    best_epoch : int
        Number of the best so far; -1 is the model it started from.
    preview : Preview, optional
        How a held-out page looks now, if it was asked.
    """

    epoch: Epoch
    best_epoch: int
    preview: Preview | None = None


@dataclass(frozen=True)
class TrainingEvent(Progress):
    """A step that tells more: the plan, what an epoch came to, or what is known by now."""

    what: str
    news: object


@dataclass(frozen=True, kw_only=True)
class FineTuned:
    """What a fine-tuning came to.

    Parameters
    ----------
    result : TrainResult
        The network between the model it started from and the last epoch whose held-out loss is
        below that model's, and the course; best epoch -1 is the model it started from.
    plan : Plan
        The split among others.
    comparison : Comparison
        Before and after, on the held-out pages.
    settings : FineTuneSettings
        The recipe.
    """

    result: TrainResult
    plan: Plan
    comparison: Comparison
    settings: FineTuneSettings

    @property
    def verdict(self) -> Verdict:
        """Whether the new model is better."""
        return self.comparison.verdict


def tuning(
    approved: ApprovedPages,
    base: Model,
    settings: FineTuneSettings | None = None,
    *,
    split: Split | None = None,
    cleaning: CleanSettings | None = None,
    fabric: Fabric | None = None,
    enough: Callable[[], bool] = lambda: False,
    watch: bool = False,
) -> Steps[FineTuned]:
    """Teach a model approved pages; it is not changed itself.

    Parameters
    ----------
    approved : ApprovedPages
        At least five, two of them with calls.
    base : Model
        Where to start.
    settings : FineTuneSettings, optional
        The recipe.
    split : Split, optional
        Which pages to learn from and which to be judged by; by default they are chosen.
    cleaning : CleanSettings, optional
        How probabilities become calls in the verdict; the threshold is chosen for each model on
        the pages that are learned from.
    fabric : Fabric, optional
        Device and precision; by default what the machine has.
    enough : callable, optional
        Asked after every batch whether to stop learning; the best so far is judged and given.
    watch : bool
        Whether the news of each epoch hold a preview of a held-out page.

    Yields
    ------
    Progress
        TrainingEvents among them, of the plan and of each epoch. Closing it leaves nothing.

    Returns
    -------
    FineTuned
        The network with its course and verdict.

    Raises
    ------
    InputError
        If there are too few pages, or they cannot be split.
    """
    settings, cleaning = settings or FineTuneSettings(), cleaning or CleanSettings()
    split = split or split_places(
        approved.places,
        approved.with_calls,
        held_out_fraction=settings.held_out_fraction,
        seed=settings.seed,
    )
    each, drawn = replayed(len(split.learn), settings)
    plan = Plan(split, each, settings.epochs)
    yield TrainingEvent(0, settings.epochs, "epochs", plan)
    data = yield from _adding_replay(approved, drawn, settings.seed, base.card.rendering.levels)
    turns = RotatingPages(np.arange(len(approved.pages), len(data.pages)), plan.replayed)
    learned: list[EpochReport] = []
    network = base.network()
    watched = HeldOutPreview(approved, split, network) if watch else None
    steps = teaching(
        data,
        settings,
        network=network,
        split=(split.learn, split.held_out),
        turns=turns,
        fabric=fabric,
        enough=enough,
        on_epoch=lambda state: learned.append(_learned(state, watched)),
    )
    result = yield from _telling(steps, learned, settings.epochs)
    new = Model(
        "tuned", result.network.state_dict(), base.card.model_copy(update={"name": "tuned"})
    )
    comparison = yield from comparing_models(
        approved, split, (Engine(base), Engine(new)), settings, cleaning
    )
    return FineTuned(result=result, plan=plan, comparison=comparison, settings=settings)


def replayed(n_learn: int, settings: FineTuneSettings) -> tuple[int, int]:
    """How many synthetic pages join so many approved ones in each epoch, and are drawn in all."""
    each = round(settings.replay_fraction / (1 - settings.replay_fraction) * n_learn)
    return each, max(each, min(each * min(settings.epochs, _REPLAY_EPOCHS), _REPLAY_PAGES))


def _adding_replay(
    approved: ApprovedPages, n_pages: int, seed: int, levels: Levels
) -> Steps[TrainingPages]:
    """The approved pages, and synthetic ones after them, cut to the same size."""
    side = approved.pages.shape[1]
    pages, masks = [approved.pages], [approved.masks]
    for index, (page, mask) in enumerate(synthetic(n_pages, _REPLAY_SEED + seed, levels)):
        pages.append(page[None, :side, :side])
        masks.append(mask[None, :side, :side])
        yield Progress(index + 1, n_pages, "synthetic pages")
    return TrainingPages(np.concatenate(pages), np.concatenate(masks))


def _learned(state: TrainingState, watched: HeldOutPreview | None) -> EpochReport:
    preview = watched.look(state.network) if watched else None
    return EpochReport(state.history[-1], state.best_epoch, preview)


def _telling(
    steps: Steps[TrainResult], learned: list[EpochReport], total: int
) -> Steps[TrainResult]:
    """The same steps, and news of each epoch when the next one begins or all have ended."""
    told = 0
    while True:
        try:
            progress = next(steps)
        except StopIteration as finished:
            result: TrainResult = finished.value
            progress = None
        for news in learned[told:]:
            yield TrainingEvent(news.epoch.number + 1, total, "epochs", news)
        told = len(learned)
        if progress is None:
            return result
        yield progress
