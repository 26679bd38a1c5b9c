"""The same fine-tuning on a part of the pages: what each brought, what the next are likely to.

All parts are judged by the same held-out pages. Between the parts the error, 1 - Dice, is taken to
fall by the same factor with each doubling of the pages, as it does for many tasks and models
(Hestness et al. 2017, arXiv:1712.00409). How far that can be trusted comes from resampling the
held-out pages, and from leaving out one part at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from lightning_fabric import Fabric
from numpy.typing import NDArray

from napari_squeakout.core.model.model import Model
from napari_squeakout.core.scoring.page_scores import PageFigures, figures
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.steps import Progress, Steps

from .approved import ApprovedPages
from .comparison import ModelOutput
from .fine_tune import FineTuned, tuning
from .splits import Indices, Split
from .verdict import MIN_UNITS, units_of

_SHARES = (0.25, 0.5)  # all of them are the fine-tuning itself
_MIN_POINTS = 3
# A gain in Dice that is worth the work of approving as many pages again.
_WORTH = 0.01
_RESAMPLES, _INTERVAL = 2000, (2.5, 97.5)
# Where every page is right to the last pixel, there is still an error to take the logarithm of.
_LEAST_ERROR = 1e-4


@dataclass(frozen=True)
class CurvePoint:
    """What some of the pages brought.

    Parameters
    ----------
    pages : int
        Learned from; 0 is the model before.
    dice : float
        On the held-out pages, with the threshold that suits this model.
    calls_f1 : float or None
        On the same.
    """

    pages: int
    dice: float
    calls_f1: float | None


@dataclass(frozen=True)
class LearningCurve:
    """What more and more pages brought.

    Parameters
    ----------
    points : tuple of CurvePoint
        Fewest pages first.
    expected : str
        What the next pages are likely to bring, in a sentence.
    """

    points: tuple[CurvePoint, ...]
    expected: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"points": [asdict(point) for point in self.points], "expected": self.expected}


def drawing_curve(
    approved: ApprovedPages,
    base: Model,
    tuned: FineTuned,
    *,
    cleaning: CleanSettings | None = None,
    fabric: Fabric | None = None,
    enough: Callable[[], bool] = lambda: False,
) -> Steps[LearningCurve]:
    """Repeat a fine-tuning on a quarter and half of the pages it learned from.

    Parameters
    ----------
    approved, base, cleaning, fabric
        As the fine-tuning was given.
    tuned : FineTuned
        What it came to: the last point. Its settings, seed and held-out pages are used again.
    enough : callable, optional
        Asked at every step whether to stop; then only points that are finished are given.
    """
    split, before, after = tuned.plan.split, tuned.comparison.before, tuned.comparison.after
    outputs: list[tuple[int, ModelOutput]] = [(0, before)]
    settings = tuned.settings.model_copy(update={"forgetting_test_pages": 0})
    parts = nested_parts(split.learn, approved.with_calls, tuned.settings.seed)
    for part in parts:
        smaller = Split(learn=part, held_out=split.held_out, between=split.between, by=split.by)
        steps = tuning(approved, base, settings, split=smaller, cleaning=cleaning, fabric=fabric)
        what = f"batches with {len(part)} of {len(split.learn)} pages"
        again = yield from _learning_quietly(steps, what, enough)
        if again is None:
            break
        outputs.append((len(part), again.comparison.after))
    outputs.append((len(split.learn), after))
    units = units_of([approved.places[i] for i in split.held_out])
    points = tuple(_point(pages, one) for pages, one in outputs)
    if len(outputs) < len(parts) + 2:
        return LearningCurve(points, "stopped before all parts of the pages were learned from")
    taught = [(pages, one.figures) for pages, one in outputs[1:]]
    return LearningCurve(points, expected(taught, units, tuned.settings.seed))


def nested_parts(learn: Indices, with_calls: NDArray[np.bool_], seed: int) -> list[Indices]:
    """A quarter and half of the pages, the former part of the latter.

    Parameters
    ----------
    learn : NDArray
        Numbers of the pages that are learned from.
    with_calls : NDArray
        Of all pages, whether they have any call. Each part has one such page, and about as large a
        share of them as all.
    seed : int
        The same gives the same parts.
    """
    drawn = np.random.default_rng(seed).permutation(learn)
    called = with_calls[drawn]
    place = np.empty(len(drawn))
    for kind in (called, ~called):
        place[kind] = (np.arange(kind.sum()) + 0.5) / max(1, kind.sum())
    place[np.flatnonzero(called)[:1]] = -1
    order = drawn[np.argsort(place, kind="stable")]
    sizes = sorted({max(1, round(share * len(learn))) for share in _SHARES} - {len(learn)})
    return [np.sort(order[:size]) for size in sizes]


def expected(taught: Sequence[tuple[int, PageFigures]], units: NDArray[np.int64], seed: int) -> str:
    """What twice as many pages are likely to bring, in a sentence.

    Parameters
    ----------
    taught : sequence of tuple
        Pages learned from, and how right the model is then, on the same held-out pages each time.
    units : NDArray
        (n,) what each held-out page is resampled with.
    seed : int
        Of the resampling.
    """
    pages = np.array([number for number, _ in taught])
    n_units = len(np.unique(units))
    if len(pages) < _MIN_POINTS or n_units < MIN_UNITS:
        return (
            f"cannot tell what more pages will bring: {pages[-1]} pages to learn from and "
            f"{len(units)} to judge by are too few: approve 15 or more"
        )
    dice = np.stack([one.dice for _, one in taught])
    likely = float(_gains(pages, dice.mean(axis=1)[:, None])[0])
    resampled = _resampled(dice, units, seed)
    # Each point may be a lucky or unlucky training: the answer must not hang on any of them.
    gains = [
        _gains(np.delete(pages, out), np.delete(resampled, out, axis=0))
        for out in range(len(pages))
    ]
    low, high = np.percentile(gains, _INTERVAL)
    return _sentence(float(dice[-1].mean()), likely, (float(low), float(high)))


def _sentence(now: float, likely: float, between: tuple[float, float]) -> str:
    low, high = (min(max(now + gain, 0), 1) for gain in between)
    if between[1] < _WORTH:
        return (
            f"flat: approving as many pages again will hardly help (Dice {now:.3f} now, at most "
            f"about {high:.2f} then); pages of other recordings may"
        )
    if between[0] <= 0 or likely < _WORTH:
        return (
            "not sure: approving as many pages again may bring next to nothing, or Dice from "
            f"{now:.3f} to at most about {high:.2f}"
        )
    return (
        f"still rising: approving as many pages again is likely to bring Dice from {now:.3f} to "
        f"about {min(now + likely, 1):.2f} ({low:.2f} to {high:.2f})"
    )


def _learning_quietly(
    steps: Steps[FineTuned], what: str, enough: Callable[[], bool]
) -> Steps[FineTuned | None]:
    """The same steps without their news, which tell of the fine-tuning itself; None if stopped."""
    while not enough():
        try:
            progress = next(steps)
        except StopIteration as finished:
            tuned: FineTuned = finished.value
            return tuned
        if progress.what == "batches":
            yield Progress(progress.done, progress.total, what)
    steps.close()
    return None


def _point(pages: int, output: ModelOutput) -> CurvePoint:
    summed = figures(output.figures, output.cleaning.threshold)
    return CurvePoint(pages, summed.dice, summed.f1)


def _resampled(
    dice: NDArray[np.float64], units: NDArray[np.int64], seed: int
) -> NDArray[np.float64]:
    """(points, resamples) mean Dice, the same units drawn for all points."""
    names, unit = np.unique(units, return_inverse=True)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), _RESAMPLES)[:, unit]
    mean: NDArray[np.float64] = dice @ weights.T / weights.sum(axis=1)
    return mean


def _gains(pages: NDArray[np.int64], dice: NDArray[np.float64]) -> NDArray[np.float64]:
    """(m,) gain of Dice from twice as many pages; below 0 where it fell with the pages."""
    error = np.maximum(1 - dice, _LEAST_ERROR)
    slope, height = np.polyfit(np.log2(pages), np.log2(error), 1)
    last = height + slope * np.log2(pages[-1])
    gain: NDArray[np.float64] = 2**last - 2 ** (last + slope)
    return gain
