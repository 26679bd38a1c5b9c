from __future__ import annotations

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
