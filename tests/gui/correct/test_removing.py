from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from qtpy.QtCore import Qt
from vispy.util.keys import CONTROL
from windows import segment_until_calls_come, text, wait_until_idle

from napari_squeakout.gui.correct.removing import Removing
from napari_squeakout.gui.qt.canvas import canvases_of


@pytest.fixture
def corrected(dock_of, recording, qtbot, monkeypatch):
    """A window with tones.wav segmented, on page 0, on which there is call 502 and no other."""
    viewer, dock = dock_of(show=True)
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    wait_until_idle(qtbot, dock)
    layer = viewer.layers["tones calls"]
    layer.data[0] = 0
    layer.data[0, 100:140, 50:90] = 502
    layer.refresh()
    viewer.dims.set_current_step(0, 0)
    qtbot.wait(200)
    return viewer, dock, layer


def place(viewer, layer, row, column):
    return layer.data_to_world((viewer.dims.current_step[0], row, column))


def ctrl_click(viewer, layer, row, column, *, moves=False):
    event = SimpleNamespace(
        button=1, modifiers=(CONTROL,), type="mouse_press",
        position=place(viewer, layer, row, column),
    )  # fmt: skip
    own = [
        c for c in viewer.mouse_drag_callbacks if isinstance(getattr(c, "__self__", None), Removing)
    ]
    for callback in own:
        steps = callback(viewer, event)
        if next(steps, "ended") == "ended":
            continue
        if moves:
            event.type = "mouse_move"
            next(steps)
        event.type = "mouse_release"
        next(steps, None)


def test_ctrl_and_a_click_remove_the_call_and_one_undo_brings_it_back(corrected):
    viewer, dock, layer = corrected
    before = layer.data[0].copy()
    ctrl_click(viewer, layer, 120, 70)
    assert not layer.data[0].any()
    assert (
        text(dock, "tools_message") == "Call 502 is removed from this page. Ctrl+Z takes it back."
    )
    layer.undo()
    np.testing.assert_array_equal(layer.data[0], before)


def test_delete_removes_the_call_under_the_mouse(corrected, qtbot):
    viewer, dock, layer = corrected
    viewer.cursor.position = place(viewer, layer, 120, 70)
    [canvas] = canvases_of(dock.window())
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert not layer.data[0].any()
    assert layer in viewer.layers


def test_where_no_call_is_nothing_goes(corrected):
    viewer, dock, layer = corrected
    before = layer.data[0].copy()
    ctrl_click(viewer, layer, 400, 400)
    np.testing.assert_array_equal(layer.data[0], before)
    assert text(dock, "tools_message") == "There is no call just here."


def test_ctrl_and_a_drag_remove_nothing(corrected):
    viewer, _, layer = corrected
    ctrl_click(viewer, layer, 120, 70, moves=True)
    assert (layer.data[0] == 502).any()


def test_over_a_layer_of_one_s_own_both_gestures_are_napari_s(corrected, qtbot):
    viewer, dock, layer = corrected
    marks = viewer.add_points([place(viewer, layer, 120, 70)], ndim=3, name="marks")
    viewer.layers.selection.active = marks
    ctrl_click(viewer, layer, 120, 70)
    viewer.cursor.position = place(viewer, layer, 120, 70)
    [canvas] = canvases_of(dock.window())
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert (layer.data[0] == 502).any()


def test_with_a_brush_in_hand_a_click_paints_and_removes_no_call(corrected):
    viewer, _, layer = corrected
    viewer.layers.selection.active = layer
    layer.mode = "paint"
    ctrl_click(viewer, layer, 120, 70)
    assert (layer.data[0] == 502).any()


def test_calls_that_are_hidden_are_not_removed(corrected):
    viewer, dock, layer = corrected
    layer.visible = False
    ctrl_click(viewer, layer, 120, 70)
    assert (layer.data[0] == 502).any()
    assert "hidden" in text(dock, "tools_message")
