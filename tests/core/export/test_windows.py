"""Windows show every call, never overlap, and stay where they may lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_squeakout.core.export.windows import Stretch, window_labels, windows_around, windows_of
from napari_squeakout.core.layout import STANDARD_GRID, Layout
from napari_squeakout.core.stacks import MaskStack

ROOM = Stretch(0, 4 * 512)


def stack_of(n_pages, *calls, contiguous=True):
    """Calls from column to column, numbered 1, 2, ..."""
    flat = np.zeros((512, n_pages * 512), np.int32)
    for number, (first, stop) in enumerate(calls, start=1):
        flat[100:110, first:stop] = number
    labels = flat.reshape(512, n_pages, 512).transpose(1, 0, 2)
    layout = Layout(
        source="rec",
        n_pages=n_pages,
        grid=STANDARD_GRID,
        starts_s=np.arange(float(n_pages)),
        contiguous=contiguous,
    )
    return MaskStack(labels, layout)


def test_a_call_alone_is_in_the_middle_of_its_window():
    assert windows_around([Stretch(1000, 1100)], ROOM) == [1050 - 256]


def test_a_call_at_an_end_is_shown_without_leaving_the_room():
    assert windows_around([Stretch(0, 20)], ROOM) == [0]
    assert windows_around([Stretch(2040, 2048)], ROOM) == [1536]


def test_calls_that_fit_share_a_window_and_others_have_their_own():
    assert windows_around([Stretch(600, 650), Stretch(900, 1000)], ROOM) == [544]
    near, far = windows_around([Stretch(600, 650), Stretch(1200, 1250)], ROOM)
    assert near <= 600
    assert 650 <= near + 512 <= far <= 1200
    assert far + 512 >= 1250


CALLS = st.lists(st.tuples(st.integers(0, 2046), st.integers(1, 900)), min_size=1, max_size=12)


@settings(deadline=None, max_examples=200)
@given(CALLS)
def test_no_column_of_a_call_is_missed_and_no_windows_overlap(given_calls):
    calls = sorted(Stretch(a, min(a + n, ROOM.stop)) for a, n in given_calls)
    windows = windows_around(calls, ROOM)
    shown = np.zeros(ROOM.stop, int)
    for start in windows:
        assert ROOM.first <= start <= ROOM.stop - 512
        shown[start : start + 512] += 1
    assert shown.max() == 1
    for call in calls:
        assert shown[call.first : call.stop].all()


def test_windows_lie_on_the_pages_that_may_be_shown_alone():
    masks = stack_of(4, (10, 60), (600, 700), (1900, 1950))
    assert windows_of(masks, [1, 3]) == [512, 1536]
    assert windows_of(masks, []) == []


def test_a_call_over_a_border_is_shown_whole():
    masks = stack_of(3, (490, 540))
    [start] = windows_of(masks, range(3))
    labels = window_labels(masks.labels, start)
    assert labels.shape == (512, 512)
    assert np.flatnonzero((labels == 1).any(axis=0)).tolist() == list(range(231, 281))


def test_pages_that_do_not_continue_each_other_are_their_own_windows():
    masks = stack_of(3, (490, 540), contiguous=False)
    assert windows_of(masks, range(3)) == [0, 512]
    np.testing.assert_array_equal(window_labels(masks.labels, 512), masks.labels[1])


@pytest.mark.parametrize("first", [0, 1, 511, 512])
def test_labels_of_a_window_are_those_of_its_columns(first):
    masks = stack_of(2, (5, 900))
    flat = np.concatenate(list(masks.labels), axis=1)
    np.testing.assert_array_equal(window_labels(masks.labels, first), flat[:, first : first + 512])
