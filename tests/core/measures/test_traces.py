"""Which whistle is a call's voice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from napari_squeakout.core.measures.peaks import NO_PEAKS, Peaks
from napari_squeakout.core.measures.traces import traces_of, voice_of


def peaks(*lines):
    """Lines (first column, hz of each column, level above the noise)."""
    every = [
        (first + index, float(f), level)
        for first, hz, level in lines
        for index, f in enumerate(hz)
        if np.isfinite(f)
    ]
    every.sort()
    column, hz, above = (np.array(values) for values in zip(*every, strict=True))
    return Peaks(
        column=column.astype(np.int64),
        hz=hz,
        power_db=above - 100,
        above_db=above,
        tonality=np.ones(len(hz)),
    )


def voice_hz(*lines):
    given = peaks(*lines)
    voice = voice_of(given)
    return given.hz[voice.peaks], voice


def test_a_call_without_peaks_has_no_voice():
    voice = voice_of(NO_PEAKS)
    assert len(voice.peaks) == len(voice.trace) == 0
    assert voice.harmonics == ()


def test_a_line_goes_on_over_columns_in_which_it_is_hidden():
    hz = np.linspace(60e3, 80e3, 40)
    hz[15:20] = np.nan
    (line,) = traces_of(peaks((0, hz, 20.0)))
    assert len(line) == 35


def test_lines_that_cross_keep_their_course():
    up, down = np.linspace(60e3, 80e3, 41), np.linspace(80.1e3, 60.1e3, 41)
    given = peaks((0, up, 20.0), (0, down, 20.0))
    courses = sorted(np.sign(np.diff(given.hz[t.peaks])).sum() for t in traces_of(given))
    assert courses == [-40, 40]


def test_speckle_is_no_line_unless_there_is_nothing_else():
    speck = (5, [90e3, 90.5e3], 9.0)
    assert len(traces_of(peaks((0, np.full(30, 60e3), 20.0), speck))) == 1
    assert len(traces_of(peaks(speck))) == 1


@pytest.mark.parametrize("multiple", [2, 3])
@pytest.mark.parametrize("louder_db", [-18.0, 6.0])
def test_what_sounds_at_a_multiple_is_a_harmonic_even_where_it_is_louder(multiple, louder_db):
    course = np.linspace(30e3, 34e3, 30)
    hz, voice = voice_hz((0, course, 25.0), (0, multiple * course, 25.0 + louder_db))
    assert hz == pytest.approx(course)
    assert voice.harmonics == (multiple,)


def test_a_faint_line_at_half_the_frequency_is_a_subharmonic_and_not_the_voice():
    course = np.linspace(70e3, 80e3, 30)
    hz, voice = voice_hz((0, course, 32.0), (0, course / 2, 10.0))
    assert hz == pytest.approx(course)
    assert voice.harmonics == ()


def test_a_step_to_double_the_frequency_is_no_harmonic():
    low, high = np.full(20, 40e3), np.full(20, 80e3)
    hz, voice = voice_hz((0, low, 25.0), (18, high, 25.0))
    assert voice.harmonics == ()
    assert len(hz) == 38
    assert len(set(voice.trace)) == 2


def test_an_echo_beside_the_call_is_not_taken_for_it():
    course = np.linspace(60e3, 90e3, 40)
    hz, _ = voice_hz((0, course, 25.0), (5, course - 4e3, 22.0))
    assert hz[:40] == pytest.approx(course)


def test_where_two_lines_are_as_loud_the_voice_does_not_flutter():
    rng = np.random.default_rng(0)
    first, second = np.full(40, 60e3), np.full(40, 75e3)
    given = peaks((0, first, 20.0), (0, second, 20.0))
    wavering = replace(given, above_db=given.above_db + rng.normal(0, 4, len(given)))
    assert len(set(voice_of(wavering).trace)) == 1
