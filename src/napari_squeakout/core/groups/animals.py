"""Recordings in rows -> a row an animal, or a litter: what a comparison counts as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from napari_squeakout.core.errors import InputError

_KNOWN = ("subject", "group")
# What an animal has one of; age and condition may change from recording to recording.
_ONE_OF = ("group", "litter", "sex")
_REMEDY = "state it in the table of --subjects, or have --names read it"


def units_of(
    recordings: pd.DataFrame, measures: Sequence[str], unit: Literal["animal", "litter"] = "animal"
) -> pd.DataFrame:
    """A row an animal: the mean of its recordings, each of the same weight; or a row a litter.

    Parameters
    ----------
    recordings : DataFrame
        Rows of a summary, with what is known of them: subject and group, for litters litter too.
    measures : sequence of str
        Its columns that are wanted.
    unit : {"animal", "litter"}
        A litter is the mean of its animals, each of the same weight.

    Returns
    -------
    DataFrame
        `animal` or `litter`, `group`, of litters `animals`, then `recordings` and the measures; nan
        where none of its recordings tells.

    Raises
    ------
    InputError
        If a recording has no subject or no group, an animal has two groups, litters or sexes, a
        litter animals of two groups, or a measure is none.
    """
    known = [*_KNOWN, *(["litter"] if unit == "litter" else [])]
    values = _numbers(recordings, measures)
    about = _about(recordings, known)
    _check_one_of_each(about)
    rows = pd.concat([about, values], axis=1)
    animals = _means(rows, "subject", measures).rename(columns={"subject": "animal"})
    if unit == "animal":
        return animals[["animal", "group", *_if_there(animals), "recordings", *measures]]
    _check_litters(animals)
    litters = _means(animals, "litter", measures, counted="animals")
    summed = animals.groupby("litter", sort=False)["recordings"].sum()
    litters["recordings"] = litters["litter"].map(summed)
    return litters[["litter", "group", "animals", "recordings", *measures]]


def _if_there(animals: pd.DataFrame) -> list[str]:
    return [name for name in ("litter", "sex") if name in animals]


def _numbers(recordings: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """The measures as numbers; infinities are not known either."""
    wrong = [name for name in measures if name not in recordings]
    if wrong:
        msg = (
            f"{', '.join(wrong)}: is no column of the summary: compare columns that `squeakout "
            "summarise` writes, such as calls_per_min"
        )
        raise InputError(msg)
    twice = sorted({name for name in measures if list(measures).count(name) > 1})
    if twice:
        msg = f"{', '.join(twice)}: is to be compared twice: name each measure once"
        raise InputError(msg)
    try:
        numbers = recordings[list(measures)].astype("Float64").astype(np.float64)
    except (ValueError, TypeError) as error:
        msg = f"{', '.join(measures)}: one of these is no number in the summary: leave it out"
        raise InputError(msg) from error
    return numbers.where(np.isfinite(numbers))


def _about(recordings: pd.DataFrame, known: Sequence[str]) -> pd.DataFrame:
    """What is known of each recording as text, with nothing missing that is needed."""
    if not len(recordings):
        msg = "no recording is given: name at least two of each group"
        raise InputError(msg)
    about = pd.DataFrame(index=recordings.index)
    for name in dict.fromkeys([*known, *(one for one in _ONE_OF if one in recordings)]):
        cells = recordings[name] if name in recordings else [None] * len(recordings)
        about[name] = ["" if pd.isna(cell) else str(cell).strip() for cell in cells]
        empty = [text == "" for text in about[name]]
        if name in known and any(empty):
            which = recordings["recording"][empty].iloc[0]
            msg = f"{which}: its {name} is not known: {_REMEDY}"
            raise InputError(msg)
    return about


def _check_one_of_each(about: pd.DataFrame) -> None:
    """Refuse an animal that has two of what each has one of: two pups may both be called 1."""
    for name in (one for one in _ONE_OF if one in about):
        for subject, values in about.groupby("subject", sort=False)[name]:
            several = sorted(set(values))
            if len(several) > 1:
                shown = " and ".join(repr(one) for one in several)
                msg = (
                    f"subject {subject}: has {name} {shown}: give each animal a name of its own "
                    f"and one {name}"
                )
                raise InputError(msg)


def _check_litters(animals: pd.DataFrame) -> None:
    for litter, groups in animals.groupby("litter", sort=False)["group"]:
        several = sorted(set(groups))
        if len(several) > 1:
            msg = (
                f"litter {litter}: has animals of {' and '.join(several)}, so it is in no one "
                "group: compare animals (--unit animal)"
            )
            raise InputError(msg)


def _means(
    rows: pd.DataFrame, by: str, measures: Sequence[str], *, counted: str = "recordings"
) -> pd.DataFrame:
    """A row for each value of a column, in the order in which they come."""
    grouped = rows.groupby(by, sort=False)
    said = [name for name in ("group", "litter", "sex") if name in rows and name != by]
    table = pd.concat(
        [grouped[said].first(), grouped.size().rename(counted), grouped[list(measures)].mean()],
        axis=1,
    )
    return table.reset_index()
