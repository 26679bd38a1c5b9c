"""Calls as other programs' tables: what goes out comes back in through our own reader."""

from __future__ import annotations

import csv
from typing import get_args

import numpy as np
import openpyxl
import pandas as pd
import pytest
from plain_xlsx import plain_rows

from napari_squeakout.core.detection.calls import PIXEL_COLUMNS, SCALED_COLUMNS
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.export.forms import Program
from napari_squeakout.io.tables.annotations import read_annotation
from napari_squeakout.io.tables.calls import write_calls
from napari_squeakout.io.tables.writing import write_frame, write_rows
from napari_squeakout.io.tables.written_forms import Heard, table_for

PROGRAMS = get_args(Program)
NAMED = {"raven": "Raven", "audacity": "Audacity", "deepsqueak": "DeepSqueak",
         "vocalmat": "VocalMat"}  # fmt: skip
HEARD = Heard("mouse 7.wav", 2)
FORMULA = "=cmd|' C calc'!A0.wav"


def calls_at(*times, **more):
    """A table of calls from onset and offset of each."""
    start_s, end_s = np.array(times, np.float64).reshape(-1, 2).T
    n = len(start_s)
    rng = np.random.default_rng(3)
    low_hz = 45_166 + rng.uniform(0, 30_000, n)
    high_hz = low_hz + rng.uniform(500, 20_000, n)
    values = [
        np.arange(n) + 1, np.zeros(n, int), start_s, end_s, end_s - start_s, low_hz, high_hz,
        high_hz - low_hz, (low_hz + high_hz) / 2, np.full(n, 99), rng.uniform(0.5, 1, n),
        np.ones(n),
    ]  # fmt: skip
    return pd.DataFrame(dict(zip(SCALED_COLUMNS, values, strict=True))).assign(**more)


def many_calls():
    rng = np.random.default_rng(1)
    start_s = np.sort(rng.uniform(0, 3600, 300))
    return calls_at(*zip(start_s, start_s + rng.uniform(0.003, 0.2, 300), strict=True))


def written(program, calls, tmp_path, heard=HEARD):
    table = table_for(program, calls, heard)
    path = tmp_path / f"table{table.ending}"
    write_rows(table, path)
    return path


