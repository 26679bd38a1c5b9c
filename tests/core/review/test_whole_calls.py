"""Whole calls, over page borders too: made one, cut in time."""

from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID, Layout
from napari_squeakout.core.review.whole_calls import (
    WholeCall,
    as_one,
    columns_of,
    cut_in_time,
    gaps_of,
    why_not_one,
)

MS = 1e-3 / STANDARD_GRID.seconds_per_column  # columns


@pytest.fixture
def labels():
    return np.zeros((4, PAGE_PX, PAGE_PX), np.int32)


def why(labels, calls, others=(), gap_s=0.05, *, contiguous=True):
    starts = np.arange(4) * PAGE_PX * STANDARD_GRID.seconds_per_column
    scale = {"grid": STANDARD_GRID, "starts_s": starts, "contiguous": True} if contiguous else {}
    layout = Layout(source="rec", n_pages=4, **scale)
    return why_not_one(labels, calls, others, layout=layout, most_gap_s=gap_s)


def changed(labels, pages):
    after = labels.copy()
    for page, values in pages.items():
        after[page] = values
    return after


def test_neighbours_become_the_first_in_time_and_other_calls_stay(labels):
    labels[1, 100:110, 50:80], labels[1, 100:110, 90:120], labels[1, 300:310, 50:120] = 9, 4, 5
    calls = [WholeCall(4, 1, 1), WholeCall(9, 1, 1)]
    assert why(labels, calls, [WholeCall(5, 1, 1)]) == ""
    pages, number = as_one(labels, calls, last_number=9)
    assert number == 9
    wanted = labels.copy()
    wanted[labels == 4] = 9
    assert np.array_equal(changed(labels, pages), wanted)
    assert (labels == 4).any()  # nothing was changed in place


def test_a_call_over_a_page_border_has_one_number_on_all_pages(labels):
    labels[0, 100:110, 480:512] = 2
    labels[1, 100:110, 0:20], labels[1, 100:110, 25:60] = 2, 3
    labels[1, 50:60, 400:420] = 7
    calls = [WholeCall(3, 1, 1), WholeCall(2, 0, 1)]
    assert why(labels, calls) == ""
    after = changed(labels, as_one(labels, calls, last_number=7)[0])
    assert np.unique(after).tolist() == [0, 2, 7]
    assert len(columns_of(after, WholeCall(2, 0, 1))) == 32 + 20 + 35


def test_a_number_that_another_call_beside_has_is_not_taken(labels):
    labels[0, 100:110, 500:512], labels[1, 100:110, 0:20], labels[1, 100:110, 300:310] = 2, 3, 2
    pages, number = as_one(labels, [WholeCall(2, 0, 0), WholeCall(3, 1, 1)], last_number=8)
    assert number == 9
    after = changed(labels, pages)
    assert (after[1, 100:110, 300:310] == 2).all()
    assert np.count_nonzero(after == 9) == 10 * 32


@pytest.mark.parametrize(
    ("second", "told"),
    [((1, 150 + int(60 * MS)), "60 ms apart, more than the 50 ms"), ((1, 160), "")],
)
def test_calls_far_apart_are_not_one(labels, second, told):
    labels[1, 100:110, 100:150] = 1
    page, column = second
    labels[page, 100:110, column : column + 30] = 2
    said = why(labels, [WholeCall(1, 1, 1), WholeCall(2, page, page)])
    assert (told in said) if told else not said


def test_over_a_page_border_the_gap_that_ends_a_call_counts(labels):
    labels[0, 100:110, 440:480], labels[1, 100:110, 60:90] = 1, 2  # 92 columns, 40 ms
    said = why(labels, [WholeCall(1, 0, 0), WholeCall(2, 1, 1)])
    assert "over the border of a page, more than the 24 ms" in said


def test_what_lies_between_belongs_to_it_or_keeps_it_apart(labels):
    for number, column in ((1, 100), (2, 140), (3, 180)):
        labels[0, 100:110, column : column + 20] = number
    ends = [WholeCall(1, 0, 0), WholeCall(3, 0, 0)]
    assert "Call 2 lies between them" in why(labels, ends, [WholeCall(2, 0, 0)])
    assert why(labels, [*ends, WholeCall(2, 0, 0)]) == ""


def test_calls_on_two_images_are_not_one(labels):
    labels[0, 100:110, 500:512], labels[1, 100:110, 0:20] = 1, 2
    said = why(labels, [WholeCall(1, 0, 0), WholeCall(2, 1, 1)], contiguous=False)
    assert said == "Calls on different images cannot be one."
    assert why(labels, [WholeCall(1, 0, 0)]).startswith("Choose two calls")


def test_a_call_is_cut_at_all_its_gaps_over_a_border_too(labels):
    labels[0, 100:110, 400:420], labels[0, 100:110, 440:512] = 5, 5
    labels[1, 100:110, 0:30], labels[1, 100:110, 40:50], labels[1, 10:20, 0:9] = 5, 5, 6
    call = WholeCall(5, 0, 1)
    assert gaps_of(labels, call) == [440, PAGE_PX + 40]
    pages, numbers = cut_in_time(labels, call, gaps_of(labels, call), last_number=6)
    assert sorted(numbers) == [7, 8]
    after = changed(labels, pages)
    second, third = numbers
    assert (after[0, 105, 400:420] == 5).all()
    assert (after[0, 105, 440:512] == second).all()
    assert (after[1, 105, 0:30] == second).all()
    assert (after[1, 105, 40:50] == third).all()
    assert np.array_equal(after > 0, labels > 0)
    assert np.count_nonzero(after == 6) == 90


def test_a_cut_before_or_behind_a_call_changes_nothing(labels):
    labels[1, 100:110, 100:150] = 3
    for column in (PAGE_PX + 100, PAGE_PX + 150, 0, 3 * PAGE_PX):
        assert cut_in_time(labels, WholeCall(3, 1, 1), [column], last_number=3) == ({}, [])
    pages, numbers = cut_in_time(labels, WholeCall(3, 1, 1), [PAGE_PX + 120], last_number=3)
    assert numbers == [4]
    assert (changed(labels, pages)[1, 105, 119:121] == [3, 4]).all()
