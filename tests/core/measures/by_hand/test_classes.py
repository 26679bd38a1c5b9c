"""Which call a class by hand is of, and what a table says of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID, Layout
from napari_squeakout.core.measures.by_hand.classes import (
    ClassByHand,
    Classed,
    classed,
    with_classes,
)
from napari_squeakout.core.measures.by_hand.following import FollowedClasses
from napari_squeakout.core.measures.by_hand.patch import Patch, call_on
from napari_squeakout.core.stacks import MaskStack

RECORDING = Layout(
    source="rec", n_pages=3, grid=STANDARD_GRID, starts_s=np.arange(3) * 0.22, contiguous=True
)
IMAGES = Layout(source="set", n_pages=3)


def masks_of(*boxes, layout=RECORDING):
    """Calls as (number, page, left, right), all 10 rows high; over a border as several."""
    labels = np.zeros((3, PAGE_PX, PAGE_PX), np.int32)
    for number, page, left, right in boxes:
        labels[page, 100:110, left:right] = number
    return MaskStack(labels, layout)


def given(masks, page, number, name="flat"):
    return ClassByHand(name, call_on(masks, page, number).patch)


def test_a_class_is_of_its_call_under_whatever_number():
    one = given(masks_of((5, 1, 100, 150)), 1, 5)
    after = classed([one], masks_of((9, 1, 100, 150), (5, 1, 300, 350)))
    assert after.names == {(1, 9): "flat"}
    assert after.notes == ()


@pytest.mark.parametrize("right", [130, 190], ids=["trimmed", "drawn longer"])
def test_a_class_follows_a_call_whose_mask_was_corrected(right):
    one = given(masks_of((5, 1, 100, 150)), 1, 5)
    assert classed([one], masks_of((5, 1, 100, right))).names == {(1, 5): "flat"}


def test_a_call_over_a_page_border_has_its_class_as_one_call():
    masks = masks_of((7, 0, 480, 512), (7, 1, 0, 40))
    by_first, by_last = given(masks, 0, 7), given(masks, 1, 7)
    assert by_first.patch.key == by_last.patch.key
    assert by_first.patch.pages == range(2)
    assert classed([by_last], masks).names == {(0, 7): "flat"}
    # On images a number on two of them is two calls.
    images = masks_of((7, 0, 480, 512), (7, 1, 0, 40), layout=IMAGES)
    assert classed([given(images, 1, 7)], images).names == {(1, 7): "flat"}


def test_a_number_that_stands_again_far_off_is_another_call():
    masks = masks_of((7, 0, 100, 200), (7, 1, 100, 200))
    assert classed([given(masks, 0, 7)], masks).names == {(0, 7): "flat"}


def test_of_a_call_that_was_cut_the_largest_part_has_its_class():
    one = given(masks_of((5, 1, 100, 200)), 1, 5)
    cut = masks_of((5, 1, 100, 135), (6, 1, 135, 200))
    assert classed([one], cut).names == {(1, 6): "flat"}


def test_where_two_classes_meet_that_of_the_larger_part_counts_and_it_is_said():
    before = masks_of((1, 1, 100, 120), (2, 1, 130, 180))
    small, large = given(before, 1, 1, "flat"), given(before, 1, 2, "up_fm")
    after = classed([small, large], masks_of((1, 1, 100, 120), (1, 1, 130, 180)))
    assert after.names == {(1, 1): "up_fm"}
    [note] = after.notes
    assert "call 1: up_fm counts" in note
    assert "flat does not" in note


def test_the_same_class_twice_in_a_merged_call_is_no_news():
    before = masks_of((1, 1, 100, 120), (2, 1, 130, 180))
    both = [given(before, 1, 1), given(before, 1, 2)]
    after = classed(both, masks_of((1, 1, 100, 120), (1, 1, 130, 180)))
    assert after == Classed(names={(1, 1): "flat"})


@pytest.mark.parametrize(
    "after",
    [(), ((6, 1, 300, 350),), ((6, 1, 140, 260),), ((6, 2, 100, 150),)],
    ids=["none is left", "elsewhere", "it only brushes the place", "on another page"],
)
def test_a_class_whose_call_is_gone_is_of_no_other_and_it_is_said(after):
    one = given(masks_of((5, 1, 100, 150)), 1, 5)
    found = classed([one], masks_of(*after))
    assert found.names == {}
    assert found.notes == ("1 class by hand is of calls that are no more, and left out",)


def test_what_is_no_class_is_refused_with_the_names_that_are():
    patch = Patch(0, 0, np.ones((1, 1), bool))
    with pytest.raises(InputError, match=r"'=cmd\(\)' is no class of calls: .*short, mult_steps"):
        ClassByHand("=cmd()", patch)


@pytest.mark.parametrize("top", [-1, 503])
def test_a_patch_lies_on_a_page(top):
    with pytest.raises(ValueError, match="lies on no page"):
        Patch(top, 0, np.ones((10, 10), bool))
    with pytest.raises(ValueError, match="is empty"):
        Patch(0, 0, np.zeros((10, 10), bool))


def test_a_table_says_who_gave_each_class():
    table = pd.DataFrame(
        {"call": [1, 2, 3], "page": [0, 0, 1], "class": ["flat", None, "short"], "image": "a"}
    )
    after = with_classes(table, {(0, 2): "chevron", (1, 3): "flat", (1, 1): "up_fm"})
    assert list(after) == ["call", "page", "class", "class_by", "image"]
    assert after["class"].tolist() == ["flat", "chevron", "flat"]
    assert after["class_by"].tolist() == ["rules", "person", "person"]
    assert table["class"].isna().tolist() == [False, True, False]  # the other is as it was
    none = with_classes(table[1:2], {})
    assert none[["class", "class_by"]].isna().all(axis=None)


def test_a_table_without_classes_gets_those_by_hand_at_its_end():
    table = pd.DataFrame({"call": [1, 2], "page": [0, 0], "start_s": [0.1, 0.2]})
    after = with_classes(table, {(0, 2): "chevron"})
    assert list(after) == ["call", "page", "start_s", "class", "class_by"]
    assert after["class_by"].tolist() == [None, "person"]


def test_a_call_that_was_drawn_anew_in_the_same_place_is_told_where_nobody_watched():
    one = given(masks_of((5, 1, 100, 150)), 1, 5)
    assert classed([one], masks_of((7, 1, 104, 150))).notes == ()
    redrawn = masks_of((7, 1, 120, 180))
    found = classed([one], redrawn)
    assert found.names == {(1, 7): "flat"}
    [note] = found.notes
    assert note.startswith("call 7 on page 1 has a class by hand")
    assert note.endswith("check it")
    seen = FollowedClasses().changed(added=[one]).looked(redrawn).kept
    assert classed(seen, redrawn).notes == ()
