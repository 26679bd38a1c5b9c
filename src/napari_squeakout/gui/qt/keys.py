"""Keys of the dock: each does one thing, once a press, and says what."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from qtpy.QtCore import QObject
from qtpy.QtGui import QKeySequence, QShortcut
from qtpy.QtWidgets import QWidget

_TAG = re.compile(r"<[^>]+>")


class Key(NamedTuple):
    """A key or a gesture, and what it does."""

    key: str
    does: str


def bind_key(dock: QWidget, key: str, act: Callable[[], object], does: str) -> QShortcut:
    """Call a function at each press while the dock is shown.

    Who holds a key down has not looked at what came in between: it counts once.

    Parameters
    ----------
    dock : QWidget
        In whose window the key counts.
    key : str
        As Qt writes it: `"A"`, `"Ctrl+Z"`.
    act : callable
        What it does.
    does : str
        The same in words, for the card of keys.
    """
    shortcut = QShortcut(QKeySequence(key), dock)
    shortcut.setAutoRepeat(False)
    shortcut.setWhatsThis(does)
    shortcut.activated.connect(act)
    return shortcut


def keys_of(dock: QObject) -> list[Key]:
    """The keys that were bound for a dock, in that order."""
    found = []
    for shortcut in dock.findChildren(QShortcut):
        does = _TAG.sub("", shortcut.whatsThis())
        found.append(Key(shortcut.key().toString(), does.split(" (key ")[0].rstrip(". ")))
    return found
