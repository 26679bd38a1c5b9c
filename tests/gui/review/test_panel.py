from __future__ import annotations

import re

import numpy as np
import pytest
from napari.layers import Layer
from qtpy.QtCore import QPointF, Qt
from qtpy.QtWidgets import QFileDialog
from windows import (
    bars,
    child,
    click,
    open_by_clicking,
    segment_until_calls_come,
    text,
    wait_until_idle,
)

from napari_squeakout.core.review.navigation import CALLS, DOUBT, EXTRA, MISSED
from napari_squeakout.core.review.review import PageState
from napari_squeakout.gui.review import time_on_page as effort
from napari_squeakout.gui.review.time_on_page import Effort
from napari_squeakout.io.sessions.finding import sessions_folder
from napari_squeakout.io.sessions.session import open_session


@pytest.fixture
def reviewed(dock_of, recording, qtbot, monkeypatch):
    """A window in which tones.wav has been segmented."""
    viewer, dock = dock_of()
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    settle(qtbot, dock)
    return viewer, dock


def settle(qtbot, dock):
    wait_until_idle(qtbot, dock)
    panel = dock.review_panel
    qtbot.waitUntil(lambda: panel.reviewing.measures is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not panel._measuring.is_active, timeout=20_000)
    qtbot.wait(20)


def look(qtbot, dock):
    """Wait until a pause in painting has been noticed."""
    qtbot.wait(20)
    qtbot.waitUntil(lambda: not dock.review_panel.reviewing._watch.is_due)
    qtbot.wait(20)


def page_of(viewer):
    return viewer.dims.current_step[0]


def states(dock):
    return [state.value for state in dock.review_panel.reviewing.review.states()]


def paint(viewer, page, *, value=99):
    layer = viewer.layers["tones calls"]
    rows, columns = (grid.ravel() for grid in np.mgrid[300:310, 400:420])
    layer.data_setitem((np.full(len(rows), page), rows, columns), np.full(len(rows), value))


def session_of(dock):
    kept = dock.state
    kept.save()
    return kept.session


def test_a_recording_is_reviewed_page_by_page_with_one_key(reviewed, qtbot):
    viewer, dock = reviewed
    viewer.dims.set_current_step(0, 0)
    seen = []
    for _ in range(6):
        qtbot.wait(20)
        seen.append(page_of(viewer))
        click(dock, "review_approve")
    qtbot.wait(20)
    assert seen == [0, 1, 2, 3, 4, 5]
    assert states(dock) == ["approved"] * 6
    assert text(dock, "review_progress") == "6 of 6 pages approved"
    assert text(dock, "review_message") == "All pages are approved."
    assert [page.state for page in session_of(dock).record.pages.values()] == ["approved"] * 6


def test_the_keys_stand_on_the_buttons_and_press_them(dock_of, recording, qtbot, monkeypatch):
    viewer, dock = dock_of(show=True)
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    settle(qtbot, dock)
    viewer.dims.set_current_step(0, 0)
    dock.activateWindow()
    qtbot.waitUntil(dock.isActiveWindow, timeout=5000)
    assert "[ A ]" in child(dock, "review_approve").text()
    qtbot.keyClick(dock, Qt.Key.Key_A)
    qtbot.wait(50)
    assert states(dock)[0] == "approved"
    assert page_of(viewer) == 1
    qtbot.keyClick(dock, Qt.Key.Key_Comma)
    qtbot.wait(50)
    assert page_of(viewer) == 0
    qtbot.keyClick(child(dock, "review_note"), Qt.Key.Key_A)
    assert child(dock, "review_note").text() == "a"
    assert states(dock).count("approved") == 1


def test_a_stroke_makes_a_page_corrected_and_a_stroke_undone_does_not(reviewed, qtbot):
    viewer, dock = reviewed
    viewer.dims.set_current_step(0, 2)
    qtbot.wait(20)
    paint(viewer, 2)
    look(qtbot, dock)
    assert states(dock)[2] == "corrected"
    assert text(dock, "review_state") == "◐ Corrected"
    assert dock.review_panel.reviewing.review[2].pixels_changed == 200
    viewer.layers["tones calls"].undo()
    look(qtbot, dock)
    assert states(dock)[2] == "unreviewed"


