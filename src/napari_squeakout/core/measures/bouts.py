"""Which calls belong together: bouts, and the silence that ends one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.optimize
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError

from .peaks import Values

# Fewer intervals say nothing of two kinds of silence.
_LEAST_INTERVALS = 30
# Shorter ones are those of calls that all but touch.
_SHORTEST_S = 1e-3
_ROUNDS, _SETTLED = 500, 1e-8
# A kind of silence has at least this spread and this share; two lie this many spreads apart, for
# the halves of one kind lie 1.3 apart (Ashman et al. 1994: 2).
_LEAST_SPREAD, _LEAST_SHARE, _LEAST_APART = 0.05, 0.02, 2.0


@dataclass(frozen=True)
class TwoKinds:
    """A mixture of two normal distributions of log intervals, the shorter first.

    Parameters
    ----------
    means, spreads, shares : NDArray
        (2,) each, of natural logarithms of seconds.
    """

    means: Values
    spreads: Values
    shares: Values

    def densities(self, values: Values) -> NDArray[np.float64]:
        """(n, 2) share times density of each kind."""
        z = (values[:, None] - self.means) / self.spreads
        return np.asarray(self.shares * np.exp(-(z**2) / 2) / self.spreads / np.sqrt(2 * np.pi))


def bouts_of(start_s: Values, end_s: Values, gap_s: float) -> NDArray[np.int64]:
    """(n,) number of the bout, from 0, of calls in order of time; a gap this long ends one."""
    if not len(start_s):
        return np.zeros(0, np.int64)
    # A call may end within the one before.
    silence = start_s[1:] - np.maximum.accumulate(end_s)[:-1]
    return np.concatenate([[0], np.cumsum(silence >= gap_s)]).astype(np.int64)


def cut_of_intervals(intervals_s: Values) -> float:
    """The silence in seconds that is as likely one within a bout as one between two.

    Parameters
    ----------
    intervals_s : NDArray
        From each call's end to the next one's start; what is nan or below 0 is left out.

    Raises
    ------
    InputError
        If they are few, or of one kind.
    """
    known = intervals_s[np.isfinite(intervals_s) & (intervals_s >= 0)]
    if len(known) < _LEAST_INTERVALS:
        msg = (
            f"{len(known)} intervals between calls say nothing of bouts, {_LEAST_INTERVALS} are "
            "the least: give more recordings, or state bout_gap_s"
        )
        raise InputError(msg)
    kinds = _fitted(np.log(np.maximum(known, _SHORTEST_S)))
    apart = float(np.diff(kinds.means)[0]) / float(kinds.spreads.mean())
    if apart < _LEAST_APART or kinds.shares.min() < _LEAST_SHARE:
        msg = (
            "the intervals between calls are of one kind, so none of them cuts bouts: state "
            "bout_gap_s"
        )
        raise InputError(msg)
    return float(np.exp(_crossing(kinds)))


def _fitted(logs: Values) -> TwoKinds:
    """Expectation and maximisation, begun with the shorter and the longer half."""
    middle = np.median(logs)
    halves = np.stack([logs <= middle, logs > middle], axis=1).astype(float)
    kinds, before = _kinds_of(logs, halves), -np.inf
    for _ in range(_ROUNDS):
        densities = kinds.densities(logs)
        total = np.maximum(densities.sum(axis=1, keepdims=True), np.finfo(float).tiny)
        kinds = _kinds_of(logs, densities / total)
        likelihood = float(np.log(total).mean())
        if likelihood - before < _SETTLED:
            break
        before = likelihood
    return kinds


def _kinds_of(logs: Values, belongs: NDArray[np.float64]) -> TwoKinds:
    """The two distributions of values that belong to each by these shares, (n, 2)."""
    weight = np.maximum(belongs.sum(axis=0), np.finfo(float).tiny)
    means = (belongs * logs[:, None]).sum(axis=0) / weight
    variance = (belongs * (logs[:, None] - means) ** 2).sum(axis=0) / weight
    order = np.argsort(means)
    spreads = np.maximum(np.sqrt(variance), _LEAST_SPREAD)
    return TwoKinds(means[order], spreads[order], (weight / len(logs))[order])


def _crossing(kinds: TwoKinds) -> float:
    """Where between the two means both are as likely; the middle where one is so throughout."""

    def difference(at: float) -> float:
        short, long = np.log(kinds.densities(np.array([at]))[0] + np.finfo(float).tiny)
        return float(short - long)

    low, high = kinds.means
    if difference(low) <= 0 or difference(high) >= 0:
        return float((low + high) / 2)
    return float(scipy.optimize.brentq(difference, low, high))
