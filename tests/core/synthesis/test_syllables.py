from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest

from napari_squeakout.core.synthesis.syllables import KINDS, Trace, song, syllable

RATE_HZ = 250_000
START = 1_000
ELEMENTS = {"step_up": {2}, "step_down": {2}, "two_steps": {3}, "mult_steps": {4, 5, 6}}
#: What a small wobble may add to the course of a kind.
WOBBLE_HZ = 5_000


@pytest.fixture(scope="module")
def drawn():
    """Kind -> syllables of it, none of them near the limits of the band."""
    by_kind = defaultdict(list)
    for seed in range(700):
        call = syllable(START, 75_000, np.random.default_rng(seed))
        by_kind[call.kind].append(call)
    return by_kind


def fundamentals(call):
    """The elements of a syllable without their harmonics, which lie an octave above one."""
    own = []
    for trace in call.traces:
        if any(t.start == trace.start and np.array_equal(2 * t.hz, trace.hz) for t in own):
            continue
        own.append(trace)
    return own


def duration_ms(call):
    return (call.stop - START) / RATE_HZ * 1e3


def smooth(hz):
    """A course without its wobble: its values at nine places."""
    return np.interp(np.linspace(0, len(hz) - 1, 9), np.arange(len(hz)), hz)


def turns(hz, by_hz):
    """How often a course changes direction for at least `by_hz`."""
    count, direction = 0, 0
    low = high = hz[0]
    for value in hz[::20]:
        low, high = min(low, value), max(high, value)
        if direction >= 0 and value < high - by_hz:
            count, direction, low = count + (direction > 0), -1, value
            high = value
        elif direction <= 0 and value > low + by_hz:
            count, direction, high = count + (direction < 0), 1, value
            low = value
    return count


def test_every_kind_is_drawn_about_as_often_as_its_share_says(drawn):
    total = sum(map(len, drawn.values()))
    assert set(drawn) == set(KINDS)
    assert sum(KINDS.values()) == pytest.approx(1)
    for kind, share in KINDS.items():
        spread = np.sqrt(total * share * (1 - share))
        assert len(drawn[kind]) == pytest.approx(total * share, abs=4 * spread), kind


@pytest.mark.parametrize(
    ("kind", "shortest", "usual", "longest"),
    [
        ("short", 2.6, (5, 10), 12.5),
        ("flat", 12, (20, 45), 90),
        ("up_fm", 4, (20, 45), 90),
        ("down_fm", 12, (20, 45), 90),
        ("chevron", 15, (35, 60), 120),
        ("rev_chevron", 15, (30, 50), 100),
        ("complex", 35, (40, 100), 180),
        ("step_up", 10, (25, 50), 93),
        ("step_down", 10, (25, 50), 93),
        ("two_steps", 25, (30, 60), 123),
        ("mult_steps", 40, (40, 120), 183),
    ],
)
def test_each_kind_lasts_as_long_as_measured_calls_do(drawn, kind, shortest, usual, longest):
    durations = [duration_ms(call) for call in drawn[kind]]
    assert min(durations) >= shortest - 0.1
    # But for one in twenty, and of flat ones one in five, which are drawn out to 0.1-0.4 s.
    assert np.percentile(durations, 75 if kind == "flat" else 88) <= longest + 0.1
    assert max(durations) <= 400
    assert usual[0] <= np.median(durations) <= usual[1]


@pytest.mark.parametrize(
    ("kind", "least_hz", "most_hz"),
    [
        ("short", 0, 8_000),
        ("flat", 0, 5_000),
        ("up_fm", 5_000, 40_000),
        ("down_fm", 5_000, 28_000),
        ("chevron", 5_000, 35_000),
        ("rev_chevron", 5_000, 35_000),
        ("complex", 5_000, 35_000),
    ],
)
def test_unbroken_kinds_have_the_bandwidth_that_defines_them(drawn, kind, least_hz, most_hz):
    bandwidths = np.array([np.ptp(call.traces[0].hz) for call in drawn[kind]])
    assert all(len(fundamentals(call)) == 1 for call in drawn[kind])
    assert bandwidths.min() >= least_hz
    assert bandwidths.max() <= most_hz + WOBBLE_HZ


@pytest.mark.parametrize(("kind", "sign"), [("up_fm", 1), ("down_fm", -1)])
def test_frequency_modulated_kinds_end_higher_or_lower_than_they_begin(drawn, kind, sign):
    for call in drawn[kind]:
        hz = call.traces[0].hz
        assert sign * (hz[-1] - hz[0]) > 4_000
        assert turns(hz, 2_500) == 0


