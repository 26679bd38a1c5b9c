"""The masks that cleaning proposes; what a person changed is left alone."""

from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.detection.clean import cleaning_pages
from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID, Layout
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.proposals import Proposals, count_calls
from napari_squeakout.core.review.review import Review, approve, quick_hash, worked_on
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.stacks import ProbabilityStack
from napari_squeakout.core.steps import run


def stack(n_pages=3, *, contiguous=True):
    starts = np.arange(n_pages) * 0.22 if contiguous else None
    layout = Layout(
        source="rec", n_pages=n_pages, grid=STANDARD_GRID, starts_s=starts, contiguous=contiguous
    )
    values = np.zeros(layout.shape, np.uint8)
    values[0, 100:120, 40:80] = 200
    values[0, 300:320, 480:] = 255
    values[1, 300:320, :30] = 255
    values[2, 50:70, 200:260] = 180
    return values, layout


def in_memory(labels, first, stop):
    """Set no room aside: the labels are there."""


def proposing(*args, make_room=in_memory, **more):
    return Proposals(*args, make_room=make_room, **more)


@pytest.fixture
def settings():
    return CleanSettings()


@pytest.mark.parametrize("contiguous", [True, False])
def test_a_whole_rewrite_gives_what_the_core_gives(settings, contiguous):
    values, layout = stack(contiguous=contiguous)
    labels = np.zeros(layout.shape, np.int32)
    report = run(proposing(labels, layout).rewriting(values, settings))
    expected = np.asarray(run(cleaning_pages(ProbabilityStack(values, layout), settings)).labels)
    np.testing.assert_array_equal(labels, expected)
    assert report.n_calls == expected.max()


def test_only_pages_that_get_other_labels_count_as_rewritten(settings):
    values, layout = stack()
    proposals = proposing(np.zeros(layout.shape, np.int32), layout)
    run(proposals.rewriting(values, settings))
    proposals.rewritten.clear()
    run(proposals.rewriting(values, settings))
    assert not proposals.rewritten
    run(proposals.rewriting(values, CleanSettings(threshold=0.75)))
    assert set(proposals.rewritten) == {2}


def test_a_corrected_page_is_kept_and_its_numbers_are_not_given_again(settings):
    values, layout = stack()
    labels = np.zeros(layout.shape, np.int32)
    proposals = proposing(labels, layout)
    run(proposals.rewriting(values, settings))
    labels[2, 400:410, 10:30] = 2
    corrected = labels[2].copy()
    report = run(proposals.rewriting(values, CleanSettings(threshold=0.3)))
    assert report.n_kept == 1
    np.testing.assert_array_equal(labels[2], corrected)
    assert 2 not in labels[:2]


def test_labels_that_were_there_before_count_as_corrected(settings):
    values, layout = stack()
    labels = np.zeros(layout.shape, np.int32)
    labels[1, 5:9, 5:9] = 7
    proposals = proposing(labels, layout)
    assert [proposals.is_corrected(page) for page in range(3)] == [False, True, False]
    run(proposals.rewriting(values, settings))
    assert count_calls(labels[1]) == 1


def test_what_is_painted_while_pages_are_cleaned_is_kept(settings):
    values, layout = stack()
    labels = np.zeros(layout.shape, np.int32)
    steps = proposing(labels, layout).rewriting(values, settings)
    for _ in range(4):
        next(steps)
    labels[2, 400:410, 10:30] = 9
    run(steps)
    assert count_calls(labels[2]) == 1


def test_a_preview_shows_the_pixels_the_rewrite_will_write(settings):
    values, layout = stack()
    labels = np.zeros(layout.shape, np.int32)
    proposals = proposing(labels, layout)
    preview = [proposals.preview(values, page, settings) for page in range(3)]
    run(proposals.rewriting(values, settings))
    for page in range(3):
        np.testing.assert_array_equal(preview[page] > 0, labels[page] > 0)


def test_a_page_without_anything_has_no_calls():
    assert count_calls(np.zeros((PAGE_PX, PAGE_PX), np.int32)) == 0


def test_what_was_kept_is_resumed_with_corrected_and_approved_pages_left_alone(settings):
    values, layout = stack()
    labels = np.zeros(layout.shape, np.int32)
    written = np.full(3, quick_hash(labels[0]), np.uint32)
    run(proposing(labels, layout, written).rewriting(values, settings))
    labels[1, 5:9, 5:9] = 77
    review = approve(worked_on(Review(3), 1, pixels_changed=16), 2, labels[2])
    before = labels.copy()
    again = Proposals.resumed(labels, layout, review, written, make_room=in_memory)
    assert [again.is_corrected(page) for page in range(3)] == [False, True, True]
    run(again.rewriting(values, settings.model_copy(update={"threshold": 0.99})))
    assert (labels[0] != before[0]).any()
    np.testing.assert_array_equal(labels[1:], before[1:])


