"""The mouse wheel scrolls the dock; it must not change the values it passes over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, Qt

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget


class _NoWheel(QObject):
    """Keeps a wheel that scrolls the dock from changing the values it passes over."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Wheel and not watched.hasFocus():
            event.ignore()
            return True
        return False


def keep_from_wheel(*widgets: QWidget) -> None:
    """Let widgets answer to the wheel only once they have been clicked."""
    for widget in widgets:
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        widget.installEventFilter(_NoWheel(widget))
