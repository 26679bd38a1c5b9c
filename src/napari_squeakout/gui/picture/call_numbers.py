"""The numbers of the calls on a page, each beside its call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from qtpy.QtCore import QPointF, QRectF
from qtpy.QtGui import QColor, QFontMetricsF, QPainter

from napari_squeakout.gui.qt.access.inks import PICTURE, thinned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from .page_place import PagePlace

_FONT_PX = 12
_GAP_PX, _HALO_PX = 3.0, 1.5
#: Under a number, for calls themselves are bright: dark copies around it, which overlap. An outline
#: that is stroked takes longer than all else that is painted on a page.
_HALO = thinned(PICTURE, 150)
_AROUND = [
    QPointF(across * _HALO_PX, down * _HALO_PX)
    for across in (-1, 0, 1)
    for down in (-1, 0, 1)
    if across or down
]


class Onset(NamedTuple):
    """Where a call begins on a page, in pixels of it: its first column, and the rows there."""

    number: int
    column: int
    top: int
    bottom: int


def onsets(labels: NDArray[Any]) -> list[Onset]:
    """Where the calls of a page begin, (512, 512) numbers, from left to right."""
    columns, rows = np.nonzero(np.asarray(labels).T)  # column by column
    numbers, first = np.unique(labels[rows, columns], return_index=True)
    found = []
    for number, at in zip(numbers.tolist(), first.tolist(), strict=True):
        column = int(columns[at])
        there = np.flatnonzero(labels[:, column] == number)
        found.append(Onset(number, column, int(there[0]), int(there[-1]) + 1))
    return sorted(found, key=lambda onset: (onset.column, onset.top))


def paint_numbers(
    painter: QPainter,
    place: PagePlace,
    within: QRectF,
    begin: Iterable[Onset],
    colour_of: Callable[[int], Any],
) -> list[int]:
    """Write each number above its call's begin, or below where another stands there already.

    Parameters
    ----------
    painter : QPainter
        Of the canvas.
    place : PagePlace
        Where the page is.
    within : QRectF
        The part of the canvas that shows it.
    begin : iterable of Onset
        Of the calls.
    colour_of : callable
        Gives a call's colour, (4,) 0..1; one that is not seen is not numbered.

    Returns
    -------
    list of int
        Those written; where there is room for neither they are seen after zooming.
    """
    font = painter.font()
    font.setPixelSize(_FONT_PX)
    font.setBold(True)
    metrics = QFontMetricsF(font)
    taken: list[QRectF] = []
    written = []
    painter.save()
    painter.setFont(font)
    for onset in begin:
        # Of one call or of several, by the kind of colours that a layer has.
        red, green, blue, alpha = np.asarray(colour_of(onset.number), float).reshape(-1)[:4]
        if not alpha:
            continue  # the layer does not show this call
        width, height = metrics.horizontalAdvance(str(onset.number)), metrics.ascent()
        above = QRectF(place.x(onset.column), place.y(onset.top) - _GAP_PX - height, width, height)
        below = QRectF(place.x(onset.column), place.y(onset.bottom) + _GAP_PX, width, height)
        free = [
            room
            for room in (above, below)
            if within.contains(room) and not any(room.intersects(other) for other in taken)
        ]
        if free:
            taken.append(free[0])
            written.append(onset.number)
            corner = QPointF(free[0].left(), free[0].bottom())
            painter.setPen(_HALO)
            for aside in _AROUND:
                painter.drawText(corner + aside, str(onset.number))
            painter.setPen(QColor.fromRgbF(red, green, blue))
            painter.drawText(corner, str(onset.number))
    painter.restore()
    return written
