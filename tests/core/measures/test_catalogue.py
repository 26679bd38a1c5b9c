"""What each measure says of a contour that is known."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from napari_squeakout.core.measures.catalogue import MEASURES, MeasuredCall
from napari_squeakout.core.measures.contour import contour_of
from napari_squeakout.core.measures.peaks import NO_PEAKS, Peaks
from napari_squeakout.core.settings import MeasureSettings

MS = 0.001


def call(hz, *, power_db=None, in_decibels=True, **others):
    """A call with this contour, a column a millisecond."""
    n = len(hz)
    power = np.full(n, -70.0) if power_db is None else np.asarray(power_db, float)
    peaks = Peaks(
        column=np.arange(n),
        hz=np.asarray(hz, float),
        power_db=power,
        above_db=power + 95,
        tonality=np.full(n, 0.9),
    )
    known = {
        "profile": np.array([0.0, 1.0, 1.0, 2.0]), "n_pieces": 1, "cut_low": False,
        "cut_high": False, "cut_in_time": False, "interval_s": 0.1,
    }  # fmt: skip
    contour = contour_of(peaks if n else NO_PEAKS, MS)
    given = known | others
    return MeasuredCall(
        contour=contour, settings=MeasureSettings(), in_decibels=in_decibels, **given
    )


def measured(one):
    return {measure.name: measure.value(one) for measure in MEASURES}


def test_a_straight_sweep_is_measured_by_its_ends_and_its_slope():
    got = measured(call(np.linspace(60e3, 80e3, 41)))
    assert got["min_hz"] == pytest.approx(60e3, abs=250)
    assert got["max_hz"] == pytest.approx(80e3, abs=250)
    assert got["range_hz"] == got["max_hz"] - got["min_hz"]
    assert got["start_hz"] == pytest.approx(60.5e3, abs=10)
    assert got["end_hz"] == pytest.approx(79.5e3, abs=10)
    assert got["principal_hz"] == got["contour_mean_hz"] == pytest.approx(70e3)
    assert got["slope_hz_per_s"] == pytest.approx(20e3 / (40 * MS), rel=0.02)
    assert got["fm_rate_hz_per_s"] == pytest.approx(20e3 / (40 * MS), rel=0.1)
    assert got["sd_hz"] == pytest.approx(20e3 / np.sqrt(12), rel=0.05)
    assert got["sinuosity"] == pytest.approx(1, abs=0.01)
    assert (got["n_jumps"], got["n_harmonics"]) == (0, 0)
    assert np.isnan(got["largest_jump_hz"])


def test_a_flat_call_has_no_slope_whatever_its_speckle():
    wavering = 70e3 + np.random.default_rng(0).normal(0, 150, 200)
    got = measured(call(wavering))
    assert abs(got["slope_hz_per_s"]) < 1e3
    # Taken from column to column the rate would be 170 kHz/s.
    assert got["fm_rate_hz_per_s"] < 50e3
    assert got["sinuosity"] < 1.02


def test_a_way_there_and_back_is_more_sinuous_than_straight():
    khz = np.r_[np.linspace(60, 80, 20), np.linspace(80, 60, 20)]
    assert measured(call(1e3 * khz))["sinuosity"] == pytest.approx(np.hypot(39, 40) / 39, rel=0.05)


def test_jumps_are_counted_up_and_down_and_left_out_of_the_rate():
    hz = np.r_[np.full(20, 60e3), np.full(20, 75e3), np.full(20, 68e3), np.full(20, 60e3)]
    got = measured(call(hz))
    assert (got["n_jumps"], got["n_jumps_up"]) == (3, 1)
    assert got["largest_jump_hz"] == pytest.approx(15e3)
    assert got["fm_rate_hz_per_s"] == pytest.approx(0)


def test_the_largest_jump_that_goes_down_is_negative():
    got = measured(call(np.r_[np.full(20, 60e3), np.full(20, 70e3), np.full(20, 55e3)]))
    assert got["largest_jump_hz"] == pytest.approx(-15e3)


def test_levels_are_those_along_the_contour():
    power_db = np.r_[np.full(10, -70.0), -60.0, np.full(10, -70.0)]
    hz = np.r_[np.full(10, 70e3), np.full(11, 72e3)]
    got = measured(call(hz, power_db=power_db))
    assert got["peak_power_db"] == -60
    assert got["mean_power_db"] == pytest.approx(10 * np.log10((20e-7 + 1e-6) / 21))
    assert got["snr_db"] == pytest.approx(25)
    assert got["peak_hz"] == pytest.approx(72e3)
    assert got["tonality"] == pytest.approx(0.9)


def test_the_entropy_is_that_of_the_shares_of_power():
    # Shares of a quarter, a quarter and a half.
    assert measured(call(np.full(9, 7e4)))["entropy_bits"] == pytest.approx(1.5)


def test_a_call_of_which_nothing_is_heard_has_its_mask_alone():
    got = measured(call([], n_pieces=3, cut_low=True))
    known = {name for name, value in got.items() if np.isfinite(value)}
    assert known == {"n_pieces", "interval_s", "cut_low", "cut_high", "cut_in_time"}
    assert (got["n_pieces"], got["cut_low"], got["cut_high"]) == (3, 1, 0)


def test_where_only_grey_is_known_levels_are_empty_and_frequencies_are_not():
    got = measured(call(np.full(9, 7e4), in_decibels=False))
    empty = {name for name, value in got.items() if np.isnan(value)}
    levels = {"mean_power_db", "peak_power_db", "snr_db", "tonality", "entropy_bits"}
    assert empty == levels | {"largest_jump_hz"}


def test_a_call_of_one_column_is_measured_as_far_as_one_goes():
    got = measured(call([70e3]))
    assert got["min_hz"] == got["max_hz"] == 70e3
    for name in ("slope_hz_per_s", "fm_rate_hz_per_s", "sinuosity"):
        assert np.isnan(got[name])


def test_every_measure_says_its_formula_and_its_names_are_used_once():
    names = [one.name for one in MEASURES]
    assert len(set(names)) == len(names)
    for one in MEASURES:
        assert one.formula.endswith(".")
        assert one.source
        assert one.name.endswith("_hz") == (one.unit == "Hz")


def test_the_docs_list_every_measure_with_its_formula(root):
    spec = importlib.util.spec_from_file_location("hooks", root / "docs" / "hooks.py")
    hooks = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hooks)
    page = (root / "docs" / "measures.md").read_text(encoding="utf-8")
    shown = hooks.on_page_markdown(page)
    for one in MEASURES:
        assert f"| `{one.name}` | {one.unit} | {one.formula.replace('|', '&#124;')} |" in shown
