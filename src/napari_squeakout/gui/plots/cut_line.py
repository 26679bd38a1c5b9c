"""The line over silences that cuts bouts: dragged along, it says how many bouts there are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pyqtgraph
from qtpy.QtCore import QObject, Qt, Signal

from napari_squeakout.core.numerals import counted
from napari_squeakout.core.plots.settings import PlotSettings
from napari_squeakout.gui.forms.fields import number_range

if TYPE_CHECKING:
    from napari_squeakout.core.plots.marks import Plot

    from .colours import PlotColours

#: Of what is seen, in decades, beside the line; where along it words stand.
_PAD, _LABEL_AT = 0.08, 0.9


class CutLine(QObject):
    """A line at the silence that parts two bouts.

    Parameters
    ----------
    figure : pyqtgraph.PlotItem
        Over which it lies.
    """

    #: A person has dragged it to this many seconds; whether it has been let go.
    moved = Signal(float, bool)

    def __init__(self, figure: Any) -> None:
        super().__init__()
        self._plot: Plot | None = None
        self._range = number_range(PlotSettings.model_fields["bout_gap_s"])
        self.line = pyqtgraph.InfiniteLine(0, angle=90, movable=True)
        self._label = pyqtgraph.InfLineLabel(
            self.line, text="", position=_LABEL_AT, anchors=[(0, 0.5), (1, 0.5)]
        )
        self.line.setVisible(False)
        figure.addItem(self.line, ignoreBounds=True)
        self.line.setZValue(10)
        self.line.sigDragged.connect(self._on_dragged)
        self.line.sigPositionChangeFinished.connect(self._on_let_go)

    @property
    def gap_s(self) -> float:
        """Where it stands."""
        stands_at = 10.0 ** float(self.line.value())
        return self._range.inside(round(stands_at, self._range.decimals))

    def set_silences(self, plot: Plot, gap_s: float) -> None:
        """Stand over a plot, where it counts silences."""
        self._plot = plot if plot.silences_s is not None else None
        self.line.setVisible(self._plot is not None)
        self.line.setValue(math.log10(gap_s))
        self._tell()

    def with_cut(self, reach: tuple[float, float]) -> tuple[float, float]:
        """The reach of an axis so far that it is seen too."""
        if self._plot is None:
            return reach
        at = float(self.line.value())
        return min(reach[0], at - _PAD), max(reach[1], at + _PAD)

    def colour(self, colours: PlotColours) -> None:
        """Draw it in the colour of words."""
        dashes = Qt.PenStyle.DashLine
        self.line.setPen(pyqtgraph.mkPen(colours.text, width=2, style=dashes))
        self.line.setHoverPen(pyqtgraph.mkPen(colours.chosen, width=3))
        self._label.setColor(colours.text)
        self._label.fill = pyqtgraph.mkBrush(colours.ground)

    def _tell(self) -> None:
        if self._plot is not None:
            n_bouts = self._plot.n_bouts(self.gap_s)
            self._label.setFormat(f"{counted(n_bouts, 'bout')} at {self.gap_s:g} s")

    def _on_dragged(self, _line: Any) -> None:
        self._tell()
        self.moved.emit(self.gap_s, False)

    def _on_let_go(self, _line: Any) -> None:
        self.line.setValue(math.log10(self.gap_s))  # where the setting is, and may be
        self.moved.emit(self.gap_s, True)
