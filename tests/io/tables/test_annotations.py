"""Tables of calls, written here as each program writes them."""

from __future__ import annotations

import datetime
import re
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_squeakout.core.errors import InputError
from napari_squeakout.io.tables.annotations import read_annotation
from napari_squeakout.io.tables.calls import read_intervals, write_calls

NAN = float("nan")

RAVEN = (
    "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)"
    "\tAvg Power Density (dB FS/Hz)\t{label}\n"
)
DEEPSQUEAK = [
    "File", "ID", "Label", "Accepted", "Score", "Begin Time (s)", "End Time (s)",
    "Call Length (s)", "Principal Frequency (kHz)", "Low Freq (kHz)", "High Freq (kHz)",
    "Delta Freq (kHz)", "Frequency Standard Deviation (kHz)", "Slope (kHz/s)", "Sinuosity",
    "Mean Power (dB/Hz)", "Tonality", "Peak Freq (kHz)",
]  # fmt: skip
VOCALMAT = [
    "Names_vocal", "Start_time", "End_time", "Inter_vocal_interval", "Inter_real_vocal_interval",
    "Duration", "min_freq_main", "max_freq_main", "mean_freq_main", "Bandwidth", "min_freq_total",
    "max_freq_total", "mean_freq_total", "min_intens_total", "max_intens_total",
    "corrected_max_intens_total", "Background_intens", "mean_intens_total", "Class", "Harmonic",
    "Noisy",
]  # fmt: skip


def save(path, content, encoding="utf-8"):
    path.write_bytes(content.encode(encoding))
    return path


def save_workbook(path, rows, *, before=0):
    """A workbook with some empty sheets before that of the rows."""
    book = openpyxl.Workbook()
    for _ in range(before):
        book.create_sheet()
    for row in rows:
        book.worksheets[-1].append(row)
    book.save(path)
    return path


def deepsqueak_row(call, accepted, start_s, end_s, low_khz, high_khz, label="USV"):
    values = ["rec.wav", call, label, accepted, 0.9, start_s, end_s, end_s - start_s, 60.0]
    return [*values, low_khz, high_khz, high_khz - low_khz, 2.0, 1.5, 1.2, -80.0, 0.5, 61.0]


def vocalmat_row(call, start_s, end_s, kind, low_hz=51757.8125, high_hz=57250.9765625):
    values = [call, start_s, end_s, None, None, end_s - start_s, low_hz, high_hz, 54e3, 5e3]
    return [*values, low_hz - 800, high_hz, 54e3, -95.0, -70.0, 28.0, -98.0, -83.0, kind, 0, 0]


def has(noted, *rows):
    """Whether these are the calls: onset, offset, low, high, label."""
    parts = zip(noted.intervals_s, noted.low_hz, noted.high_hz, noted.labels, strict=True)
    seen = [(*interval, low, high) for interval, low, high, _ in parts]
    np.testing.assert_allclose(seen, [row[:4] for row in rows], rtol=1e-12)
    assert noted.labels == tuple(row[4] for row in rows)
    return True


# --- programs -----------------------------------------------------------------------------------


def test_two_columns_are_onsets_and_offsets(tmp_path):
    noted = read_annotation(save(tmp_path / "gt_1.csv", "2,3\n0.5,1.25\n"))
    assert has(noted, (0.5, 1.25, NAN, NAN, ""), (2, 3, NAN, NAN, ""))
    assert (noted.source, noted.program, noted.notes) == ("gt_1.csv", "", ())


def test_our_own_calls_are_read_with_their_frequencies(tmp_path):
    table = pd.DataFrame(
        {
            "call": [1, 2],
            "page": [0, 0],
            "start_s": [0.01, 0.1],
            "end_s": [0.05, 0.2],
            "duration_s": [0.04, 0.1],
            "low_hz": [45e3, 60e3],
            "high_hz": [55e3, np.nan],
        }
    )
    write_calls(table, tmp_path / "calls.csv")
    noted = read_annotation(tmp_path / "calls.csv")
    assert has(noted, (0.01, 0.05, 45e3, 55e3, ""), (0.1, 0.2, 60e3, NAN, ""))
    assert noted.program == "napari-squeakout"


@pytest.mark.parametrize("name", ["Annotation", "Tags", "Call Type", "usv_class", "LABEL"])
def test_a_raven_selection_counts_once_whatever_its_views_and_label_column(tmp_path, name):
    rows = (
        "1\tWaveform 1\t1\t6.71\t15.09\t1739.012\t3798.813\t\tup\n"
        "1\tSpectrogram 1\t1\t6.71\t15.09\t1739.012\t3798.813\t-75.87\tup\n"
        '2\tWaveform 1\t1\t29.38\t40.25\t1587.060\t4136.485\t\t"step; down, 2\n'
        '2\tSpectrogram 1\t1\t29.38\t40.25\t1587.060\t4136.485\t-75.64\t"step; down, 2\n'
        "3\tSpectrogram 1\t1\t41\t42\t1587.060\t4136.485\t-75.64\t\n"
    )
    noted = read_annotation(save(tmp_path / "x.txt", RAVEN.format(label=name) + rows))
    assert has(
        noted,
        (6.71, 15.09, 1739.012, 3798.813, "up"),
        (29.38, 40.25, 1587.06, 4136.485, '"step; down, 2'),
        (41, 42, 1587.06, 4136.485, ""),
    )
    assert noted.program == "Raven"


