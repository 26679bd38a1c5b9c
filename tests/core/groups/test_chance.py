"""How far two groups are apart, and what chance does."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from napari_squeakout.core.groups.chance import (
    difference_interval,
    hedges_g,
    holm,
    permutation_chance,
    smallest_p,
)

LOTS = {"resamples": 999, "seed": 0}


def values(*numbers):
    return np.array(numbers, float)


def test_few_animals_are_dealt_in_every_way():
    chance = permutation_chance(values(1, 2, 3), values(4, 5, 6), **LOTS)
    assert (chance.p, chance.exact) == (pytest.approx(2 / 20), True)
    assert permutation_chance(values(1, 2), values(30, 40, 50), **LOTS).p == pytest.approx(1 / 10)


def test_ways_that_are_equal_but_for_rounding_count_as_equal():
    one, other = values(0.1, 0.4, 0.2, 0.7), values(0.3, 0.9, 0.6, 0.8)
    near = permutation_chance(one, other, **LOTS).p
    assert permutation_chance(one / 3 + 70e3, other / 3 + 70e3, **LOTS).p == near


def test_many_animals_are_dealt_by_lot_and_p_is_never_0():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=15), rng.normal(0.8, size=12)
    chance = permutation_chance(one, other, resamples=9_999, seed=1)
    theirs = scipy.stats.ttest_ind(one, other).pvalue
    assert not chance.exact
    assert chance.p == pytest.approx(theirs, abs=0.02)
    assert permutation_chance(one, other + 100, **LOTS).p == 1 / 1000
    assert permutation_chance(one, other, **LOTS) == permutation_chance(one, other, **LOTS)


def test_groups_of_equal_values_do_not_differ():
    assert permutation_chance(values(2, 2, 2), values(2, 2, 2), **LOTS).p == 1


@pytest.mark.parametrize(("n", "m", "p"), [(3, 3, 2 / 20), (2, 3, 1 / 10), (20, 20, 1 / 1000)])
def test_the_smallest_p_is_that_of_groups_wholly_apart(n, m, p):
    apart = permutation_chance(np.arange(n) + 0.0, np.arange(m) + 1000.0, **LOTS).p
    assert (apart, smallest_p(n, m, resamples=999)) == (pytest.approx(p), pytest.approx(p))


@pytest.mark.parametrize("n", [3, 6])
def test_of_100_intervals_95_hold_the_difference(n):
    held = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        one, other = rng.normal(size=n), rng.normal(2, size=n)
        low, high = difference_interval(one, other, **LOTS)
        held += low <= 2 <= high
    assert 0.92 <= held / 150 <= 0.98


def test_too_few_animals_have_no_interval():
    assert np.isnan(difference_interval(values(1, 2), values(3, 4, 6), **LOTS)).all()
    assert np.isnan(difference_interval(values(1, 1, 1), values(2, 2, 2), **LOTS)).all()


def test_hedges_g_is_the_difference_in_standard_deviations_a_little_smaller_for_few():
    assert hedges_g(values(1, 2, 3), values(4, 5, 6)) == pytest.approx(3 * (1 - 3 / 15))
    assert hedges_g(values(4, 5, 6), values(1, 2, 3)) < 0
    assert np.isnan(hedges_g(values(1, 1), values(2, 2)))


def test_several_p_are_corrected_by_holm_and_what_was_not_tested_counts_for_nothing():
    assert holm([0.01, 0.04, np.nan, 0.03]) == pytest.approx(
        [0.03, 0.06, np.nan, 0.06], nan_ok=True
    )
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([]) == []
