from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.review import Review, approve, worked_on
from napari_squeakout.core.uncertainty import page_uncertainty, proposals_right, review_order


def page(value, size=40):
    values = np.zeros((64, 64), np.uint8)
    values[4 : 4 + size, 10:20] = round(255 * value)
    return values


def test_a_sure_call_and_an_empty_page_leave_no_doubt_and_a_faint_call_does():
    assert page_uncertainty(page(0.98), 0.51) == 0
    assert page_uncertainty(page(0.05), 0.51) == 0
    assert page_uncertainty(page(0.5), 0.51) > 0.8


def test_a_speck_in_doubt_counts_less_than_a_call_in_doubt():
    assert page_uncertainty(page(0.5, size=1), 0.51) < 0.3 < page_uncertainty(page(0.5), 0.51)


@pytest.mark.parametrize("threshold", [0.0, 0.51, 0.99])
def test_doubt_lies_between_none_and_one(threshold):
    values = np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.uint8)
    assert 0 <= page_uncertainty(values, threshold) < 1


def test_every_page_comes_once_the_doubtful_first_and_every_fifth_by_lot():
    doubt = np.random.default_rng(1).uniform(size=50)
    order, drawn = review_order(doubt, random_every=5)
    assert sorted(order) == list(range(50))
    assert np.flatnonzero(drawn).tolist() == list(range(4, 50, 5))
    assert (np.diff(doubt[order[~drawn]]) <= 0).all()


def test_lots_fall_on_sure_and_doubtful_pages_alike():
    doubt = np.linspace(0, 1, 40)
    means = [doubt[o[d]].mean() for o, d in (review_order(doubt, seed=s) for s in range(200))]
    assert np.mean(means) == pytest.approx(0.5, abs=0.03)


def test_what_the_drawn_pages_say_of_all_comes_with_its_interval():
    review, labels = Review(100), np.zeros((8, 8), np.int32)
    assert proposals_right(review, range(20)) is None
    for index in range(20):
        review = approve(review, index, labels)
    review = worked_on(review, 3, pixels_changed=10)
    estimate = proposals_right(review, range(30))
    assert (estimate.share, estimate.pages) == (0.95, 20)
    assert 0.7 < estimate.low < 0.8
    assert 0.98 < estimate.high < 1
