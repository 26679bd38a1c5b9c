from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtGui import QShortcut
from qtpy.QtWidgets import QLabel
from windows import click

from napari_squeakout.gui.key_card import KeyCard


def test_every_key_of_the_dock_stands_on_the_card_with_what_it_does(dock_of):
    _, dock = dock_of()
    click(dock, "dock_keys")
    card = dock.window().findChild(KeyCard)
    words = [label.text() for label in card.findChildren(QLabel)]
    for shortcut in dock.findChildren(QShortcut):
        assert shortcut.key().toString() in words
        assert shortcut.whatsThis(), shortcut.key().toString()
    assert "Remove the call under the mouse from this page" in words


def test_asked_for_again_the_card_goes(dock_of, qtbot):
    _, dock = dock_of()
    click(dock, "dock_keys")
    click(dock, "dock_keys")
    qtbot.waitUntil(lambda: dock.window().findChild(KeyCard) is None)


def test_each_key_has_one_whole_line(dock_of, qtbot):
    _, dock = dock_of(show=True)
    click(dock, "dock_keys")
    card = dock.window().findChild(KeyCard)
    qtbot.wait(50)
    for label in card.findChildren(QLabel):
        assert label.width() >= label.sizeHint().width(), label.text()
        assert label.height() >= label.sizeHint().height(), label.text()
    assert card.width() < 1280


def test_put_away_with_esc_the_card_comes_again_at_one_press(dock_of, qtbot):
    _, dock = dock_of()
    click(dock, "dock_keys")
    qtbot.keyClick(dock.window().findChild(KeyCard), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: dock.window().findChild(KeyCard) is None)
    click(dock, "dock_keys")
    assert dock.window().findChild(KeyCard).isVisible()
