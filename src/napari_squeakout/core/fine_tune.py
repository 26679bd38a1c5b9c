"""Teach a model a few approved pages of one lab, and judge what came of it.

Features of the frozen encoder are not kept between epochs: each epoch varies its crops, so that no
input comes twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from lightning_fabric import Fabric
from numpy.typing import NDArray

from .cards import ModelCard
from .crops import TrainingPages
from .engine import Engine
from .metrics import dice_scores
from .page_figures import best_threshold, page_figures
from .settings import CleanSettings, FineTuneSettings, SynthesisSettings
from .splits import PagePlace, Split, split_places
from .stacks import Grid
from .steps import Progress, Steps
from .synthetic import synthesise_pages
from .train import train
from .training_state import Epoch, TrainResult
from .verdict import Verdict, compare, units_of
from .weights import Model

# Synthetic pages that are replayed and those that measure forgetting never come from one seed.
_REPLAY_SEED, _CHECK_SEED = 1_000_003, 2_000_003


@dataclass(frozen=True)
class ApprovedPages:
    """Pages whose masks a person has approved.

    Parameters
    ----------
    pages : NDArray
        (n, 512, 512) uint8 grey.
    masks : NDArray
        (n, 512, 512) bool, True where a call is.
    places : tuple of PagePlace
        Where each comes from.
    grid : Grid, optional
        What a pixel means, where all pages share it.
    notes : tuple of str
        What the user should know about pages that were left out.
    about : tuple of dict
        What is known of each source, for the model's card.
    """

    pages: NDArray[np.uint8] = field(repr=False)
    masks: NDArray[np.bool_] = field(repr=False)
    places: tuple[PagePlace, ...] = field(repr=False)
    grid: Grid | None = None
    notes: tuple[str, ...] = ()
    about: tuple[dict[str, Any], ...] = ()

    def __post_init__(self) -> None:
        if self.pages.shape != self.masks.shape or len(self.places) != len(self.pages):
            msg = (
                f"{self.pages.shape} pages, {self.masks.shape} masks and {len(self.places)} "
                "places: each page has one of both"
            )
            raise ValueError(msg)

    @property
    def with_calls(self) -> NDArray[np.bool_]:
        """(n,) whether each page has a call."""
        return np.asarray(self.masks.any(axis=(1, 2)), bool)


@dataclass(frozen=True)
class Plan:
    """What a fine-tuning is about to do.

    Parameters
    ----------
    split : Split
        Pages by what they are for.
    replayed : int
        Synthetic pages among those learned from.
    epochs : int
        At most.
    """

    split: Split
    replayed: int
    epochs: int


@dataclass(frozen=True)
class News(Progress):
    """A step that tells more: the plan, or what an epoch came to."""

    what: str
    news: Plan | Epoch


@dataclass(frozen=True)
class FineTuned:
    """What a fine-tuning came to.

    Parameters
    ----------
    result : TrainResult
        The network of the epoch with the lowest held-out loss, and the course; best epoch -1
        is the model it started from.
    plan : Plan
        The split among others.
    verdict : Verdict
        Before and after, on the held-out pages.
    settings : FineTuneSettings
        The recipe.
    """

    result: TrainResult
    plan: Plan
    verdict: Verdict
    settings: FineTuneSettings


def fine_tune(
    approved: ApprovedPages,
    base: Model,
    settings: FineTuneSettings | None = None,
    *,
    cleaning: CleanSettings | None = None,
    fabric: Fabric | None = None,
    enough: Callable[[], bool] = lambda: False,
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
    cleaning : CleanSettings, optional
        How probabilities become calls in the verdict; the threshold is chosen for each model on
        the pages that are learned from.
    fabric : Fabric, optional
        Device and precision; by default what the machine has.
    enough : callable, optional
        Asked after every batch whether to stop learning; the best so far is judged and given.

    Yields
    ------
    Progress
        News of the plan and of each epoch among them. Closing the generator leaves nothing.

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
    split = split_places(
        approved.places,
        approved.with_calls,
        held_out_share=settings.held_out_share,
        seed=settings.seed,
    )
    share = settings.replay_share
    plan = Plan(split, round(share / (1 - share) * len(split.learn)), settings.epochs)
    yield News(0, settings.epochs, "epochs", plan)
    data = yield from _with_replay(approved, plan.replayed, settings.seed)
    learn = np.concatenate([split.learn, np.arange(len(approved.pages), len(data.pages))])
    epochs: list[Epoch] = []
    steps = train(
        data,
        settings,
        network=base.network(),
        split=(learn, split.held_out),
        fabric=fabric,
        enough=enough,
        on_epoch=epochs.append,
    )
    result = yield from _told(steps, epochs, settings.epochs)
    new = Model("tuned", result.network.state_dict(), ModelCard(name="tuned"))
    verdict = yield from _judging(approved, split, (Engine(base), Engine(new)), settings, cleaning)
    return FineTuned(result, plan, verdict, settings)


def _with_replay(approved: ApprovedPages, n_pages: int, seed: int) -> Steps[TrainingPages]:
    """The approved pages, and synthetic ones after them, cut to the same size."""
    side = approved.pages.shape[1]
    pages, masks = [approved.pages], [approved.masks]
    for index, (page, mask) in enumerate(_synthetic(n_pages, _REPLAY_SEED + seed)):
        pages.append(page[None, :side, :side])
        masks.append(mask[None, :side, :side])
        yield Progress(index + 1, n_pages, "synthetic pages")
    return TrainingPages(np.concatenate(pages), np.concatenate(masks))


def _synthetic(n_pages: int, seed: int) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.bool_]]]:
    for page, mask in synthesise_pages(n_pages, SynthesisSettings(seed=seed)):
        yield np.rint(page * 255).astype(np.uint8), mask


def _told(steps: Steps[TrainResult], epochs: list[Epoch], total: int) -> Steps[TrainResult]:
    """The same steps, and news of each epoch when the next one begins or all have ended."""
    told = 0
    while True:
        try:
            progress = next(steps)
        except StopIteration as finished:
            result: TrainResult = finished.value
            progress = None
        for epoch in epochs[told:]:
            yield News(epoch.number + 1, total, "epochs", epoch)
        told = len(epochs)
        if progress is None:
            return result
        yield progress


def _judging(
    approved: ApprovedPages,
    split: Split,
    engines: tuple[Engine, Engine],
    settings: FineTuneSettings,
    cleaning: CleanSettings,
) -> Steps[Verdict]:
    """Both models on the held-out pages, their thresholds from the others."""
    learn, held_out = split.learn, split.held_out
    checks = list(_synthetic(settings.synthetic_check_pages, _CHECK_SEED))
    pages = np.concatenate([approved.pages[learn], approved.pages[held_out]])
    truth = np.concatenate([approved.masks[learn], approved.masks[held_out]])
    n, n_judged = len(learn), len(learn) + len(held_out)
    judged, forgetting = [], []
    for turn, engine in enumerate(engines):
        values = yield from _answers(engine, list(pages) + [page for page, _ in checks], turn)
        chosen = best_threshold(truth[:n], np.stack(values[:n]), cleaning, approved.grid)
        figures = page_figures(truth[n:], np.stack(values[n:n_judged]), chosen, approved.grid)
        judged.append((figures, chosen.threshold))
        found = [value > 255 * chosen.threshold for value in values[n_judged:]]
        true = [mask for _, mask in checks]
        forgetting.append(float(dice_scores(np.stack(true), np.stack(found)).mean()) if true else 0)
    return compare(
        judged[0],
        judged[1],
        units_of([approved.places[i] for i in held_out]),
        seed=settings.seed,
        synthetic_dice=(forgetting[0], forgetting[1]) if checks else None,
    )


def _answers(
    engine: Engine, pages: list[NDArray[np.uint8]], turn: int
) -> Steps[list[NDArray[np.uint8]]]:
    answers = []
    for page in pages:
        answers.append(engine(np.divide(page[None], 255, dtype=np.float32))[0])
        yield Progress(turn * len(pages) + len(answers), 2 * len(pages), "pages judged")
    return answers
