"""Values of two groups -> how far apart they are, and how often chance alone does that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy.stats
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: Fewer animals than this in a group give no interval: drawn again, they hardly differ.
LEAST_FOR_INTERVAL = 3
_TAIL = 0.025
# Sums that differ by less than this, measured by the values, are the same but for rounding.
_SAME = 1e-9


@dataclass(frozen=True)
class Chance:
    """How often animals dealt to the groups by lot differ as much as they do.

    Parameters
    ----------
    p : float
        Share of the ways to deal them in which the means differ as much or more, in either
        direction.
    exact : bool
        Whether each way was looked at; else ways were drawn.
    """

    p: float
    exact: bool


def permutation_chance(one: Values, other: Values, *, resamples: int, seed: int) -> Chance:
    """Permutation test of the difference of two means, of both sides.

    Parameters
    ----------
    one, other : NDArray
        (n,) and (m,) a value an animal.
    resamples : int
        Up to as many ways to deal the animals are all looked at; of more, so many are drawn.
    seed : int
        Of the drawing.
    """
    pooled = np.concatenate([one, other])
    pooled = pooled - pooled.mean()
    exact = math.comb(len(pooled), len(one)) <= resamples
    ways = (
        np.array(list(combinations(range(len(pooled)), len(one))))
        if exact
        else _dealt(len(pooled), resamples, seed)[:, : len(one)]
    )
    # Around their common mean, the sum of one group says how far apart both means are.
    apart = np.abs(pooled[ways].sum(axis=1))
    seen = abs(pooled[: len(one)].sum()) - _SAME * np.abs(pooled).max()
    as_far = int(np.count_nonzero(apart >= seen))
    # Drawn ways do not hold the one that is: with it p is never 0 (Phipson & Smyth 2010).
    return Chance(as_far / len(ways) if exact else (as_far + 1) / (resamples + 1), exact)


def smallest_p(n: int, m: int, *, resamples: int) -> float:
    """The smallest p that `permutation_chance` can give for so many animals."""
    ways = math.comb(n + m, n)
    return (2 if n == m else 1) / ways if ways <= resamples else 1 / (resamples + 1)


def _dealt(n: int, times: int, seed: int) -> NDArray[np.int64]:
    """(times, n) each row the numbers below n in an order by lot."""
    rng = np.random.default_rng(seed)
    return rng.permuted(np.tile(np.arange(n), (times, 1)), axis=1)


def difference_interval(
    one: Values, other: Values, *, resamples: int, seed: int
) -> tuple[float, float]:
    """95 % interval of mean(other) - mean(one), by the expanded percentile bootstrap.

    The plain percentile bootstrap is too narrow for few animals; this one is as much wider as
    Student's t is than the normal distribution, and each group's spread is that of n - 1
    (Hesterberg 2015, doi:10.1080/00031305.2015.1089789). nan where a group has fewer than
    `LEAST_FOR_INTERVAL`, or nothing varies.
    """
    if min(len(one), len(other)) < LEAST_FOR_INTERVAL or not (np.ptp(one) or np.ptp(other)):
        return np.nan, np.nan
    rng = np.random.default_rng(seed)
    away = _mean_away(other, resamples, rng) - _mean_away(one, resamples, rng)
    tail = float(scipy.stats.norm.cdf(scipy.stats.t.ppf(_TAIL, _degrees(one, other))))
    low, high = np.quantile(away, [tail, 1 - tail]) + other.mean() - one.mean()
    return float(low), float(high)


def _mean_away(values: Values, times: int, rng: np.random.Generator) -> Values:
    """(times,) how far the mean of animals drawn again lies from theirs."""
    n = len(values)
    drawn = values[rng.integers(n, size=(times, n))].mean(axis=1)
    return np.asarray((drawn - values.mean()) * np.sqrt(n / (n - 1)))


def _degrees(one: Values, other: Values) -> float:
    """Degrees of freedom as Welch has them."""
    parts = [float(values.var(ddof=1)) / len(values) for values in (one, other)]
    below = sum(
        part**2 / (len(values) - 1) for part, values in zip(parts, (one, other), strict=True)
    )
    return sum(parts) ** 2 / below


def hedges_g(one: Values, other: Values) -> float:
    """Difference of the means by the pooled standard deviation, corrected for few animals.

    Hedges 1981 (the usual approximation 1 - 3 / (4 df - 1)); nan where nothing varies.
    """
    df = len(one) + len(other) - 2
    inner = sum(float(((values - values.mean()) ** 2).sum()) for values in (one, other))
    if df < 1 or inner <= 0:
        return np.nan
    difference = float(other.mean() - one.mean())
    return difference / math.sqrt(inner / df) * (1 - 3 / (4 * df - 1))


def holm(p: Sequence[float]) -> list[float]:
    """The p of several tests, corrected so that all of them together err in 5 % (Holm 1979).

    nan, for what could not be tested, stays and counts as no test.
    """
    tested = sorted((value, place) for place, value in enumerate(p) if not math.isnan(value))
    corrected, least = [math.nan] * len(p), 0.0
    for rank, (value, place) in enumerate(tested):
        least = max(least, min(1.0, value * (len(tested) - rank)))
        corrected[place] = least
    return corrected
