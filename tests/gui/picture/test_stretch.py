from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID, Layout
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.gui.layers.layers import (
    open_stack,
    show_calls,
    show_probabilities,
    source_of,
    state_scale,
)
from napari_squeakout.gui.picture.stretch import stays_behind, stretch_layers, stretch_that_fills


def pages(name, grid=STANDARD_GRID, n=2):
    layout = Layout(source=name, n_pages=n, grid=grid)
    return SpectrogramStack(pages=np.zeros(layout.shape, np.float32), layout=layout)


def labels(stack):
    return np.zeros(stack.layout.shape, np.int32)


@pytest.mark.parametrize(("width", "height"), [(540, 600), (1160, 970)])
def test_a_stretched_page_has_the_shape_of_its_room(width, height):
    stretch = stretch_that_fills(STANDARD_GRID, width, height)
    page_width = STANDARD_GRID.seconds_per_column * 1e3 * PAGE_PX
    page_height = STANDARD_GRID.hz_per_row / 1e3 * PAGE_PX * stretch
    assert page_height / page_width == pytest.approx(height / width)


def test_all_layers_of_a_source_line_up_exactly_whenever_they_came():
    viewer = ViewerModel()
    image = open_stack(viewer, pages("rec"))
    stack = source_of(viewer, image).stack
    before = show_probabilities(viewer, image, np.zeros(stack.layout.shape, np.uint8), "f" * 64)
    stretch_layers(viewer, 2.6)
    after = show_calls(viewer, image, labels(stack))
    stretch_layers(viewer, 3.1)
    for layer in (before, after):
        np.testing.assert_array_equal(layer.scale, image.scale)
        np.testing.assert_array_equal(layer.translate, image.translate)
        assert layer.units == image.units


def test_a_stretched_axis_is_not_called_khz_and_none_gets_another_page_width():
    viewer = ViewerModel()
    image = open_stack(viewer, pages("rec"))
    width = np.ptp(image.extent.world[:, 2])
    stretch_layers(viewer, 2.0)
    assert [str(unit) for unit in image.units] == ["pixel", "pixel", "millisecond"]
    assert np.ptp(image.extent.world[:, 2]) == width
    stretch_layers(viewer, 1.0)
    assert [str(unit) for unit in image.units] == ["pixel", "kilohertz", "millisecond"]


def test_recordings_seen_together_lie_in_one_another_as_their_frequencies_do():
    viewer = ViewerModel()
    one, other = open_stack(viewer, pages("one")), open_stack(viewer, pages("other"))
    stretch_layers(viewer, 2.6)
    np.testing.assert_array_equal(one.scale, other.scale)


def test_images_without_a_scale_and_layers_of_others_are_left_as_they_are():
    viewer = ViewerModel()
    ours = open_stack(viewer, pages("images", grid=None))
    others = viewer.add_image(np.zeros((4, 5)), scale=(2, 3), translate=(7, 8))
    stretch_layers(viewer, 2.6)
    np.testing.assert_array_equal(ours.scale, (1, -1, 1))
    np.testing.assert_array_equal(others.scale, (2, 3))
    np.testing.assert_array_equal(others.translate, (7, 8))


def test_an_image_of_another_size_whose_scale_was_stated_lines_up_with_its_calls():
    viewer = ViewerModel()
    image = viewer.add_image(np.zeros((100, 200), np.uint8))
    source = source_of(viewer, image)
    calls = show_calls(viewer, image, labels(source.stack))
    state_scale(viewer, image, STANDARD_GRID)
    stretch_layers(viewer, 2.6)
    for ours, theirs in (((0, -0.5, -0.5), (-0.5, -0.5)), ((0, 511.5, 511.5), (99.5, 199.5))):
        assert calls.data_to_world(ours)[1:] == pytest.approx(image.data_to_world(theirs))


def test_a_page_is_not_stretched_away_under_what_others_have_drawn_on_it():
    viewer = ViewerModel()
    image = open_stack(viewer, pages("rec"))
    source = source_of(viewer, image)
    show_calls(viewer, image, labels(source.stack))
    pixels = open_stack(viewer, pages("images", grid=None))
    pixels.visible = False
    assert stays_behind(viewer, source) is None
    marks = viewer.add_points(np.array([[0, 60.0, 30.0]]))
    assert stays_behind(viewer, source) == marks
    viewer.layers.remove(marks)
    pixels.visible = True
    assert stays_behind(viewer, source) == pixels
