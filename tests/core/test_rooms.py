from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.rooms import Room, draw_room
from napari_squeakout.core.syllables import Trace

RATE_HZ = 250_000
ROOM = Room(decay_s=0.06, direct_db=6.0, delay_s=0.001)


def tone(seconds=0.05, hz=60e3):
    n = int(seconds * RATE_HZ)
    return Trace(0, np.full(n, hz), np.ones(n))


def level_db(wave):
    return 10 * np.log10(np.mean(wave.astype(float) ** 2))


def test_the_tail_of_a_steady_tone_lies_as_far_below_it_as_the_room_says():
    dry = tone(0.2).wave()
    tails = [ROOM.tail(dry, np.random.default_rng(seed)) for seed in range(60)]
    steady = np.concatenate([wet[RATE_HZ // 10 :] for wet in tails])
    assert level_db(steady) - level_db(dry) == pytest.approx(-6, abs=1.2)


def test_the_tail_falls_by_60_db_in_the_rooms_time():
    dry = np.zeros(RATE_HZ // 5, np.float32)
    dry[:12_500] = tone().wave()
    tails = [ROOM.tail(dry, np.random.default_rng(seed)) for seed in range(40)]
    power = np.mean(np.square(tails), axis=0)
    early, late = (10 * np.log10(power[at : at + 500].mean()) for at in (12_750, 12_750 + 5_000))
    assert early - late == pytest.approx(60 * 0.02 / 0.06, abs=3)


def test_nothing_is_heard_before_the_first_echo():
    dry = np.zeros(5_000, np.float32)
    dry[100] = 1
    wet = ROOM.tail(dry, np.random.default_rng(0))
    assert np.abs(wet[:340]).max() < 1e-6 < np.abs(wet[360:]).max()


def test_a_whistle_rings_on_at_its_last_frequency_as_loud_as_its_tail():
    rung = ROOM.rung(tone(), 0.01, 60)
    assert len(rung.hz) == 12_500 + 2_500
    assert set(rung.hz[12_500:]) == {60e3}
    after_db = 20 * np.log10(rung.level[[12_500, 14_999]])
    assert after_db[0] == pytest.approx(-6, abs=0.3)
    assert after_db[0] - after_db[1] == pytest.approx(10, abs=0.3)


def test_a_sweep_rings_less_than_a_tone_since_it_was_short_at_its_last_frequency():
    n = 5_000
    sweep = Trace(0, np.linspace(50e3, 90e3, n), np.ones(n))
    steady, swept = (ROOM.rung(t, 0.01, 60).level[n] for t in (tone(0.02, 90e3), sweep))
    assert swept < 0.6 * steady


def test_without_a_ring_a_whistle_is_left_as_it_is():
    whistle = tone()
    assert ROOM.rung(whistle, 0, 60) is whistle


@pytest.mark.parametrize(("below_db", "rings_s"), [(5.0, 0.0), (10.0, 0.004), (20.0, 0.014)])
def test_a_whistle_rings_until_it_has_fallen_so_far_below_its_loudest(below_db, rings_s):
    rung = ROOM.rung(tone(), 0.05, below_db)
    assert len(rung.hz) / RATE_HZ - 0.05 == pytest.approx(rings_s, abs=3e-4)
    faded = Trace(0, tone().hz, np.linspace(1, 0.9, 12_500))
    assert len(ROOM.rung(faded, 0.05, below_db).hz) <= len(rung.hz)


def test_rooms_lie_between_padded_boxes_and_bare_ones():
    rooms = [draw_room(np.random.default_rng(seed)) for seed in range(200)]
    assert 0.02 <= min(r.decay_s for r in rooms) < 0.03
    assert 0.14 < max(r.decay_s for r in rooms) <= 0.2
    assert {r.direct_db > 12 for r in rooms} == {True, False}
