"""Found calls beside annotated ones, call by call and bout by bout."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from napari_squeakout.core.settings import CompareSettings

from .event_scores import Intervals, match_events, overlapping
from .ratios import ratio

_UNDEFINED = float("nan")
_NONE = -1

#: Columns of the table of calls, and of that of bouts.
CALL_COLUMNS = [
    "outcome", "bout", "annotated_start_s", "annotated_end_s", "found_start_s", "found_end_s",
    "onset_error_s", "offset_error_s", "time_iou",
]  # fmt: skip
BOUT_COLUMNS = ["bout", "start_s", "end_s", "annotated", "found", "merge_ratio"]


class Outcome(StrEnum):
    """What came of a call.

    Of the annotated ones each is matched, merged or missed; of the found ones matched, split or
    extra.
    """

    #: A found and an annotated call that belong together, one to one.
    MATCHED = "matched"
    #: Annotated, and overlapped only by a found call that belongs to another one.
    MERGED = "merged"
    #: Annotated, and overlapped by no found call.
    MISSED = "missed"
    #: Found, and overlapping only an annotated call that another found one belongs to.
    SPLIT = "split"
    #: Found, and overlapping no annotated call.
    EXTRA = "extra"


@dataclass(frozen=True, eq=False)
class Comparison:
    """Found calls beside annotated ones.

    Parameters
    ----------
    calls : DataFrame
        A row a pair or a call without one, in order of time; errors are found minus annotated, so
        above 0 is late. `bout` counts from 1, and is 0 for what lies in none.
    bouts : DataFrame
        A row a bout of annotated calls. `found` are the found calls that overlap calls of it, each
        counted in the first bout that it touches; `merge_ratio` is found by annotated: below 1
        where calls are fused or missed, above 1 where they are split.
    """

    calls: pd.DataFrame = field(repr=False)
    bouts: pd.DataFrame = field(repr=False)

    def count(self, *outcomes: Outcome) -> int:
        """Rows of these outcomes."""
        return int(self.calls["outcome"].isin(list(outcomes)).sum())

    def figures(self) -> dict[str, float]:
        """All of it in figures; NaN where one is not defined."""
        matched = self.count(Outcome.MATCHED)
        annotated = matched + self.count(Outcome.MERGED, Outcome.MISSED)
        found = matched + self.count(Outcome.SPLIT, Outcome.EXTRA)
        return {
            "annotated": annotated,
            "found": found,
            **{outcome.value: self.count(outcome) for outcome in Outcome},
            "precision": ratio(matched, found, undefined=_UNDEFINED),
            "recall": ratio(matched, annotated, undefined=_UNDEFINED),
            "f1": ratio(2 * matched, annotated + found, undefined=_UNDEFINED),
            **_errors(self.calls, "onset"),
            **_errors(self.calls, "offset"),
            "time_iou": float(self.calls["time_iou"].mean()),
            "bouts": len(self.bouts),
            "merge_ratio": ratio(int(self.bouts["found"].sum()), annotated, undefined=_UNDEFINED),
            "mean_merge_ratio_of_bouts": float(self.bouts["merge_ratio"].mean()),
        }


def compare_calls(
    annotated: Intervals, found: Intervals, *, settings: CompareSettings | None = None
) -> Comparison:
    """Say of each call what came of it.

    Parameters
    ----------
    annotated, found : NDArray
        (n, 2) and (m, 2) seconds, in any order. A call annotated at a single moment belongs to a
        found call that includes the moment; it has no errors.
    settings : CompareSettings, optional
        What parts bouts.
    """
    settings = settings or CompareSettings()
    annotated, found = _in_order(annotated), _in_order(found)
    bout_of, n_bouts = _bouts(annotated, settings.bout_gap_s)
    pairs, iou = match_events(annotated, found)
    partner, share = np.full(len(annotated), _NONE), np.full(len(annotated), _UNDEFINED)
    partner[pairs[:, 0]], share[pairs[:, 0]] = pairs[:, 1], iou
    moments = _with_moments(annotated, found, partner)
    rows, columns = overlapping(annotated, found)
    rows, columns = np.append(rows, moments[:, 0]), np.append(columns, moments[:, 1])
    # Of the annotated calls that a found one overlaps, the first.
    first = np.full(len(found), len(annotated))
    np.minimum.at(first, columns, rows)
    calls = _table_of_calls(
        annotated, found, (partner, share), (bout_of, first, set(rows.tolist()))
    )
    touched = first[first < len(annotated)]
    per_bout = np.bincount(bout_of[touched], minlength=n_bouts + 1)[1:]
    return Comparison(calls, _table_of_bouts(annotated, bout_of, per_bout))


def _in_order(intervals: Intervals) -> Intervals:
    return intervals[np.lexsort((intervals[:, 1], intervals[:, 0]))]


def _bouts(annotated: Intervals, gap_s: float) -> tuple[NDArray[np.int64], int]:
    """The bout of each call, from 1, and how many there are."""
    if not len(annotated):
        return np.zeros(0, np.int64), 0
    latest_s = np.maximum.accumulate(annotated[:, 1])
    begins = np.append(True, annotated[1:, 0] - latest_s[:-1] > gap_s)
    bouts = np.cumsum(begins)
    return bouts, int(bouts[-1])


def _with_moments(
    annotated: Intervals, found: Intervals, partner: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give moments the free found call that includes them; all that include one are named.

    Returns
    -------
    NDArray
        (n, 2) moment and found call that includes it.
    """
    taken = np.zeros(len(found), bool)
    taken[partner[partner != _NONE]] = True
    including = []
    for moment in np.flatnonzero(annotated[:, 0] == annotated[:, 1]):
        time_s = annotated[moment, 0]
        around = np.flatnonzero((found[:, 0] <= time_s) & (found[:, 1] >= time_s))
        including += [(moment, one) for one in around]
        free = around[~taken[around]]
        if len(free):
            # That which ends first: a longer one may include a later moment too.
            chosen = free[np.argmin(found[free, 1])]
            partner[moment] = chosen
            taken[chosen] = True
    return np.array(including, np.int64).reshape(-1, 2)