@pytest.mark.parametrize(("kind", "sign"), [("chevron", 1), ("rev_chevron", -1)])
def test_chevrons_turn_once_between_their_ends(drawn, kind, sign):
    for call in drawn[kind]:
        course = sign * smooth(call.traces[0].hz)
        assert 0 < np.argmax(course) < len(course) - 1
        assert max(course[0], course[-1]) < course.max() - 2_500


def test_complex_calls_change_direction_at_least_twice(drawn):
    assert all(turns(call.traces[0].hz, 1_000) >= 2 for call in drawn["complex"])


@pytest.mark.parametrize("kind", sorted(ELEMENTS))
def test_stepped_kinds_have_elements_that_follow_each_other_without_a_gap(drawn, kind):
    for call in drawn[kind]:
        elements = fundamentals(call)
        assert len(elements) in ELEMENTS[kind]
        for before, after in pairwise(elements):
            overlap_s = (before.start + len(before.hz) - after.start) / RATE_HZ
            assert -2 / RATE_HZ <= overlap_s <= 0.0071  # 4 ms, and what a least length of 3 adds


@pytest.mark.parametrize(("kind", "sign"), [("step_up", 1), ("step_down", -1)])
def test_a_step_goes_where_its_name_says(drawn, kind, sign):
    jumps = []
    for call in drawn[kind]:
        low, high = (np.mean(trace.hz) for trace in fundamentals(call))
        jumps.append(sign * (high - low))
    assert min(jumps) > 0
    assert 10_000 < np.median(jumps) < 20_000
    assert max(jumps) < 60_000


@pytest.mark.parametrize("centre_hz", [34_000, 75_000, 115_000])
def test_contours_stay_where_mice_call_and_levels_between_silence_and_full(centre_hz):
    for seed in range(80):
        for trace in syllable(0, centre_hz, np.random.default_rng(seed), stretch=1.35).traces:
            assert trace.hz.min() >= 18_000
            assert trace.hz.max() <= 124_000
            assert len(trace.hz) == len(trace.level)
            assert trace.level.min() >= 0
            assert trace.level.max() <= 1


def test_calls_begin_and_end_softly(drawn):
    for call in (call for calls in drawn.values() for call in calls):
        for trace in call.traces:
            peak = trace.level.max()
            assert trace.level[0] == pytest.approx(0, abs=1e-9)
            assert trace.level[-1] == pytest.approx(0, abs=1e-9)
            assert np.abs(np.diff(trace.level)).max() < 0.02 * peak + 0.001


def test_harmonics_lie_an_octave_above_and_well_below_in_level(drawn):
    pairs = [
        (call.traces[0], trace)
        for kind in ("flat", "up_fm", "down_fm", "short")
        for call in drawn[kind]
        for trace in call.traces[1:]
    ]
    low = [syllable(0, 45_000, np.random.default_rng(seed)) for seed in range(100)]
    pairs += [(c.traces[0], c.traces[-1]) for c in low if c.kind == "flat" and len(c.traces) > 1]
    assert len(pairs) >= 3
    for fundamental, harmonic in pairs:
        np.testing.assert_array_equal(harmonic.hz, 2 * fundamental.hz)
        down_db = 20 * np.log10(fundamental.level.max() / harmonic.level.max())
        assert 10 <= down_db <= 36.01


def test_a_wave_sounds_at_the_frequency_of_its_trace():
    trace = Trace(0, np.full(25_000, 70_000.0), np.ones(25_000))
    wave = trace.wave()
    assert wave.dtype == np.float32
    loudest = np.argmax(np.abs(np.fft.rfft(wave))) * RATE_HZ / len(wave)
    assert loudest == pytest.approx(70_000, abs=10)
    assert np.sqrt(np.mean(wave**2)) == pytest.approx(np.sqrt(0.5), rel=1e-3)


def test_the_same_generator_draws_the_same_syllable_and_another_a_different_one():
    first, same, other = (syllable(0, 7e4, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert first.kind == same.kind
    for a, b in zip(first.traces, same.traces, strict=True):
        np.testing.assert_array_equal(a.hz, b.hz)
        np.testing.assert_array_equal(a.level, b.level)
    assert not np.array_equal(first.traces[0].hz, other.traces[0].hz)


def test_a_song_fills_its_stretch_and_each_voice_pauses_between_calls():
    single = 0
    for seed in range(30):
        calls = song(RATE_HZ, np.random.default_rng(seed))
        assert calls
        assert all(call.traces[0].start < RATE_HZ for call in calls)
        ordered = sorted(calls, key=lambda call: call.traces[0].start)
        pauses = [after.traces[0].start - before.stop for before, after in pairwise(ordered)]
        single += min(pauses, default=0) >= 0.014 * RATE_HZ
    # Two animals, which may call at the same time, are met in one song of eight.
    assert 18 <= single < 30
