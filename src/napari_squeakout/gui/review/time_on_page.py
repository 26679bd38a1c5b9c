"""Counts the time a person spends on a page, leaving out pauses."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject
from qtpy.QtGui import QCursor
from qtpy.QtWidgets import QApplication

from napari_squeakout.gui.qt.callbacks import every

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

    from .review_state import Reviewing

_TICK_MS = 1000
# Who looks at a page for longer than this without moving anything does something else.
_PAUSE_S = 20.0


class Effort(QObject):
    """Adds each second in which a person works on the page in view; it stays in the session.

    Parameters
    ----------
    reviewing : Reviewing
        Knows the page.
    dock : QWidget
        Nothing is counted while it is hidden or its window is not in front.
    """

    def __init__(self, reviewing: Reviewing, dock: QWidget) -> None:
        super().__init__(dock)
        self._reviewing = reviewing
        self._dock = dock
        self._mouse = QCursor.pos()
        self._ticked = self._stirred = time.monotonic()
        reviewing.changed.connect(self._on_change)
        reviewing.leaving.connect(self._tick)
        self._timer = every(self, _TICK_MS, self._tick)
        self._timer.start()

    def _on_change(self) -> None:
        self._stirred = time.monotonic()

    def _tick(self) -> None:
        now, mouse = time.monotonic(), QCursor.pos()
        since, self._ticked = now - self._ticked, now
        if mouse != self._mouse:
            self._mouse, self._stirred = mouse, now
        in_front = QApplication.activeWindow() is not None and self._dock.isVisible()
        if in_front and now - self._stirred < _PAUSE_S:
            # After a computer's sleep a tick is no second.
            self._reviewing.spend(min(since, 2 * _TICK_MS / 1000))
