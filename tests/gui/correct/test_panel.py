from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QInputDialog
from windows import child, click, segment_until_calls_come, text, wait_until_idle

from napari_squeakout.gui.picture.clicks import Clicks


@pytest.fixture
def correcting(dock_of, recording, qtbot, monkeypatch):
    """A window with tones.wav segmented, on page 0; calls 2 and 3 are drawn on it."""
    viewer, dock = dock_of()
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    wait_until_idle(qtbot, dock)
    layer = viewer.layers["tones calls"]
    layer.data[0] = 0
    layer.data[0, 100:140, 50:90] = 502
    layer.data[0, 110:120, 60:70] = 0
    layer.data[0, 300:310, 200:260] = 503
    layer.data[0, 300:310, 275:300] = 503
    layer.refresh()
    viewer.dims.set_current_step(0, 0)
    qtbot.waitUntil(lambda: dock.review_panel.reviewing.measures is not None, timeout=20_000)
    qtbot.wait(200)
    return viewer, dock, layer


def click_at(viewer, layer, row, column):
    """A click of the left mouse button on a pixel of the page in view."""
    event = SimpleNamespace(
        button=1, modifiers=(), type="mouse_press",
        position=layer.data_to_world((viewer.dims.current_step[0], row, column)),
    )  # fmt: skip
    for callback in own_callbacks(viewer):
        steps = callback(viewer, event)
        next(steps)
        event.type = "mouse_release"
        next(steps, None)


def own_callbacks(viewer):
    """What listens to clicks beside napari itself."""
    called = tuple(viewer.mouse_drag_callbacks)
    return [one for one in called if isinstance(getattr(one, "__self__", None), Clicks)]


def on_page(layer):
    return set(np.unique(layer.data[0])) - {0}


@pytest.mark.parametrize(
    ("tool", "call"),
    [
        ("tools_erode", 502), ("tools_dilate", 502), ("tools_erase", 502), ("tools_bridge", 503),
        ("tools_fill_holes", 502), ("tools_clear", 502),
    ],
)  # fmt: skip
def test_one_undo_takes_one_use_of_a_tool_back(correcting, qtbot, tool, call):
    viewer, dock, layer = correcting
    child(dock, "tools_pick").click()
    click_at(viewer, layer, 300 if call == 503 else 102, 210 if call == 503 else 60)
    qtbot.waitUntil(lambda: layer.selected_label == call)
    qtbot.wait(20)
    before = layer.data.copy()
    click(dock, tool)
    assert (layer.data[0] != before[0]).any()
    assert not text(dock, "tools_message")
    layer.undo()
    np.testing.assert_array_equal(layer.data, before)


def missed_call(dock):
    """Row and column of the tone on page 0 that nobody has outlined."""
    grid = dock.source.stack.layout.grid
    row = round(512 - (70_000 - grid.low_hz) / grid.hz_per_row)
    column = round((0.075 - dock.source.stack.layout.starts_s[0]) / grid.seconds_per_column)
    return row, column


def test_a_click_adds_the_call_that_was_missed(correcting, qtbot):
    viewer, dock, layer = correcting
    row, column = missed_call(dock)
    before = layer.data.copy()
    highest = int(before.max())
    click(dock, "tools_add")
    click_at(viewer, layer, row, column)
    added = np.argwhere(layer.data[0] != before[0])
    number = int(layer.data[0, row, column])
    assert number > highest
    seconds = np.ptp(added[:, 1]) * dock.source.stack.layout.grid.seconds_per_column
    assert seconds == pytest.approx(0.05, abs=0.006)
    assert text(dock, "tools_message") == f"Added call {number}. Ctrl+Z takes it back."
    click_at(viewer, layer, row, column)
    assert "already" in text(dock, "tools_message")
    layer.undo()
    np.testing.assert_array_equal(layer.data, before)