def test_a_view_that_knows_no_frequencies_takes_none_from_the_other(tmp_path):
    rows = (
        "1\tWaveform 1\t1\t1\t2\t\t\t\tup\n"
        "1\tSpectrogram 1\t1\t1\t2\t50000\t60000\t\tup\n"
        "2\tSpectrogram 1\t1\t3\t4\t50000\t60000\t\tup\n"
        "2\tWaveform 1\t1\t3\t4\t\t\t\tup\n"
    )
    noted = read_annotation(save(tmp_path / "x.txt", RAVEN.format(label="Annotation") + rows))
    assert has(noted, (1, 2, 5e4, 6e4, "up"), (3, 4, 5e4, 6e4, "up"))


def test_a_selection_number_that_is_used_again_later_is_another_call(tmp_path):
    rows = "1\tSpectrogram 1\t1\t1\t2\t5\t6\t\ta\n1\tSpectrogram 1\t1\t3\t4\t5\t6\t\tb\n"
    noted = read_annotation(save(tmp_path / "x.txt", RAVEN.format(label="Annotation") + rows))
    assert noted.labels == ("a", "b")


def test_an_audacity_label_track_is_read_with_its_labels(tmp_path):
    text = "0.500000\t1.250000\tup, long\n2.000000\t3.000000\t\n4.0\t4.0\tthere\n"
    noted = read_annotation(save(tmp_path / "labels.txt", text))
    assert has(
        noted,
        (0.5, 1.25, NAN, NAN, "up, long"),
        (2, 3, NAN, NAN, ""),
        (4, 4, NAN, NAN, "there"),
    )
    assert noted.program == "Audacity"


def test_an_audacity_label_has_the_frequencies_of_the_line_behind_it(tmp_path):
    text = (
        "1.000000\t1.000000\ta point\n\\\t6928.456055\t6928.456055\n"
        "2.000000\t2.500000\tlow not known\n\\\t-1.000000\t6334.588867\n"
        "3.000000\t3.500000\thigh not known\n\\\t8908.015625\t-1.000000\n"
        "4.000000\t4.500000\tnone\n"
        "5.000000\t5.500000\t\n\\\t1484.669312\t2969.338523\n"
    )
    assert has(
        read_annotation(save(tmp_path / "labels.txt", text)),
        (1, 1, 6928.456055, 6928.456055, "a point"),
        (2, 2.5, NAN, 6334.588867, "low not known"),
        (3, 3.5, 8908.015625, NAN, "high not known"),
        (4, 4.5, NAN, NAN, "none"),
        (5, 5.5, 1484.669312, 2969.338523, ""),
    )


DEEPSQUEAK_CALLS = ((0.1, 0.15, 60e3, 75e3, "USV"), (0.3, 0.4, 45.5e3, 50e3, "Split"))


@pytest.mark.parametrize(("yes", "no"), [(True, False), (1, 0)])
def test_accepted_calls_of_a_deepsqueak_workbook_are_read(tmp_path, yes, no):
    rows = [
        DEEPSQUEAK,
        deepsqueak_row(1, yes, 0.1, 0.15, 60, 75),
        deepsqueak_row(2, no, 0.2, 0.25, 60, 75, "Noise"),
        deepsqueak_row(3, yes, 0.3, 0.4, 45.5, 50, "Split"),
    ]
    noted = read_annotation(save_workbook(tmp_path / "rec_Stats.xlsx", rows))
    assert has(noted, *DEEPSQUEAK_CALLS)
    assert (noted.program, noted.notes) == ("DeepSqueak", ("1 rejected call is left out",))


def test_accepted_calls_of_a_deepsqueak_text_table_are_read(tmp_path):
    rows = [
        DEEPSQUEAK,
        deepsqueak_row(1, 1, 0.1, 0.15, 60, 75),
        deepsqueak_row(2, 0, 0.2, 0.25, 60, 75, "Noise"),
        deepsqueak_row(3, 1, 0.3, 0.4, 45.5, 50, "Split"),
    ]
    text = "\r\n".join(",".join(map(str, row)) for row in rows)
    assert has(read_annotation(save(tmp_path / "rec.csv", text)), *DEEPSQUEAK_CALLS)


def test_a_deepsqueak_table_saved_by_a_german_excel_is_read(tmp_path):
    rows = [DEEPSQUEAK, deepsqueak_row(1, 1, 0.1, 0.15, 60, 75.25)]
    text = "\r\n".join(";".join(map(str, row)).replace(".", ",") for row in rows)
    noted = read_annotation(save(tmp_path / "rec.csv", text))
    assert has(noted, (0.1, 0.15, 60e3, 75.25e3, "USV"))


@pytest.mark.parametrize("before", [0, 2])
def test_a_vocalmat_workbook_is_read_without_its_noise(tmp_path, before):
    rows = [
        VOCALMAT,
        vocalmat_row(1, 4.74368, 4.754432, "noise_dist"),
        vocalmat_row(2, 5.057536, 5.072896, "up_fm"),
    ]
    noted = read_annotation(save_workbook(tmp_path / "a.xlsx", rows, before=before))
    assert has(noted, (5.057536, 5.072896, 51757.8125, 57250.9765625, "up_fm"))
    assert noted.program == "VocalMat"
    assert noted.notes == ("1 row of noise_dist is no call and left out",)


