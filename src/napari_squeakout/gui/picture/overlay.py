"""A clear sheet over the canvas, for what stands at the page and is no layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt
from qtpy.QtGui import QPainter
from qtpy.QtWidgets import QWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtGui import QPaintEvent


class Overlay(QWidget):
    """Covers a canvas, lets the mouse through, and has itself painted on.

    A widget of Qt's, not one of napari's overlays: these cannot be added to from outside but by
    what napari keeps to itself, and a layer would stand in the list and could be saved or deleted.

    Parameters
    ----------
    canvas : QWidget
        What is covered.
    paint : callable
        Paints on it.
    """

    def __init__(self, canvas: QWidget, paint: Callable[[QPainter], object]) -> None:
        super().__init__(canvas)
        self.setObjectName("picture_overlay")
        self._canvas = canvas
        self._paint = paint
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.cover()
        self.show()

    def cover(self, *_: Any) -> None:
        """Be as large as the canvas."""
        self.setGeometry(0, 0, self._canvas.width(), self._canvas.height())

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Have what belongs there painted."""
        painter = QPainter(self)
        self._paint(painter)
        painter.end()
