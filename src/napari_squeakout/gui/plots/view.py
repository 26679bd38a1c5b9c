"""Where marks lie: clicks and frames of the mouse become places; the wheel zooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyqtgraph
from qtpy.QtCore import QPointF, Qt, Signal

if TYPE_CHECKING:
    from qtpy.QtGui import QColor

_LEFT = Qt.MouseButton.LeftButton
_ADDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
_FRAME_ALPHA = 50


class ChoosingView(pyqtgraph.ViewBox):  # type: ignore[misc]  # pyqtgraph tells no types
    """Tells what was clicked on and framed, in the units of its axes."""

    #: A place was clicked on, (x, y), and whether what is chosen is added.
    clicked = Signal(object, bool)
    #: A place was clicked on twice, (x, y).
    clicked_twice = Signal(object)
    #: A frame was drawn: (x, x), (y, y), and whether what is chosen is added.
    framed = Signal(object, object, bool)

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self._is_high = False

    def set_high_frames(self, is_high: bool) -> None:
        """Whether frames reach from the top to the bottom, as where bars stand."""
        self._is_high = is_high
        self.setMouseEnabled(x=True, y=not is_high)

    def colour(self, frame: QColor) -> None:
        """Draw frames in a colour."""
        self.rbScaleBox.setPen(pyqtgraph.mkPen(frame, width=1))
        filled = pyqtgraph.mkColor(frame)
        filled.setAlpha(_FRAME_ALPHA)
        self.rbScaleBox.setBrush(pyqtgraph.mkBrush(filled))

    def mouseClickEvent(self, ev: Any) -> None:  # noqa: N802 - pyqtgraph's name
        """Tell where."""
        if ev.button() != _LEFT:
            ev.ignore()
            return
        ev.accept()
        at = self._place(ev.pos())
        if ev.double():
            self.clicked_twice.emit(at)
        else:
            self.clicked.emit(at, bool(ev.modifiers() & _ADDS))

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:  # noqa: N802
        """Draw a frame with the left button; with others, and on axes, move what is seen."""
        if axis is not None or ev.button() != _LEFT:
            super().mouseDragEvent(ev, axis)
            return
        ev.accept()
        first, last = ev.buttonDownPos(), ev.pos()
        if self._is_high:
            first, last = QPointF(first.x(), 0), QPointF(last.x(), self.rect().height())
        if not ev.isFinish():
            self.updateScaleBox(first, last)
            return
        self.rbScaleBox.hide()
        (left, low), (right, high) = self._place(first), self._place(last)
        self.framed.emit((left, right), (low, high), bool(ev.modifiers() & _ADDS))

    def _place(self, position: QPointF) -> tuple[float, float]:
        place = self.mapToView(position)
        return float(place.x()), float(place.y())