def test_a_workbook_is_known_by_its_content_and_not_by_its_name(tmp_path):
    rows = [VOCALMAT, vocalmat_row(2, 5.0, 5.25, "up_fm")]
    workbook = save_workbook(tmp_path / "a.xlsx", rows).rename(tmp_path / "a.csv")
    text = save(tmp_path / "b.xlsx", "0.5,1\n")
    assert read_annotation(workbook).n_calls == read_annotation(text).n_calls == 1


def test_a_mupet_table_is_read(tmp_path):
    text = (
        "Syllable number,Syllable start time (sec),Syllable end time (sec),"
        "inter-syllable interval (sec),syllable duration (msec),starting frequency (kHz),"
        "final frequency (kHz),minimum frequency (kHz),maximum frequency (kHz),"
        "mean frequency (kHz),frequency bandwidth (kHz),total syllable energy (dB),"
        "peak syllable amplitude (dB)\n"
        "1,0.0432,0.0624,-100.0,19.2,70.1,60.2,58.5,72.25,65.0,13.75,-30.1,-40.2\n"
    )
    noted = read_annotation(save(tmp_path / "rec.csv", text))
    assert has(noted, (0.0432, 0.0624, 58.5e3, 72.25e3, ""))
    assert noted.program == "MUPET"


def test_a_usvseg_table_is_read_without_taking_its_loudest_frequency_for_the_highest(tmp_path):
    text = "#,start,end,duration,maxfreq,maxamp,meanfreq,cvfreq\n1,0.25,0.3,50.0,70,-50,68,0.05\n"
    noted = read_annotation(save(tmp_path / "rec_dat.csv", text))
    assert has(noted, (0.25, 0.3, NAN, NAN, ""))
    assert (noted.program, noted.notes) == ("USVSEG", ())


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("name,start_seconds,stop_seconds\nup,0.5,1\n", (0.5, 1, NAN, NAN, "up")),
        ("onset,offset,cluster\n0.5,1,A\n", (0.5, 1, NAN, NAN, "A")),
        ("onset_s,offset_s,label\n0.5,1,A\n", (0.5, 1, NAN, NAN, "A")),
        ("Start time,End time,Cluster\n0.5,1,3\n", (0.5, 1, NAN, NAN, "3")),
        (
            "Begin_Time_(s)\tEnd_Time_(s)\tHigh_Freq_(Hz)\tUSV_TYPE\n0.5\t1\t60000\tup\n",
            (0.5, 1, NAN, 60e3, "up"),
        ),
        ("start_ms;end_ms;low_khz;high_khz\n500;1000;45,5;60\n", (0.5, 1, 45.5e3, 60e3, "")),
        ("START [s],End[s]\n0.5,1\n", (0.5, 1, NAN, NAN, "")),
        ("start_hz,start_s,end_s\n70000,0.5,1\n", (0.5, 1, NAN, NAN, "")),
        ("start,end,stage,low_hz,high_hz\n0.5,1,2,-,nan\n", (0.5, 1, NAN, NAN, "")),
    ],
)
def test_columns_are_known_by_their_usual_names_and_units(tmp_path, text, call):
    noted = read_annotation(save(tmp_path / "table.csv", text))
    assert has(noted, call)
    assert noted.program == ""


def test_frequencies_of_no_stated_unit_are_not_guessed(tmp_path):
    noted = read_annotation(save(tmp_path / "t.csv", "start_s,end_s,low,high\n0.5,1,45,60\n"))
    assert has(noted, (0.5, 1, NAN, NAN, ""))
    assert noted.notes == ("the header states no unit of frequency, so none are read",)


# --- several files, times counted from elsewhere ------------------------------------------------

RAVEN_FILES = (
    "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)"
    "\tBegin File\tBegin Path\tFile Offset (s)\n"
)
RAVEN_TWO_FILES = (
    "1\tSpectrogram 1\t1\t2.0\t2.1\t50000\t60000\tmouse1.wav\tD:\\a\\mouse1.wav\t2.0\n"
    "2\tSpectrogram 1\t1\t605.5\t605.6\t50000\t60000\tmouse2.wav\tD:\\a\\mouse2.wav\t5.5\n"
    "3\tSpectrogram 1\t1\t607\t607.25\t50000\t60000\tmouse2.wav\tD:\\a\\mouse2.wav\t7\n"
)


def test_times_of_a_file_that_raven_opened_behind_another_count_from_its_own_start(tmp_path):
    only = RAVEN_TWO_FILES.splitlines(keepends=True)[1]
    noted = read_annotation(save(tmp_path / "x.txt", RAVEN_FILES + only))
    assert has(noted, (5.5, 5.6, 5e4, 6e4, ""))
    assert noted.notes == ("times are those in each call's own file, by File Offset",)


@pytest.mark.parametrize("wanted", ["mouse2.wav", "mouse2", "/data/MOUSE2.WAV", "mouse2.flac"])
def test_of_a_raven_table_of_two_files_those_of_the_recording_wanted_are_read(tmp_path, wanted):
    path = save(tmp_path / "x.txt", RAVEN_FILES + RAVEN_TWO_FILES)
    noted = read_annotation(path, of=wanted)
    assert has(noted, (5.5, 5.6, 5e4, 6e4, ""), (7, 7.25, 5e4, 6e4, ""))
    assert noted.notes[0] == "1 row of other files than mouse2.wav is left out"


