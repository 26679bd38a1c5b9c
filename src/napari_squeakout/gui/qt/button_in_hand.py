"""The button that the mouse rests on: another that came in its place would get the next click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, QPoint, Signal
from qtpy.QtGui import QCursor
from qtpy.QtWidgets import QAbstractButton, QApplication

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

_LEFT = (QEvent.Type.Leave, QEvent.Type.Hide)


class ButtonInHand(QObject):
    """Finds the button under the mouse, and waits until it is left.

    Parameters
    ----------
    column : QWidget
        In which the button is.
    """

    #: The mouse is no longer on the button that was waited for.
    left = Signal()

    def __init__(self, column: QWidget) -> None:
        super().__init__(column)
        self._column = column
        self._awaited: QAbstractButton | None = None

    def find(self) -> QAbstractButton | None:
        """The button under the mouse; None where it is on none of the column's."""
        if not self._column.underMouse():
            return None
        under = QApplication.widgetAt(QCursor.pos())
        if isinstance(under, QAbstractButton) and self._column.isAncestorOf(under):
            return under
        return None

    def top_of(self, button: QAbstractButton) -> int:
        """Where it begins in the column, in pixels."""
        return button.mapTo(self._column, QPoint(0, 0)).y()

    def wait(self, button: QAbstractButton) -> None:
        """Tell once the mouse has left it."""
        if button is not self._awaited:
            self._awaited = button
            button.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Hear of the mouse that leaves the button, and of the button that goes."""
        if event is not None and event.type() in _LEFT and watched is self._awaited:
            self._awaited = None
            if watched is not None:
                watched.removeEventFilter(self)
            self.left.emit()
        return False