def test_an_undo_that_reaches_an_approved_page_out_of_sight_withdraws_its_approval(reviewed, qtbot):
    viewer, dock = reviewed
    viewer.dims.set_current_step(0, 2)
    qtbot.wait(20)
    paint(viewer, 2)
    look(qtbot, dock)
    click(dock, "review_approve")
    look(qtbot, dock)
    assert (page_of(viewer), states(dock)[2]) == (3, "approved")
    viewer.layers["tones calls"].undo()
    look(qtbot, dock)
    assert states(dock)[2] != "approved"
    assert "Page 2 was changed after its approval" in text(dock, "review_message")


def test_a_stroke_on_an_approved_page_withdraws_its_approval(reviewed, qtbot):
    viewer, dock = reviewed
    viewer.dims.set_current_step(0, 0)
    qtbot.wait(20)
    click(dock, "review_approve")
    viewer.dims.set_current_step(0, 0)
    qtbot.wait(20)
    paint(viewer, 0)
    look(qtbot, dock)
    assert states(dock)[0] == "corrected"


def test_no_threshold_changes_an_approved_page(reviewed, qtbot):
    viewer, dock = reviewed
    viewer.dims.set_current_step(0, 0)
    qtbot.wait(20)
    calls = viewer.layers["tones calls"].data
    before = calls.copy()
    click(dock, "review_approve")
    child(dock, "clean_threshold").setValue(0.97)
    wait_until_idle(qtbot, dock)
    assert states(dock)[0] == "approved"
    np.testing.assert_array_equal(calls[0], before[0])
    assert (calls[1] != before[1]).any()
    assert dock.review_panel.reviewing.review[1].state is PageState.UNREVIEWED


def test_an_approval_taken_back_leaves_the_page_to_the_settings_again(reviewed, qtbot):
    viewer, dock = reviewed
    viewer.dims.set_current_step(0, 1)
    qtbot.wait(20)
    before = viewer.layers["tones calls"].data[1].copy()
    click(dock, "review_approve")
    viewer.dims.set_current_step(0, 1)
    qtbot.wait(20)
    click(dock, "review_withdraw")
    child(dock, "clean_threshold").setValue(0.97)
    wait_until_idle(qtbot, dock)
    assert (viewer.layers["tones calls"].data[1] != before).any()


def test_rejecting_a_page_clears_it_and_undo_brings_its_calls_back(reviewed, qtbot):
    viewer, dock = reviewed
    calls = viewer.layers["tones calls"]
    viewer.dims.set_current_step(0, 0)
    qtbot.wait(20)
    before = calls.data[0].copy()
    assert before.any()
    click(dock, "review_reject")
    look(qtbot, dock)
    assert not calls.data[0].any()
    assert states(dock)[0] == "approved"
    calls.undo()
    look(qtbot, dock)
    np.testing.assert_array_equal(calls.data[0], before)
    assert states(dock)[0] != "approved"


def test_empty_pages_are_approved_together_and_taken_back_together(reviewed, qtbot):
    viewer, dock = reviewed
    child(dock, "clean_min_area_px").setValue(2000)
    qtbot.wait(400)
    settle(qtbot, dock)
    empty = [page for page in range(6) if not viewer.layers["tones calls"].data[page].any()]
    by_lot = set(dock.review_panel.reviewing.drawn.tolist())
    child(dock, "review_below").setValue(1.0)
    click(dock, "review_approve_empty")
    approved = [page for page, state in enumerate(states(dock)) if state == "approved"]
    unsure = viewer.layers["tones probabilities"].data.max(axis=(1, 2)) < 255
    assert approved == [page for page in empty if page not in by_lot and unsure[page]]
    assert approved
    click(dock, "review_empty_back")
    assert states(dock) == ["unreviewed"] * 6


