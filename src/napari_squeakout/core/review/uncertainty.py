"""Which pages are worth a person's look first, and what the looks say of all the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from napari_squeakout.core.detection.clean import is_call
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.steps import Progress, Steps

from .review import PageState, Review

# A page in doubt is one that another threshold, this much lower or higher, would change.
_SMALL_CHANGE = 0.2
# Nearly every pixel has some probability: below this none is in doubt.
_LEAST_LEVEL = 0.05


def page_uncertainty(values: NDArray[np.uint8], settings: CleanSettings) -> float:
    """How much a small change of threshold would change a page's mask.

    Parameters
    ----------
    values : NDArray
        (h, w) uint8 probabilities, 255 = certain.
    settings : CleanSettings
        Its threshold is the one in use; below its smallest area a mask is a speck.

    Returns
    -------
    float
        0 where nothing would change, up to 1: 1 - intersection over union of the masks at a
        threshold 0.2 lower and 0.2 higher; specks count little.
    """
    around = settings.threshold + np.array([-_SMALL_CHANGE, _SMALL_CHANGE])
    levels = np.clip(around, _LEAST_LEVEL, 254 / 255)
    larger, smaller = (int(np.count_nonzero(is_call(values, level))) for level in levels)
    return (larger - smaller) / max(1, larger + settings.min_area_px)


def page_disagreement(
    one: NDArray[np.uint8], other: NDArray[np.uint8], settings: CleanSettings
) -> float:
    """How much a second model would change a page's mask.

    Parameters
    ----------
    one, other : NDArray
        (h, w) uint8 probabilities of two models, 255 = certain.
    settings : CleanSettings
        Its threshold is used for both.

    Returns
    -------
    float
        0..1, as `page_uncertainty`: 1 - intersection over union; specks count little.
    """
    first, second = (is_call(values, settings.threshold) for values in (one, other))
    either = int(np.count_nonzero(first | second))
    return (either - int(np.count_nonzero(first & second))) / max(1, either + settings.min_area_px)


@dataclass(frozen=True)
class PageMeasures:
    """What the choice of pages to look at goes by; (n,) each.

    Parameters
    ----------
    uncertainty : NDArray
        float64, from `page_uncertainty`.
    highest : NDArray
        uint8, the highest probability.
    last_number : NDArray
        int64, the highest number of a call; 0 on pages without any.
    """

    uncertainty: NDArray[np.float64]
    highest: NDArray[np.uint8]
    last_number: NDArray[np.int64]

    @property
    def occupied(self) -> NDArray[np.bool_]:
        """(n,) whether there is a call."""
        return self.last_number > 0


def measuring_pages(
    values: Any,
    labels: Any,
    settings: CleanSettings,
    *,
    disagreement: Mapping[int, float] | None = None,
) -> Steps[PageMeasures]:
    """Measure every page of a stack, one a step.

    Parameters
    ----------
    values : array
        (n, h, w) uint8 probabilities.
    labels : array
        (n, h, w) the calls.
    settings : CleanSettings
        In use.
    disagreement : mapping, optional
        Page -> from `page_disagreement`, where two models were asked; the larger doubt counts.
    """
    two = disagreement or {}
    n_pages = len(values)
    measures = PageMeasures(
        np.zeros(n_pages), np.zeros(n_pages, np.uint8), np.zeros(n_pages, np.int64)
    )
    for index in range(n_pages):
        page = np.asarray(values[index])
        measures.uncertainty[index] = max(page_uncertainty(page, settings), two.get(index, 0.0))
        measures.highest[index] = page.max()
        measures.last_number[index] = np.max(labels[index])
        yield Progress(index + 1, n_pages, "pages")
    return measures


def review_order(
    uncertainty: NDArray[np.float64], *, random_every: int = 5, seed: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pages in the order in which a person should look at them.

    Parameters
    ----------
    uncertainty : NDArray
        (n,) of each page.
    random_every : int
        Every how many places a page is drawn at random, whatever its uncertainty.
    seed : int
        Of the drawing.

    Returns
    -------
    order : NDArray
        (n,) page numbers, each once.
    drawn : NDArray
        Those of them that were drawn at random. Only these tell of all pages without bias, since
        the others are the worst ones.

    Raises
    ------
    ValueError
        If `random_every` is below 2.
    """
    if random_every < 2:  # noqa: PLR2004 - at most every other
        msg = f"random_every is {random_every}: draw at most every second page"
        raise ValueError(msg)
    n_pages = len(uncertainty)
    lots = np.random.default_rng(seed).permutation(n_pages)
    doubtful = np.argsort(-uncertainty, kind="stable")
    by_lot = np.arange(n_pages) % random_every == random_every - 1
    lot = set(lots[: int(by_lot.sum())].tolist())
    rest = iter(page for page in doubtful if page not in lot)
    chosen = iter(lots)
    order = np.array([next(chosen) if drawn else next(rest) for drawn in by_lot], np.int64)
    return order, order[by_lot]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A share with its 95 % interval (Wilson), from so many pages."""

    share: float
    low: float
    high: float
    pages: int


def proposals_right(review: Review, drawn: Iterable[int]) -> Estimate | None:
    """Share of pages whose proposal was right as it stood, from the pages drawn at random.

    Parameters
    ----------
    review : Review
        Approved pages count; those among them that were corrected first were wrong.
    drawn : iterable of int
        Numbers of the pages that were drawn at random.

    Returns
    -------
    Estimate or None
        None before the first drawn page is approved.
    """
    looked_at = [review[int(page)] for page in drawn]
    approved = [page for page in looked_at if page.state == PageState.APPROVED]
    if not approved:
        return None
    right = sum(not page.corrected for page in approved)
    interval = scipy.stats.binomtest(right, len(approved)).proportion_ci(method="wilson")
    share = right / len(approved)
    return Estimate(
        share=share, low=float(interval.low), high=float(interval.high), pages=len(approved)
    )
