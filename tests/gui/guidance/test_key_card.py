from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtGui import QShortcut
from qtpy.QtWidgets import QFileDialog, QLabel
from windows import click, text

from napari_squeakout.gui.guidance.key_card import KeyCard
from napari_squeakout.gui.guidance.key_sheet import as_markdown, parts_of


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


def test_the_guide_has_the_keys_that_the_window_has(dock_of, root):
    _, dock = dock_of()
    page = (root / "docs" / "keys.md").read_text(encoding="utf-8")
    assert page == as_markdown(parts_of(dock)), "python docs/keys.py writes it anew"


def test_the_card_is_saved_to_print_and_replaces_nothing_unasked(dock_of, tmp_path, monkeypatch):
    _, dock = dock_of()
    click(dock, "dock_keys")
    card = dock.window().findChild(KeyCard)

    def save_as(name):
        chosen = lambda *_args, **_options: (str(tmp_path / name), "")  # noqa: E731
        monkeypatch.setattr(QFileDialog, "getSaveFileName", chosen)
        click(card, "keys_save")
        return text(card, "keys_said")

    assert save_as("keys.pdf").startswith("Saved ")
    assert (tmp_path / "keys.pdf").read_bytes().startswith(b"%PDF-")
    assert save_as("keys.html").startswith("Saved ")
    page = (tmp_path / "keys.html").read_text(encoding="utf-8")
    assert "Approve" in page
    assert "Ctrl+click" in page
    before = (tmp_path / "keys.pdf").read_bytes()
    assert "is there already" in save_as("keys")  # the ending is added, and nobody asked about that
    assert (tmp_path / "keys.pdf").read_bytes() == before
    (tmp_path / "a file").write_text("")
    assert "cannot be written" in save_as("a file/keys.pdf")