def _table_of_calls(
    annotated: Intervals,
    found: Intervals,
    pairing: tuple[NDArray[np.int64], NDArray[np.float64]],
    places: tuple[NDArray[np.int64], NDArray[np.int64], set[int]],
) -> pd.DataFrame:
    (partner, share), (bout_of, first, overlapped) = pairing, places
    unknown = (_UNDEFINED, _UNDEFINED)
    rows = []
    for call, (interval, other) in enumerate(zip(annotated, partner, strict=True)):
        if other == _NONE:
            outcome = Outcome.MERGED if call in overlapped else Outcome.MISSED
            rows.append((outcome, bout_of[call], *interval, *unknown, *unknown, _UNDEFINED))
            continue
        errors = unknown if np.isnan(share[call]) else found[other] - interval
        rows.append(
            (Outcome.MATCHED, bout_of[call], *interval, *found[other], *errors, share[call])
        )
    paired = set(partner.tolist())
    for one, interval in enumerate(found):
        if one in paired:
            continue
        touches = first[one] < len(annotated)
        outcome = Outcome.SPLIT if touches else Outcome.EXTRA
        bout = bout_of[first[one]] if touches else 0
        rows.append((outcome, bout, *unknown, *interval, *unknown, _UNDEFINED))
    table = pd.DataFrame(rows, columns=CALL_COLUMNS)
    table["outcome"] = [str(outcome) for outcome in table["outcome"]]
    begins = table["annotated_start_s"].fillna(table["found_start_s"])
    return table.iloc[np.argsort(begins.to_numpy(np.float64), kind="stable")].reset_index(drop=True)


def _table_of_bouts(
    annotated: Intervals, bout_of: NDArray[np.int64], per_bout: NDArray[np.int64]
) -> pd.DataFrame:
    rows = []
    for bout, n_found in enumerate(per_bout.tolist(), start=1):
        own = annotated[bout_of == bout]
        times = (float(own[:, 0].min()), float(own[:, 1].max()))
        rows.append((bout, *times, len(own), n_found, n_found / len(own)))
    return pd.DataFrame(rows, columns=BOUT_COLUMNS)


def _errors(calls: pd.DataFrame, edge: str) -> dict[str, float]:
    """Median of an error, and the median of how far it is from 0."""
    errors = calls[f"{edge}_error_s"].dropna().to_numpy(np.float64)
    if not len(errors):
        return {f"{edge}_error_s": _UNDEFINED, f"absolute_{edge}_error_s": _UNDEFINED}
    return {
        f"{edge}_error_s": float(np.median(errors)),
        f"absolute_{edge}_error_s": float(np.median(np.abs(errors))),
    }
