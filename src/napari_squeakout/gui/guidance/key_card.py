"""The card of keys: what each key and gesture does, on one page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.gui.qt.buttons import button
from napari_squeakout.gui.qt.job_bar import message_label

from .key_sheet import parts_of, write_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_squeakout.gui.qt.keyboard import Key

_COLUMNS = 2
_ENDINGS = (".pdf", ".html")
# What comes after is for the tooltip: on the card each key has one line.
_ENDS = re.compile(r"; |\. ")


class KeyCard(QDialog):
    """Lists keys; Esc or another press of the key closes it.

    Parameters
    ----------
    dock : QWidget
        Whose keys.
    show_hints : callable
        Brings the hints for who is new back.
    """

    def __init__(self, dock: QWidget, show_hints: Callable[[], object]) -> None:
        super().__init__(dock.window())
        self.setObjectName("key_card")
        self.setWindowTitle("Keys")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)  # by Esc as well
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        self._parts = parts_of(dock)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        for heading, keys in self._parts:
            _fill(grid, heading, keys)
        layout.addLayout(grid)
        save = button("Save to print…", "keys_save", "Save these keys as .pdf or .html")
        save.clicked.connect(lambda _checked=False: self._save())
        self._said = message_label("keys_said")
        foot = QHBoxLayout()
        foot.addWidget(self._said, stretch=1)
        foot.addStretch(1)
        hints = button("Show hints again", "keys_hints", "The lines for who is new, closed or not")
        hints.clicked.connect(lambda _checked=False: show_hints())
        foot.addWidget(hints)
        foot.addWidget(save)
        layout.addLayout(foot)

    def _save(self) -> None:
        """Ask for a file, and write the keys into it."""
        asked, _ = QFileDialog.getSaveFileName(
            self, "Save the keys", "squeakout keys.pdf", "PDF (*.pdf);;HTML (*.html)"
        )
        if not asked:
            return
        path = Path(asked)
        if path.suffix.lower() not in _ENDINGS:
            path = path.with_name(f"{path.name}.pdf")
            if path.exists():  # nobody was asked about this name
                self._say(f"{path.name} is there already: choose another name.")
                return
        try:
            write_sheet(self._parts, path)
        except SqueakOutError as error:
            self._say(f"{error}.")
        else:
            self._say(f"Saved {path}.")

    def _say(self, text: str) -> None:
        self._said.setText(text)
        self._said.show()


def show_or_close_card(dock: QWidget, show_hints: Callable[[], object]) -> None:
    """Show the card of a dock's keys, or put it away."""
    window = dock.window()
    shown = None if window is None else window.findChild(KeyCard)
    if shown is None:
        KeyCard(dock, show_hints).show()
        return
    shown.close()
    shown.deleteLater()


def _first_sentence(text: str) -> str:
    return _ENDS.split(text)[0].rstrip(".")


def _title(text: str) -> QLabel:
    label = QLabel(text)
    label.setStyleSheet("font-weight: bold")
    return label


def _fill(grid: QGridLayout, heading: str, keys: Sequence[Key]) -> None:
    """Put keys under a heading, below what is there: two columns, each filled from the top."""
    first = grid.rowCount()
    grid.addWidget(_title(heading), first, 0, 1, 2 * _COLUMNS)
    rows = -(-len(keys) // _COLUMNS)
    for number, key in enumerate(keys):
        row, column = first + 1 + number % rows, 2 * (number // rows)
        name = QLabel(key.key)
        name.setStyleSheet("font-weight: bold")
        does = QLabel(_first_sentence(key.does))
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(name, row, column, top | Qt.AlignmentFlag.AlignRight)
        grid.addWidget(does, row, column + 1, top)
