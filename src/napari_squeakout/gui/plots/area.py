"""A plot as it is seen: its marks, those that are chosen, and the line that cuts bouts."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph
from qtpy.QtCore import QEvent, QRectF, QSize, QSizeF, Signal

from napari_squeakout.core.numerals import counted
from napari_squeakout.core.plots.marks import Bars, Dots, Keys, Plot

from .colours import PlotColours, colours_of
from .cut_line import CutLine
from .drawn import DrawnBars, DrawnDots
from .scales import Scale
from .view import ChoosingView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qtpy.QtWidgets import QWidget

_LEAST_PX, _WANTED_PX = (120, 60), (420, 220)
#: Left, above, right, below: the last number of an axis reaches beyond its end.
_MARGINS_PX = (4, 6, 26, 6)
#: A click chooses a dot that is no farther off.
_NEAR_PX = 9


class PlotArea(pyqtgraph.GraphicsLayoutWidget):  # type: ignore[misc]  # pyqtgraph tells no types
    """Shows one plot at a time."""

    #: Keys of the calls of marks that were clicked on or framed; whether they are added.
    chosen = Signal(object, bool)
    #: Key of the call whose mark was clicked on twice.
    gone_to = Signal(object)
    #: The silence in seconds that cuts bouts is drawn elsewhere; whether it has been let go.
    cut_moved = Signal(float, bool)
    #: Whether only a part of the marks is seen.
    zoomed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plots_area")
        self.setAccessibleName("Plot of the calls")
        self.setMinimumSize(*_LEAST_PX)
        self.view = ChoosingView()
        self._scales = {"bottom": Scale("bottom"), "left": Scale("left")}
        self.ci.layout.setContentsMargins(*_MARGINS_PX)
        self.figure = self.addPlot(viewBox=self.view, axisItems=self._scales, enableMenu=False)
        self.figure.hideButtons()
        self._drawn: DrawnDots | DrawnBars | None = None
        self._shown: Plot | None = None
        self._is_zoomed = False
        self._cut = CutLine(self.figure)
        self._cut.moved.connect(self.cut_moved)
        self.view.clicked.connect(self._on_clicked)
        self.view.clicked_twice.connect(self._on_clicked_twice)
        self.view.framed.connect(self._on_framed)
        self.view.sigRangeChangedManually.connect(self._on_zoomed)
        self.colour(colours_of(self))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Enough to tell marks apart."""
        return QSize(*_WANTED_PX)

    def show_plot(self, plot: Plot, keys: Keys, gap_s: float) -> None:
        """Draw a plot.

        Parameters
        ----------
        plot : Plot
            What is shown.
        keys : NDArray
            (chosen,) int64 calls that are chosen.
        gap_s : float
            Silence that cuts bouts, drawn where silences are counted.
        """
        is_same = self._is_alike(plot)
        if self._drawn is not None:
            self._drawn.clear()
        marks, self._shown = plot.marks, plot
        if isinstance(marks, Dots):
            self._drawn = DrawnDots(self.figure, marks, self._colours)
        else:
            self._drawn = DrawnBars(self.figure, marks, self._colours)
        self._drawn.choose(keys)
        self._scales["bottom"].set_axis(marks.x_axis)
        self._scales["left"].set_axis(marks.y_axis)
        self.view.set_high_frames(isinstance(marks, Bars))
        self._cut.set_silences(plot, gap_s)
        words = f"{counted(plot.n_calls, 'call')}: {marks.y_axis.words} by {marks.x_axis.words}"
        self.setAccessibleDescription(words)
        if not (is_same and self._is_zoomed):
            self.show_all()

    def choose(self, keys: Keys) -> None:
        """Mark the calls that are chosen."""
        if self._drawn is not None:
            self._drawn.choose(keys)

    def show_all(self) -> None:
        """Let all marks be seen."""
        if self._drawn is None:
            return
        x, y = self._drawn.reach()
        x = self._cut.with_cut(x)
        self.view.setRange(xRange=x, yRange=y, padding=0)
        self._is_zoomed = False
        self.zoomed.emit(False)

    def colour(self, colours: PlotColours) -> None:
        """Draw everything in these colours."""
        self._colours = colours
        self.setBackground(colours.ground)
        for scale in self._scales.values():
            scale.setPen(colours.text)
            scale.setTextPen(colours.text)
        self.view.colour(colours.chosen)
        self._cut.colour(colours)
        if self._drawn is not None:
            self._drawn.colour(colours)

    @contextmanager
    def dressed(self, colours: PlotColours) -> Iterator[None]:
        """Other colours, and room for the words of the axes; nothing is drawn on the screen."""
        before, seen = self._colours, self.ci.geometry()
        self.colour(colours)
        self._lay_out(seen.united(QRectF(seen.topLeft(), QSizeF(*_WANTED_PX))))
        try:
            yield
        finally:
            self.colour(before)
            self._lay_out(seen)

    def _lay_out(self, room: QRectF) -> None:
        """Give the plot a size, and its parts theirs at once."""
        self.ci.setGeometry(room)
        for layout in (self.ci.layout, self.figure.layout):
            layout.activate()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        kinds = {QEvent.Type.PaletteChange, QEvent.Type.StyleChange}
        if event is not None and event.type() in kinds and hasattr(self, "_cut"):
            self.colour(colours_of(self))

    # --- the mouse ------------------------------------------------------------------------------

    def keys_at(self, at: tuple[float, float]) -> Keys:
        """Calls whose mark is at a place of the axes; of dots the nearest."""
        marks = None if self._shown is None else self._shown.marks
        if marks is None:
            return np.zeros(0, np.int64)
        if isinstance(marks, Bars):
            return marks.at(self._value(at[0]))
        x_px, y_px = self.view.viewPixelSize()
        return marks.nearest(at, (x_px * _NEAR_PX, y_px * _NEAR_PX))

    def _on_clicked(self, at: tuple[float, float], adds: bool) -> None:
        self.chosen.emit(self.keys_at(at), adds)

    def _on_clicked_twice(self, at: tuple[float, float]) -> None:
        keys = self.keys_at(at)
        if len(keys):
            self.gone_to.emit(int(keys[0]))

    def _on_framed(self, x: tuple[float, float], y: tuple[float, float], adds: bool) -> None:
        marks = None if self._shown is None else self._shown.marks
        if isinstance(marks, Bars):
            self.chosen.emit(marks.within((self._value(x[0]), self._value(x[1]))), adds)
        elif marks is not None:
            self.chosen.emit(marks.within(x, y), adds)

    def _on_zoomed(self, _axes: Any) -> None:
        self._is_zoomed = True
        self.zoomed.emit(True)

    def _value(self, place: float) -> float:
        """What a place along the x axis stands for."""
        is_log = self._shown is not None and self._shown.marks.x_axis.is_log
        return float(10**place) if is_log else place

    def _is_alike(self, plot: Plot) -> bool:
        """Whether what is shown has the same axes."""
        if self._shown is None:
            return False
        axes = (plot.marks.x_axis, plot.marks.y_axis)
        return axes == (self._shown.marks.x_axis, self._shown.marks.y_axis)
