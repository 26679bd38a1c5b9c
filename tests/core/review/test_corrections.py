from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import example, given, settings
from hypothesis import strategies as st

from napari_squeakout.core.detection.packed_masks import NumberedPages
from napari_squeakout.core.rendering.spectrogram import (
    STEP,
    WINDOW,
    page_columns,
    page_from_db,
    power_db,
)
from napari_squeakout.core.review import corrections
from napari_squeakout.core.settings import RenderSettings

FREE = 9


@pytest.fixture
def page():
    labels = np.zeros((64, 64), np.int32)
    labels[10:30, 10:30] = 1
    labels[15:20, 15:20] = 0
    labels[10:30, 40:60] = 2
    labels[50:52, 50:52] = 2
    return labels


def ringing(tail_db, *, tail_s=0.03, fall_db=6.0):
    """A page with a tone of 60 ms, 30 dB over the noise, and its echo: where each ends, columns."""
    render = RenderSettings()
    n = page_columns(render) * STEP + WINDOW - STEP
    rng = np.random.default_rng(4)
    t = np.arange(n) / 250_000
    level = np.where((t > 0.05) & (t < 0.11), 1.0, 0.0)
    after = (t >= 0.11) & (t < 0.11 + tail_s)
    level[after] = 10 ** (-(tail_db + fall_db * (t[after] - 0.11) / tail_s) / 20)
    noise = rng.normal(0, 0.35, n)
    sound = (noise + level * np.sin(2 * np.pi * 75_000 * t)).astype(np.float32)
    return page_from_db(power_db(sound, render), render), round(0.11 / 0.220672 * 512)


def labelled(first, stop, *, rows=slice(312, 328)):
    labels = np.zeros((512, 512), np.int32)
    labels[rows, first:stop] = 3
    labels[100:110, 200:400] = 4
    return labels


def test_erosion_thins_one_call_alone(page):
    thin = corrections.eroded(page, 2)
    assert 0 < (thin == 2).sum() < (page == 2).sum()
    np.testing.assert_array_equal(thin == 1, page == 1)


def test_dilation_grows_into_background_only(page):
    page[10:30, 30:40] = 3
    grown = corrections.dilated(page, 1)
    assert (grown == 1).sum() > (page == 1).sum()
    np.testing.assert_array_equal(grown == 3, page == 3)


def test_small_segments_go_also_where_their_call_has_large_ones(page):
    kept = corrections.without_small(page, 10)
    assert not kept[50:52, 50:52].any()
    assert (kept[10:30, 40:60] == 2).all()


def test_holes_are_filled_with_their_call(page):
    assert (corrections.filled(page)[10:30, 10:30] == 1).all()


def test_a_call_in_a_hole_stays(page):
    page[16:18, 16:18] = 5
    assert (corrections.filled(page)[16:18, 16:18] == 5).all()


def test_one_call_is_erased_alone(page):
    erased = corrections.without_call(page, 1)
    assert not (erased == 1).any()
    np.testing.assert_array_equal(erased == 2, page == 2)


def test_a_mask_is_added_around_the_calls_that_are_there(page):
    mask = np.zeros(page.shape, bool)
    mask[20:40, 20:50] = True
    more = corrections.added(page, mask, FREE)
    np.testing.assert_array_equal(more == FREE, mask & (page == 0))
    np.testing.assert_array_equal(more[page > 0], page[page > 0])


def test_merged_calls_are_one_and_background_stays(page):
    one = corrections.merged(page, [0, 1, 2], 1)
    np.testing.assert_array_equal(one == 1, page > 0)


def test_a_call_is_cut_in_time_and_in_frequency(page):
    later = corrections.split_at_column(page, 1, 18, FREE)
    assert np.flatnonzero((later == 1).any(axis=0))[[0, -1]].tolist() == [10, 17]
    assert np.flatnonzero((later == FREE).any(axis=0))[[0, -1]].tolist() == [18, 29]
    lower = corrections.split_at_row(page, 2, 40, FREE)
    assert (lower[50:52, 50:52] == FREE).all()
    assert (lower[10:30, 40:60] == 2).all()


