"""Widgets with a name to find them by; buttons with a word on what they do, too."""

from __future__ import annotations

from typing import TypeVar

from qtpy.QtCore import QObject
from qtpy.QtWidgets import QPushButton

#: What points where a button leads, and the space beside it.
_ARROWS = "◀▶ "
Made = TypeVar("Made", bound=QObject)


def named(made: Made, name: str) -> Made:
    """The same widget under an object name.

    Qt's bindings take a name as an argument of every class, too, but tell no type checker of it.
    """
    made.setObjectName(name)
    return made


def button(text: str, name: str, tooltip: str) -> QPushButton:
    """A push button; its arrows are seen, not read out."""
    made = named(QPushButton(text), name)
    made.setToolTip(tooltip)
    words = text.strip(_ARROWS)
    if words and words != text:
        made.setAccessibleName(words)
    return made
