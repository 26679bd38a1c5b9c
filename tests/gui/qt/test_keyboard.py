"""Keys act on the calls wherever the keyboard is, and clicks count once."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import QPointF, Qt
from qtpy.QtGui import QEnterEvent
from qtpy.QtWidgets import QAbstractButton, QApplication, QComboBox, QWidget
from windows import child, click, double_click, segment_until_calls_come, text, wait_until_idle

from napari_squeakout.gui.layers.roles import ROLE


@pytest.fixture
def shown(dock_of, recording, qtbot, monkeypatch):
    """A window on the screen with tones.wav segmented, on page 0."""
    viewer, dock = dock_of(show=True)
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    wait_until_idle(qtbot, dock)
    qtbot.waitUntil(lambda: dock.review_panel.reviewing.measures is not None, timeout=20_000)
    viewer.dims.set_current_step(0, 0)
    dock.activateWindow()
    qtbot.waitUntil(dock.isActiveWindow, timeout=5000)
    dock.parts.take_in_hand("review_section")
    qtbot.waitUntil(child(dock, "review_reject").isVisible, timeout=5000)
    qtbot.wait(50)
    return viewer, dock


def canvas_of(dock):
    [canvas] = [w for w in dock.window().findChildren(QWidget) if w.inherits("QOpenGLWidget")]
    return canvas


def states(dock):
    return [state.value for state in dock.review_panel.reviewing.review.states()]


@pytest.mark.parametrize(("selected", "focus"), [("tones", "dock"), ("tones calls", "canvas")])
def test_undo_and_redo_act_on_the_calls_whatever_is_selected(shown, qtbot, selected, focus):
    viewer, dock = shown
    calls = viewer.layers["tones calls"]
    before = calls.data.copy()
    viewer.layers.selection.active = viewer.layers[selected]
    qtbot.wait(50)
    click(dock, "review_reject")  # clears page 0 and goes on
    qtbot.wait(250)
    assert viewer.dims.current_step[0] == 1
    assert states(dock)[0] == "approved"
    pressed = canvas_of(dock) if focus == "canvas" else dock
    pressed.setFocus()
    qtbot.keyClick(pressed, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.wait(250)
    np.testing.assert_array_equal(calls.data, before)
    assert viewer.dims.current_step[0] == 0
    assert states(dock)[0] == "unreviewed"
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(pressed, Qt.Key.Key_Z, both)
    qtbot.wait(50)
    assert not calls.data[0].any()


def test_pages_taken_back_out_of_view_are_no_longer_corrected(shown, qtbot):
    viewer, dock = shown
    for page in (2, 3):
        viewer.dims.set_current_step(0, page)
        qtbot.wait(20)
        calls = viewer.layers["tones calls"]
        calls.data_setitem((np.full(9, page), np.full(9, 400), np.arange(9)), np.full(9, 99))
        qtbot.wait(250)
    viewer.dims.set_current_step(0, 0)
    qtbot.wait(20)
    assert states(dock)[2:4] == ["corrected"] * 2
    for _ in range(2):
        calls.undo()  # napari's own, which shows no page
    qtbot.wait(250)
    assert states(dock)[2:4] == ["unreviewed"] * 2


def test_v_hides_the_calls_and_not_the_picture_and_is_napari_s_where_there_are_none(shown, qtbot):
    viewer, dock = shown
    qtbot.keyClick(dock, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert text(dock, "review_message") == "There is nothing to take back."
    viewer.layers.selection.active = viewer.layers["tones"]
    qtbot.wait(50)
    for visible in (False, True):
        qtbot.keyClick(canvas_of(dock), Qt.Key.Key_V)
        qtbot.wait(20)
        assert viewer.layers["tones calls"].visible is visible
        assert viewer.layers["tones"].visible
    points = viewer.add_points(np.zeros((1, 3)), name="mine")
    qtbot.wait(50)
    assert dock.source is None
    qtbot.keyClick(canvas_of(dock), Qt.Key.Key_V)
    qtbot.wait(20)
    assert viewer.layers["tones calls"].visible
    assert not points.visible


def test_no_button_keeps_the_keyboard_and_over_the_picture_it_is_the_picture_s(shown, qtbot):
    _, dock = shown
    buttons = dock.findChildren(QAbstractButton)
    assert len(buttons) > 20
    kept = (Qt.FocusPolicy.TabFocus, Qt.FocusPolicy.NoFocus)
    assert all(button.focusPolicy() in kept for button in buttons)
    qtbot.mouseClick(child(dock, "review_reject"), Qt.MouseButton.LeftButton)
    qtbot.wait(50)
    qtbot.keyClick(QApplication.focusWidget() or dock, Qt.Key.Key_Space)
    qtbot.wait(50)
    assert states(dock).count("approved") == 1
    canvas, point = canvas_of(dock), QPointF(9, 9)
    boxes = dock.findChildren(QComboBox)
    combo = next(box for box in boxes if box.isVisible() and box.isEnabled())
    for holder, goes in ((combo, True), (child(dock, "review_note"), False)):
        holder.setFocus()
        qtbot.waitUntil(holder.hasFocus, timeout=5000)
        QApplication.sendEvent(canvas, QEnterEvent(point, point, point))
        assert canvas.hasFocus() is goes


def test_a_double_click_counts_once_but_on_the_arrows(shown, qtbot):
    viewer, dock = shown
    for number, name in enumerate(("review_approve", "review_reject"), start=1):
        double_click(qtbot, child(dock, name))
        qtbot.wait(50)
        assert states(dock).count("approved") == number
    page = viewer.dims.current_step[0]
    double_click(qtbot, child(dock, "review_next"))
    qtbot.wait(50)
    assert viewer.dims.current_step[0] == page + 2


def test_a_button_goes_by_what_stands_in_a_field_that_was_not_left(shown, qtbot):
    viewer, dock = shown
    threshold = child(dock, "clean_threshold")
    type_into(qtbot, threshold, "0.3")
    assert dock.clean_panel.form.value().threshold != 0.3
    qtbot.mouseClick(child(dock, "clean_apply"), Qt.MouseButton.LeftButton)
    assert dock.clean_panel.form.value().threshold == 0.3
    wait_until_idle(qtbot, dock)
    assert viewer.layers["tones calls"].metadata[ROLE].made_by.threshold == 0.3
    note = child(dock, "review_note")
    type_into(qtbot, note, "mine")
    heard = []
    note.editingFinished.connect(lambda: heard.append(note.text()))
    reset = child(dock, "clean_reset")
    qtbot.mousePress(reset, Qt.MouseButton.LeftButton)
    assert heard == ["mine"]
    qtbot.mouseRelease(reset, Qt.MouseButton.LeftButton)


def test_enter_ends_typing_so_that_keys_act_on_the_page_again(shown, qtbot):
    _, dock = shown
    threshold = child(dock, "clean_threshold")
    type_into(qtbot, threshold, "0.4")
    qtbot.keyClick(threshold, Qt.Key.Key_Return)
    assert dock.clean_panel.form.value().threshold == 0.4
    assert not threshold.hasFocus()
    qtbot.keyClick(QApplication.focusWidget() or dock, Qt.Key.Key_A)
    qtbot.wait(50)
    assert states(dock).count("approved") == 1


def type_into(qtbot, field, words):
    """As a person does who then reaches for the mouse."""
    field.setFocus()
    qtbot.waitUntil(field.hasFocus, timeout=5000)
    field.selectAll()
    qtbot.keyClicks(field, words)
