"""Calls that are noted and found otherwise are gone through one by one, each on its page."""

from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.detection.call_spans import finding_spans, timed_calls
from napari_squeakout.core.detection.calls import finding_calls
from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID, Layout
from napari_squeakout.core.scoring.comparison import Outcome, compare_calls
from napari_squeakout.core.scoring.differences import WalkSettings, differences, middle_of
from napari_squeakout.core.stacks import MaskStack
from napari_squeakout.core.steps import run

STEP_S = STANDARD_GRID.seconds_per_column


def layout_of(n_pages, *, start_s=0.0):
    return Layout(
        source="rec",
        n_pages=n_pages,
        grid=STANDARD_GRID,
        starts_s=start_s + np.arange(n_pages) * PAGE_PX * STEP_S,
        contiguous=True,
    )


def masks(n_pages, *calls):
    """Labels with a call a (number, first column, stop column), counted from the first page."""
    labels = np.zeros((n_pages, PAGE_PX, PAGE_PX), np.int32)
    for number, first, stop in calls:
        for column in range(first, stop):
            labels[column // PAGE_PX, 100:110, column % PAGE_PX] = number
    return labels


def found_in(labels, layout):
    return timed_calls(run(finding_spans(labels, {}, range(len(labels)))), layout)


def compared(noted_px, labels, layout, **settings):
    noted = np.array(noted_px, np.float64).reshape(-1, 2) * STEP_S
    found = found_in(labels, layout)
    comparison = compare_calls(noted, found.intervals_s)
    return differences(comparison, found, layout, WalkSettings(**settings))


def test_calls_are_as_long_and_on_the_page_that_the_table_of_calls_says():
    layout = layout_of(4, start_s=3.0)
    # Over a border; under one number far apart; two at once.
    labels = masks(4, (1, 10, 30), (2, 500, 540), (3, 700, 720), (3, 1700, 1720))
    labels[1, 300:305, 190:208] = 9
    table = run(finding_calls(MaskStack(labels, layout)))
    found = found_in(labels, layout)
    np.testing.assert_array_equal(found.intervals_s, table[["start_s", "end_s"]].to_numpy())
    assert found.pages.tolist() == table["page"].tolist()
    assert found.numbers.tolist() == [1, 2, 3, 9, 3]


def test_after_an_edit_only_pages_that_may_have_changed_are_read():
    layout = layout_of(3)
    labels = masks(3, (1, 10, 30), (2, 600, 640))
    before = run(finding_spans(labels, {}, range(3)))
    labels[0] = 0
    labels[2, 5:9, 40:60] = 7

    class Read:
        def __init__(self):
            self.pages = []

        def __getitem__(self, page):
            self.pages.append(page)
            return labels[page]

    read = Read()
    after = run(finding_spans(read, before, {0, 2}))
    assert read.pages == [0, 2]
    assert timed_calls(after, layout).numbers.tolist() == [2, 7]
    assert after[1] is before[1]


def test_each_kind_of_difference_is_on_its_page_under_its_number():
    layout = layout_of(4)
    labels = masks(4, (4, 10, 40), (5, 600, 700), (6, 1600, 1650))
    found = compared([(10, 40), (300, 340), (600, 640), (660, 700)], labels, layout)
    kinds = [(found[i].outcome, found[i].page, found[i].number) for i in range(len(found))]
    assert kinds == [
        (Outcome.MISSED, 0, None),
        (Outcome.MATCHED, 1, 5),
        (Outcome.MERGED, 1, None),
        (Outcome.EXTRA, 3, 6),
    ]
    assert found[1].offset_error_s == pytest.approx(60 * STEP_S)
    assert middle_of(found[0], layout)[1] == pytest.approx(320)
    assert found.on_pages(Outcome.MISSED, 4).tolist() == [True, False, False, False]


def test_edges_count_from_the_error_that_was_chosen():
    layout = layout_of(2)
    labels = masks(2, (1, 10, 40), (2, 490, 530))
    noted = [(10 - 12, 40), (490, 530 + 20)]
    assert len(compared(noted, labels, layout, edge_s=25 * STEP_S)) == 0
    assert len(compared(noted, labels, layout, edge_s=15 * STEP_S)) == 1
    found = compared(noted, labels, layout, edge_s=5 * STEP_S)
    # The page of the edge that is off: the second ends on the page behind.
    assert [found[i].page for i in range(2)] == [0, 1]


def test_a_pair_is_gone_to_where_both_calls_are():
    layout = layout_of(2)
    found = compared([(500, 560)], masks(2, (1, 530, 560)), layout)
    assert (found[0].page, found[0].number) == (1, 1)


def test_calls_at_the_same_times_keep_their_own_numbers():
    layout = layout_of(1)
    labels = masks(1, (3, 10, 40))
    labels[0, 300:310, 10:40] = 8
    found = compared([], labels, layout)
    assert [found[i].number for i in range(2)] == [3, 8]


def test_one_walks_from_the_page_in_view_and_there_is_no_going_around():
    layout = layout_of(4)
    labels = masks(4, (1, 10, 40), (2, 100, 140), (3, 1100, 1140), (4, 1700, 1740))
    found = compared([], labels, layout)
    assert found.following(0, None) == 0
    assert found.following(0, found[0]) == 1
    assert found.following(0, found[1]) == 2
    assert found.following(1, found[1]) == 2  # another page was turned to
    assert found.following(3, found[3]) is None
    assert found.following(3, None, -1) == 3
    assert found.following(2, found[2], -1) == 1
    assert found.following(0, found[0], -1) is None


def test_who_mends_a_difference_goes_on_from_where_it_was():
    layout = layout_of(4)
    labels = masks(4, (1, 10, 40), (2, 100, 140), (3, 200, 240))
    last = compared([], labels, layout)[1]
    labels[labels == 2] = 0
    found = compared([], labels, layout)
    assert found.place_of(last) is None
    assert found[found.following(0, last)].number == 3
    assert found[found.following(0, last, -1)].number == 1