@pytest.mark.parametrize(
    "column", ["Begin File", "Begin Path", "sound.files", "filepath", "IN FILE"]
)
def test_calls_of_two_files_are_never_mixed(tmp_path, column):
    text = f"start_s,end_s,{column}\n0.1,0.2,a.wav\n0.3,0.4,b.wav\n"
    path = save(tmp_path / "x.csv", text)
    with pytest.raises(InputError, match=r"calls of 2 files, 'a\.wav' and 'b\.wav' among them"):
        read_annotation(path)
    with pytest.raises(InputError, match=r"and none of them called 'c\.wav': give a table of one"):
        read_annotation(path, of="c.wav")
    assert has(read_annotation(path, of="b.wav"), (0.3, 0.4, NAN, NAN, ""))


def test_files_of_one_name_in_two_folders_are_two(tmp_path):
    text = "start_s,end_s,Begin File,Begin Path\n0.1,0.2,c.wav,a/c.wav\n0.3,0.4,c.wav,b/c.wav\n"
    with pytest.raises(InputError, match=r"calls of 2 files.*and 2 of them called 'c\.wav'"):
        read_annotation(save(tmp_path / "x.csv", text), of="c.wav")


def test_times_that_count_from_the_first_of_two_files_are_refused_without_their_own(tmp_path):
    lines = (RAVEN_FILES + RAVEN_TWO_FILES).splitlines()
    text = "\n".join(line.rsplit("\t", 1)[0] for line in lines)
    with pytest.raises(
        InputError, match=r"may count from the first of them: export Raven's column"
    ):
        read_annotation(save(tmp_path / "x.txt", text), of="mouse2.wav")


@pytest.mark.parametrize(("first_s", "is_of_one"), [(5.5, True), (605.5, False)])
def test_times_that_disagree_with_samples_of_their_own_file_are_refused(
    tmp_path, first_s, is_of_one
):
    header = RAVEN_FILES.replace("File Offset (s)", "Beg File Samp (samples)")
    rows = "".join(
        f"{number}\tSpectrogram 1\t1\t{first_s + later:.3f}\t{first_s + later + 0.1:.3f}\t5e4"
        f"\t6e4\tmouse2.wav\tD:\\a\\mouse2.wav\t{1_375_000 + round(later * 250_000)}\n"
        for number, later in enumerate((0, 1.5, 60), 1)
    )
    path = save(tmp_path / "x.txt", header + rows)
    if is_of_one:
        assert read_annotation(path, of="mouse2.wav").n_calls == 3
    else:
        with pytest.raises(InputError, match=r"count from the first of several files: export"):
            read_annotation(path, of="mouse2.wav")


def test_a_column_of_recordings_is_known_by_what_is_in_it_too(tmp_path):
    text = "start_s,end_s,Aufnahme\n0.1,0.2,a.wav\n0.3,0.4,b.WAV\n0.5,0.6,b.WAV\n"
    path = save(tmp_path / "x.csv", text)
    with pytest.raises(InputError, match="calls of 2 files"):
        read_annotation(path)
    assert read_annotation(path, of="b.wav").n_calls == 2


def test_a_call_without_its_place_in_the_file_is_named(tmp_path):
    lost = "4\tSpectrogram 1\t1\t609\t610\t50000\t60000\tmouse2.wav\tD:\\a\\mouse2.wav\n"
    path = save(tmp_path / "x.txt", RAVEN_FILES + RAVEN_TWO_FILES + lost)
    noted = read_annotation(path, of="mouse2")
    assert (noted.n_calls, noted.n_unread) == (2, 1)
    assert "line 5 is left out: no start and end in seconds" in noted.notes[-1]


def test_a_table_that_names_another_recording_says_so(tmp_path):
    path = save(tmp_path / "x.csv", "start_s,end_s,File\n0.1,0.2,rec_1 May 05.mat\n")
    assert read_annotation(path, of="rec_1.wav").notes == ()
    [note] = read_annotation(path, of="rec_10.wav").notes
    assert note.startswith("the table is of rec_1 May 05.mat, not of rec_10.wav")


def test_selections_of_two_channels_are_said_to_be_of_two(tmp_path):
    rows = (
        "1\tSpectrogram 1\t1\t1\t2\t5000\t6000\t\ta\n2\tSpectrogram 2\t2\t3\t4\t5000\t6000\t\tb\n"
    )
    noted = read_annotation(save(tmp_path / "x.txt", RAVEN.format(label="Annotation") + rows))
    assert noted.notes == ("calls of channels 1, 2 are read together",)


# --- rows that are no calls ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("nan,nan,up", "1 row without times is left out, line 3 for one: 'nan,nan,up'"),
        (",,up", "1 row without times is left out, line 3 for one: ',,up'"),
        ("0.5,nan,up", "line 3 is left out: 0.5 to nan s is no interval"),
        ("0.5,0.4,up", "line 3 is left out: 0.5 to 0.4 s is no interval"),
        ("0.5,soon,up", "line 3 is left out: no start and end in seconds in '0.5,soon,up'"),
        ("-2,-1,up", "line 3 is left out: -2 to -1 s is before the recording"),
        ("0.5,0.6,up,down", "line 3 is left out: has 4 cells under 3 columns"),
        ("0.5,1_0,up", "line 3 is left out: no start and end in seconds"),
    ],
)
def test_a_row_that_is_no_call_is_named_and_the_others_are_read(tmp_path, bad, said):
    text = f"start_s,end_s,label\n0.1,0.2,a\n{bad}\n0.7,0.8,b\n"
    noted = read_annotation(save(tmp_path / "t.csv", text))
    assert has(noted, (0.1, 0.2, NAN, NAN, "a"), (0.7, 0.8, NAN, NAN, "b"))
    assert noted.n_unread == 1
    assert noted.notes[0].startswith(said)


