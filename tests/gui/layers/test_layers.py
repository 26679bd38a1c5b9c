"""Nouns become layers and are found again."""

from __future__ import annotations

import threading

import dask.array as da
import numpy as np
import pytest
from napari.layers import Image, Labels
from napari.utils.notifications import notification_manager

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.layout import STANDARD_GRID, Layout
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.gui.layers import layers
from napari_squeakout.gui.layers.adoption import adopt
from napari_squeakout.gui.layers.label_pages import new_labels, write_page
from napari_squeakout.gui.layers.roles import GuiError
from napari_squeakout.gui.source.contents import mask_stack, probability_stack
from napari_squeakout.io import scratch

PAGE_S = 431 * 128 / 250_000


@pytest.fixture
def viewer(make_napari_viewer_proxy):
    return make_napari_viewer_proxy()


@pytest.fixture
def recording():
    """Three pages of noise with a tone of 80 kHz that starts in the middle of the second."""
    rng = np.random.default_rng(0)
    n = int(2.5 * PAGE_S * 250_000)
    sound = 0.01 * rng.standard_normal(n)
    at = np.arange(int(1.5 * PAGE_S * 250_000), n)
    sound[at] += np.sin(2 * np.pi * 80_000 * at / 250_000)
    return render(Recording.from_array(sound, sample_rate_hz=250_000, name="tone"))


def images(n=2, name="images"):
    names = tuple(f"im{i}" for i in range(n))
    pages = np.random.default_rng(0).random((n, 512, 512), np.float32)
    return SpectrogramStack(pages=pages, layout=Layout(source=name, n_pages=n, page_names=names))


def labels_for(stack, *, page=1, value=3):
    labels = new_labels(stack.layout)
    labels[page, 100:140, 50:90] = value
    return labels


def upwards(viewer):
    camera = viewer.scene.camera if hasattr(viewer, "scene") else viewer.camera
    return camera.orientation2d[0] == "up"


def messages():
    return [notice.message for notice in notification_manager.records]


def test_a_recording_is_shown_in_kilohertz_and_milliseconds(viewer, recording):
    image = layers.open_stack(viewer, recording)
    assert image.name == "tone"
    assert tuple(image.axis_labels) == ("page", "frequency", "time")
    assert [str(unit) for unit in image.units] == ["pixel", "kilohertz", "millisecond"]
    page = recording.page(1)
    row = np.flatnonzero(page[:, 400] == page[:, 400].max()).mean()  # it is white there
    world = image.data_to_world((1, row, 256))
    assert world[1] == pytest.approx(80, abs=0.5)
    assert world[2] == pytest.approx(PAGE_S / 2 * 1e3, abs=1)


def test_frequency_grows_upwards_and_the_first_page_is_in_view(viewer, recording):
    layers.open_stack(viewer, recording)
    assert upwards(viewer)
    assert viewer.dims.current_step[0] == 0


def test_the_edges_of_a_page_are_those_of_its_band(viewer, recording):
    image = layers.open_stack(viewer, recording)
    grid = recording.layout.grid
    top, bottom = (image.data_to_world((0, row, -0.5))[1:] for row in (-0.5, 511.5))
    assert bottom == pytest.approx((grid.low_hz / 1e3, 0))
    assert top == pytest.approx((grid.hz(0) / 1e3, 0))


def test_images_without_a_scale_count_pixels_from_the_bottom(viewer):
    image = layers.open_stack(viewer, images())
    assert image.data_to_world((1, 511.5, -0.5)) == pytest.approx((1, 0, 0))
    assert image.data_to_world((1, -0.5, 511.5)) == pytest.approx((1, 512, 512))


def test_turning_the_window_over_is_told_to_who_has_other_images_in_it(viewer, recording):
    viewer.add_image(np.zeros((10, 10)))
    layers.open_stack(viewer, recording)
    assert any("upside down" in text for text in messages())


def test_opening_computes_the_page_in_view_and_no_other(viewer):
    computed, lock = [], threading.Lock()

    def block(block_info=None):
        with lock:
            computed.append(block_info[None]["chunk-location"][0])
        return np.zeros((1, 512, 512), np.float32)

    pages = da.map_blocks(
        block, chunks=((1,) * 50, 512, 512), dtype=np.float32, meta=np.zeros((0, 0, 0), np.float32)
    )
    layers.open_stack(
        viewer, SpectrogramStack(pages=pages, layout=Layout(source="long", n_pages=50))
    )
    viewer.dims.set_current_step(0, 40)
    # napari begins in the middle, and is brought to the first page.
    assert set(computed) <= {0, 24, 25, 40}


