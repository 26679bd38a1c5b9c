"""The course of a call, and its jumps."""

from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.measures.contour import contour_of, jumps_of
from napari_squeakout.core.measures.peaks import NO_PEAKS, Peaks

COLUMN_S = 0.000512


def contour(*lines):
    """Lines (first column, hz of each column) at 20 dB."""
    every = sorted((first + i, float(f)) for first, hz in lines for i, f in enumerate(hz))
    column, hz = (np.array(values) for values in zip(*every, strict=True))
    level = np.full(len(hz), 20.0)
    peaks = Peaks(
        column=column.astype(np.int64),
        hz=hz,
        power_db=level - 100,
        above_db=level,
        tonality=np.ones(len(hz)),
    )
    return contour_of(peaks, COLUMN_S)


def jumps(*lines, least_hz=5_000.0):
    return jumps_of(contour(*lines), least_hz)


def test_a_call_in_which_nothing_stands_out_has_no_contour_and_no_jumps():
    empty = contour_of(NO_PEAKS, COLUMN_S)
    assert len(empty) == 0
    assert empty.runs == []
    assert len(jumps_of(empty, 5_000.0)) == 0


def test_one_column_of_speckle_does_not_bend_the_contour():
    hz = np.full(20, 70e3)
    hz[9] += 1_500
    assert contour((0, hz)).hz == pytest.approx(70e3)


def test_times_are_the_middles_of_columns():
    assert contour((10, np.full(5, 70e3))).time_s[0] == pytest.approx(10.5 * COLUMN_S)


def test_a_jump_has_its_size_and_direction():
    up_and_down = ((0, np.full(20, 60e3)), (20, np.full(20, 75e3)), (40, np.full(20, 68e3)))
    assert jumps(*up_and_down) == pytest.approx([15e3, -7e3])
    assert jumps(*up_and_down, least_hz=10e3) == pytest.approx([15e3])


def test_what_is_no_larger_than_the_least_is_no_jump():
    assert len(jumps((0, np.full(20, 60e3)), (20, np.full(20, 64.9e3)))) == 0


def test_a_steep_sweep_is_no_jump_even_where_a_notch_hides_its_middle():
    sweep = np.linspace(60e3, 100e3, 60)
    assert len(jumps((0, sweep))) == 0
    assert len(jumps((0, sweep[:25]), (35, sweep[35:]))) == 0


def test_two_elements_with_silence_between_do_not_jump():
    assert len(jumps((0, np.full(20, 60e3)), (41, np.full(20, 80e3)))) == 0
    assert len(jumps((0, np.full(20, 60e3)), (39, np.full(20, 80e3)))) == 1
