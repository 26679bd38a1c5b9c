"""How a network learns, drawn epoch by epoch: losses, and Dice on the held-out pages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QSize, Qt
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_squeakout.io.training_runs.events import EpochEvent

#: Told apart also by those who see no red or green, on dark and on light.
_LEARNED, _HELD_OUT, _BEST = "#8c8c8c", "#e69f00", "#56b4e9"
_PLOT_PX, _AXIS_PX = 92, 34
# Joined by spaces that do not break: a word belongs to its dot.
_KEY = '<span style="color:{}">●</span>&nbsp;{}'


class TrainingCurves(QWidget):
    """Two plots, one above the other, over the same epochs; the best one is marked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("train_curves")
        self.setAccessibleName("How it learns")
        #: pyqtgraph's plots, once they are needed.
        self._losses: Any = None
        self._dice: Any = None
        self._lines: dict[str, Any] = {}
        self._marks: list[Any] = []
        self._shown: tuple[Any, ...] = ()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_epochs(self, epochs: Sequence[EpochEvent], best: int) -> None:
        """Draw the course so far.

        Parameters
        ----------
        epochs : sequence of EpochEvent
            Of the run, in order.
        best : int
            Number of the best one, from 1; 0 where the model it began with is the best so far.
        """
        shown = (len(epochs), best)
        if shown == self._shown:
            return
        self._shown = shown
        self._build()
        self.setAccessibleDescription(_course(epochs, best))
        numbers = [event.epoch for event in epochs]
        for key, line in self._lines.items():
            values = [_number(getattr(event, key)) for event in epochs]
            # Of figures of which none is known nothing can be drawn, and pyqtgraph warns.
            is_known = not all(map(math.isnan, values))
            line.setData(numbers if is_known else [], values if is_known else [])
        for plot, mark in zip((self._losses, self._dice), self._marks, strict=True):
            plot.setXRange(1, max(2, len(epochs)), padding=0.03)
            plot.getAxis("bottom").setTicks([_ticks(len(epochs))])
            mark.setValue(best)
            mark.setVisible(best > 0)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event is not None and event.type() in {
            QEvent.Type.PaletteChange,
            QEvent.Type.StyleChange,
        }:
            self._colour()

    def _build(self) -> None:
        """Make the plots when they are first needed: pyqtgraph takes a while to be imported."""
        if self._lines:
            return
        self._losses, self._dice = _plot("train_losses"), _plot("train_dice")
        self._dice.setXLink(self._losses)
        keys = (
            (self._losses, (("loss", _LEARNED, "learned pages"),
                            ("held_out_loss", _HELD_OUT, "held-out pages"))),
            (self._dice, (("dice", _LEARNED, "learned pages"),
                          ("held_out_dice", _HELD_OUT, "held-out pages"))),
        )  # fmt: skip
        for title, (plot, lines) in zip(("Loss", "Dice"), keys, strict=True):
            for key, colour, _ in lines:
                self._lines[key] = _line(plot, colour)
            self._marks.append(_mark(plot))
            best = [(_BEST, "best epoch")] if plot is self._dice else []
            words = [_key(colour, text) for colour, text in (*(x[1:] for x in lines), *best)]
            label = QLabel("   ".join([f"<b>{title}</b>", *words]))
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setWordWrap(True)
            self._layout.addWidget(label)
            self._layout.addWidget(plot)
        self._losses.setToolTip(
            "Lower is better. The last epoch with a lower loss on the held-out pages than before "
            "training is kept"
        )
        self._dice.setToolTip("How well masks match those you approved: 1 is perfect")
        self._colour()

    def _colour(self) -> None:
        colour = self.palette().color(QPalette.ColorRole.WindowText)
        for plot in (self._losses, self._dice):
            if plot is not None:
                for side in ("left", "bottom"):
                    plot.getAxis(side).setTextPen(colour)
                    plot.getAxis(side).setPen(colour)


def _course(epochs: Sequence[EpochEvent], best: int) -> str:
    """What the plots show, in words."""
    if not epochs:
        return "No epoch has ended yet"
    last = epochs[-1]
    found = f"the best is epoch {best}" if best else "none is better than the model it began with"
    figures = (("Loss", last.held_out_loss), ("Dice", last.held_out_dice))
    told = ", ".join(f"{words} {value:.3f}" for words, value in figures if value is not None)
    return f"Epoch {last.epoch}, {found}. {told}{' on the held-out pages' if told else ''}"


def _key(colour: str, text: str) -> str:
    return _KEY.format(colour, text.replace(" ", "&nbsp;"))


def _plot(name: str) -> Any:
    import pyqtgraph

    class _Plot(pyqtgraph.PlotWidget):  # type: ignore[misc]  # pyqtgraph tells no types
        def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
            return QSize(200, _PLOT_PX)

    plot = _Plot(background=None, enableMenu=False)
    plot.setObjectName(name)
    plot.setFixedHeight(_PLOT_PX)
    plot.setMinimumWidth(60)
    plot.setMouseEnabled(False, False)
    plot.hideButtons()
    plot.getAxis("left").setWidth(_AXIS_PX)
    plot.getAxis("bottom").setHeight(18)
    plot.showGrid(y=True, alpha=0.25)
    # The wheel scrolls the dock.
    plot.wheelEvent = lambda event: event.ignore()
    return plot


def _line(plot: Any, colour: str) -> Any:
    import pyqtgraph

    pen = pyqtgraph.mkPen(colour, width=2)
    return plot.plot([], [], pen=pen, symbol="o", symbolSize=4, symbolBrush=colour, symbolPen=None)


def _mark(plot: Any) -> Any:
    import pyqtgraph

    line = pyqtgraph.InfiniteLine(
        0, angle=90, pen=pyqtgraph.mkPen(_BEST, width=1.5, style=Qt.PenStyle.DashLine)
    )
    plot.addItem(line, ignoreBounds=True)
    return line


def _ticks(n_epochs: int) -> list[tuple[float, str]]:
    """A few whole numbers."""
    step = next(s for k in range(6) for s in (10**k, 2 * 10**k, 5 * 10**k) if n_epochs <= 6 * s)
    return [(number, str(number)) for number in range(step, n_epochs + 1, step)]


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