def test_the_arrows_go_where_one_says(reviewed, qtbot):
    viewer, dock = reviewed
    with_calls = [page for page in range(6) if viewer.layers["tones calls"].data[page].any()]
    child(dock, "review_way").set_value(CALLS)
    viewer.dims.set_current_step(0, 0)
    seen = [0]
    for _ in with_calls[1:]:
        click(dock, "review_next")
        qtbot.wait(20)
        seen.append(page_of(viewer))
    assert seen == with_calls
    click(dock, "review_next")
    assert text(dock, "review_message") == "There is none after."


def test_a_click_on_the_strip_goes_to_that_page(reviewed, qtbot):
    viewer, dock = reviewed
    strip = child(dock, "review_strip")
    strip.resize(300, 25)
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPointF(275, 10).toPoint())
    assert page_of(viewer) == 5


def test_a_page_of_a_long_recording_can_be_hit_on_the_strip(qtbot):
    from napari_squeakout.gui.review.page_strip import PageStrip

    strip = PageStrip("strip")
    qtbot.addWidget(strip)
    strip.resize(100, 25)
    some = [PageState.APPROVED] * 1000
    some[503] = PageState.UNREVIEWED
    strip.set_pages(some, None, 0)
    assert strip.page_at(50) == 503
    assert [strip.page_at(x) for x in (0, 99, 500)] == [0, 990, 990]


def test_work_goes_on_where_it_was_left(reviewed, dock_of, recording, qtbot, monkeypatch):
    viewer, dock = reviewed
    viewer.dims.set_current_step(0, 1)
    qtbot.wait(20)
    paint(viewer, 1)
    look(qtbot, dock)
    click(dock, "review_approve")
    child(dock, "review_note").setText("two animals")
    dock.review_panel.reviewing.note("two animals")
    noted = page_of(viewer)
    calls = viewer.layers["tones calls"].data.copy()
    viewer.layers.clear()
    viewer, dock = dock_of()
    child(dock, "open_section").collapse(animate=False)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    qtbot.wait(50)
    wait_until_idle(qtbot, dock)
    assert "tones.squeakout, 1 of 6 pages approved" in text(dock, "session_offer")
    assert child(dock, "open_section").isExpanded()  # it may have been folded for want of room
    assert "part 1" in text(dock, "hint_words")
    click(dock, "session_continue")
    settle(qtbot, dock)
    assert "keys" in text(dock, "hint_words")
    assert page_of(viewer) == noted > 1  # approving went on to it
    np.testing.assert_array_equal(viewer.layers["tones calls"].data, calls)
    assert states(dock)[1] == "approved"
    assert dock.review_panel.reviewing.review[noted].note == "two animals"
    child(dock, "clean_threshold").setValue(0.97)
    wait_until_idle(qtbot, dock)
    np.testing.assert_array_equal(viewer.layers["tones calls"].data[1], calls[1])
    assert (viewer.layers["tones calls"].data[3] != calls[3]).any()


def test_a_session_goes_to_the_picture_that_shows_its_pages_and_is_open_once(
    reviewed, dock_of, recording, qtbot, monkeypatch
):
    viewer, dock = reviewed
    folder = session_of(dock).folder
    dock.session_box.open(folder)
    assert dock.session_box.bar.text == "tones.squeakout is open already, in tones."
    viewer.layers.clear()
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    qtbot.wait(50)
    wait_until_idle(qtbot, dock)
    dock.session_box.open(folder)
    settle(qtbot, dock)
    names = {layer.name for layer in viewer.layers}
    assert names == {"tones", "tones probabilities", "tones calls"}
    assert text(dock, "session_where") == "Kept in tones.squeakout"
    assert not text(dock, "session_offer")
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    assert {layer.name for layer in viewer.layers} == names
    assert "tones is open already" in text(dock, "open_message")


def test_what_was_begun_just_now_is_not_offered_as_earlier_work(reviewed, qtbot):
    _, dock = reviewed
    assert not text(dock, "session_offer")
    dock.session_box._offers.look_again(dock.source.image)
    dock.refresh()
    qtbot.wait(50)
    wait_until_idle(qtbot, dock)
    assert not text(dock, "session_offer")
    assert text(dock, "session_where") == "Kept in tones.squeakout"


