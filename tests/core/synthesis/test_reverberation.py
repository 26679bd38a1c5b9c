from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.synthesis.reverberation import OPEN, draw_room

RATE_HZ = 250_000


def rooms(n=80, low_db=-15.0, high_db=25.0):
    rngs = [np.random.default_rng(seed) for seed in range(n)]
    return [draw_room(rng, min_direct_db=low_db, max_direct_db=high_db) for rng in rngs]


def energy_db(pulse):
    return 10 * np.log10(np.sum(np.asarray(pulse, float) ** 2))


def falls_by_db_a_second(walls):
    """Slope of the energy that is still to come, between a tenth and a half of the answer."""
    left = np.cumsum(walls[::-1].astype(float) ** 2)[::-1]
    early, late = len(walls) // 10, len(walls) // 2
    return 10 * np.log10(left[early] / left[late]) / ((late - early) / RATE_HZ)


def test_in_the_open_a_call_arrives_as_it_was():
    wave = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    arriving = OPEN.arriving(wave, 0.02)
    np.testing.assert_array_equal(arriving.early, wave)
    assert not np.any(arriving.late)


@pytest.mark.parametrize("level_db", [-12.0, 0.0, 20.0])
def test_the_direct_sound_lies_as_far_over_what_the_walls_answer_as_asked(level_db):
    for room in rooms(20, level_db, level_db):
        assert energy_db(room.walls) == pytest.approx(-level_db, abs=0.01)
        # A body in the way only takes from it.
        assert energy_db(room.direct) <= 0.01


def test_early_and_late_sound_together_are_all_that_arrives():
    pulse = np.zeros(100, np.float32)
    pulse[0] = 1
    for room in rooms(10):
        early, late = room.arriving(pulse, 0.02)
        total = np.zeros(max(len(early), len(late)))
        total[: len(early)] += early
        total[: len(late)] += late
        expected = np.zeros(len(total))
        expected[: len(room.walls)] += room.walls
        expected[: len(room.direct)] += room.direct
        np.testing.assert_allclose(total, expected, atol=1e-4)


def test_early_sound_ends_soon_after_its_time_and_late_sound_begins_then():
    pulse = np.ones(1, np.float32)
    long = [room for room in rooms() if len(room.walls) > 0.1 * RATE_HZ]
    assert len(long) > 10
    for room in long:
        early, late = room.arriving(pulse, 0.02)
        assert len(early) <= 0.0251 * RATE_HZ
        assert not np.any(np.abs(late[: int(0.0149 * RATE_HZ)]) > 1e-4)
        assert np.any(np.abs(late) > 1e-4)


def test_walls_range_from_padded_boxes_to_bare_ones():
    slopes = [60 / falls_by_db_a_second(r.walls) for r in rooms(120) if len(r.walls) > 2_000]
    assert min(slopes) < 0.03
    assert 0.15 < max(slopes) < 0.4


def test_some_animals_turn_away_which_takes_high_frequencies_most():
    turned = [room for room in rooms(60, -10, -5) if len(room.direct) > 1]
    assert 15 <= len(turned) <= 45
    for room in turned:
        spectrum = np.abs(np.fft.rfft(room.direct, 4096))
        low, high = (spectrum[round(hz / RATE_HZ * 4096)] for hz in (40e3, 100e3))
        assert high < 0.75 * low
