"""The mouse wheel scrolls the dock; it must not change the values it passes over."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtWidgets import QWidget


class _NoWheel(QObject):
    """Keeps a wheel that scrolls the dock from changing the values it passes over."""

    def eventFilter(  # noqa: N802 - Qt's name
        self, watched: QObject | None, event: QEvent | None
    ) -> bool:
        if (
            isinstance(event, QWheelEvent)
            and isinstance(watched, QWidget)
            and not watched.hasFocus()
        ):
            event.ignore()
            return True
        return False


def keep_from_wheel(*widgets: QWidget) -> None:
    """Let widgets answer to the wheel only once they have been clicked."""
    for widget in widgets:
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        widget.installEventFilter(_NoWheel(widget))
