from __future__ import annotations

import numpy as np
import pytest
import soundfile
from fakes import RATE_HZ, sound
from PIL import Image
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QMainWindow
from windows import child, click, open_by_clicking, wait_until_idle

from napari_squeakout.core.errors import InputError
from napari_squeakout.gui.layers.layers import page_in_view
from napari_squeakout.gui.overview import making
from napari_squeakout.gui.overview.settings import OverviewSettings
from napari_squeakout.io.preferences import read_preferences
from napari_squeakout.io.sessions.record import OVERVIEW


@pytest.fixture
def made(monkeypatch):
    """Names of the recordings that were looked over."""
    names, look = [], making.looking_over

    def looking(stack):
        names.append(stack.layout.source)
        return look(stack)

    monkeypatch.setattr(making, "looking_over", looking)
    return names


def place(strip, page):
    return QPoint(round(strip.plan.x(page + 0.5)), 30)


def test_a_recording_is_seen_as_a_whole_with_its_calls_and_pages(
    dock_of, recording, qtbot, monkeypatch
):
    viewer, dock = dock_of(show=True)
    strip = dock.overview.strip
    assert strip.parentWidget() is None  # nothing to show yet
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    window = strip.window()
    assert isinstance(window, QMainWindow)
    area = window.dockWidgetArea(strip.parentWidget())
    assert area == Qt.DockWidgetArea.BottomDockWidgetArea
    assert strip.isVisible()
    assert strip._overview.n_pages == 6
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    marks, labels = dock.overview._marks, np.asarray(dock.source.calls.data)
    assert marks.any(axis=1).tolist() == labels.any(axis=(1, 2)).tolist()
    assert marks[0, 30:57].all()  # 52-98 ms, of the first tone
    assert marks[3].any()
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=place(strip, 3))
    assert page_in_view(viewer, dock.source.image) == 3
    click(dock, "review_approve")
    wait_until_idle(qtbot, dock)
    assert strip.words_for(strip.plan.x(3.5)).endswith("page 3: approved")
    click(dock, "review_reject")  # page 4; then back to one with calls
    dock.review_panel.reviewing.go(1)
    click(dock, "review_reject")
    wait_until_idle(qtbot, dock)
    assert not dock.overview._marks[1].any()
    dock.review_panel.reviewing.go(5)
    dock.undoing.undo()  # on a page out of sight
    wait_until_idle(qtbot, dock)
    assert dock.overview._marks[1].any()
    viewer.layers.remove("tones calls")
    wait_until_idle(qtbot, dock)
    assert not dock.overview._marks.any()


def test_the_picture_is_kept_in_the_session_and_not_made_again(
    dock_of, recording, qtbot, monkeypatch, made
):
    viewer, dock = dock_of()
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    dock.refresh()
    wait_until_idle(qtbot, dock)
    folder = dock.state.session.folder
    assert (folder / OVERVIEW).is_file()
    assert made == ["tones"]
    viewer.layers.clear()
    wait_until_idle(qtbot, dock)
    assert not dock.overview._dock().isVisibleTo(dock.overview._dock().parentWidget())
    dock.session_box.open(folder)
    wait_until_idle(qtbot, dock)
    assert dock.overview.strip._overview.n_pages == 6
    assert made == ["tones"]
    viewer.layers.clear()
    (folder / OVERVIEW).write_bytes(b"damaged")
    wait_until_idle(qtbot, dock)
    dock.session_box.open(folder)
    wait_until_idle(qtbot, dock)
    assert dock.overview.strip._overview.n_pages == 6
    assert made == ["tones", "tones"]
    assert (folder / OVERVIEW).read_bytes() != b"damaged"


def test_it_can_be_sent_away_and_fetched_back(dock_of, recording, qtbot, monkeypatch, made):
    _, dock = dock_of(show=True)
    switch, strip = child(dock, "overview_shown"), dock.overview.strip
    switch.setChecked(False)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    assert strip.parentWidget() is None
    assert made == []
    switch.setChecked(True)
    wait_until_idle(qtbot, dock)
    assert made == ["tones"]
    around = strip.parentWidget()
    around.toggleViewAction().trigger()  # by napari's menu Window
    assert not switch.isChecked()
    switch.setChecked(True)
    assert not around.isHidden()
    around.destroyOnClose()  # by the cross on its title bar
    assert not switch.isChecked()
    switch.setChecked(True)
    wait_until_idle(qtbot, dock)
    assert strip.parentWidget() is not None
    assert made == ["tones"]
    dock.overview.end()
    assert strip.parentWidget() is None


def test_whether_it_is_wanted_is_remembered(dock_of, recording, qtbot, monkeypatch):
    _, first = dock_of()
    assert child(first, "overview_shown").isChecked()
    child(first, "overview_shown").click()
    _, second = dock_of()
    assert not child(second, "overview_shown").isChecked()
    open_by_clicking(qtbot, monkeypatch, second, recording)
    assert second.overview.strip.parentWidget() is None
    child(second, "overview_shown").click()
    _, third = dock_of()
    assert child(third, "overview_shown").isChecked()


def test_a_window_that_is_closed_or_minimised_does_not_switch_it_off(
    dock_of, recording, qtbot, monkeypatch
):
    _, dock = dock_of(show=True)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    around = dock.overview.strip.parentWidget()
    assert around.toggleViewAction().isChecked()
    around.window().hide()
    assert not around.toggleViewAction().isChecked()  # Qt takes it for closed
    assert child(dock, "overview_shown").isChecked()
    assert read_preferences(OverviewSettings, "overview").shown


def test_each_recording_has_its_own_and_images_have_none(
    dock_of, recording, qtbot, monkeypatch, made, tmp_path
):
    viewer, dock = dock_of()
    strip = dock.overview.strip
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    first = strip._overview
    soundfile.write(tmp_path / "other.wav", sound(2.0, (0.5, 0.6, 80_000.0)), RATE_HZ)
    open_by_clicking(qtbot, monkeypatch, dock, tmp_path / "other.wav")
    assert (strip._overview.n_pages, strip.n_pages) == (10, 10)
    viewer.layers.selection.active = viewer.layers["tones"]
    wait_until_idle(qtbot, dock)
    assert strip._overview is first
    assert made == ["tones", "other"]
    for number in range(2):
        page = np.random.default_rng(number).integers(0, 255, (227, 227)).astype(np.uint8)
        (tmp_path / "pictures").mkdir(exist_ok=True)
        Image.fromarray(page).save(tmp_path / "pictures" / f"{number}.png")
    open_by_clicking(qtbot, monkeypatch, dock, tmp_path / "pictures" / "0.png")
    assert strip.parentWidget().isHidden()
    assert child(dock, "overview_shown").isChecked()


def test_a_recording_that_cannot_be_looked_over_says_why_in_the_strip(
    dock_of, recording, qtbot, monkeypatch
):
    def looking(_stack):
        raise InputError("tones.wav: is damaged at 0.5 s: copy it again")
        yield

    monkeypatch.setattr(making, "looking_over", looking)
    _, dock = dock_of()
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    assert "is damaged at 0.5 s" in dock.overview.strip._words
    dock.refresh()
    wait_until_idle(qtbot, dock)
    assert dock.overview.strip._overview is None
