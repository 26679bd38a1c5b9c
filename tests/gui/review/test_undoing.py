from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel
from windows import child, segment_until_calls_come, text, wait_until_idle

from napari_squeakout.core.layout import Layout
from napari_squeakout.core.review.review import PageState
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.gui.layers.layers import open_stack, show_calls, source_of
from napari_squeakout.gui.review.review_state import Reviewing
from napari_squeakout.gui.review.undoing import Undoing
from napari_squeakout.gui.source.state import SourceState


def test_nothing_is_taken_back_where_no_page_is_in_view(qapp):  # timers need it
    viewer = ViewerModel()
    stack = SpectrogramStack(
        pages=np.zeros((4, 512, 512), np.float32), layout=Layout(source="one", n_pages=4)
    )
    image = open_stack(viewer, stack)
    calls = show_calls(viewer, image, np.zeros((4, 512, 512), np.int32))
    reviewing = Reviewing(viewer)
    undoing, said = Undoing(reviewing), []
    undoing.said.connect(said.append)
    source = source_of(viewer, image)
    reviewing.set_source(source, SourceState(4, image))
    undoing.set_source(source)
    calls.data_setitem((np.array([3]), np.array([9]), np.array([9])), np.array([5]))
    viewer.dims.order = (1, 2, 0)
    undoing.undo()
    assert calls.data[3, 9, 9] == 5
    assert "rolled" in said[-1]
    viewer.dims.order = (0, 1, 2)
    undoing.undo()
    assert calls.data[3, 9, 9] == 0
    assert said[-1] == "Taken back on page 3."


def test_taking_back_on_an_approved_page_out_of_view_says_that_its_approval_is_withdrawn(qapp):
    viewer = ViewerModel()
    stack = SpectrogramStack(
        pages=np.zeros((4, 512, 512), np.float32), layout=Layout(source="one", n_pages=4)
    )
    image = open_stack(viewer, stack)
    calls = show_calls(viewer, image, np.zeros((4, 512, 512), np.int32))
    reviewing, said = Reviewing(viewer), []
    undoing = Undoing(reviewing)
    # One line of the dock shows what both say: what is said last is what is read.
    for one in (reviewing, undoing):
        one.said.connect(said.append)
    state = SourceState(4, image)
    reviewing.set_source(source_of(viewer, image), state)
    undoing.set_source(source_of(viewer, image))
    calls.data_setitem((np.array([0]), np.array([9]), np.array([9])), np.array([5]))
    reviewing.approve()
    reviewing.go(2)
    reviewing.set_page(2)
    undoing.undo()
    assert said[-1] == "Taken back on page 0. Its approval is withdrawn."
    assert state.review[0].state is not PageState.APPROVED
    reviewing.set_page(2)
    undoing.redo()
    assert said[-1] == "Brought back on page 0."


def test_that_there_is_nothing_to_take_back_holds_until_something_is_done(qapp):
    viewer = ViewerModel()
    stack = SpectrogramStack(
        pages=np.zeros((4, 512, 512), np.float32), layout=Layout(source="one", n_pages=4)
    )
    image = open_stack(viewer, stack)
    calls = show_calls(viewer, image, np.zeros((4, 512, 512), np.int32))
    reviewing, state = Reviewing(viewer), SourceState(4, image)
    undoing, past = Undoing(reviewing), []
    undoing.past.connect(past.append)
    source = source_of(viewer, image)
    reviewing.set_source(source, state)
    undoing.set_source(source)
    nothing = "There is nothing to take back."
    undoing.undo()
    reviewing.look()
    assert past == []
    calls.data_setitem((np.array([0]), np.array([9]), np.array([9])), np.array([5]))
    reviewing.look()
    assert past == [nothing]
    undoing.undo()
    undoing.undo()
    state.steps.add(calls, undo=str, redo=str)  # as a class or an approval from the table
    undoing.look()
    assert past == [nothing, nothing]


@pytest.fixture
def segmented(dock_of, recording, qtbot, monkeypatch):
    """A window with tones.wav segmented; page 1 holds a call that reaches into page 2."""
    viewer, dock = dock_of()
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    wait_until_idle(qtbot, dock)
    return viewer, dock, viewer.layers["tones calls"]


def go(qtbot, viewer, page):
    viewer.dims.set_current_step(0, page)
    qtbot.wait(50)


def set_threshold(qtbot, dock, value):
    child(dock, "clean_threshold").setValue(value)
    wait_until_idle(qtbot, dock)


def paint(layer, page):
    rows, columns = (grid.ravel() for grid in np.mgrid[20:30, 400:420])
    layer.data_setitem((np.full(len(rows), page), rows, columns), np.full(len(rows), 99))


def test_a_stroke_can_be_taken_back_after_settings_were_changed_and_its_page_is_as_they_give(
    segmented, qtbot
):
    viewer, dock, layer = segmented
    set_threshold(qtbot, dock, 0.9)
    expected = layer.data.copy()
    set_threshold(qtbot, dock, 0.51)
    assert (layer.data[0] != expected[0]).any()
    go(qtbot, viewer, 0)
    paint(layer, 0)
    go(qtbot, viewer, 3)
    set_threshold(qtbot, dock, 0.9)
    assert (layer.data[0] == 99).sum() == 200
    dock.undoing.undo()
    wait_until_idle(qtbot, dock)
    np.testing.assert_array_equal(layer.data, expected)
    assert viewer.dims.current_step[0] == 0
    assert not text(dock, "clean_corrected")


def test_a_stroke_that_was_taken_back_does_not_come_back_into_a_page_proposed_anew(
    segmented, qtbot
):
    viewer, dock, layer = segmented
    for page in (3, 0):
        go(qtbot, viewer, page)
        paint(layer, page)
    dock.undoing.undo()
    go(qtbot, viewer, 5)
    set_threshold(qtbot, dock, 0.9)
    before = layer.data.copy()
    dock.undoing.redo()
    np.testing.assert_array_equal(layer.data, before)
    dock.undoing.undo()  # that on page 3 is left
    assert not (layer.data[3] == 99).any()


def test_calls_brought_back_by_undo_have_a_number_of_their_own_again(segmented, qtbot):
    viewer, dock, layer = segmented
    go(qtbot, viewer, 0)
    number = int(layer.data[0].max())
    dock.review_panel.reviewing.reject()
    assert number
    set_threshold(qtbot, dock, 0.6)
    assert (layer.data[1:] == number).any()  # it was free
    dock.undoing.undo()
    wait_until_idle(qtbot, dock)
    assert (layer.data[0] == 1).any()
    first, *others = (set(np.unique(page)) - {0} for page in layer.data)
    beside = others[0]
    assert not first & set().union(*others[1:])
    assert len(first & beside) <= 1


def test_the_head_of_the_dock_says_no_more_that_nothing_can_be_taken_back_when_it_can(
    segmented, qtbot
):
    _viewer, dock, layer = segmented
    dock.undoing.undo()
    assert text(dock, "dock_said") == "There is nothing to take back."
    paint(layer, 0)
    wait_until_idle(qtbot, dock)
    assert (text(dock, "dock_said"), text(dock, "review_message")) == ("", "")
