"""How a network learns, drawn epoch by epoch: losses, and Dice on the held-out pages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QSize, Qt
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from napari_squeakout.gui.qt.access.inks import Inks, inks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_squeakout.io.training_runs.events import EpochEvent

_PLOT_PX, _AXIS_PX = 92, 34
# Joined by spaces that do not break: a word belongs to its dot.
_KEY = '<span style="color:{}">{}</span>&nbsp;{}'
#: What is drawn -> its sign in the key, which differs as the line does, and its words.
_KEYS = {
    "learned": ("○", "learned pages"),
    "held_out": ("●", "held-out pages"),
    "best": ("┊", "best epoch"),
}
_LINES = {
    "loss": "learned",
    "held_out_loss": "held_out",
    "dice": "learned",
    "held_out_dice": "held_out",
}


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
        self._titles: dict[str, QLabel] = {}
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
        for title, plot in (("Loss", self._losses), ("Dice", self._dice)):
            for key in (title.lower(), f"held_out_{title.lower()}"):
                self._lines[key] = plot.plot([], [], symbol="o", symbolSize=5)
            self._marks.append(_mark(plot))
            label = self._titles[title] = QLabel()
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
        colour, inks = self.palette().color(QPalette.ColorRole.WindowText), inks_of(self)
        for key, line in self._lines.items():
            _dress(line, _LINES[key], inks)
        for mark in self._marks:
            mark.setPen(inks.best, width=1.5, style=Qt.PenStyle.DashLine)
        for title, label in self._titles.items():
            shown = [what for what in _KEYS if what != "best" or title == "Dice"]
            words = [_key(getattr(inks, what), *_KEYS[what]) for what in shown]
            label.setText("   ".join([f"<b>{title}</b>", *words]))
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


def _key(colour: str, sign: str, text: str) -> str:
    return _KEY.format(colour, sign, text.replace(" ", "&nbsp;"))


def _dress(line: Any, what: str, inks: Inks) -> None:
    """Lines differ in what they are made of, too: dots that are empty or full, dashes or none."""
    colour, is_learned = getattr(inks, what), what == "learned"
    dashes = {"style": Qt.PenStyle.DashLine} if is_learned else {}
    line.setPen(colour, width=1.5 if is_learned else 2, **dashes)
    line.setSymbolPen(colour, width=1)
    line.setSymbolBrush(None if is_learned else colour)


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


def _mark(plot: Any) -> Any:
    import pyqtgraph

    line = pyqtgraph.InfiniteLine(0, angle=90)
    plot.addItem(line, ignoreBounds=True)
    return line


def _ticks(n_epochs: int) -> list[tuple[float, str]]:
    """A few whole numbers."""
    step = next(s for k in range(6) for s in (10**k, 2 * 10**k, 5 * 10**k) if n_epochs <= 6 * s)
    return [(number, str(number)) for number in range(step, n_epochs + 1, step)]


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
