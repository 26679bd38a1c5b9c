"""Words that the themes draw too faint: of what is disabled, and what stands in empty fields."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject
from qtpy.QtGui import QColor, QPalette
from qtpy.QtWidgets import QWidget

from napari_squeakout.gui.qt.callbacks import later

from .inks import thinned

#: Of the text's colour, 255 all of it: disabled text stays 3 to 1, that in empty fields 4.5 to 1.
_DISABLED, _EMPTY = 140, 190
_SHEET = """
QWidget:disabled, QPushButton:disabled, QComboBox:disabled, QCheckBox:disabled,
QAbstractSpinBox:disabled, QLineEdit:disabled {{ color: {disabled}; }}
QLineEdit {{ placeholder-text-color: {empty}; }}
"""


class Readable(QObject):
    """Draws such words stronger in some widgets, in the colours of each theme.

    Parameters
    ----------
    dock : QWidget
        With which it ends; the first of the widgets.
    tops : sequence of QWidget
        The others.
    ink : QColor, optional
        Colour of text in the theme, as far as it is known before anything is shown.
    """

    def __init__(self, dock: QWidget, *tops: QWidget, ink: QColor | None = None) -> None:
        super().__init__(dock)
        self._tops = (dock, *tops)
        self._ink = ink
        self._is_dressing = False
        # Once the theme has settled: while a style is being set, the palette is that of another.
        self._soon = later(self, 0, self._follow)
        for top in self._tops:
            top.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Dress what is about to be shown for the first time, and follow the theme."""
        kind = None if event is None else event.type()
        # A style that comes before what is in a widget is polished costs little; one that is there
        # while the dock is carried from window to window, a third of a second; a later one, more.
        if kind == QEvent.Type.Polish and isinstance(watched, QWidget):
            if self._ink is not None:
                self._dress(watched, self._ink)
            self._soon.start()
        elif kind == QEvent.Type.PaletteChange and not self._is_dressing:
            self._soon.start()
        return False

    def _follow(self) -> None:
        for top in self._tops:
            # Outside of its window it has another palette: before it is shown, and once closed.
            if not top.isWindow():
                self._dress(top, top.palette().color(QPalette.ColorRole.WindowText))

    def _dress(self, top: QWidget, ink: QColor) -> None:
        sheet = _SHEET.format(disabled=_rgba(ink, _DISABLED), empty=_rgba(ink, _EMPTY))
        if sheet != top.styleSheet():
            self._is_dressing = True
            top.setStyleSheet(sheet)
            self._is_dressing = False


def _rgba(colour: QColor, alpha: int) -> str:
    thin = thinned(colour, alpha)
    return f"rgba({thin.red()}, {thin.green()}, {thin.blue()}, {thin.alpha()})"
