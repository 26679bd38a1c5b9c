from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.overview.overview import LEVELS_PER_DB, Overview
from napari_squeakout.gui.overview.call_marks import marking, marks_of
from napari_squeakout.gui.overview.picture import grey_picture, shrunk
from napari_squeakout.gui.overview.span import Span


def noise(columns=2000, db=7.0):
    random = np.random.default_rng(0)
    levels = (LEVELS_PER_DB * random.normal(db, 1, (81, columns))).clip(0, 255).astype(np.uint8)
    return Overview(
        levels=levels,
        n_pages=columns // 20,
        pages_per_column=1 / 20,
        low_hz=45e3,
        hz_per_row=976.0,
    )


def pixels(image):
    return np.array(
        [
            [image.pixelColor(x, y).red() for x in range(image.width())]
            for y in range(image.height())
        ]
    )


def test_the_loudest_of_what_shares_a_pixel_is_shown_and_noise_is_black():
    overview = noise()
    overview.levels[40, 1234] = 40 * LEVELS_PER_DB
    shown = pixels(grey_picture(overview, Span(0, 100), 200, 60))
    assert shown.shape == (60, 200)
    assert np.median(shown) < 30
    y, x = np.unravel_index(shown.argmax(), shown.shape)
    assert x == 123
    assert abs(y - 40 * 60 / 81) <= 1
    assert shown.max() == 255


def test_a_part_is_shown_at_its_place_also_where_a_column_is_wider_than_a_pixel():
    overview = noise()
    overview.levels[40, 1234] = 40 * LEVELS_PER_DB  # page 61.7
    shown = pixels(grey_picture(overview, Span(61, 62), 200, 81))
    columns = np.flatnonzero(shown[40] == 255)
    assert columns.tolist() == list(range(140, 150))


def test_a_call_stands_out_of_a_click_that_fills_all_frequencies():
    overview = noise()
    overview.levels[:, 1000] = 37 * LEVELS_PER_DB
    overview.levels[30, 1000] = 52 * LEVELS_PER_DB
    shown = pixels(grey_picture(overview, Span(0, 100), 2000, 81))[:, 1000]
    assert shown[30] > 200
    assert 20 < np.median(shown) < 120


@pytest.mark.parametrize("level", [0, 200])
def test_a_picture_without_any_contrast_is_drawn(level):
    flat = Overview(
        levels=np.full((81, 40), level, np.uint8),
        n_pages=2,
        pages_per_column=1 / 20,
        low_hz=45e3,
        hz_per_row=976.0,
    )
    assert pixels(grey_picture(flat, Span(0, 2), 50, 30)).max() == 0


def test_shrinking_loses_nothing_and_the_end_of_the_part_ends_it():
    values = np.zeros(100, bool)
    values[[17, 63]] = True
    assert np.flatnonzero(shrunk(values, 0, 100, 10)).tolist() == [1, 6]
    assert not shrunk(values, 20, 60, 10).any()
    assert np.flatnonzero(shrunk(values, 60, 70, 20)).tolist() == [6, 7]


def test_marks_are_where_calls_are_and_other_pages_are_not_read():
    labels = np.zeros((3, 512, 512), np.int32)
    labels[1, 100:110, 256:264] = 5
    read = []

    class Pages:
        def __len__(self):
            return 3

        def __getitem__(self, page):
            read.append(page)
            return labels[page]

    steps, told = marking(Pages(), [1]), []
    try:
        while True:
            told.append(next(steps))
    except StopIteration as finished:
        marks = finished.value
    assert read == [1]
    assert np.flatnonzero(marks[1]).tolist() == [64, 65]
    assert not marks[[0, 2]].any()
    assert np.flatnonzero(marks_of(labels[1][:, 256:260])).tolist() == list(range(128))