def test_a_second_window_may_only_look(reviewed, qtbot):
    viewer, dock = reviewed
    second = open_session(session_of(dock).folder)
    assert second.read_only == "is open in another window"
    second.close()
    paint(viewer, 0)  # the first one still may


def test_a_session_in_another_window_is_shown_and_cannot_be_approved(
    reviewed, dock_of, qtbot, monkeypatch
):
    _, dock = reviewed
    folder = session_of(dock).folder
    viewer, dock = dock_of()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_a, **_k: str(folder))
    click(dock, "session_open")
    settle(qtbot, dock)
    viewer.layers.selection.active = viewer.layers["tones"]
    qtbot.wait(20)
    assert "is open in another window" in text(dock, "review_why")
    assert "is open in another window" in text(dock, "tools_why")
    assert not child(dock, "review_approve").isEnabled()
    assert not viewer.layers["tones calls"].editable


def test_a_session_saved_elsewhere_opens_there(reviewed, dock_of, tmp_path, qtbot, monkeypatch):
    viewer, dock = reviewed
    click(dock, "review_approve")
    place = tmp_path / "usb" / "mine"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(place), ""))
    click(dock, "session_save_as")
    wait_until_idle(qtbot, dock)
    assert "mine.squeakout" in text(dock, "session_message")
    copy = open_session(tmp_path / "usb" / "mine.squeakout")
    np.testing.assert_array_equal(copy.labels, viewer.layers["tones calls"].data)
    assert copy.record.review.count(PageState.APPROVED) == 1
    copy.close()


def test_a_recording_that_moved_is_asked_for(
    reviewed, dock_of, recording, tmp_path, qtbot, monkeypatch
):
    viewer, dock = reviewed
    folder = session_of(dock).folder
    viewer.layers.clear()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    recording.rename(elsewhere / recording.name)
    viewer, dock = dock_of()
    chosen = iter([folder, elsewhere])
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_a, **_k: str(next(chosen)))
    click(dock, "session_open")
    wait_until_idle(qtbot, dock)
    assert "say which folder it is in now" in text(dock, "session_message")
    click(dock, "session_find")
    settle(qtbot, dock)
    assert viewer.layers["tones calls"].data.any()
    assert child(dock, "session_find").isHidden()


def test_a_recording_that_was_changed_is_refused(reviewed, dock_of, recording, qtbot, monkeypatch):
    viewer, dock = reviewed
    folder = session_of(dock).folder
    viewer.layers.clear()
    recording.write_bytes(recording.read_bytes()[:-2] + b"zz")
    viewer, dock = dock_of()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_a, **_k: str(folder))
    click(dock, "session_open")
    wait_until_idle(qtbot, dock)
    assert "has changed since this session was begun" in text(dock, "session_message")
    assert not viewer.layers


def test_what_cannot_be_opened_is_told(dock_of, tmp_path, qtbot, monkeypatch):
    _, dock = dock_of()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_a, **_k: str(tmp_path))
    click(dock, "session_open")
    wait_until_idle(qtbot, dock)
    assert "session.json" in text(dock, "session_message")


def test_images_of_no_file_are_reviewed_and_it_is_said_that_nothing_is_kept(dock_of, qtbot):
    viewer, dock = dock_of()
    viewer.add_image(np.random.default_rng(0).random((3, 512, 512)).astype(np.float32), name="x")
    qtbot.wait(50)
    assert "come from no file" in text(dock, "session_where")
    click(dock, "segment_run")
    settle(qtbot, dock)
    viewer.dims.set_current_step(0, 0)
    qtbot.wait(20)
    click(dock, "review_approve")
    assert states(dock)[0] == "approved"


