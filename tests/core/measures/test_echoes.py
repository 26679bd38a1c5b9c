"""Which lines of a contour are echoes."""

from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.measures.contour import contour_of, jumps_of
from napari_squeakout.core.measures.echoes import own_voice
from napari_squeakout.core.measures.peaks import Peaks

COLUMN_S = 0.000512


def contour(*lines):
    """The contour of lines (first column, hz of each column, level above the noise)."""
    every = [(first + i, f, level) for first, hz, level in lines for i, f in enumerate(hz)]
    column, hz, above = (np.array(values) for values in zip(*sorted(every), strict=True))
    peaks = Peaks(
        column=column.astype(np.int64),
        hz=hz.astype(float),
        power_db=above - 100.0,
        above_db=above.astype(float),
        tonality=np.ones(len(hz)),
    )
    return contour_of(peaks, COLUMN_S)


RISE = np.linspace(60e3, 80e3, 40)
TOP = np.full(30, 80e3)


def test_what_sounds_on_where_the_voice_has_been_is_no_jump_and_no_part_of_the_contour():
    fall = np.linspace(78e3, 62e3, 8)
    got = contour((0, RISE, 30), (40, TOP, 30), (74, fall, 28), (82, np.full(30, 80e3), 15))
    assert len(jumps_of(got, 5_000)) == 0
    assert got.column.max() < 82


def test_an_echo_moves_no_median():
    down = np.linspace(80e3, 50e3, 30)
    with_echo = contour((0, RISE, 30), (40, down, 28), (72, np.full(35, 79.5e3), 14))
    assert np.median(with_echo.hz) == pytest.approx(np.median(np.r_[RISE, down]), abs=300)


@pytest.mark.parametrize(
    ("first", "hz", "level_db"),
    [
        (50, np.full(20, 61e3), 27),  # as loud as before
        (50, np.full(20, 70e3), 12),  # faint, and where nothing was
        (130, np.full(20, 61e3), 12),  # faint, and too late for an echo
    ],
)
def test_a_step_that_is_sung_stays(first, hz, level_db):
    got = contour((0, np.full(20, 61e3), 30), (20, np.full(30, 90e3), 30), (first, hz, level_db))
    assert got.column.max() == first + 19


def test_a_call_that_fades_where_it_is_keeps_its_end():
    level = np.r_[np.full(30, 30.0), np.linspace(30, 8, 30)]
    n = np.arange(60)
    sung = own_voice(n, np.full(60, 70e3), level, np.zeros(60, np.int64))
    assert sung.all()


def test_nothing_has_no_echo():
    none = np.zeros(0)
    assert len(own_voice(none.astype(np.int64), none, none, none.astype(np.int64))) == 0
