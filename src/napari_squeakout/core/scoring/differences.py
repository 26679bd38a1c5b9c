"""Where noted and found calls differ: what was missed, and what is too much."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .event_scores import Intervals


def differences(
    annotation_intervals: Intervals, found_intervals: Intervals
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Noted calls that were not found, and found calls that nobody noted.

    Any overlap in time counts as found, also where several calls share one. Scores need pairs, one
    to one (`events.match_events`); who walks through disagreements wants to be shown what is
    missing and what is too much, and a call in two pieces is neither. Calls of which one ends when
    the other begins do not overlap; a single moment lies in a call from its onset to its offset.

    Parameters
    ----------
    annotation_intervals, found_intervals : NDArray
        (n, 2) and (m, 2) float64, seconds, in any order.

    Returns
    -------
    missed : NDArray
        int64, rows of `annotation_intervals` that no found call overlaps, ascending.
    extra : NDArray
        int64, rows of `found_intervals` that no noted call overlaps, ascending.
    """
    missed = ~_overlapped(annotation_intervals, found_intervals)
    extra = ~_overlapped(found_intervals, annotation_intervals)
    return np.flatnonzero(missed), np.flatnonzero(extra)


def _overlapped(one: Intervals, others: Intervals) -> NDArray[np.bool_]:
    """(n,) whether each of `one` shares time with any of the others."""
    moments = others[others[:, 0] == others[:, 1]]
    is_moment = one[:, 0] == one[:, 1]
    shared = _meets(one, others, touching=False)
    shared |= _meets(one, moments, touching=True)
    shared |= is_moment & _meets(one, others, touching=True)
    return shared


def _meets(one: Intervals, others: Intervals, *, touching: bool) -> NDArray[np.bool_]:
    # Of the others that begin before one ends, does the latest end come after one's beginning? So
    # a night of calls beside a night of calls needs a sort and not a table of all pairs.
    in_order = others[np.argsort(others[:, 0])]
    begun = np.searchsorted(in_order[:, 0], one[:, 1], side="right" if touching else "left")
    latest_s = np.concatenate([[-np.inf], np.maximum.accumulate(in_order[:, 1])])[begun]
    after: NDArray[np.bool_] = latest_s >= one[:, 0] if touching else latest_s > one[:, 0]
    return after
