"""Calls made one and cut in time from their table."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from windows import child, choose_calls, wait_until_idle

from napari_squeakout.core.review.review import PageState, checked, labels_hash
from napari_squeakout.gui.qt.keyboard import keys_of
from napari_squeakout.io.sessions.session import open_session

BORDER = 512


def said(dock):
    return dock.calls.box.message.text()


def numbers_in(dock):
    data = np.asarray(dock.source.calls.data[:3])
    return sorted(int(number) for number in np.unique(data) if number)


def test_neighbours_become_one_row_and_undo_parts_them(edited, qtbot):
    dock = edited
    before, n_calls = np.array(dock.source.calls.data), dock.calls.model.n_calls
    choose_calls(dock, 2, 1)
    dock.calls.editing.merge()
    assert "2 calls are call 1 now" in said(dock)
    wait_until_idle(qtbot, dock)
    assert dock.calls.model.n_calls == n_calls - 1
    assert dock.state.review[0].state is PageState.CORRECTED
    dock.undoing.undo()
    wait_until_idle(qtbot, dock)
    assert np.array_equal(dock.source.calls.data, before)
    assert dock.calls.model.n_calls == n_calls
    assert "2 calls are call 1 now" not in said(dock)


def test_rows_stay_under_the_mouse_whatever_is_said(edited, qtbot):
    dock = edited
    table, box = dock.calls.table, dock.calls.box
    box.resize(420, 300)
    box.layout().activate()
    before = table.geometry().topLeft()
    dock.calls.saying.say("Some of these words do not fit in one line of so narrow a table. " * 3)
    box.layout().activate()
    assert table.geometry().topLeft() == before


def test_a_merge_over_a_border_is_one_step_and_kept_when_its_page_is_not_in_view(edited, qtbot):
    dock = edited
    dock.review_panel.reviewing.go(2)
    before = np.array(dock.source.calls.data)
    choose_calls(dock, 3, 4)
    dock.calls.editing.merge()
    wait_until_idle(qtbot, dock)
    assert numbers_in(dock) == [1, 2, 3, 5]
    calls = dock.calls.followed.calls
    whole = calls[calls["painted"] == 3].iloc[0]
    assert (whole["page"], whole["last_page"]) == (0, 1)
    dock.state.settle()
    kept = open_session(dock.state.session.folder, read_only=True)
    assert np.array_equal(kept.labels, dock.source.calls.data)
    dock.undoing.undo()
    assert np.array_equal(dock.source.calls.data, before)


def test_what_cannot_be_one_call_is_refused_and_nothing_changes(edited):
    dock = edited
    before = np.array(dock.source.calls.data)
    choose_calls(dock, 2, 3)
    dock.calls.editing.merge()
    assert "more than the 50 ms that may lie within one call" in said(dock)
    choose_calls(dock, 1)
    dock.calls.editing.merge()
    assert "Choose two calls or more" in said(dock)
    assert np.array_equal(dock.source.calls.data, before)


def test_a_call_is_split_at_its_gap_and_undo_makes_it_one(edited, qtbot):
    dock = edited
    before = np.array(dock.source.calls.data)
    choose_calls(dock, 5)
    dock.calls.editing.split()
    assert "Call 5 is 2 calls now: 5, " in said(dock)
    wait_until_idle(qtbot, dock)
    page = np.asarray(dock.source.calls.data[2])
    assert (page[205, 100:130] == 5).all()
    assert len(set(page[205, 140:170].tolist()) - {0, 5}) == 1
    dock.undoing.undo()
    assert np.array_equal(dock.source.calls.data, before)


def test_a_call_without_gaps_is_split_where_the_mouse_is(edited, monkeypatch):
    dock = edited
    choose_calls(dock, 3)
    dock.calls.editing.split()
    assert "hold the mouse over it" in said(dock)
    monkeypatch.setattr(dock.calls.editing, "_column_under_mouse", lambda: (3, BORDER + 10))
    dock.calls.editing.split()
    labels = dock.source.calls.data
    assert (np.asarray(labels[0])[105, 450:512] == 3).all()
    assert np.asarray(labels[1])[105, 9] == 3
    assert np.asarray(labels[1])[105, 10] not in {0, 3}


def test_a_session_that_may_only_be_looked_at_stays_as_it_is(edited):
    dock = edited
    before = np.array(dock.source.calls.data)
    dock.state.session.read_only = "is open in another window"
    for act, numbers in ((dock.calls.editing.merge, (1, 2)), (dock.calls.editing.split, (5,))):
        choose_calls(dock, *numbers)
        act()
        assert "is open in another window" in said(dock)
    assert np.array_equal(dock.source.calls.data, before)
    dock.state.session.read_only = ""


def test_the_menu_of_the_rows_and_the_card_of_keys_have_the_same(edited):
    dock = edited
    menu = dock.calls.verbs.menu()
    words = [action.text().replace("\t", " ") for action in menu.actions() if action.text()]
    keys = {key.key for key in keys_of(dock)}
    assert {"Shift+J", "Shift+T", "Shift+A"} <= keys
    assert "Merge Shift+J" in words
    assert "Split in time Shift+T" in words
    assert "Approve pages Shift+A" in words
    assert "Delete Delete" in words


def test_how_far_merged_calls_may_lie_apart_is_asked_and_kept(edited):
    dock = edited
    dock.calls.verbs._ask_gap()
    child(dock.window(), "merging_merge_gap_s").setValue(600)  # ms
    child(dock.window(), "merging_accept").click()
    choose_calls(dock, 2, 3)
    dock.calls.editing.merge()
    assert "2 calls are call 2 now" in said(dock)


def test_the_pages_of_a_chosen_call_are_approved_and_undo_withdraws_that_in_its_turn(edited):
    dock = edited
    dock.review_panel.reviewing.go(2)
    choose_calls(dock, 3)  # over the border
    dock.calls.approving.approve()
    assert "Approved with all their calls: pages 0, 1." in said(dock)
    review = dock.state.review
    assert [review[page].state is PageState.APPROVED for page in range(3)] == [True, True, False]
    choose_calls(dock, 5)
    dock.calls.editing.split()  # a later step, on another page
    dock.undoing.undo()
    assert dock.state.review[0].state is PageState.APPROVED
    dock.undoing.undo()
    assert [dock.state.review[page].approved for page in (0, 1)] == [None, None]
    dock.undoing.redo()
    dock.state.settle()
    kept = open_session(dock.state.session.folder, read_only=True).record.review
    assert [page for page in range(3) if kept[page].approved] == [0, 1]
    dock.calls.approving.approve()
    dock.state.session.read_only = "is open in another window"
    choose_calls(dock, 5)
    dock.calls.approving.approve()
    assert dock.state.review[2].approved is None
    assert "is open in another window" in said(dock)
    dock.state.session.read_only = ""


# --- killed half-way ----------------------------------------------------------------------------


def killed_now(dock, place):
    """The session as it would be found, were the window killed at this moment, opened again.

    What is painted is in the file at once; all else waits for its moment to be written.
    """
    copy = shutil.copytree(dock.state.session.folder, place / "killed.squeakout")
    (copy / "session.lock").unlink(missing_ok=True)
    session = open_session(copy, read_only=True)
    review, withdrawn = checked(session.record.review, session.labels)
    return session, review, withdrawn


def approved_before(dock, page):
    dock.review_panel.reviewing.go(page)
    assert dock.review_panel.reviewing.approve()
    dock.state.settle()


@pytest.mark.parametrize("verb", ["merge", "split"])
def test_a_window_killed_after_an_edit_leaves_the_calls_and_no_approval_of_other_ones(
    edited, tmp_path, verb
):
    dock = edited
    numbers, pages = {"merge": ((3, 4), [0, 1]), "split": ((5,), [2])}[verb]
    for page in range(3):
        approved_before(dock, page)
    choose_calls(dock, *numbers)
    getattr(dock.calls.editing, verb)()
    session, review, withdrawn = killed_now(dock, tmp_path)
    assert np.array_equal(session.labels, dock.source.calls.data)
    changed = [page for page in pages if session.record.review[page].approved]
    assert list(withdrawn) == [page for page in changed if review[page].approved is None]
    for page in range(3):
        is_as_approved = review[page].approved == labels_hash(session.labels[page])
        assert review[page].approved is None or is_as_approved
    assert {page for page in range(3) if review[page].approved is None} >= {pages[-1]}


def test_a_window_killed_after_approving_has_those_approvals_or_none(edited, tmp_path):
    dock = edited
    choose_calls(dock, 3, 5)
    dock.calls.approving.approve()
    _, review, withdrawn = killed_now(dock, tmp_path / "before")
    assert withdrawn == ()
    assert [page for page in range(3) if review[page].approved] == []
    dock.state.settle()
    session, review, withdrawn = killed_now(dock, tmp_path / "after")
    assert withdrawn == ()
    assert [page for page in range(3) if review[page].approved] == [0, 1, 2]
    assert all(review[page].approved == labels_hash(session.labels[page]) for page in range(3))