def test_of_many_rows_that_are_no_calls_three_are_named(tmp_path):
    good = "".join(f"{n},{n}.5\n" for n in range(20))
    noted = read_annotation(save(tmp_path / "t.csv", good + "5,4\n" * 7))
    assert (noted.n_calls, noted.n_unread, len(noted.notes)) == (20, 7, 4)
    assert noted.notes[-1] == "4 more such rows are left out"


def test_a_table_of_which_half_the_rows_are_no_calls_holds_something_else(tmp_path):
    text = "start_s,end_s\n0.05,0.06\n0.5,0.04\n0.9,0.1\n"
    with pytest.raises(InputError, match=r"line 3: 0\.5 to 0\.04 s is no interval"):
        read_annotation(save(tmp_path / "t.csv", text))


def test_a_type_without_calls_as_das_writes_it_is_no_call(tmp_path):
    text = "name,start_seconds,stop_seconds\npulse,,\nsine,0.5,0.75\n"
    noted = read_annotation(save(tmp_path / "das.csv", text))
    assert has(noted, (0.5, 0.75, NAN, NAN, "sine"))
    assert noted.notes == ("1 row without times is left out, line 2 for one: 'pulse'",)


def test_a_label_of_audacity_that_is_no_call_takes_its_frequencies_with_it(tmp_path):
    text = "1\t1.5\ta\n\\\t100\t200\n3\t2\tb\n\\\t5000\t6000\n4\t5\tc\n\\\t300\t400\n"
    noted = read_annotation(save(tmp_path / "labels.txt", text))
    assert has(noted, (1, 1.5, 100, 200, "a"), (4, 5, 300, 400, "c"))


# --- how others dress tables --------------------------------------------------------------------

TWO = ((0.5, 0.61, NAN, NAN, ""), (70.5, 70.75, NAN, NAN, ""))


@pytest.mark.parametrize(
    "text",
    [
        "0.50000 0.61000\n70.5 70.75\n",
        "  5.0e-01   6.1e-01\n 7.05e+01 7.075e+01\n",
        "# start_s end_s\n0.5 0.61\n70.5 70.75\n",
        "#start_s,end_s\n0.5,0.61\n70.5,70.75\n",
        "onset offset\n0.5 0.61\n70.5 70.75\n",
        "0,5 0,61\n70,5 70,75\n",
        "sep=;\nstart_s;end_s\n0,5;0,61\n70,5;70,75\n",
        "sep=,\n0.5,0.61\n70.5,70.75\n",
        '"sep=\t"\r\nstart_s\tend_s\r\n0.5\t0.61\r\n70.5\t70.75\r\n',
        "sep=|\nstart_s|end_s\n0.5|0.61\n70.5|70.75\n",
        "onset,duration\n0.5,0.11\n70.5,0.25\n",
        "start_s,duration_ms\n0.5,110\n70.5,250\n",
        "start_ms,duration\n500,110\n70500,250\n",
        "start,end_ms\n500,610\n70500,70750\n",
        "Start time,Stop time\n0:00:00.5,0:00:00.61\n0:01:10.5,00:01:10.75\n",
        "StartTime,EndTime\n0.5,0.61\n70.5,70.75\n",
        "Begin.Time..s.,End.Time..s.\n0.5,0.61\n70.5,70.75\n",
        "Begin Time - hh:mm:ss.ms\tEnd Time - hh:mm:ss.ms\n0:0:0.5\t0:0:0.61\n0:1:10.5\t0:1:10.75",
        "Begin Time - ss.msec\tEnd Time - ss.msec\n0.5\t0.61\n70.5\t70.75\n",
        "#,start_s,end_s\n#1,0.5,0.61\n#2,70.5,70.75\n",
        "IN FILE,OFFSET,DURATION\na.wav,0.5,0.11\na.wav,70.5,0.25\n",
        "selec,start,end,sound.files\n1,0.5,0.61,a.wav\n2,70.5,70.75,a.wav\n",
        "tmin\ttext\ttmax\n0.5\t\t0.61\n70.5\t\t70.75\n",
    ],
)  # fmt: skip
def test_tables_are_read_however_they_are_dressed(tmp_path, text):
    noted = read_annotation(save(tmp_path / "t.csv", text))
    assert has(noted, *TWO)
    assert noted.notes == ()


MIXED = "File,ID,Accepted,start_s,end_s\n{},1,1,0.5,0.61\n{},2,1,70.5,70.75\n"


@pytest.mark.parametrize("name", ["#1.wav", "# 1.wav", "%a.WAV"])
@pytest.mark.parametrize("rows", [("{}", "b.wav"), ("b.wav", "{}")])
def test_a_recording_whose_name_begins_like_a_remark_is_known_among_others(tmp_path, name, rows):
    text = MIXED.format(*(row.format(name) for row in rows))
    noted = read_annotation(save(tmp_path / "t.csv", text), of=f"/data/{name}")
    assert has(noted, TWO[rows.index("{}")])
    assert noted.notes == ("1 row of other files than " + name + " is left out",)


