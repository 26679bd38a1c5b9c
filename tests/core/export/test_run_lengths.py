"""Masks as COCO's run lengths.

What is written was given to pycocotools 2.0.11: `decode` gave the same masks for 400 random
ones, from the text and from the lengths, and `encode` the same text. The texts below are from it.
"""

from __future__ import annotations

import numpy as np
import pytest
from plain_coco import plain_counts, plain_mask

from napari_squeakout.core.export.run_lengths import (
    compressed,
    lengths_in,
    mask_of,
    run_lengths,
)


def masks():
    rng = np.random.default_rng(0)
    for share in (0, 0.01, 0.5, 0.99, 1):
        yield rng.random((37, 53)) < share
    block = np.zeros((512, 512), bool)
    block[100:120, 50:400] = True
    yield block
    yield np.zeros((512, 512), bool)


def test_a_mask_is_read_column_by_column_with_the_background_first():
    mask = np.array([[False, True, True], [False, False, True]])
    assert run_lengths(mask) == [2, 1, 1, 2]
    assert run_lengths(~mask) == [0, 2, 1, 1, 2]


@pytest.mark.parametrize("mask", list(masks()))
def test_every_mask_comes_back_the_same(mask):
    lengths = run_lengths(mask)
    assert sum(lengths) == mask.size
    text = compressed(lengths)
    assert plain_counts(text) == lengths
    np.testing.assert_array_equal(plain_mask({"size": mask.shape, "counts": text}), mask)


def test_the_text_is_that_of_cocos_own_tools():
    small = np.zeros((4, 5), bool)
    small[1:3, 1:4] = True
    assert compressed(run_lengths(small)) == "5220003"
    page = np.zeros((512, 512), bool)
    page[100:120, 50:53] = page[7, 9] = True
    assert compressed(run_lengths(page)) == r"W`41lbd0c0`l[O000l\U7"


@pytest.mark.parametrize("mask", list(masks()))
def test_every_mask_is_read_back_from_its_text(mask):
    lengths = lengths_in(compressed(run_lengths(mask)))
    assert lengths == run_lengths(mask)
    assert np.array_equal(mask_of(lengths, mask.shape), mask)


def test_text_that_breaks_off_and_lengths_that_do_not_fill_are_refused():
    with pytest.raises(ValueError, match="break off"):
        lengths_in("52P")
    with pytest.raises(ValueError, match="no sign"):
        lengths_in("5 2")
    with pytest.raises(ValueError, match="do not fill"):
        mask_of([2, 1], (2, 2))