def test_seconds_are_counted_while_somebody_works_and_not_in_pauses(reviewed, qtbot, monkeypatch):
    _, dock = reviewed
    reviewing = dock.review_panel.reviewing
    now = [100.0]
    monkeypatch.setattr(effort.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(effort.QApplication, "activeWindow", lambda: dock)
    monkeypatch.setattr(type(dock), "isVisible", lambda _self: True)
    counting = Effort(reviewing, dock)
    counting._timer.stop()
    before = reviewing.review[reviewing.page].seconds
    for _ in range(60):
        now[0] += 1.0
        counting._tick()
    spent = reviewing.review[reviewing.page].seconds - before
    assert spent == pytest.approx(19.0)


def test_an_earlier_table_guides_to_what_differs(reviewed, tmp_path, qtbot, monkeypatch):
    viewer, dock = reviewed
    child(dock, "clean_min_area_px").setValue(20_000)
    qtbot.wait(400)
    settle(qtbot, dock)
    paint(viewer, 4)
    table = tmp_path / "gt.csv"
    table.write_text("0.30,0.36\n1.15,1.18\n")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_a, **_k: (str(table), ""))
    click(dock, "annotation_open")
    settle(qtbot, dock)
    told = text(dock, "annotation_told")
    assert "2 calls." in told
    assert text(dock, "annotation_counts") == "0 matched, 2 missed, 1 extra, 0 merged, 0 split"
    viewer.dims.set_current_step(0, 0)
    way = child(dock, "review_way")
    for wanted, pages in ((MISSED, [1, 5]), (EXTRA, [4])):
        way.set_value(wanted)
        viewer.dims.set_current_step(0, 0)
        for page in pages:
            click(dock, "review_next")
            qtbot.wait(20)
            assert page_of(viewer) == page
    viewer.dims.set_current_step(0, 1)
    qtbot.wait(20)
    frames = viewer.layers["tones annotation"].data
    assert len(frames) == 1
    step_ms = dock.source.stack.layout.grid.seconds_per_column * 1e3
    starts_ms = dock.source.stack.layout.starts_s[1] * 1e3
    left, right = frames[0][:, 2].min() * step_ms, frames[0][:, 2].max() * step_ms
    assert (left + starts_ms, right + starts_ms) == pytest.approx((300, 360), abs=1.5)


def test_calls_behind_the_end_are_said_to_be_of_another_recording_and_not_compared(
    reviewed, tmp_path, qtbot, monkeypatch
):
    _, dock = reviewed
    table = tmp_path / "gt.csv"
    table.write_text(
        "start_s,end_s,File\n300,360,other.wav\n400,460,other.wav\n0.3,0.36,other.wav\n"
    )
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_a, **_k: (str(table), ""))
    click(dock, "annotation_open")
    settle(qtbot, dock)
    told = text(dock, "annotation_told")
    assert re.search(r"3 calls\. 2 of 3 calls lie behind the end of tones \(1\.\d s\)", told)
    assert "name the columns start_ms and end_ms" in told
    assert " 0 missed, " in text(dock, "annotation_counts")
    assert "The table is of other.wav, not of tones.wav" in told


def reopened(dock_of, recording, qtbot, monkeypatch):
    """Another window, in which the recording is opened and its session continued."""
    viewer, dock = dock_of()
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    qtbot.wait(50)
    wait_until_idle(qtbot, dock)
    click(dock, "session_continue")
    settle(qtbot, dock)
    return viewer, dock


def test_a_stroke_brought_back_by_redo_outlives_closing_and_a_new_threshold(
    reviewed, dock_of, recording, qtbot, monkeypatch
):
    viewer, dock = reviewed
    viewer.dims.set_current_step(0, 3)
    qtbot.wait(20)
    paint(viewer, 3)
    look(qtbot, dock)
    for step in ("undo", "redo"):
        getattr(viewer.layers["tones calls"], step)()
        look(qtbot, dock)
    assert states(dock)[3] == "corrected"
    viewer.layers.clear()
    viewer, dock = reopened(dock_of, recording, qtbot, monkeypatch)
    child(dock, "clean_threshold").setValue(0.97)
    wait_until_idle(qtbot, dock)
    assert (viewer.layers["tones calls"].data[3] == 99).sum() == 200


