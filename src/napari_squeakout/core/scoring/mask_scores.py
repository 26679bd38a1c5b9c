"""How good masks are, by the paper's convention and beside it, and how honest probabilities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.morphology import BoolImage


@dataclass(frozen=True, kw_only=True)
class MaskScores:
    """Agreement of found masks with true ones.

    Parameters
    ----------
    images : int
        Number of image pairs.
    pixel_accuracy : float
        Share of pixels that agree, mean over images.
    dice, dice_sem : float
        Dice by the paper's convention (mean over images, empty against empty = 1) and its
        standard error.
    dice_non_empty : float
        Mean Dice over images whose true mask has a call; NaN where there is none.
    precision, recall : float
        Of call pixels, pooled over all images; NaN where undefined.
    """

    images: int
    pixel_accuracy: float
    dice: float
    dice_sem: float
    dice_non_empty: float
    precision: float
    recall: float

    def as_dict(self) -> dict[str, float]:
        """Plain numbers, for JSON."""
        return asdict(self)


def dice_scores(truth: BoolImage, found: BoolImage) -> NDArray[np.float64]:
    """Dice of each image.

    Parameters
    ----------
    truth, found : NDArray
        (n, h, w) bool.

    Returns
    -------
    NDArray
        (n,), 1 where both are empty.
    """
    overlap = (truth & found).sum(axis=(1, 2))
    size = truth.sum(axis=(1, 2)) + found.sum(axis=(1, 2))
    return np.where(size > 0, 2 * overlap / np.maximum(size, 1), 1.0)


def evaluate(pairs: Iterable[tuple[BoolImage, BoolImage]]) -> MaskScores:
    """Compare masks with the truth.

    Parameters
    ----------
    pairs : iterable of (truth, found)
        (h, w) bool each, equal shapes within a pair.

    Raises
    ------
    ValueError
        If there is no pair, or the shapes of one differ.
    """
    rows = [_counts(truth, found) for truth, found in pairs]
    if not rows:
        msg = "nothing to evaluate: no pair of a true and a found mask"
        raise ValueError(msg)
    hit, true, called, wrong, pixels = np.array(rows, float).T
    dice = np.where(true + called > 0, 2 * hit / np.maximum(true + called, 1), 1.0)
    spread = float(dice.std(ddof=1) / np.sqrt(len(dice))) if len(dice) > 1 else 0.0
    return MaskScores(
        images=len(rows),
        pixel_accuracy=float(np.mean(1 - wrong / pixels)),
        dice=float(dice.mean()),
        dice_sem=spread,
        dice_non_empty=float(dice[true > 0].mean()) if (true > 0).any() else float("nan"),
        precision=float(hit.sum() / called.sum()) if called.sum() else float("nan"),
        recall=float(hit.sum() / true.sum()) if true.sum() else float("nan"),
    )


@dataclass(frozen=True)
class Calibration:
    """What probabilities are worth: of pixels given p, how many are call pixels.

    Parameters
    ----------
    stated : NDArray
        (bins,) mean probability of the pixels in each tenth; NaN in an empty one.
    true : NDArray
        (bins,) share of them that are call pixels.
    pixels : NDArray
        (bins,) how many there are.
    """

    stated: NDArray[np.float64]
    true: NDArray[np.float64]
    pixels: NDArray[np.int64]

    @property
    def error(self) -> float:
        """Mean of |stated - true| over the pixels above the lowest tenth, where calls are."""
        above = self.pixels[1:]
        gap = np.nan_to_num(np.abs(self.stated - self.true))[1:]
        return float((gap * above).sum() / above.sum()) if above.sum() else float("nan")


def reliability(
    pairs: Iterable[tuple[BoolImage, NDArray[np.uint8]]], bins: int = 10
) -> Calibration:
    """Compare probabilities with the truth, tenth by tenth.

    Parameters
    ----------
    pairs : iterable of (truth, probability)
        (h, w) bool and (h, w) uint8, 255 = certain.
    bins : int
        Number of equal steps of probability.
    """
    counts = np.zeros((2, 256), np.int64)
    for truth, probability in pairs:
        counts[0] += np.bincount(probability.ravel(), minlength=256)
        counts[1] += np.bincount(probability[truth], minlength=256)
    step = np.minimum(np.arange(256) * bins // 255, bins - 1)
    pixels, true, sums = (
        np.bincount(step, weights=w, minlength=bins)
        for w in (counts[0], counts[1], counts[0] * np.arange(256) / 255)
    )
    with np.errstate(invalid="ignore"):
        return Calibration(sums / pixels, true / pixels, pixels.astype(np.int64))


def _counts(truth: BoolImage, found: BoolImage) -> tuple[int, int, int, int, int]:
    """Pixels that are: hit, true, called, wrong, all."""
    if truth.shape != found.shape:
        msg = f"masks of shapes {truth.shape} and {found.shape}: bring both to the same size"
        raise ValueError(msg)
    return (
        int((truth & found).sum()),
        int(truth.sum()),
        int(found.sum()),
        int((truth ^ found).sum()),
        truth.size,
    )
