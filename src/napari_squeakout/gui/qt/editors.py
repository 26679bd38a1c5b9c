"""Editors of values that are no numbers: a choice, a switch, a text.

All editors have `value()`, `set_value()`, `set_tooltip()`, `changed` and `is_dragging()`.
"""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QSignalBlocker, Signal
from qtpy.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSizePolicy

from .wheel import keep_from_wheel


class ChoiceEditor(QComboBox):
    """One of several values."""

    changed = Signal()

    def __init__(self, name: str, choices: tuple[Any, ...]) -> None:
        super().__init__()
        self.setObjectName(name)
        for choice in choices:
            self.addItem(str(choice), choice)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.currentIndexChanged.connect(lambda _: self.changed.emit())
        keep_from_wheel(self)

    def value(self) -> Any:
        """The value chosen."""
        return self.currentData()

    def set_value(self, value: Any) -> None:
        """Show a value without telling of a change."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self.findData(value))

    def is_dragging(self) -> bool:
        """Never."""
        return False

    def set_tooltip(self, text: str) -> None:
        """Explain it."""
        self.setToolTip(text)


class SwitchEditor(QCheckBox):
    """Yes or no."""

    changed = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.toggled.connect(lambda _: self.changed.emit())

    def value(self) -> Any:
        """Whether it is ticked."""
        return self.isChecked()

    def set_value(self, value: bool) -> None:
        """Show it without telling of a change."""
        with QSignalBlocker(self):
            self.setChecked(value)

    def is_dragging(self) -> bool:
        """Never."""
        return False

    def set_tooltip(self, text: str) -> None:
        """Explain it."""
        self.setToolTip(text)


class TextEditor(QLineEdit):
    """A line of text."""

    changed = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.editingFinished.connect(self.changed)

    def value(self) -> Any:
        """The text."""
        return self.text()

    def set_value(self, value: str) -> None:
        """Show a text."""
        self.setText(value)

    def is_dragging(self) -> bool:
        """Never."""
        return False

    def set_tooltip(self, text: str) -> None:
        """Explain it."""
        self.setToolTip(text)
