"""How right a model is, page by page: Dice, and calls found along time as cleaning finds them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.detection.call_columns import number_columns
from napari_squeakout.core.detection.clean import clean_page
from napari_squeakout.core.layout import STANDARD_GRID, Grid, Layout
from napari_squeakout.core.morphology import BoolImage
from napari_squeakout.core.settings import CleanSettings

from .event_scores import match_events
from .mask_scores import dice_scores
from .ratios import ratio

_USUAL = CleanSettings().threshold
_THRESHOLDS = (_USUAL, *(round(0.2 + 0.05 * step, 2) for step in range(13)))

Values = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class PageFigures:
    """How right a model is, page by page.

    Parameters
    ----------
    dice : NDArray
        (n,) of the cleaned masks; 1 where both are empty.
    recovered : tuple of NDArray
        Of each page, whether each of its true calls was found.
    found : NDArray
        (n,) number of calls found, right or wrong.
    page_s : float
        Time that a page spans.
    """

    dice: NDArray[np.float64]
    recovered: tuple[NDArray[np.bool_], ...] = field(repr=False)
    found: NDArray[np.int64]
    page_s: float

    def counts(self) -> NDArray[np.float64]:
        """(n, 4) Dice, true calls, found calls, pairs of both: what sums over pages."""
        true = [len(calls) for calls in self.recovered]
        hit = [int(calls.sum()) for calls in self.recovered]
        return np.column_stack([self.dice, true, self.found, hit]).astype(np.float64)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How right a model is; None where a figure is not defined.

    Parameters
    ----------
    threshold : float
        Above which pixels belonged to a call; chosen on pages that were learned from.
    dice : float
        Mean over pages, empty against empty = 1.
    precision, recall, f1 : float or None
        Of calls.
    false_calls_per_minute : float
        Found calls without a true one.
    """

    threshold: float
    dice: float
    precision: float | None
    recall: float | None
    f1: float | None
    false_calls_per_minute: float


def page_figures(
    truth: BoolImage, values: Values, cleaning: CleanSettings, grid: Grid | None = None
) -> PageFigures:
    """Judge each page by itself.

    Parameters
    ----------
    truth : NDArray
        (n, h, w) bool.
    values : NDArray
        (n, h, w) uint8 probabilities, 255 = certain.
    cleaning : CleanSettings
        How probabilities become calls; what is a call of the true masks follows the same rules.
    grid : Grid, optional
        What a pixel means; standard pages without.
    """
    masks = np.stack([clean_page(page, cleaning, grid) for page in values])
    pairs = [
        (_calls(true, cleaning, grid), _calls(mask, cleaning, grid))
        for true, mask in zip(truth, masks, strict=True)
    ]
    return PageFigures(
        dice=dice_scores(truth, masks),
        recovered=tuple(_recovered(true, found) for true, found in pairs),
        found=np.array([len(found) for _, found in pairs], np.int64),
        page_s=truth.shape[2] * (grid or STANDARD_GRID).seconds_per_column,
    )


def best_threshold(
    truth: BoolImage, values: Values, cleaning: CleanSettings, grid: Grid | None = None
) -> CleanSettings:
    """The settings with the threshold of the highest mean Dice, nearest the usual among equals."""
    usual_first = sorted(_THRESHOLDS, key=lambda threshold: abs(threshold - _USUAL))
    choices = [cleaning.at_threshold(threshold) for threshold in usual_first]

    def dice(choice: CleanSettings) -> float:
        masks = np.stack([clean_page(page, choice, grid) for page in values])
        return round(float(dice_scores(truth, masks).mean()), 6)

    return max(choices, key=dice)


def count_true_calls(masks: BoolImage, cleaning: CleanSettings, grid: Grid | None = None) -> int:
    """How many calls true masks hold, page by page."""
    return sum(len(_calls(mask, cleaning, grid)) for mask in masks)


def figures(pages: PageFigures, threshold: float) -> Figures:
    """Sum up pages."""
    dice, calls, found, hit = pages.counts().sum(axis=0)
    minutes = len(pages.dice) * pages.page_s / 60
    return Figures(
        threshold=threshold,
        dice=float(dice / len(pages.dice)),
        precision=ratio(hit, found, undefined=None),
        recall=ratio(hit, calls, undefined=None),
        f1=ratio(2 * hit, calls + found, undefined=None),
        false_calls_per_minute=float((found - hit) / minutes),
    )


def _calls(mask: BoolImage, cleaning: CleanSettings, grid: Grid | None) -> NDArray[np.float64]:
    """(n, 2) first and last edge of each call, in columns."""
    layout = Layout(source="page", n_pages=1, grid=grid)
    numbers = number_columns(np.atleast_2d(mask.any(axis=0)), cleaning, layout)[0]
    columns = [np.flatnonzero(numbers == call) for call in range(1, numbers.max() + 1)]
    return np.array([(c[0], c[-1] + 1) for c in columns], np.float64).reshape(-1, 2)


def _recovered(true: NDArray[np.float64], found: NDArray[np.float64]) -> NDArray[np.bool_]:
    recovered = np.zeros(len(true), bool)
    recovered[match_events(true, found)[0][:, 0]] = True
    return recovered
