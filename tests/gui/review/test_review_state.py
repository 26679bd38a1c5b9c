from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_squeakout.core.layout import Layout
from napari_squeakout.core.review.review import PageState, Review, checked
from napari_squeakout.core.review.uncertainty import PageMeasures
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.gui.layers.layers import open_stack, page_in_view, show_calls, source_of
from napari_squeakout.gui.review import followed
from napari_squeakout.gui.review.review_state import Reviewing
from napari_squeakout.gui.source.state import SourceState


@pytest.fixture
def reviewing(qapp):  # timers need it
    """A source of four pages with calls in a viewer without a window, reviewed."""
    viewer = ViewerModel()
    stack = SpectrogramStack(
        pages=np.zeros((4, 512, 512), np.float32), layout=Layout(source="one", n_pages=4)
    )
    image = open_stack(viewer, stack)
    show_calls(viewer, image, np.zeros((4, 512, 512), np.int32))
    reviewing = Reviewing(viewer)
    reviewing.set_source(source_of(viewer, image), SourceState(4, image))
    return viewer, reviewing


@pytest.mark.parametrize(
    ("shape", "scale"), [((9, 8, 8), (0.5, 1, 1)), ((3, 2, 8, 8), (1, 1, 1, 1))]
)
def test_a_page_is_gone_to_whatever_steps_and_axes_other_layers_have(reviewing, shape, scale):
    viewer, reviewing = reviewing
    viewer.add_image(np.zeros(shape), scale=scale, name="other")
    reviewing.go(2)
    assert page_in_view(viewer, reviewing.source.image) == 2


def test_calls_that_were_given_fewer_pages_cannot_be_reviewed_and_it_is_said(reviewing):
    viewer, reviewing = reviewing
    calls = viewer.layers["one calls"]
    calls.data = np.zeros((2, 512, 512), np.int32)
    source = source_of(viewer, viewer.layers["one"])
    reviewing.set_source(source, reviewing.source_state, 3)
    assert not reviewing.approve()
    assert "one calls has shape (2, 512, 512)" in reviewing.why_not


def test_approvals_are_taken_back_at_once_and_not_page_by_page(reviewing, monkeypatch):
    _, reviewing = reviewing
    reviewing.measures = PageMeasures(np.zeros(4), np.zeros(4, np.uint8), np.zeros(4, np.int64))
    assert reviewing.approve_empty(0.5) == (0, 1, 2, 3)
    made, check = [], Review.__post_init__
    monkeypatch.setattr(Review, "__post_init__", lambda self: (made.append(self), check(self)))
    reviewing.withdraw_all((0, 1, 2, 3))
    assert len(made) == 1
    assert reviewing.review.states() == [PageState.UNREVIEWED] * 4


def test_turning_pages_looks_at_one_page_and_an_undo_at_all_it_may_have_reached(
    reviewing, monkeypatch
):
    viewer, reviewing = reviewing
    calls, looked_at = viewer.layers["one calls"], []

    def note(review, labels, pages=None):
        looked_at.append(set(pages))
        return checked(review, labels, pages)

    monkeypatch.setattr(followed, "checked", note)
    for page in (0, 1, 2):
        reviewing.set_page(page)
        calls.data_setitem((np.array([page]), np.array([9]), np.array([9])), np.array([5]))
    reviewing.set_page(3)
    calls.refresh()  # as when the slider is moved
    looked_at.clear()
    reviewing.leave()
    assert looked_at == [{3}]
    calls.undo()
    reviewing.leave()
    assert looked_at[-1] == {0, 1, 2, 3}


def test_a_stroke_made_while_pages_are_measured_counts_in_what_was_measured(reviewing):
    viewer, reviewing = reviewing
    measures = PageMeasures(np.zeros(4), np.zeros(4, np.uint8), np.zeros(4, np.int64))
    calls = viewer.layers["one calls"]
    reviewing.set_page(2)
    calls.data_setitem((np.array([2]), np.array([9]), np.array([9])), np.array([50]))
    reviewing.set_page(0)
    reviewing.take_measures(measures)
    assert measures.occupied.tolist() == [False, False, True, False]
    assert reviewing.last_numbers().max() == 50
