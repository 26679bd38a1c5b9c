"""A session is open in one window only."""

from __future__ import annotations

import sys

import pytest

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.io.sessions import lock as session_lock
from napari_squeakout.io.sessions import session as sessions
from napari_squeakout.io.sessions.session import open_session


def test_a_second_window_is_told_and_cannot_change_anything(session, folder):
    second = open_session(folder)
    assert second.read_only == "is open in another window"
    with pytest.raises(ValueError, match="read-only"):
        second.labels[0, 0, 0] = 1
    with pytest.raises(SqueakOutError, match="open in another window"):
        second.save(second.record)
    session.close()
    third = open_session(folder)
    assert not third.read_only
    third.close()


def test_what_another_window_saved_last_is_not_overwritten(session, folder, monkeypatch):
    locked = sessions.locked
    note = lambda: session.record.with_review(session.record.review.changed(0, note="mine"))  # noqa: E731

    def after_the_other(place):
        session.save(note())
        session.close()
        return locked(place)

    monkeypatch.setattr(sessions, "locked", after_the_other)
    second = open_session(folder)
    assert second.record.review[0].note == "mine"
    second.close()


def test_on_a_full_disk_a_session_opens_read_only(session, folder, monkeypatch):
    session.close()
    monkeypatch.setattr(session_lock, "_FREE_BYTES", 2**70)
    opened = open_session(folder)
    assert "less than 1 GB is free" in opened.read_only
    opened.close()


@pytest.mark.skipif(sys.platform == "win32", reason="nothing that is open is deleted there")
def test_a_lock_that_somebody_deletes_lets_nobody_else_in(session, folder):
    (folder / "session.lock").unlink()
    other = open_session(folder)
    assert other.read_only == "is open in another window"
    other.close()
    session.close()
    again = open_session(folder)
    assert not again.read_only
    again.close()
