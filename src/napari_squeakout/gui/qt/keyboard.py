"""Keys and clicks: over the picture keys belong to the picture, and a double click counts once.

What stands in a field when a button is pressed is what the button goes by.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QKeyEvent, QKeySequence, QShortcut
from qtpy.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QLineEdit, QWidget

from .canvas import canvases_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_TAG = re.compile(r"<[^>]+>")
# Who types goes on typing, wherever the mouse has been pushed.
_TYPED_IN = (QLineEdit, QAbstractSpinBox)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Keyboard(QObject):
    """Keeps the buttons of a dock from holding the keyboard, and from being pressed twice.

    A button that has been clicked would be pressed again by the space bar, which over the picture
    is napari's key for moving it, and would take the arrow keys from the pages. So a click takes
    the keyboard from no field either, and what is typed there has to be taken in before it counts.

    Parameters
    ----------
    dock : QWidget
        Whose buttons; those that are there.
    repeatable : collection of str
        Object names of buttons that one may click fast: each click counts.
    """

    def __init__(self, dock: QWidget, repeatable: Collection[str] = ()) -> None:
        super().__init__(dock)
        self._dock = dock
        self._repeatable = frozenset(repeatable)
        self._canvases: list[QWidget] = []
        for button in dock.findChildren(QAbstractButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.installEventFilter(self)
        for kind in _TYPED_IN:
            for field in dock.findChildren(kind):
                field.installEventFilter(self)

    def watch_canvas(self) -> None:
        """Notice when the mouse comes over the picture; only once the dock is in its window."""
        for canvas in canvases_of(self._dock.window()):
            if canvas not in self._canvases:
                self._canvases.append(canvas)
                canvas.installEventFilter(self)

    def eventFilter(  # noqa: N802 - Qt's name
        self, watched: QObject | None, event: QEvent | None
    ) -> bool:
        """Swallow the second press of a double click; hand the keyboard to the picture.

        Before a button acts, and with Enter, what has been typed is taken in.
        """
        kind = None if event is None else event.type()
        is_press = kind == QEvent.Type.MouseButtonPress and isinstance(watched, QAbstractButton)
        is_key = kind == QEvent.Type.KeyPress and isinstance(watched, _TYPED_IN)
        if is_press or (is_key and isinstance(event, QKeyEvent) and event.key() in _ENTER):
            self._take_in_what_is_typed()
        if kind == QEvent.Type.MouseButtonDblClick and isinstance(watched, QAbstractButton):
            return watched.objectName() not in self._repeatable
        if kind == QEvent.Type.Enter and isinstance(watched, QWidget):
            self._hand_over(watched)
        return False

    def _take_in_what_is_typed(self) -> None:
        """Let go of the field that is typed in: until then it tells nobody of what it holds."""
        holder = QApplication.focusWidget()
        if isinstance(holder, _TYPED_IN) and self._dock.isAncestorOf(holder):
            holder.clearFocus()

    def _hand_over(self, entered: QWidget) -> None:
        holder = QApplication.focusWidget()
        is_ours = holder is not None and self._dock.isAncestorOf(holder)
        if entered in self._canvases and is_ours and not isinstance(holder, _TYPED_IN):
            entered.setFocus(Qt.FocusReason.MouseFocusReason)


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
