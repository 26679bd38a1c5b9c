"""Trains of equal tones are a device's: left out with a word, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.detection.clean import cleaning_pages
from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID, Layout
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.stacks import ProbabilityStack
from napari_squeakout.core.steps import run

ROW = 200
LENGTH = 30


def tone(left, *, row=ROW, length=LENGTH, height=12):
    """One of a train, as (top, bottom, left, right) of a strip."""
    return row, row + height, left, left + length


def train(n=5, every=300, **like):
    return [tone(100 + every * index, **like) for index in range(n)]


def sweep(left, row=60):
    """A call of another shape: 10 kHz high."""
    return row, row + 64, left, left + 80


def masks_of(boxes, n_pages=8, *, contiguous=True, grid=STANDARD_GRID, **settings):
    strip = np.zeros((PAGE_PX, n_pages * PAGE_PX), np.uint8)
    for top, bottom, left, right in boxes:
        strip[top:bottom, left:right] = 250
    page_s = PAGE_PX * STANDARD_GRID.seconds_per_column
    starts_s = page_s * np.arange(n_pages) if contiguous else None
    layout = Layout(
        source="rec", n_pages=n_pages, grid=grid, contiguous=contiguous, starts_s=starts_s
    )
    pages = np.stack(np.split(strip, n_pages, axis=1))
    return run(cleaning_pages(ProbabilityStack(pages, layout), CleanSettings(**settings)))


def n_calls(masks):
    return int(np.asarray(masks.labels).max())


def test_a_train_of_equal_tones_is_left_out_and_said():
    calls = [sweep(210), sweep(1420, row=300), sweep(2900)]
    masks = masks_of([*train(9), *calls])
    labels = np.hstack(np.asarray(masks.labels))
    assert [int(labels[top, left]) for top, _, left, _ in calls] == [1, 2, 3]
    assert not any(labels[top:bottom, left:right].any() for top, bottom, left, right in train(9))
    (note,) = masks.notes
    middle_hz = STANDARD_GRID.hz(ROW + 6)
    assert note.startswith(f"9 tones near {middle_hz / 1000:.1f} kHz are left out")
    assert "drop_tone_trains" in note


@pytest.mark.parametrize(
    "boxes",
    [
        train(4),
        [tone(100 + 300 * i, row=ROW + 3 * i) for i in range(9)],
        [tone(100 + 300 * i, length=round(10 * 1.35**i)) for i in range(9)],
        train(9, height=30),
        [sweep(100 + 300 * i) for i in range(9)],
    ],
    ids=["too few", "at rising frequencies", "of growing length", "too high", "sweeps"],
)
def test_what_is_no_train_of_equal_tones_stays(boxes):
    masks = masks_of(boxes)
    assert n_calls(masks) == len(boxes)
    assert masks.notes == ()


def test_tones_of_which_a_part_is_marked_are_of_the_train_and_a_long_one_at_its_pitch_is_not():
    parts = [tone(230, length=12), tone(540, length=18, row=ROW + 2)]
    long = tone(2900, length=120)
    masks = masks_of([*train(9), *parts, long])
    assert n_calls(masks) == 1
    assert np.hstack(np.asarray(masks.labels))[long[0], long[2]] == 1
    assert masks.notes[0].startswith("11 tones near")


def test_tones_far_from_one_another_in_time_stay():
    every = round(16 / STANDARD_GRID.seconds_per_column)
    boxes = train(9, every=every)
    n_pages = boxes[-1][3] // PAGE_PX + 1
    assert n_calls(masks_of(boxes, n_pages)) == 9


def test_a_train_stays_where_asked():
    masks = masks_of(train(9), drop_tone_trains=False)
    assert n_calls(masks) == 9
    assert masks.notes == ()


@pytest.mark.parametrize("like", [{"contiguous": False}, {"grid": None, "contiguous": False}])
def test_pages_without_a_common_time_have_no_trains(like):
    assert n_calls(masks_of([tone(100 + PAGE_PX * i) for i in range(8)], **like)) == 8


def test_the_pitches_of_several_trains_are_named_and_many_counted():
    rows = [100, 180, 260, 340, 420]
    trains = [shifted(train(6, every=100, row=row), 700 * i) for i, row in enumerate(rows)]
    boxes = [one for them in trains for one in them]
    (note,) = masks_of(boxes).notes
    assert note.startswith("30 tones near ")
    assert " kHz and 2 more are left out" in note


def shifted(boxes, columns):
    return [(top, bottom, a + columns, b + columns) for top, bottom, a, b in boxes]