@pytest.mark.parametrize(("held", "other"), [(0, 1), (1, 0)])
def test_a_call_over_a_border_stays_one_when_one_of_its_pages_is_kept(settings, held, other):
    values, layout = stack()
    labels = np.zeros(layout.shape, np.int32)
    proposals = proposing(labels, layout)
    run(proposals.rewriting(values, settings))
    number = labels[0, 310, 500]
    assert labels[1, 310, 10] == number
    labels[labels == number] = 40  # as after a person's Number…, on the page that is approved
    proposals.hold(held)
    run(proposals.rewriting(values, CleanSettings(threshold=0.3)))
    assert (labels[held, 310, 500 if held == 0 else 10]) == 40
    assert (labels[other, 310, 500 if other == 0 else 10]) == 40


def test_calls_on_pages_left_alone_are_counted_too():
    labels = np.zeros((2, 512, 512), np.int32)
    labels[0, 10:40, 10:60] = 7
    proposals = proposing(labels, Layout(source="two", n_pages=2))
    proposals.hold(0)
    values = np.zeros((2, 512, 512), np.uint8)
    values[1, 100:130, 100:160] = 255
    report = run(proposals.rewriting(values, CleanSettings()))
    assert (report.n_calls, report.n_kept) == (2, 1)


def test_a_page_answered_while_pages_are_cleaned_is_not_taken_for_cleaned(settings):
    values, layout = stack()
    answer, values[0] = values[0].copy(), 0
    labels = np.zeros(layout.shape, np.int32)
    stages = np.array([PageStage.UNSEGMENTED, PageStage.SEGMENTED, PageStage.SEGMENTED], np.uint8)
    steps = proposing(labels, layout, stages=stages).rewriting(values, settings)
    for _ in range(3):
        next(steps)
    values[0], stages[0] = answer, PageStage.SEGMENTED
    run(steps)
    # The one beside it had no neighbour when its calls were found.
    assert stages.tolist() == [PageStage.SEGMENTED, PageStage.SEGMENTED, PageStage.CLEANED]
    assert not labels[:2].any()
    assert labels[2].any()


def test_all_pages_that_were_answered_before_are_cleaned(settings):
    values, layout = stack()
    labels = np.zeros(layout.shape, np.int32)
    stages = np.full(3, PageStage.SEGMENTED, np.uint8)
    run(proposing(labels, layout, stages=stages).rewriting(values, settings))
    assert stages.tolist() == [PageStage.CLEANED] * 3
    assert all(labels[page].any() for page in range(3))


def test_the_room_of_a_page_is_set_aside_before_it_is_written(settings):
    values, layout = stack()
    values[1] = 0
    labels = np.zeros(layout.shape, np.int32)
    rooms = []

    def make_room(array, first, stop):
        assert array is labels
        assert not array[first:stop].any()
        rooms.append((first, stop))

    run(proposing(labels, layout, make_room=make_room).rewriting(values, settings))
    assert rooms == [(0, 1), (2, 3)]


def test_a_page_that_is_left_alone_is_not_cleaned_but_those_beside_it_see_what_it_shows(settings):
    values, layout = stack()
    # Too little on page 0 alone; with what goes on over the border, enough.
    values[0] = 0
    values[0, 300:304, 500:] = 255
    labels = np.zeros(layout.shape, np.int32)
    labels[1, 5:9, 5:9] = 7
    run(proposing(labels, layout).rewriting(values, settings))
    assert (labels[0] > 0).sum() == 48
    assert (labels[1] > 0).sum() == 16


def test_a_page_alone_leaves_out_the_tones_that_the_recording_showed_to_be_a_devices(settings):
    values, layout = stack(4)
    values[:] = 0
    values[:, 200:212, 100:130] = values[:, 200:212, 300:330] = 250
    values[1, 60:124, 195:235] = 250
    proposals = proposing(np.zeros(layout.shape, np.int32), layout)
    assert count_calls(proposals.preview(values, 1, settings)) == 3
    (note,) = run(proposals.rewriting(values, settings)).notes
    assert note.startswith("8 tones near")
    page = proposals.preview(values, 1, settings)
    assert count_calls(page) == 1
    assert page[60, 200]
    # As long as somebody keeps the page, what is known of it stays.
    proposals.hold(1)
    run(proposals.rewriting(values, settings))
    assert count_calls(proposals.preview(values, 1, settings)) == 1
    off = CleanSettings(drop_tone_trains=False)
    assert count_calls(proposals.preview(values, 1, off)) == 3
