"""What is kept of a source stays with its image, whatever is copied from it."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Layer

from napari_squeakout.core.review.page_stages import PageStage, new_stages
from napari_squeakout.core.stacks import Layout, SpectrogramStack
from napari_squeakout.gui.layers.layers import open_stack, source_of
from napari_squeakout.gui.source.kept import is_answered, kept_of, let_go


class FakeSession:
    """Only what closing needs; it is not written."""

    read_only, labels, is_closed = "is a trial", None, False

    def close(self):
        self.is_closed = True


@pytest.fixture
def kept(qapp):  # timers need it
    """A viewer, an image in it, and what is kept of it."""
    viewer = ViewerModel()
    viewer.layers.events.removed.connect(let_go)
    stack = SpectrogramStack(np.zeros((2, 512, 512), np.float32), Layout("one", 2))
    image = open_stack(viewer, stack)
    known = kept_of(source_of(viewer, image))
    known.session = FakeSession()
    return viewer, image, known


def duplicate(viewer, image):
    """As napari's "Duplicate layer" does it."""
    data, look, kind = image.as_layer_data_tuple()
    return viewer.add_layer(Layer.create(deepcopy(data), {**look, "name": "copy"}, kind))


def test_a_copy_of_a_picture_is_a_source_of_its_own_and_closes_nothing(kept):
    viewer, image, known = kept
    copy = duplicate(viewer, image)
    assert kept_of(source_of(viewer, copy)) is not known
    assert not known.session.is_closed
    assert kept_of(source_of(viewer, image)) is known
    viewer.layers.remove(copy)
    assert not known.session.is_closed


@pytest.mark.parametrize("is_the_copy_looked_at", [True, False])
def test_a_session_is_let_go_with_its_picture_though_a_copy_stays(kept, is_the_copy_looked_at):
    viewer, image, known = kept
    copy = duplicate(viewer, image)
    if is_the_copy_looked_at:
        kept_of(source_of(viewer, copy))
    viewer.layers.remove(image)
    assert known.session.is_closed


def test_a_picture_given_other_data_lets_its_session_go(kept):
    viewer, image, known = kept
    image.data = np.ones((2, 512, 512), np.float32)
    assert kept_of(source_of(viewer, image)) is not known
    assert known.session.is_closed


def test_a_page_is_answered_for_once_the_network_has_seen_it(kept):
    viewer, image, known = kept
    known.stages = new_stages(2)
    known.stages[1] = PageStage.SEGMENTED
    assert [is_answered(image, page) for page in (0, 1)] == [False, True]
    assert not is_answered(viewer.add_image(np.zeros((4, 4))), 0)
