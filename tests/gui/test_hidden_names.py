"""Names hidden in the whole window: nothing that is read tells whose a recording is."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile
from fakes import RATE_HZ, sound
from napari.utils.notifications import show_error
from qtpy.QtWidgets import QApplication, QFileDialog, QMenu, QMessageBox
from telling import telling
from windows import child, click, text

from napari_squeakout.gui.names.shown import NAMES
from napari_squeakout.io.sessions.record import RECORD, read_record

NAME = "napari-squeakout"
TELLING = ("ko_", "wt_", "female", "treated")
RECORDINGS = ("KO_female_07", "WT_male_02")


@pytest.fixture
def folder(tmp_path):
    treated = tmp_path / "treated"
    treated.mkdir()
    for number, name in enumerate(RECORDINGS):
        tones = [(0.1 + 0.2 * i, 0.15 + 0.2 * i, 70_000.0) for i in range(number + 2)]
        soundfile.write(treated / f"{name}.wav", sound(0.7, *tones), RATE_HZ)
    return treated


@pytest.fixture
def saved_as(monkeypatch):
    """What dialogs offered as the name of a file; each is cancelled."""
    offered = []

    def ask(_parent, title, name="", *_others, **_options):
        offered.append(f"{title} {Path(name).name}")
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    return offered


@pytest.fixture
def opened(dock_of, folder, qtbot):
    viewer, dock = dock_of(show=True)
    viewer.open(folder, plugin=NAME)

    def rest():
        qtbot.waitUntil(dock.is_idle, timeout=60_000)

    rest()
    return viewer, dock, rest


def agree(monkeypatch, *, asked=None):
    def answer(_parent, _title, words, *_buttons):
        if asked is not None:
            asked.append(words)
        return QMessageBox.StandardButton.Yes

    monkeypatch.setattr(QMessageBox, "question", answer)


def codes(dock):
    table = child(dock, "recordings_table")
    return [table.item(row, 0).text() for row in range(table.rowCount())]


def code_of(folder, name):
    return NAMES.code_of([folder / f"{name}.wav"])


def open_row(dock, number):
    table = dock.recordings_panel.table
    table.opened.emit(table.rows[number])


def move_mouse_over(viewer):
    for layer in viewer.layers:
        viewer.layers.selection.active = layer
        viewer.status = layer.get_status((1, 70.0, 30.0), world=True)


def test_nothing_in_the_window_tells_whose_a_recording_is(
    opened, folder, saved_as, monkeypatch, tmp_path
):
    viewer, dock, rest = opened
    click(dock, "segment_run")
    rest()
    found = {where for where, _ in telling(viewer, TELLING)}
    assert {"layer", "under the mouse", "QLabel dock_source"} <= {
        where.replace("VeiledLabel", "QLabel") for where in found
    }  # it is seen where it is shown

    click(dock, "recordings_names")
    rest()
    assert codes(dock) == ["R01", "R02"]
    assert telling(viewer, TELLING) == []
    click(dock, "recordings_segment")
    rest()
    for number in (0, 1):
        open_row(dock, number)
        rest()
        for part in ("review_calls", "review_plots", "review_overview"):
            for switch in dock.findChildren(type(dock.calls.switch), part):
                switch.setChecked(True)
        for part in (dock.calls, dock.plots, dock.overview):
            part.switch.setChecked(True)
        rest()
        click(dock, "review_approve")
        rest()
        move_mouse_over(viewer)
        assert telling(viewer, TELLING) == []
    look_at_what_is_asked(dock, rest, viewer, saved_as, monkeypatch, tmp_path)
    look_at_annotation_and_fine_tuning(dock, rest, viewer, folder)
    look_at_what_goes_wrong(dock, rest, viewer, folder)


def look_at_what_is_asked(dock, rest, viewer, saved_as, monkeypatch, tmp_path):
    """Dialogs, their names for files, and the menu of sessions."""
    dock.calls.save_shown()
    dock.plots.save_shown()
    dock.listen_panel.save()
    click(dock, "session_save_as")
    assert len(saved_as) >= 3
    assert not [name for name in saved_as if any(word in name.casefold() for word in TELLING)]
    assert all(f" {NAMES.code_of(dock.source.stack.origin.files)}" in name for name in saved_as)
    asked = []
    agree(monkeypatch, asked=asked)
    for _ in range(2):  # the second one asks before it replaces
        dock.results_box.save([dock.source], tmp_path / "out", {})
        rest()
    assert asked
    assert not [words for words in asked if any(word in words.casefold() for word in TELLING)]
    assert [file.name for file in (tmp_path / "out").iterdir()] == [dock.source.stack.layout.source]
    dock.session_box._controls.recent.fill()
    menu = dock.findChild(QMenu, "session_recent_menu")
    assert {one.text() for one in menu.actions()} >= {"R01", "R02"}
    assert telling(viewer, TELLING) == []


def look_at_annotation_and_fine_tuning(dock, rest, viewer, folder):
    table = folder / f"{dock.source.stack.layout.source}.csv"
    table.write_text("start_s,end_s\n0.1,0.15\n0.5,0.55\n")
    dock.review_panel.annotation.open(table)
    rest()
    assert text(dock, "annotation_told").startswith("The table: 2 calls")
    child(dock, "fine_tune_section").expand(animate=False)
    for row in dock.recordings_panel.table.rows:
        dock.fine_tune_panel.setup.sources.add_session(row.session)
    dock.fine_tune_panel.setup.look()
    rest()
    assert child(dock, "train_sources").count() == 2
    assert child(dock, "train_name").text().startswith("R0")
    assert telling(viewer, TELLING) == []


def look_at_what_goes_wrong(dock, rest, viewer, folder):
    """A file that has gone, and errors that name one."""
    recording = folder / f"{dock.source.stack.layout.source}.wav"
    recording.rename(recording.with_name("away.bin"))
    dock.open_panel.open([recording])
    rest()
    assert text(dock, "open_message")
    click(dock, "open_copy_diagnostics")
    copied = QApplication.clipboard().text()
    assert not [word for word in TELLING if word in copied.casefold()]
    recording.write_bytes(b"no sound at all")
    viewer.open(recording, plugin=NAME)
    show_error(f"{recording}: is damaged")
    dock.recordings_panel.look_soon()
    rest()
    move_mouse_over(viewer)
    assert telling(viewer, TELLING) == []


def test_names_stay_hidden_under_the_same_codes_until_they_are_shown(
    opened, folder, dock_of, qtbot, monkeypatch
):
    viewer, dock, rest = opened
    click(dock, "segment_run")
    rest()
    click(dock, "recordings_names")
    rest()
    kept = {name: code_of(folder, name) for name in RECORDINGS}
    session = dock.state.session.folder
    click(dock, "review_approve")
    rest()
    project = dock.recordings_panel.folder
    viewer.layers.clear()
    rest()
    NAMES.forget()  # as in another process

    other, again = dock_of(show=True)
    again.recordings_panel.open_project(project)
    qtbot.waitUntil(again.is_idle, timeout=60_000)
    assert {name: code_of(folder, name) for name in RECORDINGS} == kept
    assert telling(other, TELLING) == []

    NAMES.forget()
    again.session_box.open(session)  # by itself, from no list
    qtbot.waitUntil(again.is_idle, timeout=60_000)
    name = again.source.stack.layout.source
    assert again.source.image.name == kept[name]
    assert telling(other, TELLING) == []

    asked = []
    agree(monkeypatch, asked=asked)
    click(again, "recordings_names")
    qtbot.waitUntil(again.is_idle, timeout=60_000)
    assert asked == [
        "Show the names of all recordings on this list? What was approved until now stays so."
    ]
    assert again.source.image.name == name
    assert sorted(codes(again)) == [f"{one}.wav" for one in RECORDINGS]
    again.state.settle()
    record = read_record(session / RECORD)
    [hiding] = record.hidings
    assert (hiding.code, hiding.lifted is not None) == (kept[name], True)
    assert record.review.count_blind() == 1
    click(again, "review_next")
    click(again, "review_approve")
    again.state.settle()
    assert read_record(session / RECORD).review.count_blind() == 1


def test_who_does_not_agree_sees_no_name(opened, monkeypatch):
    viewer, dock, rest = opened
    click(dock, "recordings_names")
    rest()
    monkeypatch.setattr(QMessageBox, "question", lambda *_args: QMessageBox.StandardButton.No)
    click(dock, "recordings_names")
    rest()
    assert telling(viewer, TELLING) == []


def test_the_name_of_one_recording_is_hidden_by_itself(dock_of, folder, qtbot, monkeypatch):
    viewer, dock = dock_of(show=True)
    recording = folder / "KO_female_07.wav"
    viewer.open(recording, plugin=NAME)
    qtbot.waitUntil(dock.is_idle, timeout=60_000)
    click(dock, "name_switch")
    qtbot.waitUntil(dock.is_idle, timeout=60_000)
    code = dock.source.image.name
    assert code == NAMES.code_of([recording])
    click(dock, "segment_run")
    qtbot.waitUntil(dock.is_idle, timeout=60_000)
    click(dock, "review_approve")
    dock.state.settle()
    move_mouse_over(viewer)
    assert telling(viewer, TELLING) == []
    session = dock.state.session.folder
    assert read_record(session / RECORD).code == code
    agree(monkeypatch)
    click(dock, "name_switch")
    qtbot.waitUntil(dock.is_idle, timeout=60_000)
    assert viewer.layers[0].name == "KO_female_07"
    assert viewer.layers[0].source.path == str(recording)
    record = read_record(session / RECORD)
    assert (record.code, record.review.count_blind()) == ("", 1)


def test_a_session_that_may_only_be_looked_at_says_that_nothing_is_kept(dock_of, folder, qtbot):
    from napari_squeakout.io.sessions.session import open_session

    viewer, dock = dock_of(show=True)
    viewer.open(folder / "KO_female_07.wav", plugin=NAME)
    qtbot.waitUntil(dock.is_idle, timeout=60_000)
    click(dock, "segment_run")
    qtbot.waitUntil(dock.is_idle, timeout=60_000)
    session = dock.state.session.folder
    viewer.layers.clear()
    qtbot.waitUntil(dock.is_idle, timeout=60_000)
    elsewhere = open_session(session)
    dock.session_box.open(session)
    qtbot.waitUntil(dock.is_idle, timeout=60_000)
    click(dock, "name_switch")
    qtbot.waitUntil(dock.is_idle, timeout=60_000)
    assert "no record of it is kept" in text(dock, "name_told")
    assert telling(viewer, TELLING) == []
    assert read_record(session / RECORD).code == ""
    elsewhere.close()
