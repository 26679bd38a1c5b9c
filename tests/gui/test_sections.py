"""The part in hand is seen whole; what folds for want of room comes back, what by hand does not."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QEvent, QPoint, QTimer
from qtpy.QtGui import QCursor
from qtpy.QtWidgets import QApplication, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget
from windows import child, click

from napari_squeakout.gui.qt.column import Column
from napari_squeakout.gui.qt.section import Section
from napari_squeakout.gui.sections import PartsSettings, Sections
from napari_squeakout.io.preferences import read_preferences

NAMES = ("open", "segment", "clean", "review")
LOW, HIGH = 300, 900
PART_PX = 150


@pytest.fixture
def settle(qtbot):
    def wait(window):
        due = window.findChildren(QTimer)
        for _ in range(3):  # a layout is asked for from one widget to the next around it
            qtbot.wait(5)
            qtbot.waitUntil(lambda: not any(t.isSingleShot() and t.isActive() for t in due))

    return wait


@pytest.fixture
def window_of(qtbot, settle):
    def make(height):
        QCursor.setPos(0, 0)  # a mouse among the parts has them wait until it rests
        window, parts = QWidget(), Sections(QLabel())
        for name in NAMES:
            inside = QWidget()
            inside.setFixedHeight(PART_PX)
            parts.add(name.title(), name, [inside])
        column = QVBoxLayout(window)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(Column(parts))
        qtbot.addWidget(window)
        window.resize(300, height)
        window.show()
        settle(window)
        return window, parts

    return make


def unfolded(window):
    return [name for name in NAMES if child(window, name).isExpanded()]


def is_seen_whole(part):
    return part.visibleRegion().boundingRect() == part.rect()


def test_all_are_unfolded_where_there_is_room(window_of, settle):
    window, parts = window_of(HIGH)
    assert unfolded(window) == list(NAMES)
    parts.take_in_hand("review")
    settle(window)
    assert unfolded(window) == list(NAMES)


def test_where_not_all_fit_those_longest_out_of_hand_fold_and_come_back_with_the_room(
    window_of, settle
):
    window, parts = window_of(LOW)
    assert unfolded(window) == ["open"]
    parts.take_in_hand("clean", "review")
    settle(window)
    assert unfolded(window) == ["clean"]
    assert is_seen_whole(child(window, "clean"))
    window.resize(300, LOW + PART_PX + 30)
    settle(window)
    assert unfolded(window) == ["clean", "review"]
    window.resize(300, HIGH)
    settle(window)
    assert unfolded(window) == list(NAMES)


def test_one_comes_back_when_another_needs_less_and_none_goes_when_it_needs_more_again(
    window_of, settle
):
    window, _ = window_of(HIGH)
    inside = child(window, "open").content().layout().itemAt(0).widget()
    inside.setFixedHeight(HIGH - 2 * PART_PX)
    settle(window)
    window.resize(300, HIGH - 1)  # it is looked for what fits
    settle(window)
    before = unfolded(window)
    assert before != list(NAMES)
    inside.setFixedHeight(PART_PX)
    settle(window)
    assert unfolded(window) == list(NAMES)
    inside.setFixedHeight(HIGH - 2 * PART_PX)
    settle(window)
    assert unfolded(window) == list(NAMES)


def test_one_that_is_unfolded_by_hand_is_seen_whole_once_no_second_click_can_come(
    window_of, settle
):
    window, _ = window_of(LOW)
    click(window, "review_header")
    assert unfolded(window) == ["open", "review"]  # a second click finds what the first one found
    settle(window)
    assert unfolded(window) == ["review"]
    assert is_seen_whole(child(window, "review"))


def test_one_folded_by_hand_stays_so_whatever_room_there_is(window_of, settle):
    window, parts = window_of(HIGH)
    click(window, "segment_header")
    parts.take_in_hand("segment")
    window.resize(300, LOW)
    settle(window)
    window.resize(300, HIGH)
    settle(window)
    assert unfolded(window) == ["open", "clean", "review"]


def test_what_is_unfolded_within_a_part_is_seen_whole(window_of, settle, qtbot):
    window, parts = window_of(LOW)
    more, inside = Section("More", "more", open_=False), QWidget()
    inside.setFixedHeight(PART_PX // 2)
    more.addWidget(inside)
    parts.add("Picture", "picture", [more])
    click(window, "picture_header")
    click(window, "picture_header")
    settle(window)
    click(window, "more_header")
    settle(window)
    assert is_seen_whole(child(window, "picture"))
    assert inside.isVisible()
    assert unfolded(window) == []


def test_one_that_is_higher_than_the_room_is_seen_from_its_title_on(window_of, settle):
    window, _ = window_of(LOW)
    window.resize(300, 200)
    settle(window)
    click(window, "review_header")
    settle(window)
    assert unfolded(window) == ["review"]
    header = child(window, "review_header")
    assert is_seen_whole(header)


def test_nothing_moves_by_itself_under_a_mouse_that_moves(window_of, settle, monkeypatch):
    window, parts = window_of(LOW)
    places = [QPoint(5, 5), QPoint(5, 5), QPoint(6, 5), QPoint(5, 5)]
    monkeypatch.setattr(QCursor, "pos", lambda: places.pop() if places[1:] else places[0])
    monkeypatch.setattr(parts, "underMouse", lambda: True)
    parts.take_in_hand("clean")
    while len(places) > 1:
        assert unfolded(window) == ["open"]
        QApplication.processEvents()
    settle(window)
    assert len(places) == 1
    assert unfolded(window) == ["clean"]


def test_what_is_to_move_does_so_when_the_mouse_leaves(window_of, settle, monkeypatch, qtbot):
    window, parts = window_of(LOW)
    monkeypatch.setattr(parts, "underMouse", lambda: True)
    parts.take_in_hand("clean")
    qtbot.wait(10)
    assert unfolded(window) == ["open"]
    monkeypatch.setattr(parts, "underMouse", lambda: False)
    QApplication.sendEvent(parts, QEvent(QEvent.Type.Leave))
    qtbot.wait(10)
    assert unfolded(window) == ["clean"]


def rest_on(widget, parts, monkeypatch):
    """Put the mouse on the middle of a widget, and leave it there."""
    place = widget.mapToGlobal(widget.rect().center())
    monkeypatch.setattr(QCursor, "pos", lambda: QPoint(place))
    monkeypatch.setattr(parts, "underMouse", lambda: True)


def test_a_button_that_the_mouse_rests_on_is_not_moved_until_it_is_left(
    window_of, settle, monkeypatch
):
    window, parts = window_of(LOW)
    button = QPushButton("Approve")
    child(window, "open").addWidget(button)
    settle(window)
    rest_on(button, parts, monkeypatch)
    parts.take_in_hand("clean")
    settle(window)
    assert unfolded(window) == ["open"]
    rest_on(window, parts, monkeypatch)
    QApplication.sendEvent(button, QEvent(QEvent.Type.Leave))
    settle(window)
    assert unfolded(window) == ["clean"]


def test_what_lies_below_a_button_that_the_mouse_rests_on_may_move(window_of, settle, monkeypatch):
    window, parts = window_of(LOW + PART_PX + 60)
    button = QPushButton("Segment")
    child(window, "open").addWidget(button)
    settle(window)
    assert unfolded(window) == ["open", "segment"]
    rest_on(button, parts, monkeypatch)
    parts.take_in_hand("open", "clean")
    settle(window)
    assert unfolded(window) == ["open", "clean"]


def test_nothing_is_scrolled_under_a_mouse_that_rests_on_a_button(window_of, settle, monkeypatch):
    window, parts = window_of(LOW)
    button = QPushButton("Approve")
    child(window, "open").addWidget(button)
    settle(window)
    bar = window.findChild(Column).verticalScrollBar()
    window.resize(300, 200)
    settle(window)
    assert bar.maximum() > 0
    bar.setValue(bar.maximum() // 2)
    rest_on(button, parts, monkeypatch)
    parts.take_in_hand("open")
    settle(window)
    assert bar.value() == bar.maximum() // 2
    rest_on(window, parts, monkeypatch)
    QApplication.sendEvent(button, QEvent(QEvent.Type.Leave))
    settle(window)
    assert bar.value() < bar.maximum() // 2


def test_a_message_above_folds_nothing_under_a_mouse_that_moves_but_once_it_leaves(
    window_of, settle, monkeypatch, qtbot
):
    window, parts = window_of(LOW + PART_PX + 30)
    assert unfolded(window) == ["open", "segment"]
    message = QLabel()
    message.setFixedHeight(PART_PX // 2)
    at = iter(range(10_000))
    monkeypatch.setattr(QCursor, "pos", lambda: QPoint(next(at), 5))
    monkeypatch.setattr(parts, "underMouse", lambda: True)
    window.layout().insertWidget(0, message)
    message.show()
    qtbot.wait(100)
    assert unfolded(window) == ["open", "segment"]
    monkeypatch.setattr(parts, "underMouse", lambda: False)
    QApplication.sendEvent(parts, QEvent(QEvent.Type.Leave))
    settle(window)
    assert unfolded(window) == ["open"]


def test_who_gives_the_window_another_size_has_asked_for_it(window_of, settle, monkeypatch, qtbot):
    window, parts = window_of(LOW + PART_PX + 30)
    monkeypatch.setattr(parts, "underMouse", lambda: True)
    at = iter(range(10_000))
    monkeypatch.setattr(QCursor, "pos", lambda: QPoint(next(at), 5))
    window.resize(300, LOW)
    qtbot.wait(100)
    assert unfolded(window) == ["open"]


def test_what_is_at_work_is_not_folded_by_itself_until_it_has_ended(window_of, settle):
    window, parts = window_of(LOW)
    work = QProgressBar()
    child(window, "open").addWidget(work)
    settle(window)
    parts.take_in_hand("clean")
    settle(window)
    assert unfolded(window) == ["open", "clean"]
    assert is_seen_whole(child(window, "clean"))
    work.hide()
    settle(window)
    assert unfolded(window) == ["clean"]


def test_what_was_at_work_and_fits_is_not_folded_when_it_needs_more(window_of, settle):
    window, parts = window_of(LOW)
    inside = child(window, "open").content().layout().itemAt(0).widget()
    work = QProgressBar()
    child(window, "open").addWidget(work)
    settle(window)
    parts.take_in_hand("clean")
    settle(window)
    window.resize(300, HIGH)
    settle(window)
    work.hide()
    settle(window)
    inside.setFixedHeight(HIGH)
    settle(window)
    assert unfolded(window) == list(NAMES)


def test_who_scrolls_elsewhere_is_left_there_when_the_mouse_leaves(window_of, settle):
    window, parts = window_of(200)
    bar = window.findChild(Column).verticalScrollBar()
    assert bar.maximum() > 0
    bar.setValue(bar.maximum())
    QApplication.sendEvent(parts, QEvent(QEvent.Type.Leave))
    settle(window)
    assert bar.value() == bar.maximum()


def test_what_a_person_folded_and_unfolded_is_remembered_and_what_was_folded_for_want_of_room_not(
    window_of, settle
):
    window, _ = window_of(HIGH)
    click(window, "segment_header")
    assert read_preferences(PartsSettings, "dock").folded == ("segment",)
    window.resize(300, LOW)
    settle(window)
    window, _ = window_of(HIGH)
    assert unfolded(window) == ["open", "clean", "review"]
    click(window, "segment_header")
    assert read_preferences(PartsSettings, "dock") == PartsSettings()
