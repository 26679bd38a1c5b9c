"""What is read out to who does not see the window: the name of each control, and what it is for."""

from __future__ import annotations

import re
from html import unescape
from typing import TypeVar

from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QWidget,
)

Said = TypeVar("Said", bound=QWidget)
#: What one types into, drags or chooses from: it has no words of its own.
_EDITORS = (QAbstractSpinBox, QAbstractSlider, QComboBox, QLineEdit)
_TAG = re.compile(r"</?[a-z]+>")


def spoken(widget: Said, name: str) -> Said:
    """The same widget, read out under a name."""
    widget.setAccessibleName(name)
    return widget


def name_editor(widget: QWidget, name: str) -> None:
    """Let a control, and all it is made of, be read out under the words of its label.

    Parameters
    ----------
    widget : QWidget
        A number with its slider and the box to tick before it, a path with its button, or one
        control alone.
    name : str
        What its label says.
    """
    for one in (widget, *widget.findChildren(QWidget)):
        if isinstance(one, QAbstractButton):
            words = plain(one.text())
            one.setAccessibleName(f"{words} {name}" if words else name)
        elif isinstance(one, _EDITORS) or one is widget:
            one.setAccessibleName(name)


def describe(top: QWidget) -> None:
    """Let explanations be read out without the marks of HTML that they are written with."""
    for widget in (top, *top.findChildren(QWidget)):
        tip = widget.toolTip()
        if _TAG.search(tip) and not widget.accessibleDescription():
            widget.setAccessibleDescription(plain(tip))


def plain(text: str) -> str:
    """Words without marks of HTML, in one line."""
    return " ".join(unescape(_TAG.sub(" ", text)).split())