def test_of_an_hour_hardly_anything_is_read_to_open_it(viewer):
    read = []

    def reader(start, stop):
        read.append(stop - start)
        return np.zeros(stop - start, np.float32)

    hour = Recording(name="hour", sample_rate_hz=250_000, n_samples=3600 * 250_000, reader=reader)
    image = layers.open_stack(viewer, render(hour))
    assert image.data.shape[0] > 16_000
    assert sum(read) < 60 * 250_000


def test_all_layers_of_a_source_lead_to_all_of_them(viewer, recording):
    image = layers.open_stack(viewer, recording)
    values = np.zeros(recording.layout.shape, np.uint8)
    probabilities = layers.show_probabilities(viewer, image, values, "abc")
    calls = layers.show_calls(viewer, image, labels_for(recording), CleanSettings(threshold=0.7))
    for layer in (image, probabilities, calls):
        source = layers.source_of(viewer, layer)
        assert (source.image, source.probabilities, source.calls) == (image, probabilities, calls)
        assert source.stack is recording
    assert probability_stack(source).model == "abc"
    assert mask_stack(source).settings.threshold == 0.7
    assert mask_stack(source).labels is calls.data


def test_layers_of_a_source_lie_on_each_other(viewer, recording):
    image = layers.open_stack(viewer, recording)
    calls = layers.show_calls(viewer, image, labels_for(recording))
    for name in ("scale", "translate"):
        np.testing.assert_allclose(getattr(calls, name), getattr(image, name))
    assert (calls.units, calls.axis_labels) == (image.units, image.axis_labels)


def test_probabilities_are_hidden_and_lie_between_image_and_calls(viewer, recording):
    image = layers.open_stack(viewer, recording)
    calls = layers.show_calls(viewer, image, labels_for(recording))
    values = np.zeros(recording.layout.shape, np.uint8)
    probabilities = layers.show_probabilities(viewer, image, values, "abc")
    assert list(viewer.layers) == [image, probabilities, calls]
    assert not probabilities.visible
    assert not probabilities.editable
    assert probabilities.data is values


def test_a_second_run_replaces_its_own_layers_and_no_others(viewer, recording):
    first, second = (layers.open_stack(viewer, stack) for stack in (recording, images(3)))
    for image, n in ((first, 1), (second, 2), (first, 3)):
        stack = adopt(image)
        values = np.full(stack.layout.shape, n, np.uint8)
        layers.show_probabilities(viewer, image, values, str(n))
        layers.show_calls(viewer, image, labels_for(stack, value=n))
    assert len(viewer.layers) == 6
    sources = [layers.source_of(viewer, image) for image in (first, second)]
    assert [source.probabilities.data.max() for source in sources] == [3, 2]
    assert [source.calls.data.max() for source in sources] == [3, 2]
    assert [probability_stack(source).model for source in sources] == ["3", "2"]


def test_new_layers_leave_the_selection_alone(viewer, recording):
    image = layers.open_stack(viewer, recording)
    other = viewer.add_image(np.zeros((5, 5)))
    viewer.layers.selection.active = other
    layers.show_calls(viewer, image, labels_for(recording))
    assert viewer.layers.selection.active == other


def test_a_writable_array_becomes_the_layer_itself_and_others_are_copied(viewer, recording):
    image = layers.open_stack(viewer, recording)
    labels = labels_for(recording)
    calls = layers.show_calls(viewer, image, labels)
    assert calls.data is labels
    viewer.layers.remove(calls)
    lazy = da.from_array(labels, chunks=(1, 512, 512))
    calls = layers.show_calls(viewer, image, lazy)
    assert calls.data is not labels
    np.testing.assert_array_equal(calls.data, labels)


def test_labels_of_a_long_recording_lie_in_a_file(viewer, monkeypatch, recording):
    monkeypatch.setattr(scratch, "IN_MEMORY_BYTES", 1000)
    labels = new_labels(recording.layout)
    assert isinstance(labels, np.memmap)
    image = layers.open_stack(viewer, recording)
    calls = layers.show_calls(viewer, image, labels)
    calls.paint((1, 10, 10), 4)
    assert labels[1, 10, 10] == 4


