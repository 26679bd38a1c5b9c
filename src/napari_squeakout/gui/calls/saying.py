"""The last thing that was said beside the table of calls, whoever of its parts said it."""

from __future__ import annotations

from qtpy.QtCore import QObject, Signal


class Saying(QObject):
    """Keeps a sentence until the next one."""

    #: Another sentence, or none.
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.text = ""

    def say(self, text: str) -> None:
        """Say something; what is said counts until something else is."""
        self.text = text
        self.changed.emit()

    def add(self, text: str) -> None:
        """Say something more of what has just been said."""
        self.say(f"{self.text} {text}".strip())

    def forget(self) -> None:
        """Say nothing any more from the next time on that the line is written."""
        self.text = ""