@pytest.mark.parametrize("at", [0, 10, 30, 63])
def test_a_cut_beside_a_call_changes_nothing(page, at):
    np.testing.assert_array_equal(corrections.split_at_column(page, 1, at, FREE), page)
    np.testing.assert_array_equal(corrections.split_at_row(page, 1, at, FREE), page)


def test_a_call_gets_another_number_but_no_number_that_is_taken(page):
    other = corrections.renumbered(page, 1, 7)
    np.testing.assert_array_equal(other == 7, page == 1)
    np.testing.assert_array_equal(corrections.renumbered(page, 1, 1), page)
    with pytest.raises(ValueError, match=r"the number 2 belongs to another call .* 3 is free"):
        corrections.renumbered(page, 1, 2)
    with pytest.raises(ValueError, match=r"the number 0: numbers count from 1"):
        corrections.renumbered(page, 1, 0)


@pytest.mark.parametrize("split", [corrections.split_at_column, corrections.split_at_row])
def test_a_cut_off_part_never_joins_another_call(page, split):
    with pytest.raises(ValueError, match=r"the number 2 belongs to another call"):
        split(page, 1, 18, 2)


def test_pieces_are_joined_by_a_band_that_leads_from_end_to_end():
    labels = np.zeros((64, 128), np.int32)
    labels[20:26, 10:30] = 1
    labels[40:50, 60:80] = 1
    joined = corrections.bridged(labels, 1)
    band = joined[:, 30:60] == 1
    middle = [np.flatnonzero(column).mean() for column in band.T]
    assert (np.diff(middle) >= 0).all()
    assert abs(middle[0] - 22.5) < 2
    assert abs(middle[-1] - 44.5) < 2
    np.testing.assert_allclose(band.sum(axis=0), 8, atol=1)
    np.testing.assert_array_equal(joined[:, 60:], labels[:, 60:])


def test_a_bridge_goes_round_no_other_call_but_leaves_it_as_it_is():
    labels = np.zeros((64, 64), np.int32)
    labels[20:26, 10:20] = 1
    labels[20:26, 30:40] = 1
    labels[:, 24:26] = 2
    joined = corrections.bridged(labels, 1)
    assert (joined[:, 24:26] == 2).all()
    assert (joined[20:26, [21, 28]] == 1).all()


def test_a_wide_gap_stays_and_a_call_in_one_piece_too(page):
    labels = np.zeros((64, 128), np.int32)
    labels[20:26, 10:20] = 1
    labels[20:26, 61:80] = 1
    np.testing.assert_array_equal(corrections.bridged(labels, 1), labels)
    labels[20:26, 60] = 1
    assert corrections.bridged(labels, 1)[20:26, 10:80].all()
    np.testing.assert_array_equal(corrections.bridged(page, 2), page)


def test_of_two_parts_above_each_other_the_thicker_one_is_continued():
    labels = np.zeros((64, 64), np.int32)
    labels[10:12, 10:20] = 1
    labels[40:48, 10:20] = 1
    labels[40:48, 30:40] = 1
    joined = corrections.bridged(labels, 1)
    assert (joined[40:48, 20:30] == 1).all()
    assert not joined[:38, 20:30].any()


def test_an_echo_is_taken_off_the_end_of_its_call():
    spectrogram, end = ringing(12)
    labels = labelled(118, end + 60)
    trimmed = corrections.without_tail(labels, 3, spectrogram)
    last = np.flatnonzero((trimmed == 3).any(axis=0))[-1]
    assert abs(last - end) <= 6
    np.testing.assert_array_equal(trimmed == 4, labels == 4)


