"""Groups of animals -> measure by measure, how far apart they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pandas as pd

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.numerals import counted

from .animals import units_of
from .chance import (
    Values,
    difference_interval,
    hedges_g,
    holm,
    permutation_chance,
    smallest_p,
)
from .settings import GroupSettings

#: A difference is told where p, corrected for all comparisons, is below this.
LEVEL = 0.05
_LEAST = 2


@dataclass(frozen=True, kw_only=True)
class GroupComparison:
    """What tells groups of animals apart.

    Parameters
    ----------
    units : DataFrame
        One row an animal or litter: its group, and the mean of each measure.
    differences : DataFrame
        One row a measure and pair of groups: `measure`, `group`, `other`; how many of each have a
        value, their means and standard deviations (n - 1); `difference` (other - group) with its
        95 % interval, `times` (other / group), `hedges_g`; `p`, whether it is `exact`, `p_holm`,
        corrected for all `tests`, and whether they differ by it. Empty is what cannot be told.
    settings : GroupSettings
        How they were compared.
    notes : tuple of str
        What the reader should know.
    """

    units: pd.DataFrame
    differences: pd.DataFrame
    settings: GroupSettings
    notes: tuple[str, ...] = field(default=())


def compare_groups(
    recordings: pd.DataFrame, settings: GroupSettings | None = None
) -> GroupComparison:
    """Compare groups, an animal (or litter) being one, however many recordings it has.

    Parameters
    ----------
    recordings : DataFrame
        Those of a summary, with subject and group of each.
    settings : GroupSettings, optional
        What is compared, and of what.

    Raises
    ------
    InputError
        If it is not known which animal a recording is of or which group that is in, or if there
        are not two groups of two.
    """
    settings = settings or GroupSettings()
    if not settings.compared:
        msg = "no measure is to be compared: name at least one column of the summary"
        raise InputError(msg)
    units = units_of(recordings, settings.compared, settings.unit)
    pairs = list(combinations(_groups(units, settings), 2))
    rows = [_row(units, name, pair, settings) for name in settings.compared for pair in pairs]
    table = pd.DataFrame(rows)
    table["p_holm"] = holm(table["p"].tolist())
    table["tests"] = int(table["p"].notna().sum())
    table["differ"] = (table["p_holm"] < LEVEL).where(table["p_holm"].notna(), None)
    notes = _notes(recordings, units, table, settings)
    return GroupComparison(units=units, differences=table, settings=settings, notes=notes)


def _groups(units: pd.DataFrame, settings: GroupSettings) -> list[str]:
    """The names of the groups, the reference first."""
    sizes = units["group"].value_counts()
    names = sorted(sizes.index)
    if settings.reference is not None and settings.reference not in names:
        msg = (
            f"reference {settings.reference}: is no group, there are {', '.join(names)}: "
            "name one of these"
        )
        raise InputError(msg)
    if len(names) < _LEAST:
        msg = f"all are in the group {names[0]}: a comparison takes two groups"
        raise InputError(msg)
    small = [name for name in names if sizes[name] < _LEAST]
    if small:
        msg = (
            f"group {small[0]}: has 1 {settings.unit}, a comparison takes {_LEAST} of each: add "
            "others, or leave the group out"
        )
        raise InputError(msg)
    return sorted(names, key=lambda name: name != settings.reference)


def _row(
    units: pd.DataFrame, measure: str, pair: tuple[str, str], settings: GroupSettings
) -> dict[str, object]:
    """One measure of two groups; what too few animals tell is nan."""
    one, other = (_values(units, measure, name) for name in pair)
    row: dict[str, object] = {"measure": measure, "group": pair[0], "other": pair[1]}
    row |= {"unit": settings.unit, "n_group": len(one), "n_other": len(other)}
    for name, values in (("group", one), ("other", other)):
        row[f"mean_{name}"] = float(values.mean()) if len(values) else np.nan
        row[f"sd_{name}"] = float(values.std(ddof=1)) if len(values) > 1 else np.nan
    row |= _difference(one, other, settings)
    # A multiple of decibels says nothing.
    return row | ({"times": np.nan} if measure.endswith("_db") else {})


def _difference(one: Values, other: Values, settings: GroupSettings) -> dict[str, object]:
    """How far apart two groups are."""
    names = ("difference", "interval_low", "interval_high", "times", "hedges_g", "p", "exact")
    if min(len(one), len(other)) < _LEAST:
        return dict.fromkeys(names[:-1], np.nan) | {"exact": None}
    times, seed = settings.resamples, settings.seed
    low, high = difference_interval(one, other, resamples=times, seed=seed)
    chance = permutation_chance(one, other, resamples=times, seed=seed)
    # Of what can be below 0 no multiple says anything.
    has_times = min(one.min(), other.min()) >= 0 and one.mean() > 0
    values = (
        float(other.mean() - one.mean()),
        low,
        high,
        float(other.mean() / one.mean()) if has_times else np.nan,
        hedges_g(one, other),
        chance.p,
        chance.exact,
    )
    return dict(zip(names, values, strict=True))


def _values(units: pd.DataFrame, measure: str, group: str) -> Values:
    values = units.loc[units["group"] == group, measure].to_numpy(np.float64)
    return np.asarray(values[np.isfinite(values)])


def _notes(
    recordings: pd.DataFrame, units: pd.DataFrame, table: pd.DataFrame, settings: GroupSettings
) -> tuple[str, ...]:
    return tuple(
        note
        for note in (
            _correction_note(table),
            _power_note(table, settings),
            _missing_note(units, settings),
            _litter_note(recordings, settings),
        )
        if note
    )


def _correction_note(table: pd.DataFrame) -> str:
    tests = int(table["tests"].iloc[0])
    return f"p_holm is corrected for {counted(tests, 'comparison')} (Holm)" if tests > 1 else ""


def _power_note(table: pd.DataFrame, settings: GroupSettings) -> str:
    """Say it where not even the largest difference could be told: no difference means nothing."""
    tested = table[table["p"].notna()]
    sizes = sorted({(int(n), int(m)) for n, m in tested[["n_group", "n_other"]].to_numpy()})
    least = {size: smallest_p(*size, resamples=settings.resamples) for size in sizes}
    hopeless = bool(least) and min(least.values()) * len(tested) >= LEVEL
    for (n, m), p in least.items():
        if hopeless or p >= LEVEL:
            return (
                f"with {n} and {m} {settings.unit}s the smallest p possible is {p:.2g}, "
                f"{min(1.0, p * len(tested)):.2g} where corrected: no difference between them, "
                "however large, could be told; compare fewer measures, or more animals"
            )
    return ""


def _missing_note(units: pd.DataFrame, settings: GroupSettings) -> str:
    """Say it where a measure has fewer animals than another."""
    short = [name for name in settings.compared if units[name].isna().any()]
    if not short:
        return ""
    return (
        f"not every {settings.unit} has {', '.join(short)} (one that is silent has no frequency): "
        "n says how many have"
    )


def _litter_note(recordings: pd.DataFrame, settings: GroupSettings) -> str:
    """Say it where littermates are counted as if they were strangers."""
    if settings.unit == "litter" or "litter" not in recordings:
        return ""
    known = recordings[recordings["litter"].notna() & (recordings["litter"] != "")]
    animals = known.groupby("litter")["subject"].nunique()
    if not (animals > 1).any():
        return ""
    return (
        "some animals are of one litter, and littermates are alike: with groups made of whole "
        "litters compare litters (--unit litter)"
    )