def test_what_was_painted_unseen_counts_as_a_persons(
    reviewed, dock_of, recording, qtbot, monkeypatch
):
    viewer, dock = reviewed
    viewer.dims.set_current_step(0, 2)
    qtbot.wait(20)
    click(dock, "review_approve")
    session = session_of(dock)
    session.labels[2, 5:15, 5:15] = 98  # as a program that was killed leaves it
    session.labels[4, 5:15, 5:15] = 99
    viewer.layers.clear()
    viewer, dock = reopened(dock_of, recording, qtbot, monkeypatch)
    assert states(dock)[2] == "corrected"
    child(dock, "clean_threshold").setValue(0.97)
    wait_until_idle(qtbot, dock)
    assert (viewer.layers["tones calls"].data[4] == 99).sum() == 100


def test_an_undo_after_looking_at_another_layer_is_noticed_as_well(reviewed, qtbot):
    viewer, dock = reviewed
    viewer.dims.set_current_step(0, 2)
    qtbot.wait(20)
    paint(viewer, 2)
    click(dock, "review_approve")
    viewer.layers.selection.active = viewer.add_points(np.zeros((1, 3)))
    qtbot.wait(20)
    viewer.layers.selection.active = viewer.layers["tones"]
    qtbot.wait(20)
    viewer.layers["tones calls"].undo()
    look(qtbot, dock)
    assert states(dock)[2] != "approved"


def test_a_stroke_is_noticed_also_when_something_else_happens_at_once(reviewed, qtbot):
    viewer, dock = reviewed
    viewer.dims.set_current_step(0, 2)
    qtbot.wait(20)
    paint(viewer, 2)
    dock.refresh()
    assert dock.review_panel.reviewing.review[2].pixels_changed == 200


def test_calls_that_were_deleted_do_not_come_back_onto_approved_pages(reviewed, qtbot):
    viewer, dock = reviewed
    viewer.dims.set_current_step(0, 0)
    qtbot.wait(20)
    click(dock, "review_reject")
    look(qtbot, dock)
    viewer.layers.remove(viewer.layers["tones calls"])
    qtbot.wait(50)
    click(dock, "clean_apply")
    wait_until_idle(qtbot, dock)
    qtbot.wait(200)
    calls = viewer.layers["tones calls"].data
    assert calls[1].any()
    assert not calls[0].any()
    assert states(dock)[0] == "approved"


def test_a_note_stays_on_the_page_it_was_written_on(reviewed, qtbot):
    viewer, dock = reviewed
    viewer.dims.set_current_step(0, 1)
    qtbot.wait(20)
    note = child(dock, "review_note")
    note.setFocus()
    qtbot.keyClicks(note, "echo")
    viewer.dims.set_current_step(0, 5)
    qtbot.wait(20)
    review = dock.review_panel.reviewing.review
    assert (review[1].note, review[5].note, note.text()) == ("echo", "", "")


def test_a_session_is_free_when_its_recording_goes_after_the_dock(reviewed, qtbot):
    viewer, dock = reviewed
    folder = session_of(dock).folder
    viewer.window.remove_dock_widget(dock)
    dock.deleteLater()
    qtbot.wait(50)
    viewer.layers.clear()
    again = open_session(folder)
    assert again.read_only == ""
    again.close()


def test_a_copy_of_the_picture_may_go_and_the_session_stays(reviewed, qtbot):
    viewer, dock = reviewed
    picture = viewer.layers["tones"]
    copy = Layer.create(*picture.as_layer_data_tuple())
    viewer.layers.append(copy)
    viewer.layers.remove(copy)
    qtbot.wait(20)
    assert session_of(dock).read_only == ""
    assert viewer.layers["tones calls"].editable


def test_going_to_a_shorter_source_is_no_trouble(reviewed, tmp_path, qtbot, monkeypatch):
    import soundfile
    from fakes import RATE_HZ, sound

    viewer, dock = reviewed
    short = tmp_path / "short.wav"
    soundfile.write(short, sound(0.4, (0.1, 0.2, 70_000.0)), RATE_HZ)
    open_by_clicking(qtbot, monkeypatch, dock, short)
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    viewer.layers.selection.active = viewer.layers["tones"]
    viewer.dims.set_current_step(0, 5)
    qtbot.wait(50)
    viewer.layers.selection.active = viewer.layers["short"]
    qtbot.wait(50)
    assert text(dock, "review_progress") == "0 of 2 pages approved"
    click(dock, "review_approve")
    assert states(dock).count("approved") == 1


