"""Recordings in one row each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.measures.summary import RecordedCalls, summarised
from napari_squeakout.core.settings import SummarySettings

FIRST = ["recording", "duration_s", "calls", "calls_per_min", "latency_s", "vocal_s", "vocal_share"]


def recorded(name, *spans, duration_s=100.0, about=None, **columns):
    start, end = np.array(spans, float).reshape(-1, 2).T
    table = pd.DataFrame({"start_s": start, "end_s": end, "duration_s": end - start, **columns})
    return RecordedCalls(name=name, duration_s=duration_s, calls=table, about=about or {})


def row(one, **settings):
    return summarised([one], SummarySettings(**settings)).recordings.iloc[0]


def test_a_recording_is_counted_and_timed():
    got = row(recorded("a", (10, 10.1), (10.5, 10.7), (50, 50.3)))
    assert got[FIRST[1:]].tolist() == pytest.approx([100, 3, 1.8, 10, 0.6, 0.006])
    assert got["mean_duration_s"] == pytest.approx(0.2)
    assert got["median_duration_s"] == pytest.approx(0.2)
    assert got["sd_duration_s"] == pytest.approx(0.1)


def test_a_silent_recording_is_a_row_of_zeros_beside_others():
    table = summarised([recorded("a", (1, 2)), recorded("silent")]).recordings
    silent = table[table["recording"] == "silent"].iloc[0]
    zeros = ["calls", "calls_per_min", "vocal_s", "vocal_share", "bouts", "bouts_per_min"]
    assert silent[zeros].tolist() == [0] * 6
    assert silent[["latency_s", "mean_duration_s", "calls_per_bout"]].isna().all()
    assert len(summarised([recorded("silent")]).recordings) == 1


def test_the_first_columns_come_first_then_what_is_known_then_the_measures():
    one = recorded("a", (1, 2), about={"cage": "7", "group": "KO", "subject": "m1"})
    names = list(summarised([one]).recordings)
    assert names[:11] == [*FIRST, "subject", "group", "cage", "bouts"]


def test_what_is_known_never_takes_the_place_of_what_was_measured():
    with pytest.raises(InputError, match="calls is what a summary itself says"):
        summarised([recorded("a", (1, 2), about={"calls": 3})])


def test_cells_that_could_not_be_measured_are_left_out_of_means():
    hz = [60e3, np.nan, 70e3]
    jumps = pd.array([1, None, 2], dtype="Int64")
    got = row(recorded("a", (1, 2), (3, 4), (5, 6), principal_hz=hz, n_jumps=jumps))
    assert got["mean_principal_hz"] == 65e3
    assert got["mean_n_jumps"] == 1.5


def test_of_flags_the_share_is_told():
    got = row(recorded("a", (1, 2), (3, 4), cut_low=pd.array([1, 0], dtype="Int64")))
    assert got["cut_low_share"] == 0.5


def test_time_in_which_two_calls_sound_is_vocal_once():
    assert row(recorded("a", (1, 3), (2, 2.5), (2.8, 4)))["vocal_s"] == pytest.approx(3)


def test_calls_are_counted_where_they_begin_and_the_last_bin_is_as_long_as_there_is_sound():
    one = recorded("a", (10, 10.1), (59.9, 60.2), (60, 60.1), (95, 95.2))
    bins = summarised([one, recorded("silent", duration_s=60)], SummarySettings(bin_s=60)).bins
    assert bins["recording"].tolist() == ["a", "a", "silent"]
    assert bins["calls"].tolist() == [2, 2, 0]
    assert bins["end_s"].tolist() == [60, 100, 60]
    assert bins["calls_per_min"].tolist() == pytest.approx([2, 3, 0])


def test_bouts_have_their_calls_and_their_length():
    one = recorded("a", (1, 1.1), (2, 2.4), (10, 10.2))
    summary = summarised([one], SummarySettings(bout_gap_s=2))
    assert summary.bouts["calls"].tolist() == [2, 1]
    assert summary.bouts["duration_s"].tolist() == pytest.approx([1.4, 0.2])
    got = summary.recordings.iloc[0]
    assert got[["bouts", "calls_per_bout", "bout_gap_s"]].tolist() == [2, 1.5, 2]
    assert got["mean_bout_s"] == pytest.approx(0.8)


def test_the_cut_may_be_that_of_the_intervals_of_all_recordings():
    rng = np.random.default_rng(0)

    def sung(name):
        gaps = np.where(rng.uniform(size=80) < 0.8, 0.08, 5.0) * np.exp(rng.normal(0, 0.3, 80))
        start = np.cumsum(gaps + 0.05)
        return recorded(name, *zip(start, start + 0.05, strict=True), duration_s=2_000)

    summary = summarised([sung("a"), sung("b")], SummarySettings(bout_cut="intervals"))
    assert 0.2 < summary.bout_gap_s < 2
    assert set(summary.recordings["bout_gap_s"]) == {summary.bout_gap_s}
    with pytest.raises(InputError, match="2 intervals"):
        summarised([recorded("a", (1, 2), (3, 4), (5, 6))], SummarySettings(bout_cut="intervals"))


def test_calls_come_in_any_order():
    assert row(recorded("a", (50, 51), (10, 11)))["latency_s"] == 10


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (list, "no recording"),
        (lambda: [recorded("a"), recorded("a")], "more than once"),
        (lambda: [recorded("a", duration_s=0)], "a duration of 0 s"),
        (lambda: [recorded("a", (200, 201))], "behind the end"),
        (
            lambda: [
                RecordedCalls(name="a", duration_s=1.0, calls=pd.DataFrame({"start_px": [1]}))
            ],
            "calls of recordings",
        ),
    ],
)
def test_what_cannot_be_summed_up_is_refused(given, said):
    with pytest.raises(InputError, match=said):
        summarised(given())


def test_classes_have_their_share_and_follow_each_other_within_bouts():
    named = {"class": ["flat", "short", "flat", None]}
    one = recorded("a", (1, 1.1), (2, 2.1), (3, 3.1), (50, 50.1), **named)
    summary = summarised([one, recorded("silent", **{"class": []})], SummarySettings(bout_gap_s=2))
    sung, silent = (summary.recordings.iloc[place] for place in (0, 1))
    assert sung[["flat_share", "short_share", "complex_share"]].tolist() == [
        pytest.approx(2 / 3),
        pytest.approx(1 / 3),
        0,
    ]
    assert np.isnan(silent["flat_share"])
    assert summary.transitions[["from", "to", "count", "bout_gap_s"]].to_numpy().tolist() == [
        ["short", "flat", 1, 2.0],
        ["flat", "short", 1, 2.0],
    ]


def test_tables_without_classes_have_no_transitions():
    summary = summarised([recorded("a", (1, 1.1), (2, 2.1))])
    assert len(summary.transitions) == 0
    assert "flat_share" not in summary.recordings
