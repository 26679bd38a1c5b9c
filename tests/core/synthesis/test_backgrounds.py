from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.rendering.spectrogram import power_db
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.synthesis import backgrounds as noises
from napari_squeakout.core.synthesis import disturbances
from napari_squeakout.core.synthesis.backgrounds import background, floor

RATE_HZ = 250_000
PAGE = 431 * 128 + 128
DISTURBANCES = [d for _, d in (*noises.LASTING, *noises.PASSING)] + [noises._gain_steps]
#: Density of white noise of standard deviation 1, one-sided.
UNIT_DB = 10 * np.log10(2 / RATE_HZ)


def real(n=RATE_HZ, *, level=1e-3, seed=0):
    return np.random.default_rng(seed).normal(0, level, n).astype(np.float32)


def mid_band_db(sound):
    """Mean level between 60 and 80 kHz over that of unit white noise."""
    db = power_db(sound, RenderSettings(low_hz=60_000, high_hz=80_000))
    return 10 * np.log10(np.mean(10 ** (db / 10))) - UNIT_DB


def test_the_floor_is_near_unit_level_in_the_middle_of_the_band():
    levels = [mid_band_db(floor(PAGE, np.random.default_rng(seed))) for seed in range(40)]
    assert np.median(levels) == pytest.approx(0, abs=2)
    assert min(levels) > -10
    assert max(levels) < 16


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_same_generator_gives_the_same_background_and_another_a_different_one(share):
    first, same, other = (
        background(PAGE, np.random.default_rng(seed), real=[real()], real_share=share)
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("n", [256, 1_000, PAGE])
def test_backgrounds_have_the_length_asked_for_and_are_finite(n):
    for seed in range(30):
        sound = background(n, np.random.default_rng(seed))
        assert (sound.shape, sound.dtype) == ((n,), np.float32)
        assert np.isfinite(sound).all()
        assert sound.std() > 0


@pytest.mark.parametrize("n", [256, 300, 5_000, PAGE, 3 * RATE_HZ])
@pytest.mark.parametrize("disturb", DISTURBANCES, ids=lambda f: f.__name__.strip("_"))
def test_every_disturbance_is_finite_at_any_length(disturb, n):
    for seed in range(8 if n < RATE_HZ else 2):
        sound = disturb(n, np.random.default_rng(seed))
        assert sound.shape == (n,)
        assert sound.dtype == np.float32
        assert np.isfinite(sound).all()


@pytest.mark.parametrize("disturb", DISTURBANCES[:-1], ids=lambda f: f.__name__.strip("_"))
def test_every_disturbance_can_be_heard_over_the_floor(disturb):
    audible = RenderSettings(low_hz=1_000)
    loudest = max(
        np.max(power_db(disturb(PAGE, np.random.default_rng(seed)), audible)) for seed in range(10)
    )
    assert loudest > UNIT_DB + 10


def test_backgrounds_differ_in_what_disturbs_them():
    quiet = power_db(floor(PAGE, np.random.default_rng(0)), RenderSettings())
    peaks = [
        np.max(power_db(background(PAGE, np.random.default_rng(seed)), RenderSettings()))
        for seed in range(60)
    ]
    disturbed = np.mean(np.array(peaks) > quiet.max() + 6)
    assert 0.3 < disturbed < 0.95


@pytest.mark.parametrize(("rumbling", "least", "most"), [(0, 0, 0), (1, 5, 25), (8, 100, 100)])
def test_it_rumbles_as_often_as_asked(monkeypatch, rumbling, least, most):
    heard = []
    usual = noises.rumble

    def rumble(n, rng):
        heard.append(1)
        return usual(n, rng)

    table = [(share, rumble if d is usual else d) for share, d in noises.LASTING]
    monkeypatch.setattr(noises, "LASTING", table)
    monkeypatch.setattr(noises, "rumble", rumble)
    for seed in range(100):
        background(1_000, np.random.default_rng(seed), rumbling=rumbling)
    assert least <= len(heard) <= most


@pytest.mark.parametrize(("share", "lowest", "highest"), [(0, 0, 0), (0.4, 25, 55), (1, 100, 100)])
def test_real_background_is_used_as_often_as_asked(monkeypatch, share, lowest, highest):
    used = []
    patchwork = noises._patchwork
    monkeypatch.setattr(noises, "_patchwork", lambda *args: used.append(1) or patchwork(*args))
    for seed in range(100):
        background(1_000, np.random.default_rng(seed), real=[real()], real_share=share)
    assert lowest <= len(used) <= highest


@pytest.mark.parametrize("level", [1e-4, 0.1])
def test_real_background_is_brought_to_the_level_of_the_floor(level):
    levels = [
        mid_band_db(noises._patchwork(PAGE, np.random.default_rng(seed), [real(level=level)]))
        for seed in range(5)
    ]
    np.testing.assert_allclose(levels, 0, atol=1.5)


def test_stretches_of_real_background_fade_into_each_other_without_a_click():
    source = np.sin(2 * np.pi * 3_000 * np.arange(2 * RATE_HZ) / RATE_HZ).astype(np.float32)
    source += real(len(source), level=0.01)
    for seed in range(5):
        patched = noises._patchwork(4 * PAGE, np.random.default_rng(seed), [source])
        steps = np.abs(np.diff(patched))[: -2 * 512]  # all but the end, which is cut anywhere
        # A hard cut of this tone would jump by up to its peak-to-peak, 26 times the usual step.
        assert steps.max() < 3 * np.percentile(steps, 95)


@pytest.mark.parametrize("length", [300, 2_000, PAGE // 3, PAGE - 1])
def test_sources_shorter_than_the_page_are_repeated_until_it_is_full(length):
    for seed in range(4):
        sound = noises._patchwork(PAGE, np.random.default_rng(seed), [real(length)])
        assert sound.shape == (PAGE,)
        assert np.isfinite(sound).all()
        parts = np.array([part.std() for part in np.array_split(sound, 20)])
        assert parts.min() > 0.2 * np.median(parts)


@pytest.mark.parametrize("zeros", [slice(0, 40_000), slice(10_000, 10_500), slice(None)])
def test_digital_silence_in_a_source_stays_finite(zeros):
    source = real(100_000)
    source[zeros] = 0
    for seed in range(6):
        sound = background(PAGE, np.random.default_rng(seed), real=[source], real_share=1.0)
        assert np.isfinite(sound).all()


def test_disturbances_come_as_often_as_asked():
    def restless(disturbed):
        """Share of stretches with a moment far louder than the rest."""
        loud = []
        for seed in range(30):
            sound = background(20_000, np.random.default_rng(seed), disturbed=disturbed)
            loud.append(np.abs(sound).max() > 6 * sound.std())
        return np.mean(loud)

    assert restless(0) < restless(1) < restless(3)


def test_what_passes_comes_as_often_in_a_long_stretch_as_in_short_ones(monkeypatch):
    heard = []
    monkeypatch.setattr(noises, "PASSING", ((0.5, lambda n, _: heard.append(n) or np.zeros(n)),))
    background(40 * noises._STRETCH, np.random.default_rng(0))
    assert 10 <= len(heard) <= 30


def test_a_sensor_gives_the_same_burst_again_and_again():
    alike = 0
    for seed in range(20):
        sound = disturbances._sensor(RATE_HZ, np.random.default_rng(seed))
        loud = np.flatnonzero(np.abs(sound) > 0.2 * np.abs(sound).max())
        starts = loud[np.flatnonzero(np.diff(loud, prepend=-RATE_HZ) > 1_000)]
        periods = np.diff(starts)
        alike += len(periods) >= 3 and np.ptp(periods[1:-1]) <= 2
    assert alike >= 15
