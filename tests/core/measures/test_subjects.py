"""What is known of recordings."""

from __future__ import annotations

import pandas as pd
import pytest

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.measures.subjects import about_from_names, about_from_table, ordered


def test_names_are_read_by_the_pattern():
    about = about_from_names(["m12_KO_2026-05-01"], "{subject}_{group}_{date}")
    assert about == {"m12_KO_2026-05-01": {"subject": "m12", "group": "KO", "date": "2026-05-01"}}


def test_signs_of_the_pattern_stand_for_themselves():
    about = about_from_names(["ch1 m.12 (KO)"], "ch1 {subject} ({group})")
    assert about["ch1 m.12 (KO)"] == {"subject": "m.12", "group": "KO"}


def test_a_name_that_does_not_fit_is_refused():
    with pytest.raises(InputError, match="m12-KO: does not fit"):
        about_from_names(["m12-KO"], "{subject}_{group}")
    # A part more is none of the group's.
    with pytest.raises(InputError, match="does not fit"):
        about_from_names(["m12_KO_x"], "{subject}_{group}_")


@pytest.mark.parametrize("pattern", ["no braces", "{a}_{a}", "{1}"])
def test_a_pattern_that_names_nothing_or_something_twice_is_refused(pattern):
    with pytest.raises(InputError, match="in braces"):
        about_from_names(["x_y"], pattern)


def test_a_table_is_matched_by_the_name_of_the_recording():
    table = pd.DataFrame({"recording": ["b", "a "], "group": ["KO", "WT"], "litter": ["1", "2"]})
    assert about_from_table(table, ["a"]) == {"a": {"group": "WT", "litter": "2"}}


def test_a_recording_without_a_row_or_with_two_is_refused():
    table = pd.DataFrame({"recording": ["a", "a"], "group": ["KO", "WT"]})
    with pytest.raises(InputError, match="2 rows of a"):
        about_from_table(table, ["a"])
    with pytest.raises(InputError, match="no row of b"):
        about_from_table(table, ["b"])
    with pytest.raises(InputError, match="no column recording"):
        about_from_table(table[["group"]], ["a"])


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["recording", "group", "group"], "2 columns group"),
        (["recording", "recording", "group"], "2 columns recording"),
    ],
)
def test_of_two_columns_of_one_name_neither_is_guessed_to_be_meant(names, said):
    table = pd.DataFrame([["a", "a", "WT"]], columns=names)
    with pytest.raises(InputError, match=said):
        about_from_table(table, ["a"])


def test_what_is_usual_comes_first():
    assert list(ordered({"cage": 1, "sex": "f", "subject": "m1"})) == ["subject", "sex", "cage"]
