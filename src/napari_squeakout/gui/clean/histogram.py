"""How sure the network is of the pixels of a page, and where the threshold cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QRectF, QSize, Qt
from qtpy.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.gui.qt.access.inks import inks_of, thinned

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BINS = 64
_HEIGHT_PX = 54


class Histogram(QWidget):
    """Counts of a page's probabilities, logarithmic; those above the threshold stand out.

    Parameters
    ----------
    name : str
        Object name.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName("How sure the network is of this page")
        self.counts: NDArray[np.int64] = np.zeros(_BINS, np.int64)
        self.threshold = CleanSettings().threshold
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            "<p>Pixels of this page by probability, 0 left to 1 right, logarithmic; "
            "the line is the threshold, what is right of it becomes calls.</p>"
        )

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give a low, wide strip."""
        return QSize(240, _HEIGHT_PX)

    def set_page(self, values: NDArray[Any] | None) -> None:
        """Count the probabilities of a page, (512, 512) uint8."""
        whole = (
            np.zeros(256, np.int64) if values is None else np.bincount(values.ravel(), None, 256)
        )
        self.counts = whole.reshape(_BINS, -1).sum(axis=1)
        self._tell()

    def set_threshold(self, threshold: float) -> None:
        """Move the line."""
        self.threshold = threshold
        self._tell()

    def _tell(self) -> None:
        """Draw it, and say the same in words."""
        n_pixels = int(self.counts.sum())
        above = int(self.counts[int(np.ceil(self.threshold * _BINS)) :].sum())
        share = f"{above / n_pixels:.1%} of its pixels reach" if n_pixels else "Nothing is known of"
        self.setAccessibleDescription(f"{share} the threshold of {self.threshold:.2f}")
        self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw bars and line in colours that suit the theme."""
        painter = QPainter(self)
        accent = QColor(inks_of(self).cut)
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        area = QRectF(self.rect()).adjusted(0.5, 2, -0.5, -1.5)
        heights = np.log1p(self.counts)
        tallest = float(heights.max()) or 1.0
        width = area.width() / _BINS
        cut = area.left() + self.threshold * area.width()
        for index, height in enumerate(heights / tallest * area.height()):
            left = area.left() + index * width
            colour = accent if left + width / 2 > cut else _faded(ink)
            painter.fillRect(QRectF(left, area.bottom() - height, width - 0.5, height), colour)
        painter.setPen(QPen(_faded(ink), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.setPen(QPen(accent, 2, Qt.PenStyle.SolidLine))
        painter.drawLine(
            QRectF(cut, area.top(), 0, area.height()).topLeft(),
            QRectF(cut, area.top(), 0, area.height()).bottomLeft(),
        )
        painter.end()


def _faded(colour: QColor) -> QColor:
    return thinned(colour, 110)
