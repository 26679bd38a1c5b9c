from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.rendering.spectrogram import band_centres_hz, power_db
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.synthesis import scenes
from napari_squeakout.core.synthesis.scenes import synthesise_scene
from napari_squeakout.core.synthesis.syllables import Syllable, Trace
from napari_squeakout.core.training_settings import SynthesisSettings

RATE_HZ = 250_000
STEP = 128
PAGE = 431 * STEP + STEP
#: Calls in every scene, loud, and nothing that smears them.
CLEAR = SynthesisSettings(
    empty_fraction=0,
    min_snr_db=25,
    max_snr_db=40,
    reverberation_fraction=0,
    harsh_fraction=0,
    band_limited_fraction=0,
)


@pytest.mark.parametrize("seed", range(4))
def test_the_late_tail_of_a_room_is_heard_and_not_in_the_mask(seed):
    """The same echoes, taken for early or for late."""

    def mask(early_s):
        settings = CLEAR.model_copy(
            update={"reverberation_fraction": 1.0, "max_direct_db": 0.0, "early_s": early_s}
        )
        return synthesise_scene(PAGE, np.random.default_rng(seed), settings)

    short, long = mask(0.002), mask(0.1)
    # Summed in another order before 16 bits round it.
    np.testing.assert_allclose(short.samples, long.samples, atol=4e-5)
    assert short.mask.sum() <= long.mask.sum()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_rooms_answer_as_often_as_asked(monkeypatch, share):
    count = []
    draw_room = scenes.draw_room
    monkeypatch.setattr(
        scenes, "draw_room", lambda rng, **levels: count.append(1) or draw_room(rng, **levels)
    )
    for seed in range(5):
        settings = CLEAR.model_copy(update={"reverberation_fraction": share})
        synthesise_scene(PAGE, np.random.default_rng(seed), settings)
    assert len(count) == 5 * share


def test_a_call_is_as_loud_in_any_room():
    """What arrives counts, not what the animal gave: else calls by the walls would all be loud."""
    levels_db = []
    for low_db, high_db in ((-15.0, -10.0), (20.0, 25.0)):
        settings = CLEAR.model_copy(
            update={
                "reverberation_fraction": 1.0,
                "min_direct_db": low_db,
                "max_direct_db": high_db,
                "disturbance_rate": 0,
            }
        )
        drawn = [synthesise_scene(PAGE, np.random.default_rng(k), settings) for k in range(25)]
        levels_db.append(np.median([call.snr_db for scene in drawn for call in scene.calls]))
    assert abs(levels_db[0] - levels_db[1]) < 9


def test_a_recorder_with_a_lower_rate_hears_nothing_above_its_nyquist():
    settings = CLEAR.model_copy(update={"band_limited_fraction": 1.0})
    centres_hz = band_centres_hz(RenderSettings())
    for seed in range(6):
        scene = synthesise_scene(PAGE, np.random.default_rng(seed), settings)
        assert 80e3 <= scene.nyquist_hz <= 115e3
        above = centres_hz > scene.nyquist_hz + 2e3
        db = power_db(scene.samples, RenderSettings())
        assert np.median(db[above]) < np.median(db[~above]) - 10
        assert not scene.mask[above].any()
        assert all(call.high_hz <= scene.nyquist_hz for call in scene.calls)


def test_calls_are_told_where_their_masks_are():
    for seed in range(10):
        scene = synthesise_scene(PAGE, np.random.default_rng(seed), CLEAR)
        assert [c.start_s for c in scene.calls] == sorted(c.start_s for c in scene.calls)
        near = np.zeros(scene.mask.shape[1], bool)
        for call in scene.calls:
            assert 0 < call.start_s < call.end_s < PAGE / RATE_HZ
            assert 45e3 <= call.low_hz < call.high_hz <= 125.2e3
            first, last = ((t - 256e-6) * RATE_HZ / STEP for t in (call.start_s, call.end_s))
            assert abs(first - round(first)) < 1e-6
            near[max(0, round(first) - 3) : round(last) + 3] = True
        # Closing pinholes may add a column or two beside a call, and nothing anywhere else.
        assert not scene.mask[:, ~near].any()


