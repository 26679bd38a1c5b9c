"""Keys and clicks: over the picture keys belong to the picture, and a double click counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QLineEdit, QWidget

if TYPE_CHECKING:
    from collections.abc import Collection

# Who types goes on typing, wherever the mouse has been pushed.
_TYPED_IN = (QLineEdit, QAbstractSpinBox)


class Keyboard(QObject):
    """Keeps the buttons of a dock from holding the keyboard, and from being pressed twice.

    A button that has been clicked would be pressed again by the space bar, which over the picture
    is napari's key for moving it, and would take the arrow keys from the pages.

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
        self._canvases: list[Any] = []
        for button in dock.findChildren(QAbstractButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.installEventFilter(self)

    def watch_canvas(self) -> None:
        """Notice when the mouse comes over the picture; only once the dock is in its window."""
        for canvas in self._dock.window().findChildren(QWidget):
            if canvas.inherits("QOpenGLWidget") and canvas not in self._canvases:
                self._canvases.append(canvas)
                canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Swallow the second press of a double click; hand the keyboard to the picture."""
        kind = event.type()
        if kind == QEvent.Type.MouseButtonDblClick and isinstance(watched, QAbstractButton):
            return watched.objectName() not in self._repeatable
        if kind == QEvent.Type.Enter and watched in self._canvases:
            self._hand_over(watched)
        return False

    def _hand_over(self, canvas: Any) -> None:
        holder = QApplication.focusWidget()
        if holder is None or not self._dock.isAncestorOf(holder):
            return
        if not isinstance(holder, _TYPED_IN):
            canvas.setFocus(Qt.FocusReason.MouseFocusReason)
