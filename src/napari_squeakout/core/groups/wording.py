"""Measures and differences of groups as a reader has them: in words, with their units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NAMES = {
    "calls_per_min": "calls a minute",
    "bouts_per_min": "bouts a minute",
    "calls_per_bout": "calls a bout",
    "vocal_share": "share of time with calls",
    "mean_principal_hz": "mean principal frequency",
    "mean_range_hz": "mean range of the contour",
    "mean_n_jumps": "mean number of jumps",
}
# The end of a column's name -> what a reader wants it in, and what makes it so.
_UNITS = (
    ("_hz_per_s", "kHz/s", 1e-3),
    ("_hz", "kHz", 1e-3),
    ("_duration_s", "ms", 1e3),
    ("_s", "s", 1.0),
    ("_ms", "ms", 1.0),
    ("_db", "dB", 1.0),
    ("_px", "px", 1.0),
    ("_bits", "bit", 1.0),
)


@dataclass(frozen=True)
class Shown:
    """How a measure is shown.

    Parameters
    ----------
    name : str
        In words.
    unit : str
        Empty for plain numbers.
    scale : float
        What the numbers of the table are multiplied by.
    """

    name: str
    unit: str = ""
    scale: float = 1.0

    @property
    def label(self) -> str:
        """Name and unit."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    def number(self, value: float, *, signed: bool = False) -> str:
        """A value of the table, in this unit; a dash where it is not known."""
        if not math.isfinite(value):
            return "–"  # noqa: RUF001 - the sign of tables for nothing
        return f"{value * self.scale:{'+' if signed else ''}.4g}"


def shown_as(measure: str) -> Shown:
    """How a column of a summary is shown."""
    for end, unit, scale in _UNITS:
        if measure.endswith(end):
            stem = "_duration" if end == "_duration_s" else ""
            plain = measure.removesuffix(end) + stem
            return Shown(_NAMES.get(measure, plain.replace("_", " ")), unit, scale)
    return Shown(_NAMES.get(measure, measure.replace("_", " ")))


def difference_text(row: Mapping[Any, Any]) -> str:
    """One row of a comparison in a sentence, with how many animals it rests on."""
    shown = shown_as(row["measure"])
    sides = " and ".join(
        f"{row[side]} {shown.number(row[f'mean_{side}'])} (n = {row[f'n_{side}']})"
        for side in ("group", "other")
    )
    head = f"{shown.label}: {sides}"
    if math.isnan(row["p"]):
        return f"{head}: too few have it to be compared"
    unit = f" {shown.unit}" if shown.unit else ""
    times = "" if math.isnan(row["times"]) else f", {row['times']:.2f} times"
    low, high = (shown.number(row[f"interval_{end}"], signed=True) for end in ("low", "high"))
    interval = (
        ""
        if math.isnan(row["interval_low"])
        else f" (95 % interval {low} to {high}{unit}, g = {row['hedges_g']:.2f})"
    )
    verdict = "they differ" if row["differ"] else "no difference is shown"
    return (
        f"{head}: {shown.number(row['difference'], signed=True)}{unit}{times}{interval}, "
        f"p = {row['p']:.2g}, corrected {row['p_holm']:.2g}: {verdict}"
    )
