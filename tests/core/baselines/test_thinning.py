"""Thin borders: what is large is eroded, what is small or flat stays."""

from __future__ import annotations

import numpy as np

from napari_squeakout.core.baselines.thinning import thinned


def mask_with(*segments):
    mask = np.zeros((64, 64), bool)
    for rows, columns in segments:
        mask[rows, columns] = True
    return mask


def test_a_large_segment_loses_three_rows_and_a_column():
    thin = thinned(mask_with((slice(10, 20), slice(10, 40))))
    assert (np.ptp(np.flatnonzero(thin.any(axis=1))) + 1) == 10 - 3
    assert (np.ptp(np.flatnonzero(thin.any(axis=0))) + 1) == 30 - 1


def test_less_than_four_kernels_and_what_would_vanish_stay():
    small, flat = (slice(10, 15), slice(10, 16)), (slice(30, 33), slice(10, 40))
    mask = mask_with(small, flat)
    assert np.array_equal(thinned(mask), mask)


def test_a_flat_segment_stays_beside_a_thick_one_that_is_eroded():
    flat, thick = (slice(30, 33), slice(10, 40)), (slice(40, 52), slice(10, 40))
    thin = thinned(mask_with(flat, thick))
    assert thin[30:33, 10:40].all()
    assert thin[40:52].sum() == (12 - 3) * (30 - 1)
