"""Tables of calls and of intervals."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
import soundfile

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.measures.catalogue import MEASURES
from napari_squeakout.core.settings import RecordingSettings
from napari_squeakout.io.sources.audio import read_recording
from napari_squeakout.io.tables.calls import (
    read_annotation_of,
    read_calls,
    read_intervals,
    write_calls,
)


def test_calls_are_written_with_a_header_and_sensible_decimals(tmp_path):
    table = pd.DataFrame(
        {
            "call": [1, 2],
            "page": ["a,b", "é"],
            "start_s": np.array([0.1, 1 / 3], np.float32),
            "low_hz": [45166.015625, np.nan],
            "mean_probability": [0.123456, 1.0],
        }
    )
    write_calls(table, tmp_path / "deep" / "calls.csv")
    assert (tmp_path / "deep" / "calls.csv").read_bytes().decode("utf-8") == (
        'call,page,start_s,low_hz,mean_probability\n1,"a,b",0.1,45166.0,0.1235\n2,é,0.333333,,1.0\n'
    )


def test_a_table_without_calls_is_a_header(tmp_path):
    write_calls(pd.DataFrame({"call": [], "start_s": []}), tmp_path / "calls.csv")
    assert (tmp_path / "calls.csv").read_text() == "call,start_s\n"


def test_calls_that_were_written_are_read_as_intervals(tmp_path):
    table = pd.DataFrame({"call": [1], "start_s": [0.25], "end_s": [0.5], "low_hz": [45e3]})
    write_calls(table, tmp_path / "calls.csv")
    np.testing.assert_array_equal(read_intervals(tmp_path / "calls.csv"), [[0.25, 0.5]])


@pytest.mark.parametrize(
    "text",
    [
        "0.5,1.25\n2,3\n",
        '"0,5","1,25"\r\n"2","3"\r\n',
        "0,5;1,25\n2;3\n",
        "0.5\t1.25\n2\t3",
        "\ufeffstart_s,end_s\n0.5,1.25\n\n2,3\n",
        "call,End_s,start_s\n1,1.25,0.5\n2,3,2\n",
    ],
)
def test_intervals_are_read_with_and_without_header_and_in_any_dress(tmp_path, text):
    (tmp_path / "on_off.csv").write_text(text, encoding="utf-8", newline="")
    intervals = read_intervals(tmp_path / "on_off.csv")
    assert intervals.dtype == np.float64
    np.testing.assert_array_equal(intervals, [[0.5, 1.25], [2, 3]])


@pytest.mark.parametrize("text", ["", "\n", "start_s,end_s\n"])
def test_a_table_of_nothing_is_no_intervals(tmp_path, text):
    (tmp_path / "on_off.csv").write_text(text)
    assert read_intervals(tmp_path / "on_off.csv").shape == (0, 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0.5,1\nnoise,2\n", "line 2: no start and end in seconds in 'noise,2'"),
        ("0,0775,0,0811\n", "line 1: has 4 columns and no header: give two"),
        ("from,to\n0,1\n", "line 1: no start and end"),
        ("2,1\n", "line 1: 2 to 1 s is no interval"),
        ("nan,1\n", "line 1: nan to 1 s is no interval"),
        ("start_s,end_s\n1\n", "line 2: no start and end"),
    ],
)
def test_a_line_that_is_no_interval_is_named(tmp_path, text, said):
    (tmp_path / "on_off.csv").write_text(text)
    with pytest.raises(InputError, match=r"on_off\.csv, " + re.escape(said)):
        read_intervals(tmp_path / "on_off.csv")


def test_a_table_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"on_off\.csv: there is no such file"):
        read_intervals(tmp_path / "on_off.csv")


def test_a_picture_is_no_table(tmp_path):
    (tmp_path / "on_off.csv").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    with pytest.raises(InputError, match="is no text table: export the intervals as CSV"):
        read_intervals(tmp_path / "on_off.csv")


def test_real_annotations_are_read(shared):
    real = shared / "data" / "amvoc"
    counts = [len(read_intervals(real / f"{n}" / f"gt_{n}.csv")) for n in range(1, 5)]
    assert counts == [16, 44, 36, 21]
    for path in real.glob("*/*.csv"):
        assert read_intervals(path).max() < 7


def test_a_column_that_is_called_like_a_formula_stays_text(tmp_path):
    write_calls(pd.DataFrame({"start_s": [1.0], "=1+1": ["=2"]}), tmp_path / "calls.csv")
    assert (tmp_path / "calls.csv").read_text() == "start_s,'=1+1\n1.0,'=2\n"


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A1", "+1", "-2", "@SUM(1)", "\tx", "\uff1d1"])
def test_a_name_that_a_spreadsheet_would_run_gets_an_apostrophe(tmp_path, name):
    write_calls(pd.DataFrame({"image": [name, "a=b"], "start_px": [-1.0, 2.0]}), tmp_path / "a.csv")
    again = pd.read_csv(tmp_path / "a.csv")
    assert again["image"].tolist() == [f"'{name}", "a=b"]
    assert again["start_px"].tolist() == [-1.0, 2.0]


def test_a_name_that_would_act_on_a_terminal_is_spelt_out(tmp_path):
    write_calls(pd.DataFrame({"image": ["\x1b[31mred", "=\x07"]}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().splitlines() == ["image", r"\x1b[31mred", r"'=\x07"]


def test_a_name_that_is_no_utf_8_is_written_so_that_it_can_be_read(tmp_path):
    write_calls(pd.DataFrame({"image": ["m\udce4use"]}), tmp_path / "a.csv")
    assert pd.read_csv(tmp_path / "a.csv")["image"].tolist() == ["m\\udce4use"]


def slowed(tmp_path, table):
    """A recording of 6 s that plays ten times slower, and a table."""
    soundfile.write(tmp_path / "rec.wav", np.full(1_500_000, 0.1), 25_000)
    (tmp_path / "calls.csv").write_text(table)
    recording = read_recording(tmp_path / "rec.wav", RecordingSettings(time_expansion=10))
    return recording, tmp_path / "calls.csv"


def test_a_table_of_the_slowed_sound_is_refused_where_its_frequencies_tell(tmp_path):
    table = "start_s,end_s,low_hz,high_hz\n1.0,1.5,6000,7000\n5.0,5.4,6500,7000\n"
    with pytest.raises(InputError, match=r"slowed down 10 times: divide its times by 10"):
        read_annotation_of(*slowed(tmp_path, table))


@pytest.mark.parametrize(
    "table",
    ["start_s,end_s\n1.0,1.05\n", "start_s,end_s,low_hz,high_hz\n1.0,1.05,60000,70000\n"],
)
def test_beside_a_slowed_recording_the_times_of_a_table_are_told_to_be_real(tmp_path, table):
    noted = read_annotation_of(*slowed(tmp_path, table))
    assert noted.intervals_s.tolist() == [[1.0, 1.05]]
    assert "taken for those of the real sound" in noted.notes[-1]
    assert "divide them by 10" in noted.notes[-1]


# --- our own tables, read back ------------------------------------------------------------------


def own_table(**changes):
    return pd.DataFrame(
        {
            "call": [1, 2],
            "page": [0, 3],
            "start_s": [0.25, 2.0],
            "end_s": [0.5, 2.5],
            "low_hz": [45_000.5, np.nan],
            "area_px": [90, 400],
            "image": ["001", "NA"],
        }
    ).assign(**changes)


@pytest.mark.parametrize("names", [["001", "NA"], ["=a", "'b"], ["", "1e5"], ["a\nb", 'x"y,z']])
def test_a_table_of_ours_comes_back_whatever_its_images_are_called(tmp_path, names):
    table = own_table(image=names)
    write_calls(table, tmp_path / "calls.csv")
    pd.testing.assert_frame_equal(read_calls(tmp_path / "calls.csv"), table)


def test_a_long_number_that_somebody_added_is_a_name_and_keeps_its_digits(tmp_path):
    path = tmp_path / "calls.csv"
    path.write_text("call,page,start_s,end_s,animal\n1,0,0,1,98765432109876543210\n")
    assert read_calls(path)["animal"].tolist() == ["98765432109876543210"]


@pytest.mark.parametrize(
    "cells", [["007", "010"], ["1.50", ""], ["-2", "+3.0"], ["1e3", "n/a"], ["0x1f", "-1.5e-3"]]
)
@pytest.mark.parametrize("name", ["animal", "delay_s", "level_db", "n"])
def test_what_somebody_added_comes_back_and_is_written_as_it_stands(tmp_path, name, cells):
    path = tmp_path / "calls.csv"
    rows = [f"{n},0,{n}.0,{n}.5,{cell}\n" for n, cell in enumerate(cells, start=1)]
    path.write_text(f"call,page,start_s,end_s,{name}\n{''.join(rows)}")
    table = read_calls(path)
    assert table[name].tolist() == cells
    write_calls(table, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_text() == path.read_text()


def test_whatever_is_measured_comes_back_as_numbers(tmp_path):
    measured = {one.name: [2.0, np.nan] for one in MEASURES}
    counts = {one.name: [2, 3] for one in MEASURES if one.is_count}
    table = own_table(**{**measured, **counts, "class": ["short", ""]})
    write_calls(table, tmp_path / "calls.csv")
    pd.testing.assert_frame_equal(read_calls(tmp_path / "calls.csv"), table)


def test_a_table_of_ours_without_calls_comes_back(tmp_path):
    write_calls(own_table().iloc[:0], tmp_path / "calls.csv")
    again = read_calls(tmp_path / "calls.csv")
    assert list(again.columns) == list(own_table().columns)
    assert len(again) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "lacks columns that each of our tables has"),
        ("call,page,start_s,end_s\n1,0,x,1\n", "line 2: 'x' is no start_s"),
        ("call,page,start_s,end_s\n1,0,0,1\n1.5,0,2,3\n", "line 3: '1.5' is no call"),
        ("call,page,start_s,end_s\n,0,0,1\n", "line 2: '' is no call"),
        ("call,page,start_s,end_s\n1e30,0,0,1\n", "line 2: '1e30' is no call"),
        ("call,page,start_s,end_s,tonality\n1,0,0,1,high\n", "line 2: 'high' is no tonality"),
        ("call,page,start_s,end_s,area_px\n1,0,0,1," + "9" * 400 + "\n", "is no area_px"),
        ("call,page,start_s,end_s\n1,0,0,1,9\n2,0,3,4,9\n", "is no table of calls"),
        ("call,page,start_s,end_s\n1,0,0,1,9,9,9\n", "is no table of calls"),
        ("call;page;start_s;end_s\n1;0;0;1\n", "lacks columns"),
        ('call,page,start_s,end_s\n1,0,"0,1\n', "is no table of calls"),
        ("", "is empty"),
    ],
)
def test_what_is_no_table_of_ours_is_refused_in_a_sentence(tmp_path, text, said):
    (tmp_path / "calls.csv").write_text(text)
    with pytest.raises(InputError, match=said):
        read_calls(tmp_path / "calls.csv")
