from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.resample import at_rate

TARGET_HZ = 250_000
RATES_HZ = [192_000, 300_000, 384_000]


def recording(samples, rate_hz):
    return Recording.from_array(samples, sample_rate_hz=rate_hz)


def tone(hz, rate_hz, seconds=0.2):
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)


def noise(rate_hz, seconds=0.2):
    return np.random.default_rng(0).normal(0, 0.1, round(seconds * rate_hz))


def test_a_recording_at_that_rate_already_is_left_as_it_is():
    original = recording(noise(TARGET_HZ), TARGET_HZ)
    assert at_rate(original, TARGET_HZ) is original


@pytest.mark.parametrize("block", [777, 4096, 33_333])
@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_blocks_are_the_same_as_the_whole(rate_hz, block):
    resampled = at_rate(recording(noise(rate_hz), rate_hz), TARGET_HZ)
    n = resampled.n_samples
    blocks = [resampled.read(at, min(at + block, n)) for at in range(0, n, block)]
    np.testing.assert_allclose(np.concatenate(blocks), resampled.read(0, n), rtol=0, atol=1e-6)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_a_tone_keeps_its_frequency_phase_and_level(rate_hz):
    resampled = at_rate(recording(tone(60_000, rate_hz), rate_hz), TARGET_HZ)
    inner = slice(1000, -1000)
    actual = resampled.read(0, resampled.n_samples)
    np.testing.assert_allclose(actual[inner], tone(60_000, TARGET_HZ)[inner], rtol=0, atol=1e-3)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_the_recording_stays_as_long_as_it_was(rate_hz):
    original = recording(noise(rate_hz), rate_hz)
    resampled = at_rate(original, TARGET_HZ)
    assert resampled.sample_rate_hz == TARGET_HZ
    assert resampled.duration_s == pytest.approx(original.duration_s, abs=1 / TARGET_HZ)


@pytest.mark.parametrize("rate_hz", [300_000, 384_000])
def test_what_the_new_rate_cannot_hold_is_gone_and_not_folded_down(rate_hz):
    resampled = at_rate(recording(tone(140_000, rate_hz), rate_hz), TARGET_HZ)
    inner = resampled.read(0, resampled.n_samples)[1000:-1000]
    assert np.abs(inner).max() < 1e-3


def test_outside_the_recording_there_is_silence():
    resampled = at_rate(recording(noise(300_000), 300_000), TARGET_HZ)
    assert not resampled.read(-2000, -1000).any()
    assert not resampled.read(resampled.n_samples, resampled.n_samples + 1000).any()


def test_where_it_came_from_and_what_is_known_about_it_stay():
    original = recording(noise(300_000), 300_000)
    resampled = at_rate(original, TARGET_HZ)
    assert (resampled.name, resampled.path, resampled.notes) == (
        original.name,
        original.path,
        original.notes,
    )
