from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.review.navigation import (
    CALLS,
    DOUBT,
    EVERY,
    EXTRA,
    MISSED,
    OPEN,
    following_page,
)
from napari_squeakout.core.review.review import Review, approve
from napari_squeakout.core.review.uncertainty import (
    PageMeasures,
    measuring_pages,
    page_disagreement,
)
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.steps import run

PAGE = np.zeros((4, 4), np.int32)
MEASURES = PageMeasures(
    np.array([0.1, 0.9, 0.0, 0.5, 0.2]), np.zeros(5, np.uint8), np.array([0, 3, 0, 4, 0])
)


def walk(way, review, start=0, step=1, **known):
    """Pages seen on a way from a page until it ends or comes round."""
    seen = [start]
    while (page := following_page(way, review, seen[-1], step, **known)) not in {None, *seen}:
        seen.append(page)
    return seen


def test_every_page_comes_in_its_order_and_the_way_ends():
    assert walk(EVERY, Review(5)) == [0, 1, 2, 3, 4]
    assert walk(EVERY, Review(5), 4, -1) == [4, 3, 2, 1, 0]


def test_pages_with_calls_only():
    assert walk(CALLS, Review(5), measures=MEASURES) == [0, 1, 3]


def test_approved_pages_are_passed_over():
    review = approve(approve(Review(5), 1, PAGE), 2, PAGE)
    assert walk(OPEN, review) == [0, 3, 4]


def test_the_most_doubtful_pages_come_first_and_all_open_ones_come():
    seen = walk(DOUBT, Review(5), 1, measures=MEASURES)
    assert sorted(seen) == [0, 1, 2, 3, 4]
    assert seen[:2] == [1, 3]
    back = walk(DOUBT, Review(5), 1, -1, measures=MEASURES)
    assert back == [seen[0], *seen[:0:-1]]


def test_in_doubt_a_page_approved_is_not_come_back_to():
    review = approve(Review(5), 3, PAGE)
    assert 3 not in walk(DOUBT, review, 1, measures=MEASURES)
    everything = review
    for page in range(5):
        everything = approve(everything, page, PAGE)
    assert following_page(DOUBT, everything, 1, measures=MEASURES) is None


@pytest.mark.parametrize("way", [MISSED, EXTRA])
def test_pages_where_a_table_differs(way):
    differing = {way: np.array([False, False, True, False, True])}
    assert walk(way, Review(5), differing=differing) == [0, 2, 4]


def test_what_is_not_known_yet_leaves_pages_in_their_order():
    assert walk(DOUBT, Review(3)) == [0, 1, 2]


def test_where_two_models_differ_a_page_is_in_doubt():
    one, other = np.zeros((2, 512, 512), np.uint8)
    one[100:120, 100:200] = 250
    settings = CleanSettings()
    assert page_disagreement(one, one, settings) == 0
    assert page_disagreement(one, other, settings) > 0.9
    other[100:120, 100:150] = 250
    assert page_disagreement(one, other, settings) == pytest.approx(0.5, abs=0.05)
    speck = np.zeros_like(one)
    speck[5, 5] = 255
    assert page_disagreement(np.zeros_like(one), speck, settings) < 0.05
    labels = np.zeros((1, 512, 512), np.int32)
    certain = run(measuring_pages(one[None], labels, settings)).uncertainty
    doubtful = run(measuring_pages(one[None], labels, settings, disagreement={0: 0.7})).uncertainty
    assert (certain[0], doubtful[0]) == (0, 0.7)


def test_pages_are_measured_one_by_one():
    values = np.zeros((3, 512, 512), np.uint8)
    values[1, 100:120, 100:200] = 255
    values[2, 100:120, 100:200] = 130
    labels = np.zeros((3, 512, 512), np.int32)
    labels[1, 100:120, 100:200] = 9
    measures = run(measuring_pages(values, labels, CleanSettings()))
    assert measures.highest.tolist() == [0, 255, 130]
    assert measures.occupied.tolist() == [False, True, False]
    assert measures.last_number.max() == 9
    assert measures.uncertainty[2] > 0.9 > measures.uncertainty[1] == measures.uncertainty[0] == 0