def test_a_click_on_a_call_that_is_there_makes_no_second_one_and_adds_what_it_lacks(correcting):
    viewer, dock, layer = correcting
    row, column = missed_call(dock)
    click(dock, "tools_add")
    click_at(viewer, layer, row, column)
    number = int(layer.data[0, row, column])
    whole = layer.data[0] == number
    dock.tools_panel.use("tools_erode")
    thin = layer.data.copy()
    assert (thin[0] == number).sum() < whole.sum()
    click_at(viewer, layer, row + 4, column)
    np.testing.assert_array_equal(layer.data, thin)
    assert text(dock, "tools_message") == f"Call {number} is here already."
    layer.data[0, :, column:][whole[:, column:]] = 0  # the network found its first half only
    click_at(viewer, layer, row, column + 10)
    assert text(dock, "tools_message").startswith(f"Added to call {number}")
    missed = np.flatnonzero((layer.data[0] == number).any(axis=0)).max()
    assert missed >= np.flatnonzero(whole.any(axis=0)).max() - 2
    assert layer.data.max() == number


def test_escape_puts_a_tool_down_and_never_deletes(correcting):
    viewer, dock, layer = correcting
    row, column = missed_call(dock)
    click(dock, "tools_add")
    click_at(viewer, layer, row, column)
    with_call = layer.data.copy()
    assert with_call[0, row, column]
    for _ in range(3):
        dock.tools_panel.escape()
        assert not child(dock, "tools_add").isChecked()
        np.testing.assert_array_equal(layer.data, with_call)


def test_a_click_on_nothing_adds_nothing(correcting):
    viewer, dock, layer = correcting
    before = layer.data.copy()
    click(dock, "tools_add")
    click_at(viewer, layer, 480, 500)
    np.testing.assert_array_equal(layer.data, before)
    assert text(dock, "tools_message") == "Nothing stands out here."
    # The tools have keys and may be folded away: what they say is read at the top as well.
    assert text(dock, "dock_said") == "Nothing stands out here."
    click_at(viewer, layer, *missed_call(dock))
    assert text(dock, "dock_said").startswith("Added call")


def test_calls_clicked_one_after_another_become_one(correcting):
    viewer, dock, layer = correcting
    click(dock, "tools_merge")
    click_at(viewer, layer, 105, 60)
    click_at(viewer, layer, 305, 210)
    assert on_page(layer) == {502}
    layer.undo()
    assert on_page(layer) == {502, 503}


@pytest.mark.parametrize(("tool", "pixel"), [("time", (130, 70)), ("pitch", (105, 80))])
def test_a_call_is_split_where_one_clicks_and_its_other_part_gets_a_free_number(
    correcting, tool, pixel
):
    viewer, dock, layer = correcting
    highest = int(layer.data.max())
    whole = layer.data[0] == 502
    click(dock, f"tools_split_{tool}")
    click_at(viewer, layer, *pixel)
    assert on_page(layer) == {502, 503, highest + 1}
    np.testing.assert_array_equal(np.isin(layer.data[0], [502, highest + 1]), whole)
    click_at(viewer, layer, *pixel)
    assert on_page(layer) >= {502, 503, highest + 1}


def test_a_number_that_another_call_has_is_refused(correcting, qtbot, monkeypatch):
    _viewer, dock, layer = correcting
    layer.selected_label = 502
    qtbot.wait(20)
    asked = iter([(503, True), (900, True)])
    monkeypatch.setattr(QInputDialog, "getInt", lambda *_a, **_k: next(asked))
    click(dock, "tools_number")
    assert "503" in text(dock, "tools_message")
    assert on_page(layer) == {502, 503}
    click(dock, "tools_number")
    assert on_page(layer) == {900, 503}
    elsewhere = int(layer.data[1:].max())
    assert elsewhere
    monkeypatch.setattr(QInputDialog, "getInt", lambda *_a, **_k: (elsewhere, True))
    qtbot.wait(20)
    click(dock, "tools_number")
    assert "on another page" in text(dock, "tools_message")


def test_small_segments_are_removed_by_the_minimum_area(correcting, qtbot):
    _, dock, layer = correcting
    layer.data_setitem((np.array([0]), np.array([5]), np.array([5])), 509)
    qtbot.wait(20)
    click(dock, "tools_remove_small")
    assert on_page(layer) == {502, 503}


def test_tools_that_cannot_be_used_are_disabled_and_it_is_said_why(correcting, qtbot):
    _viewer, dock, layer = correcting
    layer.selected_label = 7777
    qtbot.waitUntil(lambda: "pick it" in text(dock, "tools_why"))
    assert not child(dock, "tools_erode").isEnabled()
    assert child(dock, "tools_clear").isEnabled()
    click(dock, "tools_clear")
    qtbot.waitUntil(lambda: "no calls on this page" in text(dock, "tools_why"))
    assert not child(dock, "tools_clear").isEnabled()
    assert child(dock, "tools_add").isEnabled()


