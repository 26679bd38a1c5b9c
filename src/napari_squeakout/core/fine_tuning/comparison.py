"""Held-out pages as a model sees them before fine-tuning, beside how it sees them after.

Each of both is judged with the threshold that suits it best on the pages learned from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.detection.clean import clean_page
from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.scoring.mask_scores import dice_scores
from napari_squeakout.core.scoring.page_scores import PageFigures, best_threshold, page_figures
from napari_squeakout.core.settings import CleanSettings, Levels
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.core.synthesis.pages import HELD_OUT_SEED, synthesise_pages
from napari_squeakout.core.training_settings import FineTuneSettings, SynthesisSettings

from .approved import ApprovedPages
from .splits import Split
from .verdict import Verdict, compare, units_of


@dataclass(frozen=True, kw_only=True)
class ModelOutput:
    """What one model makes of the held-out pages.

    Parameters
    ----------
    values : NDArray
        (n, h, w) uint8 probabilities, 255 = certain, in the order of the split's `held_out`.
    cleaning : CleanSettings
        With the threshold it was judged with.
    figures : PageFigures
        How right its calls are, page by page.
    synthetic_dice : float or None
        On synthetic pages that no model has learned from, cleaned as usual, if it was asked.
    """

    values: NDArray[np.uint8] = field(repr=False)
    cleaning: CleanSettings
    figures: PageFigures = field(repr=False)
    synthetic_dice: float | None = None


@dataclass(frozen=True)
class Comparison:
    """Both models on the same held-out pages.

    Parameters
    ----------
    before, after : ModelOutput
        What each makes of them.
    verdict : Verdict
        Whether the new one is better.
    """

    before: ModelOutput
    after: ModelOutput
    verdict: Verdict


def comparing_models(
    approved: ApprovedPages,
    split: Split,
    engines: tuple[Engine, Engine],
    settings: FineTuneSettings,
    cleaning: CleanSettings,
) -> Steps[Comparison]:
    """Judge both models on the held-out pages.

    Parameters
    ----------
    approved : ApprovedPages
        All pages.
    split : Split
        Which of them choose the thresholds, and which are judged by.
    engines : tuple of Engine
        The model before, and after.
    settings : FineTuneSettings
        How many synthetic pages measure what was forgotten; the seed.
    cleaning : CleanSettings
        How probabilities become calls, but for the threshold.
    """
    levels = engines[0].model.card.rendering.levels
    checks = list(synthetic(settings.forgetting_test_pages, HELD_OUT_SEED, levels))
    total = 2 * (len(split.learn) + len(split.held_out) + len(checks))
    before = yield from _judging(engines[0], approved, split, checks, cleaning, (0, total))
    after = yield from _judging(engines[1], approved, split, checks, cleaning, (total // 2, total))
    old, new = before.synthetic_dice, after.synthetic_dice
    verdict = compare(
        (before.figures, before.cleaning.threshold),
        (after.figures, after.cleaning.threshold),
        units_of([approved.places[i] for i in split.held_out]),
        seed=settings.seed,
        synthetic_dice=None if old is None or new is None else (old, new),
    )
    return Comparison(before, after, verdict)


def synthetic(
    n_pages: int, seed: int, levels: Levels
) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.bool_]]]:
    """Synthetic pages, grey, with their masks; the same seed gives the same."""
    for page, mask in synthesise_pages(n_pages, SynthesisSettings(seed=seed), levels=levels):
        yield np.rint(page * 255).astype(np.uint8), mask


def _judging(
    engine: Engine,
    approved: ApprovedPages,
    split: Split,
    checks: list[tuple[NDArray[np.uint8], NDArray[np.bool_]]],
    cleaning: CleanSettings,
    progress: tuple[int, int],
) -> Steps[ModelOutput]:
    pages = [*approved.pages[split.learn], *approved.pages[split.held_out], *(p for p, _ in checks)]
    answers = yield from _answering(engine, pages, progress)
    n, n_judged = len(split.learn), len(split.learn) + len(split.held_out)
    learned, values = np.stack(answers[:n]), np.stack(answers[n:n_judged])
    chosen = best_threshold(approved.masks[split.learn], learned, cleaning, approved.grid)
    figures = page_figures(approved.masks[split.held_out], values, chosen, approved.grid)
    return ModelOutput(
        values=values,
        cleaning=chosen,
        figures=figures,
        synthetic_dice=_synthetic_dice(checks, answers[n_judged:]),
    )


def _synthetic_dice(
    checks: list[tuple[NDArray[np.uint8], NDArray[np.bool_]]], answers: list[NDArray[np.uint8]]
) -> float | None:
    """Dice with the usual cleaning, as it stands in the bundled model's card."""
    if not checks:
        return None
    found = np.stack([clean_page(value, CleanSettings()) for value in answers])
    return float(dice_scores(np.stack([mask for _, mask in checks]), found).mean())


def _answering(
    engine: Engine, pages: list[NDArray[np.uint8]], progress: tuple[int, int]
) -> Steps[list[NDArray[np.uint8]]]:
    done, total = progress
    answers = []
    for page in pages:
        answers.append(engine(np.divide(page[None], 255, dtype=np.float32))[0])
        yield Progress(done + len(answers), total, "pages judged")
    return answers
