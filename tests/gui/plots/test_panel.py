"""Plots of the calls in the window."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication
from windows import child, click, open_by_clicking, text, wait_until_idle

from napari_squeakout.core.measures.bouts import bouts_of
from napari_squeakout.core.plots.settings import SETTINGS_OF
from napari_squeakout.gui.layers.label_pages import write_page
from napari_squeakout.gui.layers.layers import page_in_view


@pytest.fixture
def window(dock_of, recording, qtbot, monkeypatch):
    """Three tones, segmented, with plots under the picture."""
    viewer, dock = dock_of(show=True)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    dock.plots.switch.setChecked(True)
    wait_until_idle(qtbot, dock)
    return viewer, dock


def show(dock, qtbot, kind, **settings):
    form = dock.plots.box.form
    form.change_to(form.value().model_copy(update={"plot": kind, **settings}))
    wait_until_idle(qtbot, dock)


def pixel_of(dock, x, y):
    """Where in the area a place of the axes lies."""
    area = dock.plots.area
    at = area.mapFromScene(area.view.mapViewToScene(QPointF(x, y)))
    return QPointF(at)


def mouse(dock, kind, at, *, held=Qt.MouseButton.LeftButton, keys=Qt.KeyboardModifier.NoModifier):
    widget = dock.plots.area.viewport()
    is_move = kind == QEvent.Type.MouseMove
    button = Qt.MouseButton.NoButton if is_move else Qt.MouseButton.LeftButton
    place = QPointF(widget.mapToGlobal(at.toPoint()))
    QApplication.sendEvent(widget, QMouseEvent(kind, at, place, button, held, keys))


def click_at(dock, at, *, twice=False, **options):
    released = Qt.MouseButton.NoButton
    mouse(dock, QEvent.Type.MouseButtonPress, at, **options)
    mouse(dock, QEvent.Type.MouseButtonRelease, at, held=released, **options)
    if twice:
        mouse(dock, QEvent.Type.MouseButtonDblClick, at, **options)
        mouse(dock, QEvent.Type.MouseButtonRelease, at, held=released, **options)


def drag(dock, first, last):
    mouse(dock, QEvent.Type.MouseButtonPress, first)
    for part in np.linspace(0, 1, 6)[1:]:
        mouse(dock, QEvent.Type.MouseMove, first + (last - first) * float(part))
    mouse(dock, QEvent.Type.MouseButtonRelease, last, held=Qt.MouseButton.NoButton)


def chosen_rows(dock):
    return dock.calls.table.chosen_calls().tolist()


def dots(dock):
    return dock.plots.plot.marks


def test_a_frame_around_dots_chooses_their_rows_and_a_click_beside_them_none(window):
    _, dock = window
    marks, calls = dots(dock), dock.calls.followed.calls
    assert len(marks.keys) == len(calls) > 2
    last = int(marks.x.argmax())
    edge = (np.sort(marks.x)[-2] + marks.x[last]) / 2
    (low, high) = dock.plots.area.view.viewRange()[1]
    right = dock.plots.area.view.viewRange()[0][1]
    drag(dock, pixel_of(dock, edge, high), pixel_of(dock, right, low))
    assert chosen_rows(dock) == [int(calls["duration_s"].argmax())]
    before = dock.source.calls.selected_label
    assert dock.plots.box.isVisible()
    assert dock.source.calls.selected_label == before
    click_at(dock, pixel_of(dock, edge, low))
    assert chosen_rows(dock) == []


def test_a_click_chooses_a_call_another_with_ctrl_adds_one_and_two_go_to_its_page(window, qtbot):
    viewer, dock = window
    marks = dots(dock)
    page = page_in_view(viewer, dock.source.image)
    first, last = int(marks.x.argmin()), len(marks.x) - 1
    keys = dock.calls.model.keys
    click_at(dock, pixel_of(dock, marks.x[first], marks.y[first]))
    assert keys[chosen_rows(dock)].tolist() == [marks.keys[first]]
    ctrl = Qt.KeyboardModifier.ControlModifier
    click_at(dock, pixel_of(dock, marks.x[last], marks.y[last]), keys=ctrl)
    assert set(keys[chosen_rows(dock)]) == {marks.keys[first], marks.keys[last]}
    assert page_in_view(viewer, dock.source.image) == page  # choosing turns no page
    click_at(dock, pixel_of(dock, marks.x[last], marks.y[last]), twice=True)
    wait_until_idle(qtbot, dock)
    there = dock.calls.followed.calls["page"][last]
    assert page_in_view(viewer, dock.source.image) == there > 0


def test_rows_that_are_chosen_are_marked_in_the_plot(window, qtbot):
    _, dock = window
    dock.calls.table.choose(1)
    drawn = dock.plots.area._drawn
    x, y = drawn._chosen.getData()
    marks = dots(dock)
    at = marks.keys == dock.calls.model.keys[1]
    assert (x.tolist(), y.tolist()) == (marks.x[at].tolist(), marks.y[at].tolist())
    show(dock, qtbot, "histogram")
    bars = dots(dock)
    heights = dock.plots.area._drawn._chosen.opts["height"]
    assert heights.sum() == 1
    assert heights.argmax() == bars.bar_of[bars.keys == dock.calls.model.keys[1]][0]


def test_bars_choose_their_calls(window, qtbot):
    _, dock = window
    show(dock, qtbot, "histogram", measure="principal (kHz)", bins=10)
    bars = dots(dock)
    bar = int(bars.counts.argmax())
    middle = (bars.edges[bar] + bars.edges[bar + 1]) / 2
    click_at(dock, pixel_of(dock, middle, bars.counts[bar] / 2))
    assert len(chosen_rows(dock)) == bars.counts[bar]
    left, right = dock.plots.area.view.viewRange()[0]
    inset = (right - left) * 0.02
    low = pixel_of(dock, left + inset, 0.2), pixel_of(dock, right - inset, 0.3)
    drag(dock, *low)  # however low the frame is
    assert len(chosen_rows(dock)) == bars.counts.sum()


def test_the_plot_follows_the_conditions_of_the_table_and_edits(window, qtbot):
    _, dock = window
    n_calls = len(dots(dock).keys)
    dock.calls.box.conditions.setText("duration > 10000")
    dock.calls._on_conditions()
    assert len(dots(dock).keys) == 0
    assert f"0 of {n_calls} calls" in dock.plots.box.message.text()
    dock.calls.box.conditions.clear()
    assert len(dots(dock).keys) == n_calls
    page = int(dock.calls.followed.calls["page"][0])
    write_page(dock.source.calls, page, np.zeros((512, 512), np.int32), undoable=True)
    dock.review_panel.reviewing.go(page)
    wait_until_idle(qtbot, dock)
    assert len(dots(dock).keys) < n_calls


def test_dragging_the_cut_changes_the_bouts(window, qtbot):
    _, dock = window
    show(dock, qtbot, "silences", bout_gap_s=2.0)
    calls = dock.calls.followed.calls
    start_s, end_s = (calls[name].to_numpy() for name in ("start_s", "end_s"))
    assert "2 s: 1." in dock.plots.box.message.text()
    longest = float((start_s[1:] - np.maximum.accumulate(end_s)[:-1]).max())
    wanted = longest / 2
    low, high = dock.plots.area.view.viewRange()[1]
    y = low + (high - low) * 0.4
    drag(dock, pixel_of(dock, np.log10(2.0), y), pixel_of(dock, np.log10(wanted), y))
    gap_s = dock.plots.box.form.value().bout_gap_s
    assert gap_s == pytest.approx(wanted, abs=0.03)
    n_bouts = bouts_of(start_s, end_s, gap_s).max() + 1
    assert n_bouts > 1
    assert f"{gap_s:g} s: {n_bouts}." in dock.plots.box.message.text()
    assert child(dock.plots.box, "plots_bout_gap_s").value() == pytest.approx(gap_s)
    assert chosen_rows(dock) == []


def test_only_what_matters_to_a_plot_is_asked(window, qtbot):
    _, dock = window
    for kind, names in SETTINGS_OF.items():
        show(dock, qtbot, kind)
        asked = {name for name in dock.plots.box.form._widgets
                 if not dock.plots.box.form._widgets[name].native.isHidden()}  # fmt: skip
        assert asked == {"plot", *names}


def test_a_plot_behind_the_table_draws_when_it_comes_in_front(window, qtbot):
    _, dock = window
    dock.calls.switch.setChecked(True)
    wait_until_idle(qtbot, dock)
    table, plots = dock.calls.box.parentWidget(), dock.plots.box.parentWidget()
    assert plots in table.window().tabifiedDockWidgets(table)
    assert not dock.plots.is_seen()
    assert dock.plots.switch.isChecked()
    drawn = dock.plots.plot
    dock.calls.box.conditions.setText("duration > 10000")
    dock.calls._on_conditions()
    assert dock.plots.plot is drawn
    plots.raise_()
    qtbot.waitUntil(dock.plots.is_seen, timeout=5000)
    assert len(dots(dock).keys) == 0


def test_plots_go_with_their_calls_and_when_nobody_wants_them(window, qtbot):
    viewer, dock = window
    around = dock.plots.box.parentWidget()
    dock.plots.switch.setChecked(False)
    assert around.isHidden()
    assert not dock.calls.followed.is_on
    dock.plots.switch.setChecked(True)
    wait_until_idle(qtbot, dock)
    assert not around.isHidden()
    viewer.layers.remove("tones calls")
    wait_until_idle(qtbot, dock)
    assert around.isHidden()


def test_the_wheel_zooms_until_all_is_shown_again(window, qtbot):
    _, dock = window
    assert not child(dock.plots.box, "plots_show_all").isEnabled()
    view = dock.plots.area.view
    all_of_it = view.viewRange()
    view.scaleBy((0.5, 0.5))
    view.sigRangeChangedManually.emit([True, True])
    dock.calls.table.choose(0)
    assert view.viewRange() != all_of_it
    click(dock.plots.box, "plots_show_all")
    assert np.allclose(view.viewRange(), all_of_it)
    assert text(dock.plots.box, "plots_message")


@pytest.mark.parametrize("with_table", [False, True])
def test_a_small_window_does_not_grow(dock_of, recording, qtbot, monkeypatch, with_table):
    viewer, dock = dock_of(show=True)
    viewer.window.resize(1280, 720)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    dock.calls.switch.setChecked(with_table)
    dock.plots.switch.setChecked(True)
    wait_until_idle(qtbot, dock)
    for kind in SETTINGS_OF:
        show(dock, qtbot, kind)
    main = dock.window()
    assert (main.width(), main.height()) == (1280, 720)
    assert main.minimumSizeHint().height() <= 720


def test_an_axis_that_is_too_short_for_its_words_names_its_unit(window, qtbot):
    _, dock = window
    show(dock, qtbot, "frequency by duration")
    scale = dock.plots.area._scales["left"]
    for height_px, says in ((400, "principal frequency (kHz)"), (70, "kHz")):
        scale.resize(scale.size().width(), height_px)
        assert scale.label.toPlainText().strip() == says
        box = scale.label.mapRectToParent(scale.label.boundingRect())
        assert box.top() >= 0
        assert box.bottom() <= height_px