def cells_of(path):
    """All cells of a table, whatever kind of file it is; what openpyxl takes them for."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        found = [[(c.value, c.data_type) for c in row] for row in book.worksheets[0].rows]
        book.close()
        return found
    lines = path.read_text(encoding="utf-8").splitlines()
    return [[(cell, "s") for cell in line.split("\t")] for line in lines]


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_call_comes_back_to_a_microsecond_and_a_tenth_of_a_hertz(program, tmp_path):
    calls = many_calls()
    noted = read_annotation(written(program, calls, tmp_path), of="mouse 7.wav")
    assert noted.program == NAMED[program]
    assert noted.notes == ()
    np.testing.assert_allclose(
        noted.intervals_s, calls[["start_s", "end_s"]].to_numpy(), rtol=0, atol=1e-6
    )
    np.testing.assert_allclose(noted.low_hz, calls["low_hz"], rtol=0, atol=0.1)
    np.testing.assert_allclose(noted.high_hz, calls["high_hz"], rtol=0, atol=0.1)


# What the columns are called, and how many hertz its numbers are of.
READ_AS = {
    "raven": (("Begin Time (s)", "End Time (s)", "Low Freq (Hz)", "High Freq (Hz)"), 1),
    "deepsqueak": (("Begin Time (s)", "End Time (s)", "Low Freq (kHz)", "High Freq (kHz)"), 1e3),
    "vocalmat": (("Start_time", "End_time", "min_freq_total", "max_freq_total"), 1),
    "csv": (("start_s", "end_s", "low_hz", "high_hz"), 1),
}


def as_another_reads(program, path):
    """(calls, 4) onset, offset, low and high, without anything of ours, pandas or openpyxl."""
    if program == "audacity":
        lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
        pairs = zip(lines[::2], lines[1::2], strict=True)
        return [[float(cell) for cell in (*at[:2], *hz[1:3])] for at, hz in pairs]
    if path.suffix == ".xlsx":
        header, *rows = plain_rows(path)
    else:
        with path.open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file, delimiter="," if program == "csv" else "\t")
    names, hertz = READ_AS[program]
    places = [header.index(name) for name in names]
    found = np.array([[float(row[place]) for place in places] for row in rows])
    return found * (1, 1, hertz, hertz)


@pytest.mark.parametrize("program", [*PROGRAMS, "csv"])
def test_an_independent_reader_finds_every_call_with_the_same_numbers(program, tmp_path):
    calls = many_calls()
    if program == "csv":
        path = tmp_path / "m.csv"
        write_calls(calls, path)
    else:
        path = written(program, calls, tmp_path)
    found = np.array(as_another_reads(program, path))
    wanted = calls[["start_s", "end_s", "low_hz", "high_hz"]].to_numpy()
    assert found.shape == (300, 4)
    np.testing.assert_allclose(found[:, :2], wanted[:, :2], rtol=0, atol=1e-6)
    np.testing.assert_allclose(found[:, 2:], wanted[:, 2:], rtol=0, atol=0.1)


def test_names_of_inputs_models_and_images_are_text_in_tables_of_any_kind(tmp_path):
    names = ["=cmd|' /C calc'!A0.wav", "@b", "-2", "plain", None]
    table = pd.DataFrame({"input": names, "=note": "+1", "dice": [0.1, -0.25, 1e-7, 2, np.nan]})
    write_frame(table.assign(pages=pd.array([1, 2, None, 4, 5], "Int64")), tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert header == ["input", "'=note", "dice", "pages"]
    assert [row[0] for row in rows] == [f"'{name}" for name in names[:3]] + ["plain", ""]
    assert {row[1] for row in rows} == {"'+1"}
    assert [row[2] for row in rows] == ["0.1", "-0.25", "1e-07", "2.0", ""]
    assert [row[3] for row in rows] == ["1", "2", "", "4", "5"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_calls_come_back_as_no_calls(program, tmp_path):
    path = written(program, calls_at(), tmp_path)
    noted = read_annotation(path)
    assert (noted.n_calls, noted.notes) == (0, ())


@pytest.mark.parametrize("program", PROGRAMS)
def test_classes_come_back_as_they_are_called(program, tmp_path):
    calls = calls_at((0.1, 0.2), (0.3, 0.4), (0.5, 0.6), **{"class": ["flat", "äö 鼠", np.nan]})
    noted = read_annotation(written(program, calls, tmp_path))
    unnamed = "USV" if program == "deepsqueak" else ""
    assert noted.labels == ("flat", "äö 鼠", unnamed)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("text", [FORMULA, "+1", "-2", "@SUM(1)", "\uff1d1", "\tx", "#N/A"])
def test_no_text_is_run_by_a_spreadsheet(program, text, tmp_path):
    calls = calls_at((0.1, 0.2), **{"class": [text]})
    for row in cells_of(written(program, calls, tmp_path, Heard(text))):
        for cell, kind in row:
            assert kind in {"s", "n"}
            assert not str(cell).startswith(("=", "+", "-", "@", "\uff1d", "\t")), cell


@pytest.mark.parametrize("program", ["raven", "deepsqueak"])
def test_a_recording_named_like_a_formula_is_known_by_its_name(program, tmp_path):
    path = written(program, calls_at((0.1, 0.2)), tmp_path, Heard(FORMULA))
    assert read_annotation(path, of=f"/data/{FORMULA}").notes == ()


@pytest.mark.parametrize("program", ["raven", "audacity"])
def test_a_tab_or_line_end_in_a_name_makes_no_cell_and_no_line(program, tmp_path):
    calls = calls_at((0.1, 0.2), (0.3, 0.4), **{"class": ["a\tb", "c\nd"]})
    noted = read_annotation(written(program, calls, tmp_path, Heard("x\ty\nz.wav")))
    assert noted.labels == (r"a\tb", r"c\nd")


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_frequency_that_is_not_known_costs_no_call(program, value, tmp_path):
    calls = calls_at((0.1, 0.2), (0.3, 0.4))
    calls.loc[0, ["low_hz", "bandwidth_hz"]] = value
    path = written(program, calls, tmp_path)
    noted = read_annotation(path)
    assert noted.n_calls == 2
    assert np.isnan(noted.low_hz[0])
    assert noted.high_hz[0] == pytest.approx(calls["high_hz"][0], abs=0.1)
    assert not {"nan", "inf", "-inf"} & {str(cell) for row in cells_of(path) for cell, _ in row}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_call_without_an_onset_does_not_stop_the_others(program, tmp_path):
    calls = calls_at((0.1, 0.2), (0.3, 0.4), (0.5, 0.6))
    calls.loc[1, "start_s"] = np.nan
    table = table_for(program, calls, HEARD)
    write_rows(table, tmp_path / f"t{table.ending}")
    noted = read_annotation(tmp_path / f"t{table.ending}")
    np.testing.assert_allclose(noted.intervals_s, [[0.1, 0.2], [0.5, 0.6]], atol=1e-9)
    assert bool(table.notes) is (program == "audacity")


@pytest.mark.parametrize("program", PROGRAMS)
def test_calls_in_pixels_have_no_such_table(program):
    pixels = pd.DataFrame({name: [1] for name in PIXEL_COLUMNS})
    with pytest.raises(InputError, match=f"not in seconds, so there is no {program} table"):
        table_for(program, pixels, HEARD)


@pytest.mark.parametrize("program", PROGRAMS)
def test_times_of_independent_images_are_not_mixed_in_one_table(program):
    with pytest.raises(InputError, match="each image has its own"):
        table_for(program, calls_at((0.1, 0.2), image=["a"]), HEARD)


def test_a_raven_table_names_file_channel_and_the_time_in_the_file(tmp_path):
    path = written("raven", calls_at((1.5, 1.75), (0.25, 0.5)), tmp_path)
    table = pd.read_csv(path, sep="\t")
    assert list(table.columns) == [
        "Selection", "View", "Channel", "Begin Time (s)", "End Time (s)", "Low Freq (Hz)",
        "High Freq (Hz)", "Begin File", "File Offset (s)", "Annotation",
    ]  # fmt: skip
    assert table["Selection"].tolist() == [2, 1]
    assert table["Channel"].tolist() == [2, 2]
    assert table["Begin File"].tolist() == ["mouse 7.wav"] * 2
    assert table["File Offset (s)"].tolist() == table["Begin Time (s)"].tolist() == [0.25, 1.5]


def test_raven_tables_of_several_recordings_put_together_are_told_apart(tmp_path):
    """As Raven saves them: times count from the start of the first file, File Offset from its own.

    pandas puts them together, which knows nothing of either.
    """
    times = {"a.wav": [(0.5, 0.6), (70.25, 70.5)], "#1.wav": [(0.5, 0.75)]}
    tables = []
    for name, of_file in times.items():
        path = written("raven", calls_at(*of_file), tmp_path, Heard(name))
        tables.append(pd.read_csv(path, sep="\t"))
    tables[1][["Begin Time (s)", "End Time (s)"]] += 100
    path = tmp_path / "both.txt"
    pd.concat(tables).to_csv(path, sep="\t", index=False)
    for name, of_file in times.items():
        noted = read_annotation(path, of=name)
        np.testing.assert_allclose(noted.intervals_s, of_file, rtol=0, atol=1e-6)
    with pytest.raises(InputError, match="has calls of 2 files"):
        read_annotation(path)


def test_an_audacity_track_has_a_line_of_frequencies_below_each_label(tmp_path):
    calls = calls_at((0.1, 0.2), **{"class": ["flat"]}).assign(low_hz=50_000.0, high_hz=np.nan)
    path = written("audacity", calls, tmp_path)
    assert path.read_text() == "0.1\t0.2\tflat\n\\\t50000.0\t-1\n"


@pytest.mark.parametrize(
    ("program", "first", "last", "n"),
    [("deepsqueak", "File", "Peak Freq (kHz)", 18), ("vocalmat", "Names_vocal", "Noisy", 21)],
)
def test_a_workbook_has_the_columns_that_its_program_has(program, first, last, n, tmp_path):
    table = pd.read_excel(written(program, many_calls(), tmp_path))
    assert (table.columns[0], table.columns[-1], len(table.columns)) == (first, last, n)
    assert len(table) == 300


def test_vocalmat_intervals_are_from_the_end_of_one_call_to_the_next(tmp_path):
    path = written("vocalmat", calls_at((0.1, 0.2), (0.5, 0.6)), tmp_path)
    intervals = pd.read_excel(path)["Inter_vocal_interval"]
    assert np.isnan(intervals[0])
    assert intervals[1] == pytest.approx(0.3)


def test_measures_that_a_table_has_are_written_where_the_program_has_them(tmp_path):
    calls = calls_at((0.1, 0.2)).assign(peak_hz=61_500.0, mean_power_db=-20.0)
    table = pd.read_excel(written("deepsqueak", calls, tmp_path))
    assert table["Peak Freq (kHz)"].tolist() == [61.5]
    assert table["Mean Power (dB/Hz)"].isna().all()


@pytest.mark.parametrize("start_s", [1e-5, 2e-9, 123_456.000001])
def test_no_number_in_a_text_table_has_an_exponent(start_s, tmp_path):
    path = written("raven", calls_at((start_s, start_s + 0.1)), tmp_path)
    assert "e-" not in path.read_text().splitlines()[1]
    assert read_annotation(path).intervals_s[0, 0] == pytest.approx(start_s, abs=1e-8)


def test_more_calls_than_a_workbook_has_rows_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("napari_squeakout.io.tables.writing._MOST_ROWS", 2)
    with pytest.raises(InputError, match="2 calls are more than a workbook has rows"):
        written("vocalmat", calls_at((0.1, 0.2), (0.3, 0.4)), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_silence_before_a_call_is_counted_from_the_last_end_and_none_where_calls_overlap():
    calls = calls_at((0.0, 1.0), (0.2, 0.3), (0.5, 0.6), (1.5, 1.6))
    header, *rows = table_for("vocalmat", calls, HEARD).rows
    for name in ("Inter_vocal_interval", "Inter_real_vocal_interval"):
        assert [row[header.index(name)] for row in rows] == [None, None, None, 0.5]


def test_after_a_call_without_an_end_the_silence_is_not_known():
    calls = calls_at((0.0, 0.1), (0.2, np.nan), (0.5, 0.6))
    header, *rows = table_for("vocalmat", calls, HEARD).rows
    assert [row[header.index("Inter_vocal_interval")] for row in rows] == [None, 0.1, None]
