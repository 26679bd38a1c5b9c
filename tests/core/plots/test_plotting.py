"""What plots of calls show."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from napari_squeakout.core.measures.bouts import bouts_of
from napari_squeakout.core.measures.catalogue import MEASURES
from napari_squeakout.core.plots.marks import Bars, Dots
from napari_squeakout.core.plots.plotting import plot_of
from napari_squeakout.core.plots.quantities import quantity_of
from napari_squeakout.core.plots.settings import SETTINGS_OF, PlotSettings

SPAN_S = (0.0, 130.0)


def table(**columns):
    """Four calls, in no order; the third has no contour."""
    calls = pd.DataFrame(
        {
            "page": [3, 1, 2, 0],
            "start_s": [70.0, 10.0, 10.5, 1.0],
            "end_s": [70.1, 10.05, 10.52, 1.2],
            "duration_s": [0.1, 0.05, 0.02, 0.2],
            "mean_hz": [60e3, 61e3, 62e3, 63e3],
            "principal_hz": [70e3, 80e3, np.nan, 90e3],
            "n_jumps": pd.Series([0, 2, pd.NA, 0], dtype="Int64"),
            "class": ["flat", "short", None, "flat"],
            **columns,
        },
        index=[30, 10, 20, 1],
    )
    calls["n_jumps"] = pd.array([0, 2, pd.NA, 0], dtype="Int64")
    return calls


def plot(calls=None, span_s=SPAN_S, **settings):
    return plot_of(table() if calls is None else calls, PlotSettings(**settings), span_s)


def test_dots_are_in_the_units_of_the_table_and_know_their_calls():
    shown = plot()
    assert isinstance(shown.marks, Dots)
    assert shown.marks.keys.tolist() == [30, 10, 1]
    assert shown.marks.x.tolist() == pytest.approx([100, 50, 200])
    assert shown.marks.y.tolist() == pytest.approx([70, 80, 90])
    assert shown.marks.x_axis.heading == "duration (ms)"
    assert shown.marks.y_axis.heading == "principal frequency (kHz)"
    assert shown.note == "1 of 4 calls is left out: no principal (kHz)."


def test_another_frequency_stands_for_the_calls():
    shown = plot(frequency="mean (kHz)")
    assert shown.marks.y.tolist() == pytest.approx([60, 61, 62, 63])
    assert not shown.note


def test_calls_are_chosen_by_a_box_around_dots_and_by_the_nearest():
    dots = plot().marks
    assert dots.within((210, 90), (60, 100)).tolist() == [30, 1]
    assert dots.nearest((101, 71), (5, 5)).tolist() == [30]
    assert dots.nearest((120, 71), (5, 5)).tolist() == []
    assert dots.chosen(np.array([1, 20])).tolist() == [False, False, True]


def test_a_histogram_counts_every_value_once():
    rng = np.random.default_rng(1)
    values = rng.gamma(2, 0.03, 500)
    calls = pd.DataFrame({"page": 0, "duration_s": values}, index=np.arange(500) * 7)
    bars = plot(calls, plot="histogram", bins=20).marks
    wanted, edges = np.histogram(values * 1e3, 20)
    assert bars.counts.tolist() == wanted.tolist()
    assert bars.edges == pytest.approx(edges)
    third = (values * 1e3 >= edges[3]) & (values * 1e3 < edges[4])
    assert bars.at((edges[3] + edges[4]) / 2).tolist() == calls.index[third].tolist()
    between = bars.within(((edges[3] + edges[4]) / 2, edges[5]))
    assert len(between) == wanted[3:5].sum()
    assert bars.chosen(bars.at(edges[3] + 1e-6))[3] == wanted[3]


def test_whole_numbers_stand_in_the_middle_of_their_bars():
    shown = plot(plot="histogram", measure="n jumps")
    assert shown.marks.edges.tolist() == [-0.5, 0.5, 1.5, 2.5]
    assert shown.marks.counts.tolist() == [2, 0, 1]
    assert shown.note == "1 of 4 calls is left out: no n jumps."


@pytest.mark.parametrize("n_values", [0, 1, 3])
def test_what_is_all_the_same_or_not_there_is_drawn_too(n_values):
    calls = table()[:n_values].assign(duration_s=0.05, start_s=np.arange(n_values) * 2.0)
    calls["end_s"] = calls["start_s"] + 0.05
    for kind in SETTINGS_OF:
        shown = plot(calls, plot=kind)
        if isinstance(shown.marks, Bars):
            assert (np.diff(shown.marks.edges) > 0).all()
            assert np.isfinite(shown.marks.edges).all()


def test_silences_are_cut_as_bouts_are():
    rng = np.random.default_rng(2)
    start_s = np.sort(rng.uniform(0, 100, 80))
    end_s = start_s + rng.uniform(0.01, 0.5, 80)
    calls = pd.DataFrame({"page": 0, "start_s": start_s, "end_s": end_s}, index=np.arange(80))
    shuffled = calls.sample(frac=1, random_state=0)
    shown = plot(shuffled, plot="silences")
    for gap_s in (0.02, 0.5, 2.0, 50.0):
        assert shown.n_bouts(gap_s) == bouts_of(start_s, end_s, gap_s).max() + 1
    silences_s = start_s[1:] - np.maximum.accumulate(end_s)[:-1]
    n_none = int((silences_s <= 0).sum())
    assert n_none > 1
    assert shown.note == f"{n_none} calls run into the next: no silence."
    assert shown.marks.counts.sum() == 79 - n_none
    longest = shown.marks.at(silences_s.max() * 0.999)  # each belongs to the call before it
    wanted = np.flatnonzero(silences_s >= shown.marks.edges[-2] * (1 - 1e-9))
    assert sorted(longest) == wanted.tolist()
    assert shown.marks.x_axis.is_log


def test_no_calls_are_no_bouts_and_one_is_one():
    assert plot(table()[:0], plot="silences").n_bouts(1.0) == 0
    assert plot(table()[:1], plot="silences").n_bouts(1.0) == 1


def test_calls_are_counted_to_the_end_of_the_recording():
    shown = plot(plot="calls over time")
    assert shown.marks.edges.tolist() == [0, 60, 120, 130]
    assert shown.marks.counts.tolist() == [3, 1, 0]
    assert shown.marks.y_axis.heading == "calls per 60 s"
    assert shown.note == "The last bar counts 10 s only."


def test_calls_over_the_recording_lie_at_their_start_on_all_of_it():
    shown = plot(plot="raster")
    assert shown.marks.x.tolist() == [70, 10, 1]
    assert shown.marks.x_axis.reach == SPAN_S
    assert shown.marks.x_axis.heading == "time (s)"


def test_images_have_no_time_and_those_without_a_scale_have_pixels():
    for kind in list(SETTINGS_OF)[2:]:
        shown = plot(span_s=None, plot=kind)
        assert "Images" in shown.note
        assert not len(shown.marks.keys)
    pixels = pd.DataFrame({"page": [0, 1], "duration_px": [20, 30], "mean_px": [100.5, 90.0]})
    shown = plot(pixels, None, frequency="mean (kHz)")
    assert shown.marks.x.tolist() == [20, 30]
    assert (shown.marks.x_axis.heading, shown.marks.y_axis.heading) == (
        "duration (px)",
        "mean (px)",
    )
    assert plot(pixels, None).note == "principal (kHz) is known of no call here."


def test_every_measure_with_a_number_can_be_counted():
    offered = set(PlotSettings.model_fields["measure"].annotation.__args__)
    flags = {"cut_low", "cut_high", "cut_in_time"}
    headings = {
        quantity_of(m.name, is_whole=m.is_count).heading for m in MEASURES if m.name not in flags
    }
    assert headings <= offered
    extent = {"duration_s", "low_hz", "high_hz", "bandwidth_hz", "mean_hz", "area_px",
              "mean_probability", "peak_probability"}  # fmt: skip
    assert offered == headings | {quantity_of(name).heading for name in extent}


def test_every_setting_matters_to_some_plot():
    asked = {name for names in SETTINGS_OF.values() for name in names}
    assert asked | {"plot"} == set(PlotSettings.model_fields)