def test_dragging_the_picture_with_a_tool_does_nothing_to_the_calls(correcting):
    viewer, dock, layer = correcting
    before = layer.data.copy()
    click(dock, "tools_split_time")
    event = SimpleNamespace(
        button=1, modifiers=(), type="mouse_press", position=layer.data_to_world((0, 130, 70))
    )
    [callback] = own_callbacks(viewer)
    steps = callback(viewer, event)
    next(steps)
    for event.type in ("mouse_move", "mouse_release"):
        next(steps, None)
    np.testing.assert_array_equal(layer.data, before)


def test_a_closed_dock_leaves_no_tool_in_the_window(correcting, qtbot):
    viewer, dock, _ = correcting
    click(dock, "tools_add")
    viewer.window.remove_dock_widget(dock)
    dock.deleteLater()
    qtbot.waitUntil(lambda: not own_callbacks(viewer), timeout=5000)


def test_keys_choose_tools(dock_of, recording, qtbot, monkeypatch):
    viewer, dock = dock_of(show=True)
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    wait_until_idle(qtbot, dock)
    dock.activateWindow()
    qtbot.waitUntil(dock.isActiveWindow, timeout=5000)
    qtbot.wait(50)
    qtbot.keyClick(dock, Qt.Key.Key_G)
    assert child(dock, "tools_add").isChecked()
    qtbot.keyClick(dock, Qt.Key.Key_Escape)
    assert not child(dock, "tools_add").isChecked()


def test_a_tool_with_nothing_to_do_says_so(correcting, qtbot):
    _, dock, layer = correcting
    layer.selected_label = 502
    qtbot.wait(20)
    click(dock, "tools_bridge")
    assert text(dock, "tools_message") == "Call 502 has no gap of up to 40 columns."
    click(dock, "tools_remove_small")
    assert text(dock, "tools_message") == "There was nothing to change."


def test_napari_s_brush_puts_a_tool_away(correcting, qtbot):
    viewer, dock, layer = correcting
    click(dock, "tools_split_time")
    layer.mode = "paint"
    assert not child(dock, "tools_split_time").isChecked()
    assert not own_callbacks(viewer)


def press(viewer, layer, page, row, column):
    """The mouse goes down on a pixel: what the window does before the layer is asked."""
    event = SimpleNamespace(
        button=1, modifiers=(), type="mouse_press",
        position=layer.data_to_world((page, row, column)),
    )  # fmt: skip
    for callback in tuple(viewer.mouse_drag_callbacks):
        callback(viewer, event)


def test_the_brush_has_a_number_of_its_own_on_another_page(correcting, qtbot):
    viewer, _, layer = correcting
    viewer.layers.selection.active = layer
    layer.mode, layer.selected_label = "paint", 502
    viewer.dims.set_current_step(0, 4)
    qtbot.wait(20)
    fresh = layer.selected_label
    assert fresh > layer.data.max()
    layer.paint((4, 50, 50), fresh)
    viewer.dims.set_current_step(0, 0)
    qtbot.wait(20)
    assert layer.selected_label not in layer.data[1:]
    layer.selected_label = fresh  # chosen by hand, as with napari's pipette
    for mode in ("paint", "fill"):
        layer.mode = mode
        press(viewer, layer, 0, 400, 400)
        assert layer.selected_label not in layer.data


def test_a_stroke_goes_on_with_a_call_that_reaches_the_border_of_the_page_before(correcting, qtbot):
    viewer, _, layer = correcting
    layer.data[0, 400:410, 500:] = 504
    layer.data[1] = 0
    viewer.layers.selection.active = layer
    layer.mode, layer.selected_label = "paint", 504
    viewer.dims.set_current_step(0, 1)
    qtbot.wait(20)
    press(viewer, layer, 1, 405, 3)
    assert layer.selected_label == 504
    viewer.dims.set_current_step(0, 3)
    qtbot.wait(20)
    assert layer.selected_label != 504


