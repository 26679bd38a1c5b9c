"""Dots and bars as pyqtgraph draws them, and over them those of the calls that are chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph
from qtpy.QtGui import QColor

if TYPE_CHECKING:
    from napari_squeakout.core.plots.marks import Bars, Dots, Keys, Values

    from .colours import PlotColours

Reach = tuple[tuple[float, float], tuple[float, float]]

_DOT_PX, _CHOSEN_PX = 5, 7
#: Where more dots than that lie, they are seen through.
_MANY, _FEW_ALPHA, _MANY_ALPHA = 2_000, 210, 120
#: Of what is seen, beyond the marks.
_PAD, _ABOVE = 0.04, 0.12


class _Dots(pyqtgraph.ScatterPlotItem):  # type: ignore[misc]  # pyqtgraph tells no types
    """Leaves clicks to the view below it."""

    def mouseClickEvent(self, ev: Any) -> None:  # noqa: N802 - pyqtgraph's name
        """Not for single dots."""
        ev.ignore()


class DrawnDots:
    """Dots, in one brush each for all and for the chosen: brushes of their own take half a second.

    Parameters
    ----------
    figure : pyqtgraph.PlotItem
        Where.
    dots : Dots
        What.
    colours : PlotColours
        In which colours.
    """

    def __init__(self, figure: Any, dots: Dots, colours: PlotColours) -> None:
        self._figure, self._dots = figure, dots
        self._all = _Dots(size=_DOT_PX, pen=None, pxMode=True)
        self._chosen = _Dots(size=_CHOSEN_PX, pxMode=True)
        self.colour(colours)
        self._all.setData(x=dots.x, y=dots.y)
        for item in (self._all, self._chosen):
            figure.addItem(item, ignoreBounds=True)

    def choose(self, keys: Keys) -> None:
        """Mark calls."""
        at = self._dots.chosen(keys)
        self._chosen.setData(x=self._dots.x[at], y=self._dots.y[at])

    def colour(self, colours: PlotColours) -> None:
        """Draw in other colours."""
        mark = QColor(colours.mark)
        mark.setAlpha(_FEW_ALPHA if len(self._dots.x) < _MANY else _MANY_ALPHA)
        self._all.setBrush(pyqtgraph.mkBrush(mark))
        self._chosen.setBrush(pyqtgraph.mkBrush(colours.chosen))
        self._chosen.setPen(pyqtgraph.mkPen(colours.ground, width=1))

    def reach(self) -> Reach:
        """From where to where x and y reach."""
        x, y = self._dots.x_axis.reach, self._dots.y_axis.reach
        return _padded(self._dots.x, x), _padded(self._dots.y, y)

    def clear(self) -> None:
        """Be gone."""
        for item in (self._all, self._chosen):
            self._figure.removeItem(item)


class DrawnBars:
    """Bars; of each as much is in the other colour as of its calls are chosen.

    Parameters
    ----------
    figure : pyqtgraph.PlotItem
        Where.
    bars : Bars
        What; along a logarithmic axis places are decimal logarithms.
    colours : PlotColours
        In which colours.
    """

    def __init__(self, figure: Any, bars: Bars, colours: PlotColours) -> None:
        self._figure, self._bars = figure, bars
        self._edges = np.log10(bars.edges) if bars.x_axis.is_log else bars.edges
        sides = {"x0": self._edges[:-1], "x1": self._edges[1:]}
        self._all = pyqtgraph.BarGraphItem(**sides, y0=0, height=bars.counts, pen=None)
        none = np.zeros(len(bars.counts))
        self._chosen = pyqtgraph.BarGraphItem(**sides, y0=0, height=none, pen=None)
        self.colour(colours)
        for item in (self._all, self._chosen):
            figure.addItem(item, ignoreBounds=True)

    def choose(self, keys: Keys) -> None:
        """Mark calls."""
        self._chosen.setOpts(height=self._bars.chosen(keys))

    def colour(self, colours: PlotColours) -> None:
        """Draw in other colours; lines of the ground part bars."""
        pen = pyqtgraph.mkPen(colours.ground, width=1)
        self._all.setOpts(brush=colours.mark, pen=pen)
        # Outlined, for who tells the two colours hardly apart.
        self._chosen.setOpts(brush=colours.chosen, pen=pyqtgraph.mkPen(colours.text, width=1))

    def reach(self) -> Reach:
        """From where to where x and y reach."""
        most = max(1.0, float(self._bars.counts.max(initial=0)))
        return _padded(self._edges, None), (0.0, most * (1 + _ABOVE))

    def clear(self) -> None:
        """Be gone."""
        for item in (self._all, self._chosen):
            self._figure.removeItem(item)


def _padded(values: Values, reach: tuple[float, float] | None) -> tuple[float, float]:
    if reach is None:
        reach = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    low, high = reach
    pad = (high - low) * _PAD or abs(low) * _PAD or 1.0
    return low - pad, high + pad
