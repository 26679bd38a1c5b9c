"""The card of keys: what each key and gesture does, on one page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDialog, QGridLayout, QLabel, QVBoxLayout, QWidget

from napari_squeakout.gui.qt.keyboard import Key, keys_of

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What the mouse does over the picture.
GESTURES = (
    Key("Ctrl+click", "Remove the call under the mouse from this page"),
    Key("Delete", "The same, without a click"),
    Key("Drag", "Move the picture"),
    Key("Wheel", "Make the picture larger or smaller"),
    Key("Space + drag", "Move the picture while a brush is in hand"),
)
_COLUMNS = 2
# What comes after is for the tooltip: on the card each key has one line.
_ENDS = re.compile(r"; |\. ")


class KeyCard(QDialog):
    """Lists keys; Esc or another press of the key closes it.

    Parameters
    ----------
    dock : QWidget
        Whose keys.
    """

    def __init__(self, dock: QWidget) -> None:
        super().__init__(dock.window())
        self.setObjectName("key_card")
        self.setWindowTitle("Keys")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)  # by Esc as well
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(_title("Over the picture"))
        layout.addLayout(_table(GESTURES))
        layout.addWidget(_title("Keys"))
        layout.addLayout(_table([key for key in keys_of(dock) if key.does]))


def show_or_close_card(dock: QWidget) -> None:
    """Show the card of a dock's keys, or put it away."""
    window = dock.window()
    shown = None if window is None else window.findChild(KeyCard)
    if shown is None:
        KeyCard(dock).show()
        return
    shown.close()
    shown.deleteLater()


def _first_sentence(text: str) -> str:
    return _ENDS.split(text)[0].rstrip(".")


def _title(text: str) -> QLabel:
    label = QLabel(text)
    label.setStyleSheet("font-weight: bold")
    return label


def _table(keys: Sequence[Key]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    rows = -(-len(keys) // _COLUMNS)
    for number, key in enumerate(keys):
        row, column = number % rows, 2 * (number // rows)
        name = QLabel(key.key)
        name.setStyleSheet("font-weight: bold")
        does = QLabel(_first_sentence(key.does))
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(name, row, column, top | Qt.AlignmentFlag.AlignRight)
        grid.addWidget(does, row, column + 1, top)
    return grid
