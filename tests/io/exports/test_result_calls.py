"""A result gives its calls with what was measured of them, if that is of these calls."""

from __future__ import annotations

import pandas as pd
import pytest
from kept import images_in, recording_in, result_of

from napari_squeakout.io.exports.result_findings import findings_of_result


@pytest.fixture
def result(tmp_path):
    return result_of(recording_in(tmp_path / "in"), tmp_path / "results", measures=True)


def changed(folder, name, change):
    table = pd.read_csv(folder / name)
    change(table).to_csv(folder / name, index=False)


def test_measures_stand_behind_the_columns_of_the_table(result):
    found = findings_of_result(result)
    assert list(found.calls) == list(pd.read_csv(result / "calls_measures.csv"))
    assert found.notes == ()


def test_measures_of_images_are_read_too(tmp_path):
    folder = result_of(images_in(tmp_path / "in" / "p"), tmp_path / "results", measures=True)
    found = findings_of_result(folder)
    assert set(found.calls) == set(pd.read_csv(folder / "calls_measures.csv"))
    assert found.notes == ()


def test_what_somebody_added_to_the_calls_stands_beside_what_was_measured(result):
    own = {"animal": "007", "class": "mine"}
    changed(result, "calls.csv", lambda table: table.assign(**own))
    calls = findings_of_result(result).calls
    assert calls[list(own)].to_dict("records") == [own, own]
    measured = pd.read_csv(result / "calls_measures.csv")
    assert calls["principal_hz"].tolist() == measured["principal_hz"].tolist()


@pytest.mark.parametrize(
    "change",
    [lambda table: table[1:], lambda table: table[::-1], lambda table: table.assign(low_hz=5e4)],
    ids=["fewer", "in another order", "of other frequencies"],
)
def test_measures_of_other_calls_than_those_of_the_table_are_left_out(result, change):
    changed(result, "calls.csv", change)
    found = findings_of_result(result)
    assert "class" not in found.calls
    assert found.notes[-1].startswith("calls_measures.csv is not of the calls in calls.csv")


def test_measures_that_were_changed_are_left_out(result):
    changed(result, "calls_measures.csv", lambda table: table.assign(tonality=0.5))
    found = findings_of_result(result)
    assert "tonality" not in found.calls
    [note] = found.notes
    assert note.startswith("calls_measures.csv has been changed since it was written: left out")
