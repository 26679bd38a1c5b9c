"""The colours of plots: text and ground of the theme, marks that all eyes tell apart on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qtpy.QtGui import QColor, QPalette

from napari_squeakout.gui.qt.access.inks import PAPER, PRINT, inks_on

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget


@dataclass(frozen=True, kw_only=True)
class PlotColours:
    """In which colours a plot is drawn.

    Parameters
    ----------
    ground, text : QColor
        Behind everything, and of axes and words.
    mark, chosen : QColor
        Of calls, and of those that are chosen.
    """

    ground: QColor
    text: QColor
    mark: QColor
    chosen: QColor


def colours_on(ground: QColor, text: QColor) -> PlotColours:
    """Colours that are told apart on a ground."""
    inks = inks_on(ground)
    return PlotColours(ground=ground, text=text, mark=QColor(inks.mark), chosen=QColor(inks.chosen))


def colours_of(widget: QWidget) -> PlotColours:
    """Those of the theme that a widget is drawn in."""
    palette = widget.palette()
    ground, text = QPalette.ColorRole.Window, QPalette.ColorRole.WindowText
    return colours_on(palette.color(ground), palette.color(text))


def paper() -> PlotColours:
    """Those of a picture that is printed."""
    return colours_on(QColor(PAPER), QColor(PRINT))
