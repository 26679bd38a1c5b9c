"""Groups of animals, measure by measure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from synthetic_groups import project

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.groups.comparing import compare_groups
from napari_squeakout.core.groups.settings import GroupSettings
from napari_squeakout.core.measures.summary import summarised

RATE = GroupSettings(compared=("calls_per_min",))


def compared(recordings, **settings):
    return compare_groups(summarised(recordings).recordings, GroupSettings(**settings))


def table(**groups):
    """Rows of a summary: in each group animals of these calls a minute."""
    cells = [(f"{name}{n}", name, v) for name, all_ in groups.items() for n, v in enumerate(all_)]
    rows = pd.DataFrame(cells, columns=["subject", "group", "calls_per_min"])
    return rows.assign(recording=rows["subject"])


def test_a_known_difference_of_two_groups_is_told_by_animals():
    got = compared(project()).differences.set_index("measure")
    assert got["n_group"].tolist() == got["n_other"].tolist() == [6] * 6
    rate, hz = got.loc["calls_per_min"], got.loc["mean_principal_hz"]
    assert rate["times"] == pytest.approx(1.5, abs=0.01)
    assert hz["difference"] == pytest.approx(4_000, abs=500)
    assert hz["interval_low"] < 4_000 < hz["interval_high"]
    assert hz["hedges_g"] > 2
    assert got.index[got["differ"].astype(bool)].tolist()[:1] == ["calls_per_min"]
    assert rate["differ"]
    assert hz["differ"]
    assert rate["exact"]
    others = got.drop(["calls_per_min", "bouts_per_min", "mean_principal_hz"])
    assert not others["differ"].any()


def test_shuffled_groups_do_not_differ():
    assert not compared(project(shuffled=True)).differences["differ"].any()


def test_many_recordings_of_an_animal_prove_no_more_than_one():
    once = table(A=[10, 12, 15], B=[11, 14, 18])
    often = pd.concat([once.assign(recording=once["subject"] + str(n)) for n in range(20)])
    few, many = (compare_groups(rows, RATE).differences.iloc[0] for rows in (once, often))
    assert many[["n_group", "p", "interval_low"]].tolist() == pytest.approx(
        few[["n_group", "p", "interval_low"]].tolist()
    )


def test_differences_are_from_the_reference():
    rows = table(KO=[3, 4], WT=[1, 2], HET=[5, 6])
    settings = RATE.model_copy(update={"reference": "WT"})
    got = compare_groups(rows, settings).differences
    assert got[["group", "other"]].to_numpy().tolist() == [
        ["WT", "HET"], ["WT", "KO"], ["HET", "KO"],
    ]  # fmt: skip
    assert got["difference"].tolist() == [4, 2, -2]
    assert got["tests"].tolist() == [3] * 3


def test_p_of_several_measures_is_corrected_and_it_is_said():
    rows = table(A=[1, 2, 3], B=[4, 5, 6]).assign(vocal_share=[1, 5, 2, 4, 3, 6])
    one = compare_groups(rows, RATE)
    both = compare_groups(rows, GroupSettings(compared=("calls_per_min", "vocal_share")))
    assert both.differences["p"].iloc[0] == one.differences["p"].iloc[0] == pytest.approx(0.1)
    assert both.differences["p_holm"].iloc[0] == pytest.approx(0.2)
    assert "corrected for 2 comparisons" in both.notes[0]
    assert not [note for note in one.notes if "corrected for" in note]


def test_it_is_said_where_no_difference_could_be_told():
    few = compare_groups(table(A=[1, 2, 3], B=[90, 91, 92]), RATE)
    assert any("3 and 3 animals the smallest p possible is 0.1" in note for note in few.notes)
    enough = compare_groups(table(A=[1, 2, 3, 4], B=[90, 91, 92, 93]), RATE)
    assert not enough.notes
    assert enough.differences["differ"].tolist() == [True]


def test_it_is_said_where_an_animal_lacks_a_measure():
    rows = table(A=[1, 2, 3], B=[4, 5, 6]).assign(mean_principal_hz=[7e4, np.nan, np.nan, 7, 8, 9])
    got = compare_groups(rows, GroupSettings(compared=("calls_per_min", "mean_principal_hz")))
    assert got.differences["n_group"].tolist() == [3, 1]
    assert got.differences[["p", "difference", "p_holm", "differ"]].iloc[1].isna().all()
    assert got.differences["tests"].tolist() == [1, 1]
    assert any("not every animal has mean_principal_hz" in note for note in got.notes)


def test_it_is_said_where_littermates_are_counted_as_strangers():
    rows = table(A=[1, 2, 3], B=[4, 5, 6]).assign(litter=list("112345"))
    assert any("--unit litter" in note for note in compare_groups(rows, RATE).notes)
    by_litter = compare_groups(rows, RATE.model_copy(update={"unit": "litter"}))
    assert by_litter.differences[["n_group", "n_other"]].to_numpy().tolist() == [[2, 3]]
    assert not [note for note in by_litter.notes if "--unit litter" in note]


def test_decibels_and_what_goes_below_0_have_no_multiple():
    rows = table(A=[1, 2], B=[4, 5]).assign(mean_snr_db=[1, 2, 3, 4], x=[-1, 2, 3, 4])
    got = compare_groups(rows, GroupSettings(compared=("calls_per_min", "mean_snr_db", "x")))
    assert got.differences["times"].tolist() == pytest.approx([3, np.nan, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("rows", "settings", "said"),
    [
        (table(A=[1, 2]), {}, "all are in the group A"),
        (table(A=[1, 2], B=[3]), {}, "group B: has 1 animal"),
        (table(A=[1, 2], B=[3, 4]), {"reference": "WT"}, "reference WT: is no group"),
        (table(A=[1, 2], B=[3, 4]), {"compared": ()}, "no measure"),
    ],
)
def test_what_is_no_comparison_is_refused(rows, settings, said):
    with pytest.raises(InputError, match=said):
        compare_groups(rows, RATE.model_copy(update=settings))