def test_showing_calls_again_cannot_be_undone_into_old_strokes(viewer, recording):
    image = layers.open_stack(viewer, recording)
    calls = layers.show_calls(viewer, image, labels_for(recording))
    calls.mode = "paint"
    calls.paint((0, 300, 300), 9)
    again = layers.show_calls(viewer, image, labels_for(recording, value=5) * 1)
    assert again == calls
    assert calls.mode == "paint"
    assert calls.editable
    calls.undo()
    np.testing.assert_array_equal(calls.data, labels_for(recording, value=5))


def test_one_undo_takes_a_page_back(viewer, recording):
    image = layers.open_stack(viewer, recording)
    before = labels_for(recording)
    calls = layers.show_calls(viewer, image, before.copy())
    page = np.zeros((512, 512), np.int32)
    page[:50, :50] = 7
    page[60:70, :50] = 8
    write_page(calls, 1, page, undoable=True)
    np.testing.assert_array_equal(calls.data[1], page)
    calls.undo()
    np.testing.assert_array_equal(calls.data, before)
    calls.redo()
    np.testing.assert_array_equal(calls.data[1], page)


def test_a_page_written_without_undo_leaves_nothing_to_be_undone(viewer, recording):
    image = layers.open_stack(viewer, recording)
    calls = layers.show_calls(viewer, image, labels_for(recording))
    calls.paint((1, 120, 60), 9)
    page = np.zeros((512, 512), np.int32)
    write_page(calls, 1, page, undoable=False)
    calls.undo()
    assert not calls.data[1].any()


def test_a_page_that_is_the_same_is_not_written(viewer, recording):
    image = layers.open_stack(viewer, recording)
    calls = layers.show_calls(viewer, image, labels_for(recording))
    calls.paint((0, 300, 300), 9)
    write_page(calls, 1, calls.data[1].copy(), undoable=False)
    calls.undo()
    assert not calls.data[0].any()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, bool])
def test_any_grey_image_becomes_a_source(viewer, dtype):
    data = (np.random.default_rng(0).random((2, 227, 300)) * 200).astype(int)
    data = (data > 90 if dtype is bool else data).astype(dtype)
    image = viewer.add_image(data, name="theirs", scale=(1, 2, 3), translate=(0, 10, 20))
    stack = adopt(image)
    assert stack.layout.shape == (2, 512, 512)
    assert stack.layout.source_shapes == ((227, 300),) * 2
    assert not stack.layout.contiguous
    assert 0 <= stack.page(1).min() < stack.page(1).max() <= 1
    assert adopt(image) is stack
    assert layers.source_of(viewer, image).stack is stack


def test_labels_cover_an_image_of_another_size(viewer):
    data = np.zeros((2, 200, 300), np.uint8)
    image = viewer.add_image(data, scale=(1, 2, 3), translate=(0, 10, 20))
    stack = adopt(image)
    calls = layers.show_calls(viewer, image, labels_for(stack))
    for ours, theirs in (
        ((0, -0.5, -0.5), (0, -0.5, -0.5)),
        ((1, 511.5, 511.5), (1, 199.5, 299.5)),
    ):
        np.testing.assert_allclose(calls.data_to_world(ours), image.data_to_world(theirs))


def test_a_single_image_is_a_stack_of_one_page(viewer):
    image = viewer.add_image(np.zeros((227, 227), np.uint8), name="one")
    stack = adopt(image)
    calls = layers.show_calls(viewer, image, labels_for(stack, page=0))
    assert calls.data.shape == (1, 512, 512)
    assert layers.page_in_view(viewer, image) == layers.page_in_view(viewer, calls) == 0
    np.testing.assert_allclose(
        calls.data_to_world((0, 511.5, 511.5))[1:], image.data_to_world((226.5, 226.5))
    )