def test_a_call_without_an_echo_keeps_its_end():
    spectrogram, end = ringing(90)
    labels = labelled(118, end)
    trimmed = corrections.without_tail(labels, 3, spectrogram)
    assert np.flatnonzero((trimmed == 3).any(axis=0))[-1] >= end - 4


def test_a_faint_end_that_sweeps_away_is_no_tail():
    spectrogram, end = ringing(12)
    labels = labelled(118, end + 12)
    faint = np.median(spectrogram) + 10 / 80
    swept = spectrogram.copy()
    for column in range(end, end + 60):
        row = 320 - 3 * (column - end)
        swept[row - 4 : row + 4, column] = faint
        labels[row - 5 : row + 5, column] = 3
    trimmed = corrections.without_tail(labels, 3, swept)
    assert np.flatnonzero((trimmed == 3).any(axis=0))[-1] >= end + 50


def test_a_tail_longer_than_its_call_is_trimmed_to_half_of_both():
    spectrogram, end = ringing(15, tail_s=0.08)
    labels = labelled(end - 70, end + 100)
    trimmed = corrections.without_tail(labels, 3, spectrogram)
    assert (trimmed == 3).any(axis=0).sum() == 85
    nobody = corrections.without_tail(labels, FREE, spectrogram)
    np.testing.assert_array_equal(nobody, labels)


def test_a_free_number_is_above_all_that_are_used(page):
    stack = np.stack([page, np.zeros_like(page), page * 3])
    assert corrections.free_number(stack) == 7
    assert corrections.free_number(np.zeros((0, 64, 64), np.int32)) == 1
    packed = NumberedPages([np.full((512, 64), 255, np.uint8)], np.full((1, 512), 5, np.int32))
    assert corrections.free_number(packed) == 6


ALL = {
    "eroded": lambda labels, call, at, mask: corrections.eroded(labels, call),
    "dilated": lambda labels, call, at, mask: corrections.dilated(labels, call),
    "without_call": lambda labels, call, at, mask: corrections.without_call(labels, call),
    "added": lambda labels, call, at, mask: corrections.added(labels, mask, call),
    "merged": lambda labels, call, at, mask: corrections.merged(labels, [call], FREE),
    "renumbered": lambda labels, call, at, mask: corrections.renumbered(labels, call, FREE),
    "column": lambda labels, call, at, mask: corrections.split_at_column(labels, call, at, FREE),
    "row": lambda labels, call, at, mask: corrections.split_at_row(labels, call, at, FREE),
    "bridged": lambda labels, call, at, mask: corrections.bridged(labels, call),
    "tail": lambda labels, call, at, mask: corrections.without_tail(labels, call, mask * 0.5),
}

boxes = st.tuples(
    st.integers(1, 4),
    st.integers(0, 40),
    st.integers(0, 40),
    st.integers(1, 16),
    st.integers(1, 30),
)


def painted(calls, dtype=np.int32):
    labels = np.zeros((48, 64), dtype)
    for call, row, column, height, width in calls:
        labels[row : row + height, column : column + width] = call
    return labels


def pieces(labels):
    return scipy.ndimage.label(labels, np.ones((3, 3)))[1]


@settings(deadline=None)
@given(
    st.lists(boxes, max_size=8),
    st.integers(1, 4),
    st.integers(-2, 70),
    boxes,
    st.sampled_from(list(ALL)),
    st.sampled_from([np.int32, np.int64, np.uint8]),
)
def test_whatever_is_corrected_no_other_call_changes_and_nothing_in_place(
    calls, call, at, extra, name, dtype
):
    labels = painted(calls, dtype)
    before, mask = labels.copy(), painted([extra]) > 0
    after = ALL[name](labels, call, at, mask)
    np.testing.assert_array_equal(labels, before)
    others = (before > 0) & (before != call)
    np.testing.assert_array_equal(after[others], before[others])
    assert after.dtype == labels.dtype
    assert set(np.unique(after)) <= {*np.unique(before), 0, call, FREE}
    after[:] = 77
    np.testing.assert_array_equal(labels, before)


