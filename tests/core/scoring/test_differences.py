from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_squeakout.core.scoring.differences import differences


def intervals(*rows):
    return np.array(rows, np.float64).reshape(-1, 2)


def test_what_nothing_overlaps_is_missed_or_extra():
    noted = intervals((0, 1), (2, 3), (4, 5))
    found = intervals((0.9, 1.5), (3.5, 3.9), (4.2, 4.3))
    missed, extra = differences(noted, found)
    assert (missed.tolist(), extra.tolist()) == ([1], [1])
    assert missed.dtype == extra.dtype == np.int64


def test_a_call_in_two_pieces_is_neither_missed_nor_extra():
    missed, extra = differences(intervals((0, 1)), intervals((0, 0.4), (0.6, 1)))
    assert missed.size == extra.size == 0


def test_a_found_call_over_two_noted_ones_misses_neither():
    missed, extra = differences(intervals((0, 1), (2, 3)), intervals((0.5, 2.5)))
    assert missed.size == extra.size == 0


def test_calls_that_only_touch_do_not_overlap():
    missed, extra = differences(intervals((1.0, 1.1)), intervals((0.9, 1.0), (1.1, 1.2)))
    assert (missed.tolist(), extra.tolist()) == ([0], [0, 1])


@pytest.mark.parametrize("moment", [1.0, 1.05, 1.1])
def test_a_moment_lies_in_a_call_from_its_onset_to_its_offset(moment):
    call, label = intervals((1.0, 1.1)), intervals((moment, moment))
    for noted, found in [(label, call), (call, label), (label, label)]:
        missed, extra = differences(noted, found)
        assert missed.size == extra.size == 0


def test_a_moment_beside_a_call_is_not_in_it():
    missed, extra = differences(intervals((0.99, 0.99)), intervals((1.0, 1.1)))
    assert (missed.tolist(), extra.tolist()) == ([0], [0])


def test_against_nothing_everything_differs():
    missed, extra = differences(intervals((0, 1), (2, 3)), intervals())
    assert (missed.tolist(), extra.tolist()) == ([0, 1], [])
    missed, extra = differences(intervals(), intervals())
    assert missed.size == extra.size == 0


def test_a_night_of_calls_is_compared_without_a_table_of_pairs():
    starts = np.sort(np.random.default_rng(0).uniform(0, 40_000, 200_000))
    noted = np.stack([starts, starts + 0.01], axis=1)
    missed, extra = differences(noted, noted[::2])
    assert extra.size == 0
    assert missed.size < 100_000


def overlap(one, other):
    """By definition, one pair at a time."""
    low, high = max(one[0], other[0]), min(one[1], other[1])
    is_moment = one[0] == one[1] or other[0] == other[1]
    return low < high or (is_moment and low == high)


# Whole numbers, so that many calls touch and many are moments.
some_calls = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 4)).map(lambda one: (one[0], sum(one))),
    max_size=8,
)


@given(noted=some_calls, found=some_calls)
def test_every_call_differs_or_overlaps_something(noted, found):
    missed, extra = differences(intervals(*noted), intervals(*found))
    assert missed.tolist() == [
        i for i, one in enumerate(noted) if not any(overlap(one, other) for other in found)
    ]
    assert extra.tolist() == [
        i for i, one in enumerate(found) if not any(overlap(one, other) for other in noted)
    ]
