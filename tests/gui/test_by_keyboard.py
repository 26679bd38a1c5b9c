"""The window without a mouse: Tab reaches every control, top to bottom, and shows where it is."""

from __future__ import annotations

from access import controls_of, fill_dock, unfold_all
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QAbstractScrollArea, QApplication, QWidget
from windows import child

from napari_squeakout.gui.qt.column import Column

#: More presses of Tab than there are controls in the window, napari's with them.
MANY = 400


def walked(qtbot, first):
    """What Tab goes to, one after the other, until it comes back."""
    first.setFocus(Qt.FocusReason.TabFocusReason)
    found = []
    while len(found) < MANY:
        now = QApplication.focusWidget()
        assert now is not None, f"the keyboard is lost after {found[-1].objectName()}"
        if now in found:
            assert now is found[0], f"Tab turns round at {now.objectName()}"
            return found
        found.append(now)
        QTest.keyClick(now, Qt.Key.Key_Tab)
    return found


def ready(dock):
    """Controls of the dock that are seen and can be used."""
    return [
        c for c in controls_of(dock) if dock.isAncestorOf(c) and c.isVisible() and c.isEnabled()
    ]


def test_tab_reaches_every_control_in_the_order_of_reading(dock_of, qtbot, monkeypatch, recording):
    viewer, dock = dock_of(show=True)
    fill_dock(qtbot, monkeypatch, viewer, dock, recording)
    dock.window().activateWindow()
    qtbot.waitUntil(dock.window().isActiveWindow)
    n_reached = 0
    for section in ("clean_section", "review_section"):
        unfold_all(dock, section)
        qtbot.wait(100)
        found = walked(qtbot, child(dock, "dock_keys"))
        missed = [one.objectName() for one in ready(dock) if one not in found]
        assert missed == []
        ours = [one for one in found if dock.parts.isAncestorOf(one)]
        places = [one.mapTo(dock.parts, QPoint(0, one.height() // 2)).y() for one in ours]
        back = [
            (one.objectName(), after.objectName())
            for one, after, y, y_after in zip(ours, ours[1:], places, places[1:], strict=False)
            if y_after < y - 20
        ]
        assert back == []
        n_reached += len(ours)
    assert n_reached > 60
    # From its own page number napari jumps over what lies under the picture, but not into it.
    dock.overview.strip.setFocus(Qt.FocusReason.TabFocusReason)
    found = []
    for _ in range(MANY):
        found.append(QApplication.focusWidget())
        if found[-1] is child(dock, "dock_keys"):
            break
        QTest.keyClick(found[-1], Qt.Key.Key_Tab)
    below = [c for c in controls_of(dock) if not dock.isAncestorOf(c)]
    usable = [c for c in below if c.isVisible() and c.isEnabled()]
    assert len(usable) > 5
    assert [one.objectName() for one in usable if one not in found] == []


def test_a_frame_shows_where_the_keyboard_is(dock_of, qtbot, monkeypatch, recording):
    _, dock = dock_of(show=True)
    dock.window().activateWindow()
    qtbot.waitUntil(dock.window().isActiveWindow)
    for name in ("dock_keys", "open_file", "segment_section_header"):
        held = child(dock, name)
        held.setFocus(Qt.FocusReason.TabFocusReason)
        frame = held.parentWidget().findChild(
            QWidget, "focus_mark", Qt.FindChildOption.FindDirectChildrenOnly
        )
        assert frame is not None, name
        assert frame.isVisible()
        assert frame.geometry() == held.geometry()
        assert not isinstance(frame.parentWidget(), QAbstractScrollArea)
    dock.window().setFocus()
    qtbot.waitUntil(
        lambda: not any(one.isVisible() for one in dock.findChildren(QWidget, "focus_mark"))
    )


def frames(dock):
    """Those that are seen."""
    return [one for one in dock.findChildren(QWidget, "focus_mark") if one.isVisible()]


def test_no_frame_stands_around_what_was_clicked_on(dock_of, qtbot):
    _, dock = dock_of(show=True)
    dock.window().activateWindow()
    qtbot.waitUntil(dock.window().isActiveWindow)
    held, column = child(dock, "dock_source"), dock.findChild(Column)
    for one in (held, column):
        press(one)
        qtbot.waitUntil(one.hasFocus)
        assert frames(dock) == []
    for name in ("dock_keys", "dock_source"):
        child(dock, name).setFocus(Qt.FocusReason.TabFocusReason)
        assert [one.geometry() for one in frames(dock)] == [child(dock, name).geometry()]


def press(widget):
    """A click with the mouse on a place of the window, as the system tells of it."""
    window = widget.window()
    place = widget.mapTo(window, QPoint(widget.width() // 3, widget.height() // 2))
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, pos=place)
