"""Where the keyboard is, on widgets that draw themselves: a frame in the colour of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QRectF, Qt
from qtpy.QtGui import QPalette, QPen

if TYPE_CHECKING:
    from qtpy.QtGui import QPainter
    from qtpy.QtWidgets import QWidget

_WIDTH_PX = 2


def paint_focus(widget: QWidget, painter: QPainter) -> None:
    """Frame a widget while keys go to it."""
    if not widget.hasFocus():
        return
    half = _WIDTH_PX / 2
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(widget.palette().color(QPalette.ColorRole.WindowText), _WIDTH_PX))
    painter.drawRect(QRectF(widget.rect()).adjusted(half, half, -half, -half))
