from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.scoring.mask_scores import dice_scores, evaluate, reliability

EMPTY = np.zeros((8, 8), bool)


def mask(rows, columns):
    drawn = EMPTY.copy()
    drawn[rows, columns] = True
    return drawn


#: 8 px, and 8 px of which 4 are shared.
TRUE, FOUND = mask(slice(0, 2), slice(0, 4)), mask(slice(1, 3), slice(0, 4))


def test_scores_of_one_image_are_those_counted_by_hand():
    scores = evaluate([(TRUE, FOUND)])
    assert scores.images == 1
    assert scores.dice == pytest.approx(2 * 4 / 16)
    assert scores.dice_non_empty == pytest.approx(0.5)
    assert scores.pixel_accuracy == pytest.approx(1 - 8 / 64)
    assert (scores.precision, scores.recall) == (0.5, 0.5)
    assert scores.dice_sem == 0


@pytest.mark.parametrize(
    ("truth", "found", "dice"),
    [
        (EMPTY, EMPTY, 1.0),
        (TRUE, TRUE, 1.0),
        (TRUE, EMPTY, 0.0),
        (EMPTY, TRUE, 0.0),
        (TRUE, FOUND, 0.5),
    ],
    ids=["both empty", "equal", "missed", "invented", "half"],
)
def test_empty_against_empty_counts_as_right(truth, found, dice):
    assert evaluate([(truth, found)]).dice == dice
    np.testing.assert_array_equal(dice_scores(truth[None], found[None]), [dice])


def test_dice_is_the_mean_over_images_with_its_standard_error():
    scores = evaluate([(TRUE, TRUE), (TRUE, FOUND), (TRUE, EMPTY)])
    assert scores.dice == pytest.approx(0.5)
    assert scores.dice_sem == pytest.approx(0.5 / np.sqrt(3))


def test_finding_nothing_scores_what_the_paper_says_of_its_null_model():
    pairs = [(EMPTY, EMPTY)] * 42 + [(TRUE, EMPTY)] * (849 - 42)
    scores = evaluate(pairs)
    assert round(scores.dice, 4) == 0.0495
    assert scores.dice_sem == pytest.approx(0.0074, abs=0.0001)
    assert scores.dice_non_empty == 0


def test_images_without_a_call_do_not_count_for_the_other_dice():
    scores = evaluate([(TRUE, FOUND), (EMPTY, EMPTY), (EMPTY, TRUE)])
    assert scores.dice == pytest.approx((0.5 + 1 + 0) / 3)
    assert scores.dice_non_empty == pytest.approx(0.5)


def test_precision_and_recall_pool_the_pixels_of_all_images():
    large = mask(slice(0, 8), slice(0, 8))
    scores = evaluate([(TRUE, large), (large, TRUE)])
    assert scores.precision == pytest.approx(16 / 72)
    assert scores.recall == pytest.approx(16 / 72)
    only_part = evaluate([(large, TRUE)])
    assert (only_part.precision, only_part.recall) == (1.0, 8 / 64)


@pytest.mark.parametrize(
    ("pair", "undefined"),
    [
        ((EMPTY, EMPTY), {"dice_non_empty", "precision", "recall"}),
        ((TRUE, EMPTY), {"precision"}),
        ((EMPTY, TRUE), {"dice_non_empty", "recall"}),
        ((TRUE, FOUND), set()),
    ],
    ids=["both empty", "nothing found", "nothing there", "both"],
)
def test_what_is_not_defined_is_nan_and_nothing_else_is(pair, undefined):
    scores = evaluate([pair]).as_dict()
    assert {name for name, value in scores.items() if np.isnan(value)} == undefined


def test_masks_of_different_shape_are_refused_by_their_shapes():
    with pytest.raises(ValueError, match=r"\(8, 8\) and \(8, 4\)"):
        evaluate([(TRUE, TRUE), (TRUE, TRUE[:, :4])])


def test_nothing_to_compare_is_an_error():
    with pytest.raises(ValueError, match="nothing to evaluate"):
        evaluate(iter([]))


def test_images_of_different_sizes_count_alike():
    small = np.ones((2, 2), bool)
    scores = evaluate([(small, ~small), (np.ones((90, 90), bool), np.ones((90, 90), bool))])
    assert scores.pixel_accuracy == pytest.approx(0.5)
    assert scores.dice == pytest.approx(0.5)


def test_honest_probabilities_are_reliable_and_boastful_ones_are_not():
    rng = np.random.default_rng(0)
    stated = rng.integers(0, 256, (200, 200)).astype(np.uint8)
    truth = rng.uniform(size=stated.shape) < stated / 255
    honest = reliability([(truth, stated)])
    np.testing.assert_allclose(honest.true, honest.stated, atol=0.05)
    assert honest.error < 0.03
    assert honest.pixels.sum() == stated.size
    boastful = reliability([(truth, np.where(stated > 127, 255, 0).astype(np.uint8))])
    assert boastful.error > 0.2
    assert np.isnan(boastful.true[4])
