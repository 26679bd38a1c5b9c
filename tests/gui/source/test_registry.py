"""The state of a source stays with its image, whatever is copied from it."""

from __future__ import annotations

import gc
import weakref
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Layer

from napari_squeakout.core.layout import Layout
from napari_squeakout.core.review.page_stages import PageStage, new_stages
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.gui.layers.layers import open_stack, show_calls, source_of, state_scale
from napari_squeakout.gui.layers.roles import GuiError
from napari_squeakout.gui.source.registry import begin_registry, registry_in


class FakeSession:
    """Only what closing needs; it is not written."""

    read_only, labels, is_closed = "is a trial", None, False

    def close(self):
        self.is_closed = True


@pytest.fixture
def kept(qapp):  # timers need it
    """A viewer, its registry, an image in it, and the state of that source."""
    viewer = ViewerModel()
    sources = begin_registry(viewer)
    stack = SpectrogramStack(
        pages=np.zeros((2, 512, 512), np.float32), layout=Layout(source="one", n_pages=2)
    )
    image = open_stack(viewer, stack)
    state = sources.take_in(source_of(viewer, image))
    state.session = FakeSession()
    return viewer, sources, image, state


def duplicate(viewer, image):
    """As napari's "Duplicate layer" does it."""
    data, look, kind = image.as_layer_data_tuple()
    return viewer.add_layer(Layer.create(deepcopy(data), {**look, "name": "copy"}, kind))


def shared(viewer, image):
    """A copy that shows the very same data, as scripts make them."""
    data, look, kind = image.as_layer_data_tuple()
    return viewer.add_layer(Layer.create(data, {**look, "name": "copy"}, kind))


def test_looking_a_source_up_makes_replaces_and_closes_nothing(kept):
    viewer, sources, image, state = kept
    stack = SpectrogramStack(
        pages=np.zeros((1, 512, 512), np.float32), layout=Layout(source="two", n_pages=1)
    )
    other = source_of(viewer, open_stack(viewer, stack))
    assert sources.state_of(other) is None
    assert sources.state_of(None) is None
    with image.events.data.blocker():
        image.data = np.ones((2, 512, 512), np.float32)
    assert sources.state_of_image(image) is None
    assert list(sources) == [state]
    assert not state.session.is_closed


def test_a_state_is_made_once_and_it_is_told_when_it_is_made_and_dropped(kept):
    viewer, sources, image, state = kept
    made, dropped = [], []
    sources.made.connect(made.append)
    sources.dropped.connect(dropped.append)
    assert sources.take_in(source_of(viewer, image)) is state
    copy = sources.take_in(source_of(viewer, duplicate(viewer, image)))
    assert made == [copy]
    viewer.layers.remove(image)
    assert dropped == [state]
    assert list(sources) == [copy]


def test_a_copy_of_a_picture_is_a_source_of_its_own_and_closes_nothing(kept):
    viewer, sources, image, state = kept
    copy = duplicate(viewer, image)
    assert sources.take_in(source_of(viewer, copy)) is not state
    assert not state.session.is_closed
    assert sources.state_of(source_of(viewer, image)) is state
    viewer.layers.remove(copy)
    assert not state.session.is_closed


@pytest.mark.parametrize("is_the_copy_looked_at", [True, False])
def test_a_session_is_let_go_with_its_picture_though_a_copy_stays(kept, is_the_copy_looked_at):
    viewer, sources, image, state = kept
    copy = duplicate(viewer, image)
    if is_the_copy_looked_at:
        sources.take_in(source_of(viewer, copy))
    viewer.layers.remove(image)
    assert state.session.is_closed


@pytest.mark.parametrize("is_scale_stated", [True, False])
def test_a_copy_that_shows_the_same_data_takes_the_state_over(kept, is_scale_stated):
    viewer, sources, image, state = kept
    copy = shared(viewer, image)
    assert sources.take_in(source_of(viewer, copy)) is state
    if is_scale_stated:
        state_scale(viewer, image, None)
    viewer.layers.remove(image)
    assert not state.session.is_closed
    assert sources.state_of(source_of(viewer, copy)) is state
    viewer.layers.remove(copy)
    assert state.session.is_closed


def test_the_same_array_in_two_pictures_is_two_sources(kept):
    viewer, sources, _, _ = kept
    pages = np.zeros((2, 512, 512), np.float32)
    one, two = (source_of(viewer, viewer.add_image(pages, name=name)) for name in "ab")
    assert sources.take_in(one) is not sources.take_in(two)
    assert sources.state_of(one) is not sources.state_of(two)


def test_a_picture_given_other_data_lets_its_session_go_at_once(kept):
    viewer, sources, image, state = kept
    dropped = []
    sources.dropped.connect(dropped.append)
    image.data = np.ones((2, 512, 512), np.float32)
    assert state.session.is_closed
    assert dropped == [state]
    assert sources.take_in(source_of(viewer, image)) is not state


def test_a_picture_whose_new_data_nobody_told_of_lets_its_session_go_when_it_is_worked_on(kept):
    viewer, sources, image, state = kept
    with image.events.data.blocker():
        image.data = np.ones((2, 512, 512), np.float32)
    assert sources.take_in(source_of(viewer, image)) is not state
    assert state.session.is_closed


@pytest.mark.parametrize("is_removed", [True, False])
def test_calls_of_a_closed_session_cannot_be_painted_on(kept, is_removed):
    viewer, _, image, state = kept
    calls = show_calls(viewer, image, np.zeros((2, 512, 512), np.int32))
    state.session.labels = calls.data
    if is_removed:
        viewer.layers.remove(image)
    else:
        image.data = np.ones((2, 512, 512), np.float32)
    assert not calls.editable


def test_a_source_that_has_left_takes_no_session(kept):
    viewer, _, image, state = kept
    viewer.layers.remove(image)
    with pytest.raises(GuiError, match="has left the window"):
        state.attach(SimpleNamespace(folder=Path("one.squeakout")))


def test_a_window_keeps_its_registry_and_it_goes_with_the_window(kept):
    viewer, sources, _, _ = kept
    assert registry_in(viewer) is sources
    assert registry_in(ViewerModel()) is None
    other = ViewerModel()
    known = weakref.ref(begin_registry(other))
    del other
    gc.collect()
    assert known() is None


def test_a_page_is_answered_for_once_the_network_has_seen_it(kept):
    viewer, sources, image, state = kept
    state.stages = new_stages(2)
    state.stages[1] = PageStage.SEGMENTED
    assert [sources.is_answered(image, page) for page in (0, 1)] == [False, True]
    assert not sources.is_answered(viewer.add_image(np.zeros((4, 4))), 0)
