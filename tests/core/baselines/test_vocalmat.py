"""VocalMat's segmentation: what it marks, what it leaves, and at which size."""

from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.baselines.settings import VocalMatSettings
from napari_squeakout.core.baselines.vocalmat import vocalmat_mask
from napari_squeakout.core.scoring.mask_scores import dice_scores

GRID = (328, 431)


@pytest.fixture
def noise():
    """Speckle as on VocalMat's images, (328, 431)."""
    return np.random.default_rng(0).normal(0.66, 0.03, GRID).clip(0, 1).astype(np.float32)


def with_call(image, rows, columns, grey=1.0):
    called = image.copy()
    called[rows, columns] = grey
    return called


def test_a_bright_whistle_is_marked_and_hardly_anything_else(noise):
    truth = np.zeros(GRID, bool)
    truth[150:162, 100:200] = True
    mask = vocalmat_mask(np.where(truth, np.float32(1), noise))
    assert mask[truth].all()
    assert dice_scores(truth[None], mask[None])[0] > 0.7


def test_a_call_as_long_as_the_image_does_not_hide_itself(noise):
    mask = vocalmat_mask(with_call(noise, slice(150, 162), slice(60, 330)))
    assert mask[150:162, 60:330].all()


def test_the_mask_is_thicker_than_the_call_by_what_it_is_dilated_with(noise):
    mask = vocalmat_mask(with_call(noise, slice(150, 162), slice(100, 200)))
    rows, columns = np.flatnonzero(mask[:, 150]), np.flatnonzero(mask[155])
    assert len(rows) == 12 + 4 - 1
    assert len(columns) == 100 + 3 - 1


def test_what_is_smaller_than_the_opening_is_no_call(noise):
    thin_line = vocalmat_mask(with_call(noise, slice(150, 153), slice(100, 200)))
    click = vocalmat_mask(with_call(noise, slice(50, 250), slice(100, 101)))
    assert not thin_line[140:165].any()
    assert not click[:, 95:106].any()


def test_segments_of_60_pixels_and_fewer_are_dropped(noise):
    # 4 + 3 rows once dilated: 8 columns are 56 pixels, 9 are 63.
    assert not vocalmat_mask(with_call(noise, slice(150, 154), slice(100, 108)))[145:160].any()
    assert vocalmat_mask(with_call(noise, slice(150, 154), slice(100, 109)))[145:160].any()


def test_segments_that_touch_at_a_corner_stay_two(noise):
    once = with_call(noise, slice(150, 154), slice(100, 107))
    both = with_call(
        once, slice(157, 161), slice(107, 114)
    )  # dilated 7 rows each: corner to corner
    assert not vocalmat_mask(both)[140:170].any()


def test_a_more_sensitive_threshold_marks_more(noise):
    faint = with_call(noise, slice(150, 162), slice(100, 200), grey=0.72)
    marked = [
        int(vocalmat_mask(faint, VocalMatSettings(sensitivity=s)).sum()) for s in (0.1, 0.3, 0.5)
    ]
    assert marked == sorted(marked)
    assert marked[0] < marked[-1]


def test_an_even_image_has_no_call():
    assert not vocalmat_mask(np.full(GRID, 0.5, np.float32)).any()


def test_the_mask_has_the_size_of_the_image(noise):
    page = np.kron(noise[:256, :256], np.ones((2, 2), np.float32))
    assert vocalmat_mask(page).shape == (512, 512)
    assert vocalmat_mask(noise[:227, :227]).dtype == bool
