"""What stands around the table of calls: conditions, what is shown, and what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from napari_squeakout.gui.qt.buttons import button, named
from napari_squeakout.gui.qt.job_bar import message_label

from .table import LEAST_PX, CallsTable

if TYPE_CHECKING:
    from qtpy.QtGui import QResizeEvent

_CONDITIONS = "Show only, for example: duration > 20, class = flat"
_HOW = (
    "A column, one of < > <= >= = != and a value in the unit of its heading; several parted by "
    "commas. Nothing behind = means empty cells"
)
_FIELD_PX = 160
#: The heading, one row and the bar to scroll by.
_ONE_ROW_PX = 58


class CallsBox(QWidget):
    """The table, the line above it, and below it, where it moves no row, what is said.

    Parameters
    ----------
    table : CallsTable
        What it is about.
    """

    def __init__(self, table: CallsTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("calls")
        self._table = table
        self.conditions = named(QLineEdit(), "calls_filter")
        self.conditions.setPlaceholderText(_CONDITIONS)
        self.conditions.setAccessibleName("Which calls are shown")
        self.conditions.setToolTip(_HOW)
        self.conditions.setClearButtonEnabled(True)
        self.conditions.setMinimumWidth(_FIELD_PX)
        self.message = message_label("calls_message")
        self.delete = button(
            "Delete", "calls_delete",
            "Remove the chosen calls from all their pages (Delete); Ctrl+Z brings them back",
        )  # fmt: skip
        self.save = button(
            "Save rows…", "calls_save", "Save what is shown, in this order, as a table (.csv)"
        )
        line = QHBoxLayout()
        line.addWidget(self.conditions, stretch=1)
        line.addWidget(self.delete)
        line.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 2, 4, 2)
        layout.setSpacing(2)
        layout.addLayout(line)
        layout.addWidget(table, stretch=1)
        layout.addWidget(self.message)

    def say(self, text: str) -> None:
        """Put a sentence below the table."""
        self.message.setText(text)
        self.message.setVisible(bool(text))
        self._make_room()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Break what is said into other lines."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Let further lines of what is said take from the rows: where it is low, all is as high."""
        message, needed = self.message, 0
        if message.text():
            needed = message.heightForWidth(message.width()) - message.fontMetrics().height()
        self._table.setMinimumHeight(max(_ONE_ROW_PX, LEAST_PX - max(0, needed)))