@given(st.lists(boxes, max_size=8), st.integers(1, 4), st.integers(-2, 70), st.booleans())
def test_what_was_split_and_is_merged_again_is_as_before(calls, call, at, in_time):
    labels = painted(calls)
    split = corrections.split_at_column if in_time else corrections.split_at_row
    parts = split(labels, call, at, FREE)
    np.testing.assert_array_equal(corrections.merged(parts, [call, FREE], call), labels)


@given(st.lists(boxes.map(lambda box: (1, *box[1:])), min_size=1, max_size=4))
@example([(1, 0, 0, 1, 1), (1, 0, 0, 1, 6), (1, 0, 6, 1, 30), (1, 6, 37, 1, 1)])  # a steep gap
@example([(1, 0, 0, 1, 1), (1, 1, 2, 1, 1)])  # half a row a column
def test_a_bridged_call_only_grows_and_hangs_together_more(calls):
    labels = painted(calls)
    joined = corrections.bridged(labels, 1)
    assert (joined[labels > 0] == 1).all()
    assert pieces(joined) <= pieces(labels)
    columns = np.flatnonzero(joined.any(axis=0))
    assert all(gap == 1 or gap > 41 for gap in np.diff(columns))


@settings(deadline=None, max_examples=30)
@given(st.lists(boxes, min_size=1, max_size=8), st.integers(0, 99))
def test_never_more_than_half_of_a_call_is_taken_for_its_tail(calls, seed):
    labels = painted(calls)
    noise = np.random.default_rng(seed).random(labels.shape, np.float32)
    for call in np.unique(labels[labels > 0]):
        had = (labels == call).any(axis=0).sum()
        kept = (corrections.without_tail(labels, call, noise) == call).any(axis=0).sum()
        assert kept >= had / 2


def test_nothing_is_changed_in_place(page):
    before = page.copy()
    corrections.without_small(page, 10)
    corrections.filled(page)
    assert not corrections.cleared(page).any()
    np.testing.assert_array_equal(page, before)


def band(rows, columns):
    mask = np.zeros((512, 512), bool)
    mask[rows, columns] = True
    return mask


def test_what_is_marked_already_gets_no_ring():
    labels = np.zeros((512, 512), np.int32)
    labels[200:206, 100:300] = 7
    new, part_of = corrections.addition(labels, band(slice(196, 210), slice(98, 302)))
    assert (new.any(), part_of) == (False, 7)
    labels[labels == 7] = 0
    labels[210:214, 100:300] = 7  # beside it: drawn a little off
    assert corrections.addition(labels, band(slice(204, 210), slice(100, 300)))[1] == 7


def test_what_is_missing_of_a_call_is_added_to_it():
    labels = np.zeros((512, 512), np.int32)
    labels[200:206, 100:200], labels[200:206, 290:300] = 7, 8
    new, part_of = corrections.addition(labels, band(slice(196, 210), slice(100, 400)))
    expected = band(slice(196, 210), slice(200, 400))
    expected[:, 290:300] = False
    np.testing.assert_array_equal(new, expected)
    assert part_of == 7


def test_a_call_that_is_crossed_is_another_one():
    labels = np.zeros((512, 512), np.int32)
    for column in range(200, 300):
        labels[column : column + 5, column] = 7
    mask = band(slice(248, 254), slice(150, 350))
    new, part_of = corrections.addition(labels, mask)
    assert part_of == 0
    np.testing.assert_array_equal(new, mask & (labels == 0))


def test_a_part_of_hardly_two_milliseconds_is_not_added():
    labels = np.zeros((512, 512), np.int32)
    labels[200:206, 100:300] = 7
    new, _ = corrections.addition(labels, band(slice(200, 206), slice(100, 304)))
    assert not new.any()
    new, _ = corrections.addition(labels, band(slice(200, 206), slice(100, 305)))
    assert new.any()
