"""How right a model is, page by page."""

from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.scoring.page_scores import best_threshold, figures, page_figures
from napari_squeakout.core.settings import CleanSettings

CLEANING = CleanSettings()


def masks(*pages):
    """(n, 128, 128) bool, each page with bars at these columns, 20 px wide."""
    stack = np.zeros((len(pages), 128, 128), bool)
    for page, columns in zip(stack, pages, strict=True):
        for column in columns:
            page[40:50, column : column + 20] = True
    return stack


def as_sure(found, probability=0.9):
    return np.where(found, round(255 * probability), 0).astype(np.uint8)


def test_calls_are_found_along_time_and_matched_by_overlap():
    truth = masks([0, 90], [0], [])
    judged = page_figures(truth, as_sure(masks([5], [], [90])), CLEANING)
    assert [calls.tolist() for calls in judged.recovered] == [[True, False], [False], []]
    assert judged.found.tolist() == [1, 0, 1]
    assert judged.dice.tolist() == [2 * 150 / 600, 0, 0]


def test_bars_closer_than_the_gap_are_one_call_in_truth_and_in_what_was_found():
    judged = page_figures(masks([0, 30]), as_sure(masks([0, 30])), CLEANING)
    assert judged.recovered[0].tolist() == [True]
    assert judged.found.tolist() == [1]


def test_figures_are_pooled_over_pages():
    judged = page_figures(
        masks([0, 90], [0], [], []), as_sure(masks([0, 90], [], [90], [])), CLEANING
    )
    total = figures(judged, 0.4)
    assert total.threshold == 0.4
    assert total.dice == pytest.approx(0.5)
    assert (total.precision, total.recall, total.f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    minutes = 4 * 128 / 512 * 0.220672 / 60
    assert total.false_calls_per_minute == pytest.approx(1 / minutes)


def test_figures_without_any_call_are_not_defined():
    nothing = masks([], [])
    total = figures(page_figures(nothing, as_sure(nothing), CLEANING), 0.5)
    assert (total.precision, total.recall, total.f1) == (None, None, None)
    assert (total.dice, total.false_calls_per_minute) == (1, 0)


def test_the_threshold_is_put_where_the_masks_agree_best():
    truth = masks([0], [50])
    faint = np.maximum(as_sure(truth, 0.7), as_sure(masks([90], [90]), 0.6))
    assert best_threshold(truth, faint, CLEANING).threshold == 0.6
    assert best_threshold(truth, as_sure(truth), CLEANING).threshold == 0.51