def test_without_a_name_a_table_of_such_a_recording_and_another_is_refused(tmp_path):
    table = save(tmp_path / "t.csv", MIXED.format("#1.wav", "b.wav"))
    with pytest.raises(InputError, match=r"has calls of 2 files, '#1.wav' and 'b.wav'"):
        read_annotation(table)


@pytest.mark.parametrize("remark", ["#b.wav", "# b.wav"])
def test_a_row_that_was_put_out_of_use_stays_so_and_is_told(tmp_path, remark):
    noted = read_annotation(save(tmp_path / "t.csv", MIXED.format(remark, "b.wav")), of="b.wav")
    assert has(noted, TWO[1])
    assert "begin with # or % are left out" in noted.notes[0]


def test_a_remark_that_ends_in_the_name_of_a_recording_is_no_row_of_it(tmp_path):
    text = MIXED.format("a.wav", "a.wav") + "# exported from b.wav\n"
    noted = read_annotation(save(tmp_path / "t.csv", text), of="a.wav")
    assert has(noted, *TWO)
    assert "exported from b.wav" in noted.notes[0]


def test_white_space_around_the_name_of_a_recording_is_of_no_account(tmp_path):
    table = save(tmp_path / "t.csv", MIXED.format(" x.wav", " x.wav"))
    assert read_annotation(table, of="/data/ x.wav").notes == ()


@pytest.mark.parametrize("first", ["start", "time", "START", "Time"])
def test_regions_of_sonic_visualiser_are_read(tmp_path, first):
    text = f"{first},value,duration,label\n0.5,71000,0.125,up\n"
    noted = read_annotation(save(tmp_path / "t.csv", text))
    assert has(noted, (0.5, 0.625, NAN, NAN, "up"))
    assert noted.program == "Sonic Visualiser"


def test_remarks_are_left_out_and_the_first_is_shown(tmp_path):
    text = '# noted by Ann, "in ms\n0.5,0.61\n# end of the first night\n70.5,70.75\n'
    noted = read_annotation(save(tmp_path / "t.csv", text))
    assert has(noted, *TWO)
    [note] = noted.notes
    assert note.startswith("2 lines that begin with # or % are left out, line 1 for one:")
    assert "in ms" in note


def test_a_remark_that_talks_of_start_and_end_names_no_columns(tmp_path):
    noted = read_annotation(save(tmp_path / "t.csv", "# start, end, both in ms\n0.5,0.61\n"))
    assert has(noted, (0.5, 0.61, NAN, NAN, ""))
    assert "both in ms" in noted.notes[0]


def test_lines_above_the_header_are_left_out_and_that_is_said(tmp_path):
    text = "Observation id\tpups 3\nMedia file(s)\n\nBehavior\tStart (s)\tStop (s)\nup\t0.5\t0.61\n"
    noted = read_annotation(save(tmp_path / "t.tsv", text))
    assert has(noted, (0.5, 0.61, NAN, NAN, "up"))
    assert noted.notes[0].startswith("2 lines above the header are left out, line 1 for one")


def test_minutes_and_seconds_are_told_from_hours_and_minutes_in_words(tmp_path):
    noted = read_annotation(save(tmp_path / "t.csv", "start,end\n0:00.5,0:00.61\n1:10.5,1:10.75\n"))
    assert has(noted, *TWO)
    assert noted.notes == ("times like 1:30 are read as minutes and seconds",)


@pytest.mark.parametrize(
    "cell", ["0:61:00", "0:00:61", "1:2:3:4", "1:30 pm", "0x10", "1_0", "\u0661"]
)
def test_a_time_that_is_none_is_not_guessed(tmp_path, cell):
    text = f"start,end\n{cell},9999\n"
    with pytest.raises(InputError, match=r"line 2: no start and end in seconds"):
        read_annotation(save(tmp_path / "t.csv", text))


def test_separators_of_thousands_are_not_taken_for_decimal_commas(tmp_path):
    text = 'start_s,end_s\n"999.5","999.75"\n"1,250","1,251"\n'
    with pytest.raises(InputError, match=r"decimal points and commas, '999\.75' and '1,251'"):
        read_annotation(save(tmp_path / "t.csv", text))


def test_times_of_a_workbook_that_excel_made_clock_times_are_read(tmp_path):
    rows = [["start", "end"], [datetime.time(0, 1, 10, 500_000), datetime.timedelta(seconds=70.75)]]
    noted = read_annotation(save_workbook(tmp_path / "a.xlsx", rows))
    assert has(noted, TWO[1])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("start,end\n50,110\n700,820\n", "a usual call of it lasts 90 s: see that the unit"),
        ("start_ms,end_ms\n0.5,0.61\n1,1.2\n", "a usual call of it lasts 0.000155 s"),
        ("start_s,end_s,low_hz,high_hz\n0,1,50,60\n", "a usual frequency of it is 55 Hz"),
        ("start_s,end_s,low_khz,high_khz\n0,1,5e4,6e4\n", "a usual frequency of it is 5.5e+07 Hz"),
    ],
)
def test_values_that_no_call_has_raise_doubts_about_their_unit(tmp_path, text, said):
    [note] = read_annotation(save(tmp_path / "t.csv", text)).notes
    assert note.startswith(said)


# --- dress --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_text_is_read_in_any_usual_encoding(tmp_path, encoding, newline):
    text = newline.join(["start_s,end_s,label", "0.5,1,für é", ""])
    assert has(
        read_annotation(save(tmp_path / "t.csv", text, encoding)), (0.5, 1, NAN, NAN, "für é")
    )


