"""A clear sheet over the canvas, for what stands at the page and is no layer; a line that moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QLineF, QRectF, Qt
from qtpy.QtGui import QColor, QPainter, QPen
from qtpy.QtWidgets import QWidget

from napari_squeakout.gui.qt.access.inks import PICTURE, SMOOTH_OUTLINE, thinned

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtGui import QPaintEvent

    from .page_place import PagePlace

_LINE_PX, _HALO_PX = 2.0, 4.0
#: Bright on a dark edge, to be seen on calls and between them; the page's borders are white, and
#: the call in hand is yellow.
_LINE, _HALO = QColor(SMOOTH_OUTLINE), thinned(PICTURE, 160)


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


def paint_cursor(painter: QPainter, place: PagePlace, within: QRectF, column: float) -> None:
    """Draw a line from the top to the bottom of the page, where that is seen.

    Parameters
    ----------
    painter : QPainter
        Of the canvas.
    place : PagePlace
        Where the page is.
    within : QRectF
        The part of the canvas that shows it.
    column : float
        Where on the page, in its columns.
    """
    x = place.x(column)
    top, bottom = sorted((place.top, place.bottom))
    top, bottom = max(top, within.top()), min(bottom, within.bottom())
    if not within.left() <= x <= within.right() or top >= bottom:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for colour, width in ((_HALO, _HALO_PX), (_LINE, _LINE_PX)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(QLineF(x, top, x, bottom))
