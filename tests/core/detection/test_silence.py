"""Where nothing stands out of the noise."""

from __future__ import annotations

import numpy as np
import pytest
from fakes import PAGE_S, RATE_HZ

from napari_squeakout.core.detection.silence import loud_columns
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.render import render

NOISE = 1e-3


def pages(*, calls=(), n_pages=24, gain=1.0):
    """Pages of white noise with calls (start_s, duration_s, hz, dB over the noise)."""
    samples = np.random.default_rng(3).normal(0, NOISE, round(n_pages * PAGE_S * RATE_HZ))
    for start_s, duration_s, hz, above_db in calls:
        time_s = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
        # A Hamming window of 256 samples passes noise of 1.33 kHz.
        noise_power = NOISE**2 * 1.33e3 / (RATE_HZ / 2)
        level = np.sqrt(2 * noise_power * 10 ** (above_db / 10))
        first = round(start_s * RATE_HZ)
        samples[first : first + len(time_s)] += level * np.sin(2 * np.pi * hz * time_s)
    return render(Recording.from_array(gain * samples, sample_rate_hz=RATE_HZ))


def loud(stack):
    return np.array([loud_columns(stack.page(page)) for page in range(stack.layout.n_pages)])


@pytest.mark.parametrize("gain", [0.01, 1.0, 100.0])
def test_most_pages_of_noise_are_silent_at_any_gain(gain):
    assert loud(pages(gain=gain)).any(axis=1).mean() < 0.5


@pytest.mark.parametrize("duration_s", [0.005, 0.03, 0.1])
def test_a_call_as_faint_as_people_see_is_loud_at_its_time(duration_s):
    at = [(page + 0.3) * PAGE_S for page in range(2, 20)]
    found = loud(pages(calls=[(start_s, duration_s, 70e3, 12.0) for start_s in at]))
    stop = min(512, round((0.3 + duration_s / PAGE_S) * 512) + 8)
    assert found[2:20, 140:stop].any(axis=1).all()


def test_nothing_known_is_silent():
    samples = np.zeros(round(3 * PAGE_S * RATE_HZ), np.float32)
    assert loud(render(Recording.from_array(samples, sample_rate_hz=RATE_HZ))).mean() < 0.1
