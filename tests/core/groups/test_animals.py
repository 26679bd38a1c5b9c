"""What a comparison counts as one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.groups.animals import units_of

RATE = ["calls_per_min"]


def rows(*cells, columns=("subject", "group", "litter", "calls_per_min")):
    table = pd.DataFrame(cells, columns=list(columns))
    return table.assign(recording=[f"r{place}" for place in range(len(table))])


def test_an_animal_with_many_recordings_counts_once():
    table = units_of(rows(("a", "KO", "1", 10), ("b", "WT", "2", 5), ("a", "KO", "1", 20)), RATE)
    assert table["animal"].tolist() == ["a", "b"]
    assert table["recordings"].tolist() == [2, 1]
    assert table["calls_per_min"].tolist() == [15, 5]
    assert table["litter"].tolist() == ["1", "2"]


def test_a_litter_is_the_mean_of_its_animals_not_of_their_recordings():
    cells = [("a", "KO", "1", 10), ("a", "KO", "1", 20), ("b", "KO", "1", 45), ("c", "WT", "2", 1)]
    table = units_of(rows(*cells), RATE, "litter")
    assert table["litter"].tolist() == ["1", "2"]
    assert table[["animals", "recordings"]].to_numpy().tolist() == [[2, 3], [1, 1]]
    assert table["calls_per_min"].tolist() == [30, 1]


def test_a_recording_that_tells_nothing_costs_its_animal_nothing():
    hz = ["mean_principal_hz"]
    cells = [("a", "KO", np.nan), ("a", "KO", 70e3), ("b", "WT", np.nan)]
    table = units_of(rows(*cells, columns=("subject", "group", *hz)), hz)
    assert table["mean_principal_hz"].tolist() == pytest.approx([70e3, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("cells", "unit", "said"),
    [
        ([("a", "KO", "1", 1), ("", "WT", "2", 2)], "animal", "r1: its subject is not known"),
        ([("a", "KO", "1", 1), ("b", None, "2", 2)], "animal", "r1: its group is not known"),
        ([("a", "KO", "1", 1), ("b", "WT", np.nan, 2)], "litter", "r1: its litter is not known"),
        ([("a", "KO", "1", 1), ("a ", "WT", "1", 2)], "animal", "subject a: has group 'KO' and"),
        ([("1", "KO", "A", 1), ("1", "KO", "B", 2)], "animal", "subject 1: has litter 'A' and"),
        ([("a", "KO", "1", 1), ("b", "WT", "1", 2)], "litter", "litter 1: has animals of KO"),
        ([], "animal", "no recording"),
    ],
)  # fmt: skip
def test_who_is_who_is_never_guessed(cells, unit, said):
    with pytest.raises(InputError, match=said):
        units_of(rows(*cells), RATE, unit)


@pytest.mark.parametrize(
    ("measures", "said"),
    [
        (["calls_per_hour"], "calls_per_hour: is no column"),
        (["calls_per_min"] * 2, "to be compared twice"),
        (["group"], "is no number"),
    ],
)
def test_what_is_no_measure_is_refused(measures, said):
    with pytest.raises(InputError, match=said):
        units_of(rows(("a", "KO", "1", 1)), measures)
