"""Recordings -> one row each: how many calls, how long, in which bouts, their usual measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.settings import SummarySettings
from napari_squeakout.core.stacks import CallTable

from .bouts import bouts_of, cut_of_intervals
from .catalogue import MEASURES
from .classes import shares_of
from .subjects import ordered
from .transitions import transitions_of

#: What is summed up of a recording's calls, where their table has it.
SUMMED = (
    "duration_s", "low_hz", "high_hz", "bandwidth_hz", "mean_hz", "area_px", "mean_probability",
    *(one.name for one in MEASURES if not one.name.startswith("cut_")),
)  # fmt: skip
# Flags of which the share is of interest.
_FLAGS = ("cut_low", "cut_high", "cut_in_time")
_MINUTE_S = 60.0
# Columns that others rely on to come first.
_FIRST = 7


@dataclass(frozen=True, kw_only=True)
class RecordedCalls:
    """The calls of one recording, a silent one too.

    Parameters
    ----------
    name : str
        What it is called; each once.
    duration_s : float
        How much of it was looked at, in seconds.
    calls : DataFrame
        One row a call: with `start_s`, `end_s` and `duration_s`, and whatever
        else was measured.
    about : mapping
        What is known of it: subject, group, litter, sex, age, condition, date.
    """

    name: str
    duration_s: float
    calls: CallTable = field(repr=False)
    about: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        missing = {"start_s", "end_s", "duration_s"} - set(self.calls)
        if missing:
            msg = (
                f"{self.name}: its calls have no {', '.join(sorted(missing))}: only calls of "
                "recordings can be summed up"
            )
            raise InputError(msg)
        if not self.duration_s > 0:
            msg = f"{self.name}: a duration of {self.duration_s} s cannot be: state how long it is"
            raise InputError(msg)
        last_s = float(self.calls["start_s"].max()) if len(self.calls) else 0.0
        if last_s > self.duration_s:
            msg = (
                f"{self.name}: a call begins at {last_s:.3f} s, behind the end at "
                f"{self.duration_s:.3f} s: give the recording that the calls are of"
            )
            raise InputError(msg)
        in_time = self.calls.sort_values("start_s", kind="stable", ignore_index=True)
        object.__setattr__(self, "calls", in_time)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What recordings come to.

    Parameters
    ----------
    recordings : DataFrame
        One row a recording.
    bins : DataFrame
        One row a recording and time bin: calls that begin in it, and calls a minute.
    bouts : DataFrame
        One row a bout: start, end, calls.
    transitions : DataFrame
        How often each class follows each within a bout, as `transitions_of` gives it; its
        `WARNING` belongs to it.
    bout_gap_s : float
        The silence that ends a bout.
    notes : tuple of str
        What a person should know of the recordings.
    """

    recordings: pd.DataFrame
    bins: pd.DataFrame
    bouts: pd.DataFrame
    transitions: pd.DataFrame
    bout_gap_s: float
    notes: tuple[str, ...] = ()


def summarised(
    recordings: Sequence[RecordedCalls], settings: SummarySettings | None = None
) -> Summary:
    """Sum up recordings; one without calls is a row of zeros.

    Parameters
    ----------
    recordings : sequence of RecordedCalls
        In the order of the rows.
    settings : SummarySettings, optional
        Time bins and bouts.

    Raises
    ------
    InputError
        If two have one name, or their intervals do not say what a bout is.
    """
    settings = settings or SummarySettings()
    check_names([one.name for one in recordings])
    gap_s = settings.bout_gap_s
    if settings.bout_cut == "intervals":
        gap_s = cut_of_intervals(np.concatenate([_silences(one) for one in recordings]))
    bouts = pd.concat([_bouts(one, gap_s) for one in recordings], ignore_index=True)
    rows = [_row(one, bouts[bouts["recording"] == one.name], gap_s) for one in recordings]
    bins = pd.concat([_bins(one, settings.bin_s) for one in recordings], ignore_index=True)
    named = [(one.name, names) for one in recordings for names in _classes_of_bouts(one, gap_s)]
    return Summary(
        recordings=pd.DataFrame(rows),
        bins=bins,
        bouts=bouts,
        transitions=transitions_of(named).assign(bout_gap_s=gap_s),
        bout_gap_s=gap_s,
    )


def check_names(names: Sequence[str]) -> None:
    """Raise InputError if there is no recording, or one twice."""
    if not names:
        msg = "no recording is given: name at least one"
        raise InputError(msg)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = f"{', '.join(twice)}: given more than once: give each recording once"
        raise InputError(msg)


def _silences(one: RecordedCalls) -> NDArray[np.float64]:
    start_s, end_s = (one.calls[name].to_numpy(float) for name in ("start_s", "end_s"))
    return start_s[1:] - np.maximum.accumulate(end_s)[:-1] if len(start_s) else start_s