def test_a_tab_table_out_of_excel_may_quote_its_cells(tmp_path):
    text = 'start_s\tend_s\tlabel\r\n"0,5"\t"1,25"\t"up, long"\r\n'
    noted = read_annotation(save(tmp_path / "t.txt", text, "utf-16"))
    assert has(noted, (0.5, 1.25, NAN, NAN, "up, long"))


@pytest.mark.parametrize("text", ["", "\n \n", "start_s,end_s\n", "\ufeff"])
def test_an_empty_table_is_a_recording_without_calls(tmp_path, text):
    noted = read_annotation(save(tmp_path / "none.csv", text))
    assert noted.n_calls == 0
    assert noted.intervals_s.shape == (0, 2)


def test_a_call_that_begins_before_the_recording_begins_with_it_and_that_is_said(tmp_path):
    noted = read_annotation(save(tmp_path / "t.csv", "0.5,1\n-0.01,0.02\n"))
    np.testing.assert_array_equal(noted.intervals_s, [[0, 0.02], [0.5, 1]])
    assert noted.notes == ("1 of the calls begin before 0 s: cut there",)


def test_intervals_are_those_of_the_annotation(tmp_path):
    path = save(tmp_path / "t.csv", "onset,offset,cluster\n2,3,a\n0.5,1,b\n")
    np.testing.assert_array_equal(read_intervals(path), read_annotation(path).intervals_s)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet='0123456789.,;-\t\n" \\abstrend_()', max_size=80))
def test_any_text_is_calls_or_one_line_that_names_the_file(tmp_path, text):
    path = save(tmp_path / "any.csv", text)
    try:
        said = read_annotation(path).source
    except InputError as error:
        said = str(error)
    assert path.name in said
    assert len(said.splitlines()) == 1


TABLES = (
    RAVEN_FILES + RAVEN_TWO_FILES,
    "sep=;\nstart_ms;end_ms;low_khz;label\n500;1000;45,5;up\n",
    "# start_s end_s\n0.5 0.61\n1e2 0:02:03.5\n",
    "1\t1.5\ta\n\\\t100\t200\n3\t4\tb\n",
    '#,start,end,File,accepted\n1,"0,5","0,6",a.wav,1\n2,nan,nan,b.wav,0\n',
    "IN FILE,OFFSET,DURATION\na.wav,0.5,0.11\n",
)
PIECES = (
    "\t", ";", ",", "\n", "\r", '"', "#", "%", "nan", "-1", "1e999", "0:0", "sep=", "\\", "\x85",
    "start", "_ms", "\x1c", "9" * 400, "File", " ", "\ufeff", "\0",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(150))
def test_a_table_damaged_in_any_way_is_calls_or_one_line_that_names_the_file(tmp_path, seed):
    rng = np.random.default_rng(seed)
    text = TABLES[seed % len(TABLES)]
    for _ in range(rng.integers(1, 6)):
        at, length = rng.integers(len(text)), rng.integers(0, 6)
        text = text[:at] + PIECES[rng.integers(len(PIECES))] + text[at + length :]
    path = save(tmp_path / "any.csv", text, "utf-8" if seed % 3 else "utf-16")
    try:
        said = read_annotation(path, of="a").source
    except InputError as error:
        said = str(error)
    assert path.name in said
    assert len(said.splitlines()) == 1


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0.5,1\nnoise,2\n", "line 2: no start and end in seconds in 'noise,2': correct"),
        ("a,b,c\n1,2,3\n", "line 1: no start and end in seconds in 'a,b,c'"),
        ("start_px,end_px\n1,2\n", "line 1: no start and end in seconds in 'start_px,end_px'"),
        ("0,5,1,25\n", "line 1: has 4 columns and no header: give two"),
        ("0.5,1,up\n", "line 1: has 3 columns and no header: give two"),
        ("0.5\t1\tup\t3\n", "line 1: has 4 columns and no header: give two"),
        ("\\\t100\t200\n", "line 1: no start and end"),
        ("start_s,end_s\n0,5,1,25\n", "line 2: has 4 cells under 2 columns: put semicolons"),
        ("start_s,end_s\n\n0.5,\n", "line 3: no start and end"),
        ("start_s,end_s\n2,1\n", "line 2: 2 to 1 s is no interval: the end must be"),
        ("start_s,end_s\n0,inf\n", "line 2: 0 to inf s is no interval"),
        ("-2,-1\n", "line 1: -2 to -1 s is before the recording: give times from its start"),
        (
            "start_s,end_s,low_hz,high_hz\n0,1,60,50\n",
            "line 2: low 60 Hz is above high 50 Hz: swap",
        ),
        ("start_s,end_s,accepted\n0,1,maybe\n", "line 2: 'maybe' is neither accepted nor rejected"),
        ("start_s,end_s,low_hz,high_hz\n0,1,up,50\n", "line 2: 'up' is no frequency: correct it"),
        ("start_s,end_s,low_hz,high_hz\n0,1,-1,50\n", "line 2: '-1' is no frequency"),
        ('start_s,end_s,label\n0,1,"up\n2,3,b\n', "line 3: is no row of a text table"),
    ],
)
def test_a_line_that_is_no_call_is_named_with_the_remedy(tmp_path, text, said):
    with pytest.raises(InputError, match=r"noted\.csv, " + re.escape(said)) as failure:
        read_annotation(save(tmp_path / "noted.csv", text))
    assert len(str(failure.value).splitlines()) == 1


