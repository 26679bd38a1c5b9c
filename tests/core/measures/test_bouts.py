"""Which calls belong together."""

from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.measures.bouts import bouts_of, cut_of_intervals


def intervals(*kinds):
    """Log-normal intervals: (median in s, spread of the logarithm, how many)."""
    rng = np.random.default_rng(0)
    return np.concatenate([np.exp(rng.normal(np.log(m), spread, n)) for m, spread, n in kinds])


def test_a_silence_as_long_as_the_gap_ends_a_bout():
    start = np.array([0.0, 0.5, 3.0, 3.2])
    end = start + np.array([0.1, 0.5, 0.1, 0.1])
    assert bouts_of(start, end, 2.0).tolist() == [0, 0, 1, 1]
    assert bouts_of(start, end, 2.1).tolist() == [0, 0, 0, 0]


def test_a_call_within_another_does_not_begin_the_silence_anew():
    start, end = np.array([0.0, 0.1, 2.5]), np.array([1.0, 0.2, 2.6])
    assert bouts_of(start, end, 2.0).tolist() == [0, 0, 0]


def test_no_calls_are_no_bouts():
    assert len(bouts_of(np.zeros(0), np.zeros(0), 2.0)) == 0


@pytest.mark.parametrize("shares", [(300, 300), (500, 60)])
def test_the_cut_of_two_kinds_of_silence_lies_between_them(shares):
    cut_s = cut_of_intervals(intervals((0.08, 0.4, shares[0]), (4.0, 0.7, shares[1])))
    assert 0.2 < cut_s < 1.5


def test_where_both_kinds_are_alike_in_spread_and_share_the_cut_is_their_geometric_mean():
    cut_s = cut_of_intervals(intervals((0.05, 0.5, 2_000), (5.0, 0.5, 2_000)))
    assert cut_s == pytest.approx(0.5, rel=0.15)


def test_what_cannot_be_an_interval_does_not_count():
    good = intervals((0.08, 0.4, 100), (4.0, 0.7, 100))
    with_others = np.r_[good, np.nan, -0.5, np.nan]
    assert cut_of_intervals(with_others) == cut_of_intervals(good)


def test_few_intervals_and_those_of_one_kind_say_nothing():
    with pytest.raises(InputError, match="29 intervals"):
        cut_of_intervals(np.ones(29))
    with pytest.raises(InputError, match="one kind"):
        cut_of_intervals(np.full(100, 0.1))
    with pytest.raises(InputError, match="one kind"):
        cut_of_intervals(intervals((0.3, 0.8, 1_000)))