@pytest.mark.parametrize(
    ("layer", "why"),
    [
        (Image(np.zeros((5, 5, 3), np.uint8), rgb=True, name="x"), "in colour"),
        (Image(np.zeros((2, 2, 5, 5)), name="x"), "4 axes"),
        (Image([np.zeros((8, 8)), np.zeros((4, 4))], multiscale=True, name="x"), "resolutions"),
        (Image(np.zeros((5, 5)), rotate=30, name="x"), "rotated"),
        (Image(np.zeros((5, 5)), shear=[0.5], name="x"), "sheared"),
        (Labels(np.zeros((5, 5), int), name="x"), "no image"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_a_source_is_said_in_a_sentence(viewer, layer, why):
    viewer.add_layer(layer)
    with pytest.raises(GuiError, match=rf"^x: .*{why}"):
        adopt(layer)
    assert layers.source_of(viewer, layer) is None


def test_values_that_are_not_finite_are_refused_when_looked_at(viewer):
    image = viewer.add_image(np.full((4, 4), np.nan), contrast_limits=(0, 1), name="holes")
    with pytest.raises((GuiError, InputError), match="holes"):
        adopt(image).page(0)


def test_an_image_that_is_given_other_data_is_another_source(viewer, recording):
    image = layers.open_stack(viewer, recording)
    layers.show_calls(viewer, image, labels_for(recording))
    image.data = np.zeros((4, 512, 512), np.float32)
    source = layers.source_of(viewer, image)
    assert source.stack.layout.n_pages == 4
    assert source.calls is None


def test_a_layer_that_was_removed_has_no_source(viewer, recording):
    image = layers.open_stack(viewer, recording)
    calls = layers.show_calls(viewer, image, labels_for(recording))
    viewer.layers.remove(calls)
    assert layers.source_of(viewer, calls) is None
    assert layers.source_of(viewer, image).calls is None
    assert layers.source_of(viewer, None) is None


def test_renaming_a_layer_changes_nothing(viewer, recording):
    image = layers.open_stack(viewer, recording)
    calls = layers.show_calls(viewer, image, labels_for(recording))
    image.name, calls.name = "a", "b"
    assert layers.source_of(viewer, calls).image == image


def test_the_scale_of_images_can_be_stated(viewer):
    image = layers.open_stack(viewer, images())
    calls = layers.show_calls(viewer, image, labels_for(adopt(image)))
    stack = layers.state_scale(viewer, image, STANDARD_GRID)
    assert stack.layout.grid == STANDARD_GRID
    assert layers.source_of(viewer, calls).stack is stack
    for layer in (image, calls):
        assert [str(unit) for unit in layer.units] == ["pixel", "kilohertz", "millisecond"]
        edge = layer.data_to_world((0, 511.5, -0.5))
        assert edge == pytest.approx((0, STANDARD_GRID.low_hz / 1e3, 0))


def test_the_scale_of_a_foreign_image_can_be_stated(viewer):
    image = viewer.add_image(np.zeros((100, 200), np.uint8))
    calls = layers.show_calls(viewer, image, labels_for(adopt(image), page=0))
    layers.state_scale(viewer, image, STANDARD_GRID)
    low = STANDARD_GRID.low_hz / 1e3
    assert image.data_to_world((99.5, -0.5)) == pytest.approx((low, 0))
    assert calls.data_to_world((0, 511.5, -0.5)) == pytest.approx((0, low, 0))


def test_the_scale_of_a_recording_cannot_be_stated(viewer, recording):
    image = layers.open_stack(viewer, recording)
    with pytest.raises(GuiError, match="is a recording"):
        layers.state_scale(viewer, image, STANDARD_GRID)


def test_the_page_in_view_is_that_of_the_layer(viewer, recording):
    image = layers.open_stack(viewer, recording)
    longer = layers.open_stack(viewer, images(9))
    viewer.dims.set_current_step(0, 7)
    assert layers.page_in_view(viewer, longer) == 7
    assert layers.page_in_view(viewer, image) == 2


def test_a_page_says_its_time_or_its_name(recording):
    assert layers.page_time_text(recording.layout, 1) == "page 1 of 0-2: 0.221-0.442 s of tone"
    assert layers.page_time_text(images().layout, 1) == "image 1 of 0-1: im1"


def test_probabilities_and_labels_of_another_shape_are_refused(viewer, recording):
    image = layers.open_stack(viewer, recording)
    with pytest.raises(ValueError, match="must be"):
        layers.show_probabilities(viewer, image, np.zeros((1, 512, 512), np.uint8), "")
    with pytest.raises(ValueError, match="must be"):
        layers.show_calls(viewer, image, np.zeros((1, 512, 512), np.int32))
    assert list(viewer.layers) == [image]
