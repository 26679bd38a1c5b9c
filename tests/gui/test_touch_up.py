from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.gui import touch_up


@pytest.fixture
def page():
    labels = np.zeros((64, 64), np.int32)
    labels[10:30, 10:30] = 1
    labels[15:20, 15:20] = 0
    labels[10:30, 40:60] = 2
    labels[50:52, 50:52] = 2
    return labels


def test_erosion_thins_one_call_alone(page):
    thin = touch_up.eroded(page, 2)
    assert 0 < (thin == 2).sum() < (page == 2).sum()
    np.testing.assert_array_equal(thin == 1, page == 1)


def test_dilation_grows_into_background_only(page):
    page[10:30, 30:40] = 3
    grown = touch_up.dilated(page, 1)
    assert (grown == 1).sum() > (page == 1).sum()
    np.testing.assert_array_equal(grown == 3, page == 3)


def test_small_segments_go_also_where_their_call_has_large_ones(page):
    kept = touch_up.without_small(page, 10)
    assert not kept[50:52, 50:52].any()
    assert (kept[10:30, 40:60] == 2).all()


def test_holes_are_filled_with_their_call(page):
    assert (touch_up.filled(page)[10:30, 10:30] == 1).all()


def test_a_call_in_a_hole_stays(page):
    page[16:18, 16:18] = 5
    assert (touch_up.filled(page)[16:18, 16:18] == 5).all()


def test_one_call_is_erased_alone(page):
    erased = touch_up.without_call(page, 1)
    assert not (erased == 1).any()
    np.testing.assert_array_equal(erased == 2, page == 2)


def test_nothing_is_changed_in_place(page):
    before = page.copy()
    touch_up.eroded(page, 1)
    touch_up.dilated(page, 1)
    touch_up.without_small(page, 10)
    touch_up.filled(page)
    touch_up.without_call(page, 1)
    assert not touch_up.cleared(page).any()
    np.testing.assert_array_equal(page, before)