def _row(one: RecordedCalls, bouts: pd.DataFrame, gap_s: float) -> dict[str, object]:
    """The first columns are the same for all; then what is known of it; then its measures."""
    calls, n = one.calls, len(one.calls)
    vocal_s = _vocal_s(one)
    row: dict[str, object] = {
        "recording": one.name,
        "duration_s": one.duration_s,
        "calls": n,
        "calls_per_min": n / one.duration_s * _MINUTE_S,
        "latency_s": float(calls["start_s"].iloc[0]) if n else np.nan,
        "vocal_s": vocal_s,
        "vocal_share": vocal_s / one.duration_s,
        "bouts": len(bouts),
        "bouts_per_min": len(bouts) / one.duration_s * _MINUTE_S,
        "calls_per_bout": n / len(bouts) if len(bouts) else np.nan,
        "mean_bout_s": float(bouts["duration_s"].mean()) if len(bouts) else np.nan,
        "bout_gap_s": gap_s,
    }
    for name in (name for name in SUMMED if name in calls):
        values = np.asarray(calls[name].astype("Float64").to_numpy(na_value=np.nan), np.float64)
        row |= _usual(name, values[np.isfinite(values)])
    for name in (name for name in _FLAGS if name in calls):
        row[f"{name}_share"] = float(calls[name].astype(float).mean()) if n else np.nan
    if "class" in calls:
        row |= {f"{name}_share": share for name, share in shares_of(_classes(one)).items()}
    return _with_about(row, one)


def _with_about(row: dict[str, object], one: RecordedCalls) -> dict[str, object]:
    """A row with what is known of the recording, after the columns that all summaries begin with.

    Raises
    ------
    InputError
        If that would take the place of what was measured.
    """
    both = sorted(set(row) & set(one.about))
    if both:
        msg = f"{one.name}: {', '.join(both)} is what a summary itself says: call it another name"
        raise InputError(msg)
    first = {name: row[name] for name in list(row)[:_FIRST]}
    return first | ordered(one.about) | row


def _usual(name: str, values: NDArray[np.float64]) -> dict[str, float]:
    """Mean, median and standard deviation (n - 1) of what could be measured."""
    n = len(values)
    return {
        f"mean_{name}": float(values.mean()) if n else np.nan,
        f"median_{name}": float(np.median(values)) if n else np.nan,
        f"sd_{name}": float(values.std(ddof=1)) if n > 1 else np.nan,
    }


def _vocal_s(one: RecordedCalls) -> float:
    """Seconds in which at least one call sounds: where two overlap, once."""
    start_s, end_s = (one.calls[name].to_numpy(float) for name in ("start_s", "end_s"))
    if not len(start_s):
        return 0.0
    heard_until = np.concatenate([[-np.inf], np.maximum.accumulate(end_s)[:-1]])
    return float(np.maximum(end_s - np.maximum(start_s, heard_until), 0).sum())


def _bins(one: RecordedCalls, bin_s: float) -> pd.DataFrame:
    """Calls in time bins; the last ends with the recording, and its rate is that of its length."""
    starts = np.arange(0, one.duration_s, bin_s)
    ends = np.minimum(starts + bin_s, one.duration_s)
    at = np.clip((one.calls["start_s"].to_numpy(float) // bin_s).astype(int), 0, len(starts) - 1)
    counts = np.bincount(at, minlength=len(starts))
    return pd.DataFrame(
        {
            "recording": one.name,
            "bin": np.arange(len(starts)),
            "start_s": starts,
            "end_s": ends,
            "calls": counts,
            "calls_per_min": counts / (ends - starts) * _MINUTE_S,
        }
    )


def _bouts(one: RecordedCalls, gap_s: float) -> pd.DataFrame:
    start_s, end_s = (one.calls[name].to_numpy(float) for name in ("start_s", "end_s"))
    numbers = bouts_of(start_s, end_s, gap_s)
    count = int(numbers[-1]) + 1 if len(numbers) else 0
    first = np.searchsorted(numbers, np.arange(count))
    ends = np.maximum.accumulate(end_s)[np.append(first[1:], len(numbers)) - 1] if count else end_s
    return pd.DataFrame(
        {
            "recording": pd.Series([one.name] * count, dtype=object),
            "bout": np.arange(count),
            "start_s": start_s[first],
            "end_s": ends,
            "duration_s": ends - start_s[first],
            "calls": np.bincount(numbers, minlength=count) if count else first,
        }
    )


def _classes(one: RecordedCalls) -> list[str | None]:
    """The class of each call in order of time; None where it has none, as in tables read back."""
    if "class" not in one.calls:
        return [None] * len(one.calls)
    return [name if isinstance(name, str) else None for name in one.calls["class"]]


def _classes_of_bouts(one: RecordedCalls, gap_s: float) -> list[list[str | None]]:
    start_s, end_s = (one.calls[name].to_numpy(float) for name in ("start_s", "end_s"))
    numbers = bouts_of(start_s, end_s, gap_s).tolist()
    bouts: dict[int, list[str | None]] = {}
    for number, name in zip(numbers, _classes(one), strict=True):
        bouts.setdefault(number, []).append(name)
    return list(bouts.values())
