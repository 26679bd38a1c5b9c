"""Verdicts: better only where it is sure, and in words a biologist understands."""

from __future__ import annotations

import json

import numpy as np
import pytest

from napari_squeakout.core.fine_tuning.splits import PagePlace
from napari_squeakout.core.fine_tuning.verdict import compare, units_of
from napari_squeakout.core.scoring.page_scores import PageFigures

PAGE_S = 0.22


def judged(dice, hit, false=None):
    """A model that finds `hit` of two calls on each page."""
    recovered = tuple(np.arange(2) < n for n in hit)
    found = np.array(hit) + (0 if false is None else np.array(false))
    return PageFigures(dice=np.array(dice, float), recovered=recovered, found=found, page_s=PAGE_S)


def verdict(before, after, units=None, **more):
    units = np.arange(len(before.dice)) if units is None else np.asarray(units)
    return compare((before, 0.5), (after, 0.4), units, seed=0, **more)


def test_a_gain_on_every_page_is_better_and_said_so():
    before, after = judged([0.5] * 8, [1] * 8), judged([0.8] * 8, [2] * 8, [1] + [0] * 7)
    found = verdict(before, after)
    assert found.is_better
    assert found.certainty == 1 - 2**-8
    assert (found.missed_before, found.now_found, found.now_missed) == (8, 8, 0)
    assert found.gains["recall"] == (0.5, 0.5)
    assert found.sentence == (
        "better with 99 % certainty (Dice 0.500 before, 0.800 after): finds all 8 calls that "
        "were missed before; 34.1 more false calls per minute"
    )


def test_nothing_new_is_not_better():
    same = judged([0.5] * 8, [1] * 8)
    found = verdict(same, same)
    assert (found.is_better, found.certainty) == (False, 0)
    assert found.sentence == (
        "not better: Dice 0.500 before, 0.500 after, 0 % certainty that it is better, 95 % are "
        "needed; still misses all 8 calls that were missed before"
    )


@pytest.mark.parametrize(
    ("missed", "found", "said"),
    [
        (1, 0, "still misses the call that was missed before"),
        (1, 1, "finds the call that was missed before"),
        (3, 2, "finds 2 of 3 calls that were missed before"),
    ],
)
def test_what_becomes_of_missed_calls_is_said_as_one_would(missed, found, said):
    before = judged([0.5] * 8, [1] * missed + [2] * (8 - missed))
    after = judged([0.8] * 8, [2] * found + [1] * (missed - found) + [2] * (8 - missed))
    assert said in verdict(before, after).sentence


def test_better_shapes_of_fewer_calls_are_not_better_and_say_why():
    before, after = judged([0.7] * 8, [2] * 8), judged([0.8] * 8, [1] * 8)
    found = verdict(before, after)
    assert not found.is_better
    assert found.sentence.startswith(
        "not better: Dice 0.700 before, 0.800 after, but calls are found less well (F1 1.000 "
        "before, 0.667 after)"
    )


def test_a_loss_is_not_better_and_says_what_is_missed():
    found = verdict(judged([0.8] * 8, [2] * 8), judged([0.6] * 8, [2] * 6 + [1] * 2))
    assert not found.is_better
    assert found.certainty == 0
    assert "misses 2 that were found" in found.sentence


def test_four_pages_cannot_tell_however_good():
    found = verdict(judged([0.1] * 4, [0] * 4), judged([0.9] * 4, [2] * 4))
    assert not found.is_better
    assert found.sentence.startswith("cannot tell: 4 pages are too few to judge by")


def test_pages_that_stay_the_same_do_not_make_a_few_gains_sure():
    before, after = judged([0.5] * 20, [1] * 20), judged([0.8] * 3 + [0.5] * 17, [1] * 20)
    found = verdict(before, after)
    assert found.certainty == 1 - 2**-3
    assert not found.is_better


def test_gains_and_losses_that_balance_are_not_better():
    rng = np.random.default_rng(0)
    start = rng.uniform(0.4, 0.6, 12)
    found = verdict(judged(start, [1] * 12), judged(start + np.tile([0.1, -0.1], 6), [1] * 12))
    assert 0.2 < found.certainty < 0.8
    assert not found.is_better


def test_better_pixels_with_worse_calls_are_not_better():
    before = judged([0.5] * 8, [2] * 8)
    assert verdict(before, judged([0.6] * 8, [2] * 8)).is_better
    assert not verdict(before, judged([0.6] * 8, [2] * 7 + [1])).is_better


def test_recordings_are_what_is_drawn_where_there_are_five():
    places = [PagePlace(group=group, start=page) for group in "abcdef" for page in range(4)]
    units = units_of(places)
    assert len(np.unique(units)) == 6
    gain = np.where(units == 0, 0.4, -0.01)
    before = judged([0.5] * 24, [1] * 24)
    by_recording = verdict(before, judged(0.5 + gain, [1] * 24), units)
    by_page = verdict(before, judged(0.5 + gain, [1] * 24))
    assert by_recording.units == 6
    assert by_recording.certainty < by_page.certainty


def test_with_fewer_recordings_pages_are_what_is_drawn():
    places = [PagePlace(group=group, start=page) for group in "ab" for page in range(4)]
    assert units_of(places).tolist() == list(range(8))


@pytest.mark.parametrize(("after", "told"), [(0.89, False), (0.87, True)])
def test_what_was_forgotten_is_told_where_it_is_much(after, told):
    same = judged([0.5] * 6, [1] * 6)
    found = verdict(same, same, synthetic_dice=(0.9, after))
    assert ("some is forgotten" in found.sentence) == told


def test_a_verdict_is_json_with_nothing_undefined():
    nothing = PageFigures(
        dice=np.ones(6),
        recovered=(np.zeros(0, bool),) * 6,
        found=np.zeros(6, np.int64),
        page_s=PAGE_S,
    )
    found = compare((nothing, 0.5), (nothing, 0.5), np.arange(6), seed=0)
    written = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert written["before"]["recall"] is None
    assert written["gains"]["recall"] is None
    assert written["gains"]["dice"] == [0, 0]