def test_a_call_added_at_a_border_is_that_of_the_page_beside(correcting, qtbot, monkeypatch):
    from napari_squeakout.gui.correct import tools as module

    viewer, dock, layer = correcting
    layer.data[1:] = 0
    layer.data[1, 200:208, :40] = 504
    mask = np.zeros((512, 512), bool)
    mask[204:212, 480:] = True
    monkeypatch.setattr(module, "grown_call", lambda *_a, **_k: mask)
    click(dock, "tools_add")
    click_at(viewer, layer, 206, 500)
    np.testing.assert_array_equal(layer.data[0] == 504, mask)
    assert "Added to call 504" in text(dock, "tools_message")


def test_the_number_of_a_call_that_goes_on_over_the_border_can_be_given(
    correcting, qtbot, monkeypatch
):
    _, dock, layer = correcting
    layer.data[1:] = 0
    layer.data[1, 300:310, :40] = 504
    layer.data[0, 300:310, 300:] = 503
    layer.selected_label = 503
    qtbot.wait(20)
    monkeypatch.setattr(QInputDialog, "getInt", lambda *_a, **_k: (504, True))
    click(dock, "tools_number")
    assert 504 in layer.data[0]
    assert 503 not in layer.data[0]


def test_no_call_is_picked_until_a_person_picks_one(correcting, qtbot):
    viewer, dock, layer = correcting
    layer.data[0][layer.data[0] == 502] = 1
    layer.refresh()
    dock.tools_panel.forget_pick()
    qtbot.wait(20)
    assert layer.selected_label == 1
    assert not child(dock, "tools_erase").isEnabled()
    assert "pick it" in text(dock, "tools_why")
    click(dock, "tools_pick")
    click_at(viewer, layer, 102, 60)
    assert "Call 1 is picked" in text(dock, "tools_why")
    assert child(dock, "tools_erase").isEnabled()
    child(dock, "clean_threshold").setValue(0.9)  # all other calls get new numbers
    qtbot.waitUntil(lambda: not child(dock, "tools_erase").isEnabled(), timeout=20_000)


def test_the_picked_call_stands_out_until_it_is_put_down_or_its_page_is_left(correcting, qtbot):
    viewer, dock, layer = correcting
    colours = layer.colormap
    click(dock, "tools_pick")
    click_at(viewer, layer, 305, 230)
    qtbot.wait(50)
    assert "Call 503 is picked" in text(dock, "tools_why")
    assert tuple(np.ravel(layer.colormap.map(503))) == (1, 1, 0, 1)
    viewer.dims.set_current_step(0, 3)
    qtbot.wait(50)
    assert layer.colormap == colours
    viewer.dims.set_current_step(0, 0)
    dock.tools_panel.forget_pick()
    qtbot.wait(50)
    assert "is picked" not in text(dock, "tools_why")
    assert layer.colormap == colours


def test_a_key_pressed_again_and_an_empty_page_leave_the_tool_in_hand(
    dock_of, recording, qtbot, monkeypatch
):
    viewer, dock = dock_of(show=True)
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    wait_until_idle(qtbot, dock)
    dock.activateWindow()
    qtbot.waitUntil(dock.isActiveWindow, timeout=5000)
    qtbot.wait(50)
    for _ in range(2):
        qtbot.keyClick(dock, Qt.Key.Key_K)
        assert child(dock, "tools_pick").isChecked()
    calls = viewer.layers["tones calls"].data
    calls[5] = 0
    viewer.dims.set_current_step(0, 5)
    qtbot.wait(50)
    assert child(dock, "tools_pick").isChecked()
    assert "no calls on this page" in text(dock, "tools_why")
    qtbot.keyClick(dock, Qt.Key.Key_Escape)
    assert not child(dock, "tools_pick").isChecked()


def test_a_call_painted_on_an_empty_page_can_be_picked_at_once(correcting, qtbot):
    _, dock, layer = correcting
    click(dock, "tools_clear")
    qtbot.wait(20)
    assert not child(dock, "tools_pick").isEnabled()
    layer.mode, layer.selected_label = "paint", 900
    layer.paint((0, 50, 50), 900)
    qtbot.waitUntil(child(dock, "tools_pick").isEnabled)
    assert child(dock, "tools_erase").isEnabled()
