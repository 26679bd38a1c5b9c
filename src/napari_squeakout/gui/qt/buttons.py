"""Buttons with a name to find them by and a word on what they do."""

from __future__ import annotations

from qtpy.QtWidgets import QPushButton


def button(text: str, name: str, tooltip: str) -> QPushButton:
    """A push button."""
    made = QPushButton(text)
    made.setObjectName(name)
    made.setToolTip(tooltip)
    return made