def test_a_row_of_a_workbook_that_is_no_call_is_named(tmp_path):
    rows = [VOCALMAT, vocalmat_row(1, 2.0, 1.0, "up_fm")]
    with pytest.raises(InputError, match=r"a\.xlsx, row 2: 2 to 1 s is no interval"):
        read_annotation(save_workbook(tmp_path / "a.xlsx", rows))


def test_a_workbook_of_something_else_is_refused(tmp_path):
    rows = [["chevron2", "complex2", "DL_out"], [0.1, 0.2, "flat"]]
    with pytest.raises(InputError, match=r"a\.xlsx, row 1: no start and end .*name the columns"):
        read_annotation(save_workbook(tmp_path / "a.xlsx", rows))


@pytest.mark.parametrize("column", ["Begin File", "File", "image"])
def test_a_table_of_several_recordings_is_refused(tmp_path, column):
    text = f"start_s,end_s,{column}\n0,1,a.wav\n0.5,2,b.wav\n"
    with pytest.raises(InputError, match=r"has calls of 2 files, 'a\.wav' and 'b\.wav' among them"):
        read_annotation(save(tmp_path / "noted.csv", text))


def _zip(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("word/document.xml", "<a/>")


def _cut_workbook(path):
    whole = save_workbook(path, [VOCALMAT, vocalmat_row(1, 1.0, 2.0, "flat")]).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _damaged_workbook(path):
    save_workbook(path, [VOCALMAT, vocalmat_row(1, 1.0, 2.0, "flat")])
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content[: len(content) // 2] if "sheet1" in name else content)


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda path: None, "there is no such file"),
        (lambda path: path.mkdir(), "is a folder: give the files in it"),
        (lambda path: path.write_bytes(b""), "is empty (0 bytes)"),
        (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe"), "is no text table: export"),
        (lambda path: path.write_bytes(b"RIFF\x24\0\0\0WAVEfmt "), "is no text table: export"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "is no text table: export"),
        (lambda path: path.write_bytes(b"MATLAB 7.3 MAT-file"), "is a MATLAB file"),
        (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1"), "is an old Excel workbook"),
        (lambda path: path.write_bytes(b'File type = "ooTextFile"\n'), "is a Praat TextGrid"),
        (lambda path: path.write_bytes(b'\xef\xbb\xbf {"calls": []}'), "is JSON: export"),
        (lambda path: path.write_bytes(b"<?xml version='1.0'?>"), "is XML or a web page: export"),
        (lambda path: path.write_bytes(b"PK\x03\x04 no"), "is damaged or no Excel workbook: save"),
        (_zip, "is damaged or no Excel workbook: save it again"),
        (_cut_workbook, "is damaged or no Excel workbook: save it again"),
        (_damaged_workbook, "is damaged or no Excel workbook: save it again"),
        (lambda path: save_workbook(path, []), "has no sheet with anything on it: export"),
    ],
)
def test_a_file_that_is_no_table_is_named_with_the_remedy(tmp_path, write, said):
    path = tmp_path / "noted.xlsx"
    write(path)
    with pytest.raises(InputError, match=re.escape(f"{path}: {said}")) as failure:
        read_annotation(path)
    assert len(str(failure.value).splitlines()) == 1


# --- real files ---------------------------------------------------------------------------------


def test_real_tables_of_onsets_and_offsets_are_read(shared):
    paths = sorted((shared / "data" / "amvoc").glob("[1-4]/*.csv"))
    assert len(paths) == 24
    for path in paths:
        assert 0 < read_annotation(path).intervals_s.max() < 7
    counts = [read_annotation(path).n_calls for path in paths if path.stem.startswith("gt")]
    assert counts == [16, 44, 36, 21]


def test_a_real_vocalmat_workbook_has_89_calls_and_54_noises(shared):
    noted = read_annotation(shared / "data" / "vocalmat" / "audio_example.xlsx")
    assert noted.program == "VocalMat"
    assert noted.notes == ("54 rows of noise_dist are no calls and left out",)
    assert (noted.n_calls, noted.labels.count("short"), noted.labels.count("up_fm")) == (89, 24, 22)
    assert 45e3 < noted.low_hz.min() < noted.high_hz.max() < 125e3
    assert (noted.intervals_s[0] == [18.757632, 18.763264]).all()


def test_the_class_probabilities_of_vocalmat_are_no_annotation(shared):
    with pytest.raises(InputError, match=r"audio_example_DL\.xlsx, row 1: no start and end"):
        read_annotation(shared / "data" / "vocalmat" / "audio_example_DL.xlsx")


@pytest.mark.parametrize(
    ("limit", "said"),
    [("_MOST_ROWS", "more rows or cells"), ("_LARGEST_BYTES", "unpacks to")],
)  # fmt: skip
def test_a_workbook_that_is_larger_than_any_table_is_refused(tmp_path, monkeypatch, limit, said):
    """Few bytes may stand for rows without end."""
    book = openpyxl.Workbook()
    book.active.append(["start_s", "end_s"])
    book.active.cell(5000, 1, 0.1)
    book.save(tmp_path / "bomb.xlsx")
    monkeypatch.setattr(f"napari_squeakout.io.tables.workbook_rows.{limit}", 1000)
    with pytest.raises(InputError, match=said):
        read_annotation(tmp_path / "bomb.xlsx")
