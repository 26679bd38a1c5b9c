from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from napari_squeakout.core.detection.calls import SCALED_COLUMNS
from napari_squeakout.core.layout import STANDARD_GRID
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.band_edges import (
    Whistle,
    below_note,
    cut_note,
    finding_whistles,
)
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.steps import run

RATE_HZ = 250_000


def noise(seconds, seed=0):
    return np.random.default_rng(seed).normal(0, 3e-3, round(seconds * RATE_HZ)).astype(np.float32)


def with_tone(sound, at_s, seconds, hz, *, amplitude=0.02):
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    course = np.linspace(*np.broadcast_to(hz, 2), len(t))
    fade = np.clip(np.minimum(t, t[-1] - t) / 0.002, 0, 1)
    first = round(at_s * RATE_HZ)
    sound[first : first + len(t)] += (
        amplitude * fade * np.sin(2 * np.pi * np.cumsum(course) / RATE_HZ)
    )
    return sound


def heard(sound, **settings):
    recording = Recording.from_array(sound, sample_rate_hz=RATE_HZ)
    return run(finding_whistles(recording, RenderSettings(**settings)))


def table(*rows):
    """Calls of (start_s, end_s, low_hz, high_hz)."""
    lines = [
        [i + 1, 0, a, b, b - a, low, high, high - low, (low + high) / 2, 100, 0.9, 1.0]
        for i, (a, b, low, high) in enumerate(rows)
    ]
    return pd.DataFrame(lines, columns=SCALED_COLUMNS)


@pytest.mark.parametrize(
    ("hz", "seconds"), [((40e3, 41e3), 0.134), ((21.7e3, 22.3e3), 0.6), ((30e3, 36e3), 0.03)]
)
def test_a_loud_whistle_below_the_band_is_told_with_its_time_and_pitch(hz, seconds):
    (one,) = heard(with_tone(noise(1.5), 0.5, seconds, hz))
    assert one.start_s == pytest.approx(0.5, abs=0.003)
    assert one.end_s == pytest.approx(0.5 + seconds, abs=0.003)
    assert one.hz == pytest.approx(np.mean(hz), rel=0.05)


def test_a_whistle_is_one_wherever_the_sound_is_cut_to_be_read():
    spans = [(w.start_s, w.end_s) for w in heard(with_tone(noise(21), 9.9, 0.3, 30e3))]
    assert len(spans) == 1
    assert spans[0] == pytest.approx((9.9, 10.2), abs=0.003)


def test_noise_knocks_lines_that_go_on_and_short_chirps_are_no_whistles():
    sound = with_tone(noise(2), 0, 2, 32e3)  # a line
    for at in (0.3, 0.9, 1.4):  # knocks
        first = round(at * RATE_HZ)
        sound[first : first + 5_000] += noise(0.02, seed=1) * 30
    assert heard(with_tone(sound, 1.7, 0.006, 25e3)) == []


@pytest.mark.parametrize("share", [0.4, 0.6, 0.95])
def test_noise_between_digital_silence_does_not_whistle(share):
    rng = np.random.default_rng(1)
    coloured = np.convolve(noise(9), np.ones(8) / 8, "same").astype(np.float32)
    for first in range(0, len(coloured), 25_000):
        at = first + int(rng.integers(0, 5_000))
        coloured[at : at + round(share * 25_000)] = 0
    assert heard(coloured) == []


def test_a_band_that_reaches_down_there_hides_nothing():
    assert heard(with_tone(noise(1), 0.4, 0.2, 22e3), low_hz=18_000) == []


def test_calls_cut_by_either_edge_are_counted():
    low, high = STANDARD_GRID.low_hz, STANDARD_GRID.hz(0)
    calls = table((0, 0.1, low, 60e3), (1, 1.1, low, high), (2, 2.1, 50e3, 70e3))
    note = cut_note(calls, STANDARD_GRID)
    assert note is not None
    assert "of 3 calls the edge of the band cuts 2 at 45.04 kHz and 1 at 125.1 kHz" in note
    assert cut_note(calls[2:], STANDARD_GRID) is None
    assert cut_note(calls, None) is None


def test_the_upper_edge_of_a_slower_recorder_cuts_too():
    calls = table((0, 0.1, 60e3, 92.1e3))
    assert cut_note(calls, STANDARD_GRID) is None
    assert "1 at 92.16 kHz" in cut_note(calls, STANDARD_GRID, 96_000)


def test_a_call_that_is_the_harmonic_of_a_whistle_below_is_told_from_one_beside_it():
    whistles = [Whistle(0.5, 0.6, 40.5e3)]
    harmonic, beside, later = (0.5, 0.6, 79e3, 83e3), (0.5, 0.6, 95e3, 99e3), (2, 2.1, 79e3, 83e3)
    note = below_note(whistles, RenderSettings(), table(harmonic, beside, later))
    assert note is not None
    assert "1 of the 3 calls found are harmonics" in note
    assert "harmonics" not in below_note(whistles, RenderSettings(), table(beside, later))
    assert below_note([], RenderSettings(), table(harmonic)) is None
