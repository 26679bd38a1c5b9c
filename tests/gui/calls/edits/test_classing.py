"""Calls given a class by hand from their table, and what becomes of it."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
from windows import child, choose_calls, wait_until_idle

from napari_squeakout.core.measures.by_hand.classes import classed
from napari_squeakout.core.stacks import MaskStack
from napari_squeakout.gui.dock import SqueakOutDock
from napari_squeakout.gui.layers.label_pages import write_page
from napari_squeakout.gui.qt.keyboard import keys_of
from napari_squeakout.gui.review.results_box import work_of
from napari_squeakout.io.sessions.session import open_session


def said(dock):
    return dock.calls.box.message.text()


def told(dock):
    """What is said beside the table or in the review."""
    return said(dock) + " " + child(dock, "review_message").text()


def row(dock, number):
    calls = dock.calls.followed.calls
    return calls[calls["painted"] == number].iloc[0]


def of(dock, number):
    """Class and who gave it, as the table has them."""
    one = row(dock, number)
    return one["class"], one["class_by"]


def kept(dock):
    """Number -> class by hand, as whoever reads the session finds it."""
    session = open_session(dock.state.session.folder, read_only=True)
    layout = dock.source.stack.layout
    names = classed(session.classes, MaskStack(session.labels, layout)).names
    return {number: name for (_, number), name in names.items()}


def give(dock, qtbot, name, *numbers):
    choose_calls(dock, *numbers)
    dock.calls.classing.give(name)
    wait_until_idle(qtbot, dock)


def test_a_class_is_given_undone_and_given_again(edited, qtbot):
    dock = edited
    by_rules = of(dock, 1)
    give(dock, qtbot, "chevron", 1, 3)
    assert "2 calls are chevron now, by hand." in said(dock)
    assert of(dock, 1) == of(dock, 3) == ("chevron", "person")
    assert kept(dock) == {1: "chevron", 3: "chevron"}
    dock.undoing.undo()
    assert of(dock, 1) == by_rules
    assert kept(dock) == {}
    dock.undoing.redo()
    assert of(dock, 3) == ("chevron", "person")
    assert kept(dock) == {1: "chevron", 3: "chevron"}
    give(dock, qtbot, None, 1)
    assert "1 call is classed by the rules again." in said(dock)
    assert of(dock, 1) == by_rules
    give(dock, qtbot, None, 1)
    assert "This call has no class by hand." in said(dock)
    assert kept(dock) == {3: "chevron"}


def test_another_class_takes_the_place_of_the_one_before(edited, qtbot):
    dock = edited
    give(dock, qtbot, "chevron", 1)
    give(dock, qtbot, "flat", 1)
    assert kept(dock) == {1: "flat"}
    dock.undoing.undo()
    assert kept(dock) == {1: "chevron"}
    assert of(dock, 1) == ("chevron", "person")


def test_the_menu_offers_each_class_and_what_is_chosen_there_is_given(edited, qtbot):
    dock = edited
    choose_calls(dock, 1)
    menu = dock.calls.classing.menu(dock.calls.table)
    names = [action.text().replace("&", "") for action in menu.actions() if action.text()]
    assert names == [
        "short", "mult_steps", "two_steps", "step_up", "step_down", "flat", "up_fm", "down_fm",
        "chevron", "rev_chevron", "complex", "as the rules say",
    ]  # fmt: skip
    letters = [action.text().partition("&")[2][0] for action in menu.actions() if action.text()]
    assert len(set(letters)) == len(letters)
    menu.actions()[8].trigger()
    wait_until_idle(qtbot, dock)
    assert of(dock, 1) == ("chevron", "person")
    again = dock.calls.classing.menu(dock.calls.table)
    assert [action.text() for action in again.actions() if action.isChecked()] == ["&chevron"]
    words = [action.text() for action in dock.calls.verbs.menu().actions()]
    assert "Class…\tShift+C" in words
    assert "Shift+C" in {key.key for key in keys_of(dock)}


def test_a_deleted_call_takes_its_class_and_undo_brings_both_back(edited, qtbot):
    dock = edited
    give(dock, qtbot, "chevron", 5)
    choose_calls(dock, 5)
    dock.calls.editing.delete()
    wait_until_idle(qtbot, dock)
    assert "Deleted 1 call" in said(dock)
    assert "The class by hand chevron went, for its call is gone." in said(dock)
    assert kept(dock) == {}
    dock.undoing.undo()
    wait_until_idle(qtbot, dock)
    assert of(dock, 5) == ("chevron", "person")
    assert kept(dock) == {5: "chevron"}
    assert "is back with its call" in told(dock)


def test_a_call_drawn_where_one_was_deleted_has_the_class_of_the_rules(edited, qtbot):
    dock = edited
    give(dock, qtbot, "chevron", 1)
    choose_calls(dock, 1)
    dock.calls.editing.delete()
    wait_until_idle(qtbot, dock)
    page = np.array(dock.source.calls.data[0])
    page[100:112, 100:150] = 9
    write_page(dock.source.calls, 0, page, undoable=True)
    dock.review_panel.reviewing.look([0])
    dock.calls.followed.suspect([0])
    wait_until_idle(qtbot, dock)
    assert of(dock, 9)[1] != "person"
    assert kept(dock) == {}


def test_of_merged_calls_the_class_of_the_larger_counts_and_undo_parts_them(edited, qtbot):
    dock = edited
    give(dock, qtbot, "chevron", 1)
    give(dock, qtbot, "complex", 2)
    choose_calls(dock, 1, 2)
    dock.calls.editing.merge()
    wait_until_idle(qtbot, dock)
    assert "2 calls are call 1 now" in said(dock)
    assert "Two classes by hand meet in call 1: chevron counts" in said(dock)
    assert of(dock, 1) == ("chevron", "person")
    dock.undoing.undo()
    wait_until_idle(qtbot, dock)
    assert (of(dock, 1)[0], of(dock, 2)[0]) == ("chevron", "complex")


def test_a_call_that_is_split_leaves_its_class_to_the_larger_part(edited, qtbot):
    dock = edited
    give(dock, qtbot, "chevron", 3)
    choose_calls(dock, 3)
    labels = np.array(dock.source.calls.data[:2])
    assert (labels[0] == 3).sum() > (labels[1] == 3).sum()
    dock.calls.editing._column_under_mouse = lambda: (3, 512)
    dock.calls.editing.split()
    wait_until_idle(qtbot, dock)
    [new] = set(np.unique(dock.source.calls.data[1]).tolist()) - {0, 3, 4}
    assert of(dock, 3) == ("chevron", "person")
    assert of(dock, new)[1] != "person"
    assert kept(dock) == {3: "chevron"}


def test_calls_made_anew_keep_the_class_of_those_that_are_still_there(window, qtbot):
    _, dock = window
    calls = dock.calls.followed.calls
    number = int(calls["painted"].iloc[0])
    give(dock, qtbot, "chevron", number)
    clean = dock.clean_panel
    clean.show_settings(clean.form.value().model_copy(update={"threshold": 0.9}))
    clean.apply(dock.source)
    wait_until_idle(qtbot, dock)
    calls = dock.calls.followed.calls
    assert calls["class_by"].tolist().count("person") == 1
    assert len(kept(dock)) == 1
    high = clean.form.value().model_copy(update={"min_duration_s": 0.1})
    clean.show_settings(high)
    clean.apply(dock.source)
    wait_until_idle(qtbot, dock)
    assert dock.calls.followed.calls.empty
    assert "went, for its call is gone" in told(dock)
    assert kept(dock) == {}
    clean.show_settings(high.model_copy(update={"min_duration_s": 0.005}))
    clean.apply(dock.source)
    wait_until_idle(qtbot, dock)
    assert dock.calls.followed.calls["class"].tolist().count("chevron") == 1
    assert len(kept(dock)) == 1


def test_a_session_that_may_only_be_looked_at_takes_no_class(edited, qtbot):
    dock = edited
    before = of(dock, 1)
    dock.state.session.read_only = "is open in another window"
    choose_calls(dock, 1)
    assert dock.calls.classing.menu(dock.calls.table) is None
    dock.calls.classing.give("chevron")
    assert "is open in another window" in said(dock)
    assert of(dock, 1) == before
    dock.state.session.read_only = ""
    assert kept(dock) == {}


def test_a_class_that_cannot_be_written_is_told_and_written_with_what_comes_next(
    edited, qtbot, monkeypatch
):
    dock = edited
    session = dock.state.session
    refused = []
    dock.state.refused.connect(refused.append)

    def full(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(session, "save_classes", full)
        give(dock, qtbot, "chevron", 1)
    assert any("No space left" in text for text in refused)
    assert kept(dock) == {}
    dock.state.save()
    assert kept(dock) == {1: "chevron"}


def test_what_is_shown_and_saved_has_the_class_by_hand(edited, qtbot, tmp_path, monkeypatch):
    dock = edited
    give(dock, qtbot, "chevron", 3)
    columns = [column.name for column in dock.calls.model.columns]
    assert columns[2:4] == ["class", "class_by"]
    dock.calls.box.conditions.setText("class by = person")
    dock.calls.box.conditions.editingFinished.emit()
    assert dock.calls.model.rowCount() == 1
    path = tmp_path / "rows.csv"
    monkeypatch.setattr("napari_squeakout.gui.calls.panel.asked_path", lambda *_: str(path))
    dock.calls.save_shown()
    assert pd.read_csv(path)["class"].tolist() == ["chevron"]
    assert [one.name for one in work_of(dock.source, dock.state).classes] == ["chevron"]
    assert (dock.calls.choice.shown_calls()["class"] == "chevron").all()


@pytest.mark.parametrize("is_shown", [True, False], ids=["table", "no table"])
def test_a_brush_that_takes_a_call_away_takes_its_class_and_says_so(edited, qtbot, is_shown):
    dock = edited
    dock.review_panel.reviewing.go(0)
    give(dock, qtbot, "chevron", 1)
    dock.calls.switch.setChecked(is_shown)
    page = np.array(dock.source.calls.data[0])
    page[page == 1] = 0
    write_page(dock.source.calls, 0, page, undoable=True)
    words = "The class by hand chevron went, for its call is gone."
    qtbot.waitUntil(lambda: words in told(dock), timeout=20_000)
    assert open_session(dock.state.session.folder, read_only=True).classes == ()


def test_a_class_is_kept_should_the_window_be_killed_at_once(edited, qtbot, tmp_path):
    dock = edited
    choose_calls(dock, 1)
    dock.calls.classing.give("chevron")
    copy = shutil.copytree(dock.state.session.folder, tmp_path / "killed.squeakout")
    assert [one.name for one in open_session(copy, read_only=True).classes] == ["chevron"]


def test_a_session_that_is_opened_again_has_its_classes_and_says_which_lost_their_call(
    edited, qtbot, dock_of, tmp_path
):
    dock = edited
    give(dock, qtbot, "chevron", 1)
    give(dock, qtbot, "complex", 3)
    dock.state.settle()
    copy = shutil.copytree(dock.state.session.folder, tmp_path / "again.squeakout")
    (copy / "session.lock").unlink(missing_ok=True)
    labels = np.load(copy / "labels.npy", mmap_mode="r+")
    labels[0][labels[0] == 1] = 0  # where nobody watched it
    labels.flush()
    del labels
    dock.state.image.name = "first"
    _, other = dock_of(show=True)
    other.session_box.open(copy)
    wait_until_idle(qtbot, other)
    other.calls.switch.setChecked(True)
    wait_until_idle(qtbot, other)
    assert of(other, 3) == ("complex", "person")
    assert "The class by hand chevron went, for its call is gone." in told(other)
    assert kept(other) == {3: "complex"}


def closed_as(dock, path):
    """A copy of the session of a window, as it is left when its source goes."""
    folder, viewer, image = dock.state.session.folder, dock.viewer, dock.state.image
    viewer.layers.remove(image)
    return shutil.copytree(folder, path)


def opened(qtbot, other, folder):
    other.session_box.open(folder)
    wait_until_idle(qtbot, other)
    other.calls.switch.setChecked(True)
    wait_until_idle(qtbot, other)
    return other


def test_a_call_drawn_anew_while_no_dock_was_there_is_told(edited, qtbot):
    dock = edited
    viewer, layer, session = dock.viewer, dock.source.calls, dock.state.session
    give(dock, qtbot, "chevron", 1)
    give(dock, qtbot, "flat", 5)
    viewer.window.remove_dock_widget(dock)
    qtbot.wait(100)
    layer.data[0][layer.data[0] == 1] = 0
    layer.data[0][102:112, 115:160] = 9
    other = SqueakOutDock(viewer)
    viewer.window.add_dock_widget(other, name="SqueakOut")
    wait_until_idle(qtbot, other)
    assert "Call 9 on page 0 has a class by hand, and another mask" in told(other)
    assert "page 2" not in told(other)
    names = {one.name for one in session.classes}
    assert names == {"chevron", "flat"}


def test_a_call_drawn_anew_while_its_session_was_closed_is_told(edited, qtbot, dock_of, tmp_path):
    dock = edited
    give(dock, qtbot, "chevron", 1)
    copy = closed_as(dock, tmp_path / "again.squeakout")
    labels = np.load(copy / "labels.npy", mmap_mode="r+")
    labels[0][labels[0] == 1] = 0
    labels[0][102:112, 115:160] = 9
    labels.flush()
    del labels
    other = opened(qtbot, dock_of(show=True)[1], copy)
    assert of(other, 9) == ("chevron", "person")
    assert "Call 9 on page 0 has a class by hand, and another mask" in told(other)


def test_what_was_told_of_classes_is_not_told_again_when_the_session_is_opened_again(
    edited, qtbot, dock_of, tmp_path
):
    dock = edited
    give(dock, qtbot, "chevron", 1)
    give(dock, qtbot, "complex", 2)
    choose_calls(dock, 1, 2)
    dock.calls.editing.merge()
    wait_until_idle(qtbot, dock)
    assert "Two classes by hand meet" in said(dock)
    copy = closed_as(dock, tmp_path / "again.squeakout")
    other = opened(qtbot, dock_of(show=True)[1], copy)
    assert of(other, 1) == ("chevron", "person")
    assert "meet" not in told(other)
    assert "check" not in told(other)