def test_where_another_model_sees_something_else_comes_first(reviewed, qtbot, monkeypatch):
    from windows import _engine

    from napari_squeakout.gui.segment import run as segment

    _, dock = reviewed

    def other(_model, settings):
        engine = _engine(settings, 0.0, None)
        engine.model.fingerprint = "f" * 64
        answer = engine.answer
        engine.answer = lambda pages: answer(pages) // 3
        return engine

    before = dock.review_panel.reviewing.measures.uncertainty.max()
    monkeypatch.setattr(segment, "make_engine", other)
    dock.segment_panel._engine = None
    click(dock, "segment_run")
    settle(qtbot, dock)
    doubt = dock.review_panel.reviewing.source_state.disagreement
    assert set(doubt) == set(range(6))
    assert dock.review_panel.reviewing.measures.uncertainty.max() >= max(doubt.values()) > 0.5
    assert before < 1


def test_a_run_that_fails_at_once_leaves_the_answers_there_were(reviewed, qtbot, monkeypatch):
    from windows import _engine

    from napari_squeakout.gui.segment import run as segment

    viewer, dock = reviewed
    before = viewer.layers["tones probabilities"].data.copy()

    def broken(_model, settings):
        engine = _engine(settings, 0.0, MemoryError())
        engine.model.fingerprint = "f" * 64
        return engine

    monkeypatch.setattr(segment, "make_engine", broken)
    dock.segment_panel._engine = None
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    np.testing.assert_array_equal(viewer.layers["tones probabilities"].data, before)
    assert before.any()


def test_a_run_that_fails_at_once_leaves_no_session(dock_of, recording, qtbot, monkeypatch):
    _, dock = dock_of(error=MemoryError())
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    assert list(sessions_folder().glob("*")) == []


def test_empty_pages_approved_in_two_lots_are_taken_back_together(reviewed, qtbot):
    _, dock = reviewed
    child(dock, "clean_min_area_px").setValue(20_000)
    qtbot.wait(400)
    settle(qtbot, dock)
    measures = dock.review_panel.reviewing.measures
    measures.highest[:] = [10, 10, 100, 100, 100, 100]
    click(dock, "review_approve_empty")
    first = states(dock).count("approved")
    child(dock, "review_below").setValue(0.9)
    click(dock, "review_approve_empty")
    assert states(dock).count("approved") > first > 0
    click(dock, "review_empty_back")
    assert states(dock).count("approved") == 0


def test_bars_of_the_dock_are_all_waited_for(dock_of):
    _, dock = dock_of()
    assert dock.session_box.bar in bars(dock)


def test_most_doubtful_first_begins_with_the_most_doubtful_page(reviewed, qtbot):
    viewer, dock = reviewed
    measures = dock.review_panel.reviewing.measures
    measures.uncertainty[:] = [0.1, 0.2, 0.3, 0.4, 0.9, 0.5]
    child(dock, "review_way").setCurrentText(DOUBT)
    qtbot.wait(20)
    assert page_of(viewer) == 4
    assert text(dock, "review_message") == "Page 4: number 1 of 6 by doubt."


def test_without_a_list_the_part_that_teaches_goes_to_the_most_doubtful_page(reviewed, qtbot):
    viewer, dock = reviewed
    dock.review_panel.reviewing.measures.uncertainty[:] = [0.1, 0.2, 0.3, 0.4, 0.9, 0.5]
    viewer.dims.set_current_step(0, 0)
    dock.fine_tune_panel.doubtful_asked.emit()
    assert page_of(viewer) == 4
    assert child(dock, "review_way").value() == DOUBT
    dock.review_panel.reviewing.measures = None
    dock.fine_tune_panel.doubtful_asked.emit()
    assert "No page is left in doubt" in text(dock, "review_message")