def test_a_margin_stays_free_of_calls():
    margin = 8_192
    for seed in range(6):
        scene = synthesise_scene(4 * PAGE, np.random.default_rng(seed), CLEAR, margin=margin)
        free = margin // STEP - 3
        assert scene.mask.any()
        assert not scene.mask[:, :free].any()
        assert not scene.mask[:, -free:].any()


@pytest.mark.parametrize("seed", range(3))
def test_sound_is_what_16_bits_hold(seed):
    samples = synthesise_scene(PAGE, np.random.default_rng(seed), CLEAR).samples
    assert samples.dtype == np.float32
    assert np.abs(samples).max() <= 1
    np.testing.assert_allclose(samples * 32767, np.rint(samples * 32767), atol=2e-3)


def recorded_by(sound, seed):
    rng = np.random.default_rng(seed)
    return scenes.recorded(sound, scenes._gain(sound, rng), rng)


def test_some_recordings_clip_and_some_lose_buffers():
    sound = np.random.default_rng(0).normal(0, 1, PAGE).astype(np.float32)
    recorded = [recorded_by(sound, seed) for seed in range(300)]
    assert all(np.isfinite(x).all() and np.abs(x).max() <= 1 for x in recorded)
    loud = [recorded_by(3e3 * sound, seed) for seed in range(200)]
    clipped = np.mean([(np.abs(x) >= 1).sum() > 2 for x in loud])
    assert 0.03 < clipped < 0.2
    longest = [np.diff(np.flatnonzero(np.r_[True, x != 0, True])).max() - 1 for x in loud]
    dropped = np.mean(np.array(longest) >= 0.001 * RATE_HZ)
    assert 0.02 < dropped < 0.12


def test_every_call_told_has_a_mask():
    settings = SynthesisSettings(empty_fraction=0, max_snr_db=15)
    for seed in range(40):
        scene = synthesise_scene(PAGE, np.random.default_rng(seed), settings)
        for call in scene.calls:
            first, last = (round((t - 256e-6) * RATE_HZ / STEP) for t in (call.start_s, call.end_s))
            assert scene.mask[:, first:last].any()


@pytest.mark.parametrize(
    ("level_db", "quiet_db", "said_db"), [(30, 0, 30), (20, 0, 20), (30, -12, 18)]
)
def test_a_calls_snr_is_that_of_most_of_its_columns(level_db, quiet_db, said_db):
    n = 25_000
    level = np.where(np.arange(n) < n // 4, 1.0, 10 ** (quiet_db / 20))
    call = Syllable("flat", (Trace(10_000, np.full(n, 70e3), level),))
    settings = SynthesisSettings(
        empty_fraction=0,
        min_snr_db=level_db,
        max_snr_db=level_db,
        reverberation_fraction=0,
        disturbance_rate=0,
        band_limited_fraction=0,
    )
    for seed in range(5):
        rng = np.random.default_rng(seed)
        scene = synthesise_scene(PAGE, rng, settings, sing=lambda *_: [call])
        assert [c.snr_db for c in scene.calls] == [pytest.approx(said_db, abs=2)]


def test_calls_too_faint_to_be_noticed_are_counted_and_not_marked():
    n = 25_000
    loud, faint = (
        Syllable("flat", (Trace(10_000, np.full(n, hz), np.full(n, level)),))
        for hz, level in ((60e3, 1.0), (90e3, 0.01))
    )
    scene = synthesise_scene(
        PAGE, np.random.default_rng(0), CLEAR, sing=lambda *_: [faint, loud, faint]
    )
    assert (len(scene.calls), scene.unseen_s) == (1, (0.04, 0.04))
    assert scene.calls[0].high_hz < 70e3
