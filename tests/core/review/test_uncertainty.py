from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.review.review import Review, approve, worked_on
from napari_squeakout.core.review.uncertainty import page_uncertainty, proposals_right, review_order
from napari_squeakout.core.settings import CleanSettings

DEFAULT = CleanSettings()


def page(value, size=40):
    values = np.zeros((64, 64), np.uint8)
    values[4 : 4 + size, 10:20] = round(255 * value)
    return values


def test_a_sure_call_and_an_empty_page_leave_no_doubt_and_a_faint_call_does():
    assert page_uncertainty(page(0.98), DEFAULT) == 0
    assert page_uncertainty(page(0.05), DEFAULT) == 0
    assert page_uncertainty(page(0.5), DEFAULT) > 0.8


def test_a_speck_in_doubt_counts_less_than_a_call_in_doubt():
    assert page_uncertainty(page(0.5, size=1), DEFAULT) < 0.3 < page_uncertainty(page(0.5), DEFAULT)


@pytest.mark.parametrize("threshold", [0.0, 0.51, 0.99])
def test_doubt_lies_between_none_and_one(threshold):
    values = np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.uint8)
    assert 0 <= page_uncertainty(values, CleanSettings(threshold=threshold)) <= 1


def test_every_page_comes_once_the_doubtful_first_and_every_fifth_by_lot():
    doubt = np.random.default_rng(1).uniform(size=50)
    order, drawn = review_order(doubt, random_every=5)
    assert sorted(order) == list(range(50))
    assert drawn.tolist() == order[4::5].tolist()
    rest = np.setdiff1d(order, drawn, assume_unique=True)
    assert (np.diff(doubt[rest]) <= 0).all()


def test_lots_fall_on_sure_and_doubtful_pages_alike():
    doubt = np.linspace(0, 1, 40)
    means = [doubt[review_order(doubt, seed=s)[1]].mean() for s in range(200)]
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


def test_a_low_threshold_does_not_put_the_whole_page_in_doubt():
    background = np.random.default_rng(0).integers(0, 9, (64, 64)).astype(np.uint8)
    assert (
        page_uncertainty(background, CleanSettings(threshold=0.15, min_peak_probability=0.15)) == 0
    )


def test_drawing_every_page_by_lot_is_refused():
    with pytest.raises(ValueError, match="every second page"):
        review_order(np.zeros(4), random_every=1)
