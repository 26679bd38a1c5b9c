"""The table of calls in the window."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QItemSelectionModel, Qt
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QApplication, QFileDialog
from windows import child, click, open_by_clicking, wait_until_idle

from napari_squeakout.core.measures.classes import CLASSES
from napari_squeakout.core.measures.edited import LAST_PAGE, PAINTED
from napari_squeakout.core.review.review import PageState
from napari_squeakout.gui.layers.label_pages import write_page
from napari_squeakout.gui.layers.layers import page_in_view
from napari_squeakout.gui.qt.canvas import camera_of
from napari_squeakout.gui.source.contents import mask_stack, probability_stack
from napari_squeakout.io.tables.calls import read_calls
from napari_squeakout.verbs.measuring import measure_calls


def cells(dock, name):
    model = dock.calls.model
    at = [column.name for column in model.columns].index(name)
    return [model.index(row, at).data() for row in range(model.rowCount())]


def go_to(dock, row, flags=QItemSelectionModel.SelectionFlag.ClearAndSelect):
    rows = QItemSelectionModel.SelectionFlag.Rows
    index = dock.calls.model.index(row, 0)
    dock.calls.table.selectionModel().setCurrentIndex(index, flags | rows)


def colour_of(layer, number):
    return tuple(np.asarray(layer.colormap.map(number)).reshape(-1).tolist())


def check_is_measured(dock):
    """The table holds what measuring all calls gives."""
    known = dock.calls.followed.calls
    assert not dock.calls.followed.n_due
    source = dock.source
    wanted = measure_calls(source.stack, mask_stack(source), probability_stack(source))
    assert known["call"].tolist() == wanted["call"].tolist()
    for name in ("start_s", "duration_s", "peak_hz", "mean_probability"):
        np.testing.assert_allclose(known[name], wanted[name], rtol=1e-9)


def press(widget, key):
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(widget, event)


def test_a_row_leads_to_its_page_and_a_click_on_a_call_to_its_row(window, qtbot):
    viewer, dock = window
    check_is_measured(dock)
    table, calls = dock.calls.table, dock.calls.followed.calls
    assert len(calls) == dock.calls.model.rowCount() > 2
    area = table.window().dockWidgetArea(dock.calls.box.parentWidget())
    assert area == Qt.DockWidgetArea.BottomDockWidgetArea
    last = len(calls) - 1
    go_to(dock, last)
    assert page_in_view(viewer, dock.source.image) == calls["page"][last] > 0
    assert dock.source.calls.selected_label == calls[PAINTED][last]
    wait_until_idle(qtbot, dock)
    yellow = dock.source.calls.get_color(int(calls[PAINTED][last]))
    assert np.asarray(yellow).reshape(-1)[:3].tolist() == [1, 1, 0]
    place = dock.calls.centre_of(int(calls["page"][0]), int(calls[PAINTED][0]))
    dock.review_panel.reviewing.go(int(calls["page"][0]))
    world = dock.source.calls.data_to_world((int(calls["page"][0]), *place))
    dock.calls._on_click(world)
    assert table.chosen_calls().tolist() == [0]
    assert page_in_view(viewer, dock.source.image) == calls["page"][0]


def test_a_page_that_a_row_leads_to_is_drawn_once_with_its_call_outlined(window, qtbot):
    viewer, dock = window
    layer, calls = dock.source.calls, dock.calls.followed.calls
    last = len(calls) - 1
    go_to(dock, 0)
    wait_until_idle(qtbot, dock)
    assert page_in_view(viewer, layer) < calls["page"].iloc[last]
    drawn = []

    def note(_event):
        drawn.append((page_in_view(viewer, layer), colour_of(layer, calls[PAINTED].iloc[last])))

    layer.events.set_data.connect(note)
    go_to(dock, last)
    wait_until_idle(qtbot, dock)
    layer.events.set_data.disconnect(note)
    assert drawn == [(calls["page"].iloc[last], (1, 1, 0, 1))]


def test_a_call_comes_to_the_middle_of_a_zoomed_picture(window):
    viewer, dock = window
    calls = dock.calls.followed.calls
    camera = camera_of(viewer)
    fitted = tuple(camera.center)
    go_to(dock, 1)
    assert tuple(camera.center) == fitted  # all of the page is seen
    camera.zoom *= 4
    go_to(dock, 2)
    page, number = int(calls["page"][2]), int(calls[PAINTED][2])
    place = dock.source.calls.data_to_world((page, *dock.calls.centre_of(page, number)))
    assert tuple(camera.center)[-2:] == pytest.approx(place[-2:])


def test_rows_follow_strokes_undo_and_another_clean_up(window, qtbot):
    _, dock = window
    before = dock.calls.followed.calls
    page = int(before["page"][0])
    dock.review_panel.reviewing.go(page)
    layer = dock.source.calls
    write_page(layer, page, np.zeros((512, 512), np.int32), undoable=True)
    assert dock.calls.followed.outdated()[0]  # at once, until it is measured
    wait_until_idle(qtbot, dock)
    assert len(dock.calls.followed.calls) < len(before)
    check_is_measured(dock)
    dock.review_panel.reviewing.go(5)
    dock.undoing.undo()  # on a page out of sight
    wait_until_idle(qtbot, dock)
    assert len(dock.calls.followed.calls) == len(before)
    check_is_measured(dock)
    layer.visible = False
    layer.redo()  # napari's own, and nobody sees it
    layer.visible = True
    wait_until_idle(qtbot, dock)
    assert len(dock.calls.followed.calls) < len(before)
    check_is_measured(dock)
    child(dock, "clean_threshold").setValue(0.9)
    click(dock, "clean_apply")
    wait_until_idle(qtbot, dock)
    check_is_measured(dock)


def test_chosen_calls_are_deleted_from_all_pages_in_one_step_that_undo_takes_back(window, qtbot):
    _, dock = window
    calls = dock.calls.followed.calls
    pages = sorted({int(page) for page in calls["page"]})
    dock.review_panel.reviewing.go(pages[-1])
    click(dock, "review_approve")
    wait_until_idle(qtbot, dock)
    before = np.array(dock.source.calls.data)
    go_to(dock, 0)
    dock.calls.table.selectAll()
    press(dock.calls.table, Qt.Key.Key_Delete)
    wait_until_idle(qtbot, dock)
    assert not np.asarray(dock.source.calls.data).any()
    assert dock.calls.model.rowCount() == 0
    review = dock.state.review
    assert review[pages[-1]].state is not PageState.APPROVED  # what was approved is no more
    assert all(review[page].state is PageState.CORRECTED for page in pages)
    dock.undoing.undo()
    wait_until_idle(qtbot, dock)
    assert np.array_equal(dock.source.calls.data, before)
    check_is_measured(dock)


def test_rows_that_are_measured_again_are_not_deleted(window, qtbot):
    _, dock = window
    page = int(dock.calls.followed.calls["page"][0])
    dock.review_panel.reviewing.go(page)
    go_to(dock, 0)
    renumbered = np.asarray(dock.source.calls.data[page]) * 7
    write_page(dock.source.calls, page, renumbered, undoable=True)
    before = np.array(dock.source.calls.data)
    dock.calls.editing.delete()
    assert np.array_equal(dock.source.calls.data, before)
    assert "measured again" in dock.calls.box.message.text()
    wait_until_idle(qtbot, dock)
    check_is_measured(dock)


def test_order_choice_and_conditions_outlast_an_edit(window, qtbot):
    _, dock = window
    table, model = dock.calls.table, dock.calls.model
    at = [column.name for column in model.columns].index("start_s")
    table.sort_by(at, Qt.SortOrder.DescendingOrder)
    go_to(dock, 0)
    chosen = dock.calls.followed.calls["start_s"][table.chosen_calls()[0]]
    page = int(dock.calls.followed.calls["page"][0])
    dock.review_panel.reviewing.go(page)
    write_page(dock.source.calls, page, np.zeros((512, 512), np.int32), undoable=True)
    wait_until_idle(qtbot, dock)
    assert dock.calls.followed.calls["start_s"][table.chosen_calls()[0]] == chosen
    assert cells(dock, "start_s") == sorted(cells(dock, "start_s"), key=float, reverse=True)
    assert page_in_view(dock.viewer, dock.source.image) == page  # measuring turns no page
    dock.calls.box.conditions.setText("duration > 10 s")
    dock.calls._on_conditions()
    assert "no number" in dock.calls.box.message.text()
    assert model.rowCount() == model.n_calls
    dock.calls.box.conditions.setText("duration > 10000")
    dock.calls._on_conditions()
    assert model.rowCount() == 0
    assert dock.calls.box.message.text().startswith(f"0 of {model.n_calls} calls")


def test_measures_are_with_the_layer_at_the_row_of_each_number(window):
    _, dock = window
    calls, features = dock.calls.followed.calls, dock.source.calls.features
    number = int(calls[PAINTED][1])
    assert features["peak_hz"][number] == calls["peak_hz"][1]
    assert np.isnan(features["peak_hz"][0])
    assert len(features) == calls[PAINTED].max() + 1


def test_while_very_many_pages_are_measured_features_wait_for_the_end(window, qtbot, monkeypatch):
    _, dock = window
    monkeypatch.setattr("napari_squeakout.gui.calls.panel._MOST_DUE", 0)
    dock.calls.followed.forget()
    assert dock.calls.followed.n_due
    assert "peak_hz" not in dock.source.calls.features
    wait_until_idle(qtbot, dock)
    assert "peak_hz" in dock.source.calls.features


def test_what_is_shown_is_saved_in_its_order(window, tmp_path, monkeypatch):
    _, dock = window
    at = [column.name for column in dock.calls.model.columns].index("start_s")
    dock.calls.table.sort_by(at, Qt.SortOrder.DescendingOrder)
    target = tmp_path / "shown.csv"
    name = str(target)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_options: (name, ""))
    click(dock.calls.box, "calls_save")
    saved = read_calls(target)
    calls = dock.calls.followed.calls
    assert saved["call"].tolist() == calls["call"].tolist()[::-1]
    assert PAINTED not in saved
    assert LAST_PAGE not in saved
    name = str(dock.state.session.folder / "labels.npy")
    before = (dock.state.session.folder / "labels.npy").read_bytes()
    click(dock.calls.box, "calls_save")
    assert "end the name in .csv" in dock.calls.box.message.text()
    assert (dock.state.session.folder / "labels.npy").read_bytes() == before


def test_the_table_goes_with_its_calls_and_stays_away_where_nobody_wants_it(window, qtbot):
    viewer, dock = window
    around = dock.calls.box.parentWidget()
    around.toggleViewAction().trigger()  # by napari's menu Window
    assert not dock.calls.switch.isChecked()
    dock.calls.switch.setChecked(True)
    assert not around.isHidden()
    viewer.layers.remove("tones calls")
    wait_until_idle(qtbot, dock)
    assert around.isHidden()
    assert dock.calls.model.rowCount() == 0


def test_where_there_is_room_several_rows_and_whole_names_of_classes_are_seen(
    dock_of, recording, qtbot, monkeypatch
):
    viewer, dock = dock_of(show=True)
    viewer.window.resize(1900, 1080)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    dock.calls.switch.setChecked(True)
    wait_until_idle(qtbot, dock)
    table, model = dock.calls.table, dock.calls.model
    qtbot.waitUntil(lambda: table.viewport().height() >= 5 * table.rowHeight(0), timeout=5000)
    at = [column.name for column in model.columns].index("class")
    longest = max(table.fontMetrics().horizontalAdvance(name) for name in CLASSES)
    assert table.columnWidth(at) >= longest + 8
