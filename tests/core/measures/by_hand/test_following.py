"""Classes by hand, from edit to edit."""

from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID, Layout
from napari_squeakout.core.measures.by_hand.classes import ClassByHand, classed
from napari_squeakout.core.measures.by_hand.following import FollowedClasses
from napari_squeakout.core.measures.by_hand.patch import call_on
from napari_squeakout.core.stacks import MaskStack

LAYOUT = Layout(
    source="rec", n_pages=2, grid=STANDARD_GRID, starts_s=np.arange(2) * 0.22, contiguous=True
)


def masks_of(*boxes):
    """Calls as (number, left, right) on page 0."""
    labels = np.zeros((2, PAGE_PX, PAGE_PX), np.int32)
    for number, left, right in boxes:
        labels[0, 100:110, left:right] = number
    return MaskStack(labels, LAYOUT)


def begun(masks, *named):
    """Followed from where calls were given a class, by number."""
    added = [ClassByHand(name, call_on(masks, 0, number).patch) for number, name in named]
    return FollowedClasses().changed(added=added).looked(masks)


def edited(followed, *states):
    """A person's edits, each looked at."""
    for state in states:
        followed = followed.looked(state, [0], is_proposed=lambda _: False)
    return followed


def names(followed):
    return {number: name for (_, number), name in followed.classed.names.items()}


def test_a_deleted_call_takes_its_class_and_undo_brings_both():
    whole = masks_of((5, 100, 150))
    gone = edited(begun(whole, (5, "flat")), masks_of())
    assert (names(gone), gone.kept) == ({}, ())
    back = edited(gone, whole)
    assert names(back) == {5: "flat"}
    assert len(back.kept) == 1


@pytest.mark.parametrize("drawn", [(5, 100, 151), (6, 98, 150)])
def test_a_call_that_is_drawn_where_one_was_deleted_has_no_class(drawn):
    followed = edited(begun(masks_of((5, 100, 150)), (5, "flat")), masks_of(), masks_of(drawn))
    assert names(followed) == {}
    assert followed.kept == ()


def test_undo_brings_the_class_of_a_call_that_was_corrected_before_it_was_deleted():
    corrected = masks_of((5, 100, 130))
    start = begun(masks_of((5, 100, 150)), (5, "flat"))
    assert names(edited(start, corrected, masks_of(), corrected)) == {5: "flat"}


def test_a_part_that_was_cut_off_gets_no_class_when_the_other_is_deleted():
    whole, cut = masks_of((5, 100, 200)), masks_of((5, 100, 160), (6, 160, 200))
    parted = edited(begun(whole, (5, "flat")), cut)
    assert names(parted) == {5: "flat"}
    alone = edited(parted, masks_of((6, 160, 200)))
    assert names(alone) == {}
    assert names(edited(alone, cut)) == {5: "flat"}
    assert names(edited(alone, cut, whole)) == {5: "flat"}


def test_what_is_written_leads_whoever_reads_it_to_the_call_that_has_the_class():
    whole, cut = masks_of((5, 100, 200)), masks_of((5, 100, 160), (6, 160, 200))
    small = masks_of((5, 100, 120), (6, 160, 200))
    parted = edited(begun(whole, (5, "flat")), cut, small)
    assert names(parted) == {5: "flat"}
    assert classed(parted.kept, small).names == {(0, 5): "flat"}
    back = edited(parted, cut, whole)
    assert classed(back.kept, whole).names == {(0, 5): "flat"}


def test_a_merge_that_is_taken_back_gives_each_its_own_again():
    apart = masks_of((1, 100, 120), (2, 130, 180))
    start = begun(apart, (1, "flat"), (2, "up_fm"))
    one = edited(start, masks_of((1, 100, 120), (1, 130, 180)))
    assert names(one) == {1: "up_fm"}
    assert one.classed.overruled == ((1, "up_fm", "flat"),)
    assert names(edited(one, apart)) == {1: "flat", 2: "up_fm"}


def test_a_class_stays_with_its_call_when_a_merge_with_a_larger_one_is_taken_back():
    apart = masks_of((1, 100, 120), (2, 130, 250))
    one = edited(begun(apart, (1, "flat")), masks_of((1, 100, 120), (1, 130, 250)))
    assert names(one) == {1: "flat"}
    assert names(edited(one, apart)) == {1: "flat"}


def test_calls_that_are_proposed_anew_keep_their_class_and_get_it_again():
    start = begun(masks_of((5, 100, 150)), (5, "flat"))
    strict = start.looked(masks_of((3, 110, 140)))
    assert names(strict) == {3: "flat"}
    none = strict.looked(masks_of())
    assert (names(none), none.kept) == ({}, ())
    assert names(none.looked(masks_of((8, 95, 155)))) == {8: "flat"}
    # Unless a person draws there: that is another call.
    assert names(edited(none, masks_of((8, 95, 155)))) == {}


def test_a_proposal_is_not_taken_for_a_call_that_a_person_deleted():
    gone = edited(begun(masks_of((5, 100, 150)), (5, "flat")), masks_of())
    assert names(gone.looked(masks_of((8, 95, 155)))) == {}


def test_pages_that_are_not_named_are_not_looked_at():
    start = begun(masks_of((5, 100, 150)), (5, "flat"))
    assert start.looked(masks_of(), [1]) is start
    assert start.looked(masks_of((5, 100, 150)), [0]) is start


def test_classes_are_taken_back_and_given_again():
    masks = masks_of((5, 100, 150), (6, 200, 250))
    start = begun(masks, (5, "flat"), (6, "short"))
    old = start.given_to([(0, 5)])
    new = ClassByHand("chevron", old[0].patch)
    other = start.changed(without=old, added=[new]).looked(masks)
    assert names(other) == {5: "chevron", 6: "short"}
    back = other.changed(without=[new], added=old).looked(masks)
    assert names(back) == {5: "flat", 6: "short"}
    assert names(back.changed(without=old)) == {6: "short"}


def test_a_look_goes_through_each_page_once_however_many_classes_are_there(monkeypatch):
    masks = masks_of(*((number, 40 * number, 40 * number + 30) for number in range(1, 12)))
    start = begun(masks, *((number, "flat") for number in range(1, 12)))
    whole, nonzero = [], np.nonzero
    monkeypatch.setattr(np, "nonzero", lambda array: whole.append(array.size) or nonzero(array))
    assert start.looked(masks) is start
    assert whole.count(PAGE_PX**2) <= len(masks.labels)
