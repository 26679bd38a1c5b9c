"""Timers: what is called, how often, and how long."""

import pytest
from qtpy.QtCore import QObject

from napari_squeakout.gui.qt.callbacks import every, later


@pytest.fixture
def calls():
    return []


def test_what_is_asked_for_twice_before_it_is_due_is_done_once(qtbot, calls):
    parent = QObject()
    soon, after = later(parent, 0, lambda: calls.append("soon")), later(parent, 50, lambda: None)
    soon.start()
    soon.start()
    with qtbot.waitSignal(after.timeout):
        after.start()
    assert calls == ["soon"]


def test_a_beat_goes_on_until_it_is_stopped(qtbot, calls):
    beat = every(parent := QObject(), 0, lambda: calls.append("beat"))
    assert not beat.isActive()
    assert beat.parent() is parent
    beat.start()
    qtbot.waitUntil(lambda: len(calls) > 2)
    beat.stop()
    told = len(calls)
    with qtbot.waitSignal((after := later(parent, 20, lambda: None)).timeout):
        after.start()
    assert len(calls) == told
