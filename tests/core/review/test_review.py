from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_squeakout.core.review.review import (
    PageReview,
    PageState,
    Review,
    approve,
    approve_empty,
    checked,
    labels_hash,
    next_page,
    with_blind,
    withdraw,
    worked_on,
)

N = 6


@pytest.fixture
def labels():
    pages = np.zeros((N, 8, 8), np.int32)
    for page in range(1, N):
        pages[page, 2:5, 2:6] = page
    return pages


def test_a_new_review_is_unreviewed():
    review = Review(N)
    assert review.states() == [PageState.UNREVIEWED] * N
    assert review.count(PageState.UNREVIEWED) == N


def test_an_approved_page_is_counted_and_the_review_before_is_as_it_was(labels):
    before = Review(N)
    after = approve(before, 2, labels[2])
    assert after[2].state == PageState.APPROVED
    assert (after.count(PageState.APPROVED), after.count(PageState.UNREVIEWED)) == (1, N - 1)
    assert before[2].state == PageState.UNREVIEWED


def test_a_stroke_on_an_approved_page_withdraws_the_approval_and_says_so(labels):
    review = approve(approve(Review(N), 1, labels[1]), 2, labels[2])
    labels[2, 0, 0] = 9
    review, withdrawn = checked(review, labels)
    assert withdrawn == (2,)
    assert review[1].state == PageState.APPROVED
    assert review[2].state == PageState.CORRECTED


def test_a_stroke_that_is_undone_before_anyone_looks_changes_nothing(labels):
    review = approve(Review(N), 2, labels[2])
    kept = labels[2].copy()
    labels[2, 0, 0] = 9
    labels[2] = kept
    assert checked(review, labels) == (review, ())


def test_only_pages_that_are_asked_for_are_looked_at(labels):
    review = approve(Review(N), 2, labels[2])
    labels[2] = 0
    assert checked(review, labels, [1, 3])[1] == ()
    assert checked(review, labels, [2])[1] == (2,)


def test_a_hash_is_of_the_numbers_and_not_of_their_type(labels):
    assert labels_hash(labels[3]) == labels_hash(labels[3].astype(np.uint8))
    assert labels_hash(labels[3]) == labels_hash(np.asfortranarray(labels[3]))
    assert labels_hash(labels[3]) != labels_hash(labels[3].T)


def test_work_adds_up_and_pixels_make_a_page_corrected(labels):
    review = worked_on(Review(N), 1, seconds=4)
    assert review[1].state == PageState.UNREVIEWED
    review = worked_on(worked_on(review, 1, seconds=2, pixels_changed=30), 1, pixels_changed=5)
    assert review[1] == PageReview(corrected=True, seconds=6, pixels_changed=35)
    review = approve(review, 1, labels[1])
    assert review[1].state == PageState.APPROVED
    assert withdraw(review, 1)[1] == PageReview(corrected=True, seconds=6, pixels_changed=35)


def test_what_is_approved_while_names_are_hidden_counts_until_it_is_approved_otherwise(labels):
    before = Review(3)
    blind = with_blind(approve(before, 1, labels[1]), before, is_blind=True)
    assert blind.count_blind() == 1
    later = with_blind(approve(blind, 2, labels[2]), blind, is_blind=False)
    assert (later.count_blind(), later.count(PageState.APPROVED)) == (1, 2)
    withdrawn = withdraw(later, 1)
    assert withdrawn.count_blind() == 0
    again = with_blind(approve(withdrawn, 1, labels[1]), withdrawn, is_blind=False)
    assert again.count_blind() == 0


def test_withdrawing_what_was_not_approved_changes_nothing():
    review = Review(N)
    assert withdraw(review, 3) is review


def test_empty_pages_that_the_network_is_sure_of_are_approved_together(labels):
    labels[3] = 0
    labels[4] = 0
    highest = np.array([10, 10, 10, 200, 10, 10], np.uint8)
    review = worked_on(Review(N), 4, pixels_changed=12)
    approved, pages = approve_empty(review, labels, highest, below=0.3)
    assert pages == (0,)  # 3 is in doubt, 4 was emptied by hand, the others have calls
    assert approved[0].state == PageState.APPROVED
    assert checked(approved, labels)[1] == ()


def test_pages_drawn_by_lot_are_left_to_a_person(labels):
    labels[:] = 0
    approved, pages = approve_empty(Review(N), labels, np.zeros(N, np.uint8), 0.3, spare={1, 4})
    assert pages == (0, 2, 3, 5)
    assert approved[4].state == PageState.UNREVIEWED


def test_a_page_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"page 6 is not one of 0-5"):
        Review(N).changed(6, note="?")


@pytest.mark.parametrize(
    ("page", "step", "expected"), [(0, 1, 2), (2, 1, 5), (5, 1, None), (5, -1, 2), (1, -1, None)]
)
def test_the_next_page_is_the_nearest_one_that_is_wanted(page, step, expected):
    assert next_page(np.array([0, 0, 1, 0, 0, 1], bool), page, step) == expected


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["approve", "withdraw", "paint", "undo", "check", "note"]),
            st.integers(0, N - 1),
        ),
        max_size=40,
    )
)
def test_whatever_happens_no_page_is_approved_whose_labels_are_not_the_approved_ones(steps):
    labels = np.zeros((N, 4, 4), np.int32)
    history: list[tuple[int, np.ndarray]] = []
    review, truth = Review(N), {}
    for what, page in steps:
        if what == "approve":
            review, truth[page] = approve(review, page, labels[page]), labels[page].copy()
        elif what == "withdraw":
            review = withdraw(review, page)
        elif what == "paint":
            history.append((page, labels[page].copy()))
            labels[page, 0, 0] += 1
        elif what == "undo" and history:
            undone, before = history.pop()
            labels[undone] = before
        elif what == "note":
            review = review.changed(page, note="seen")
        review, _ = checked(review, labels)
        for index, state in enumerate(review.states()):
            if state == PageState.APPROVED:
                np.testing.assert_array_equal(labels[index], truth[index])
        assert sum(review.count(state) for state in PageState) == N
