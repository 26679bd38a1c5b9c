"""The state of the page in view: a sign that tells it by its shape, its colour, and words."""

from __future__ import annotations

from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QLabel, QWidget

from napari_squeakout.core.review.review import PageState
from napari_squeakout.gui.qt.access.inks import inks_of
from napari_squeakout.gui.source.page_states import colour_of

#: Empty, half and full.
_SIGNS = {PageState.UNREVIEWED: "○", PageState.CORRECTED: "◐", PageState.APPROVED: "●"}


class StateLine(QLabel):
    """Says how far a page is.

    Parameters
    ----------
    name : str
        Object name.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._state = PageState.UNREVIEWED

    def show_state(self, state: PageState, words: str) -> None:
        """Show a state, in these words."""
        self._state = state
        self.setText(f"{_SIGNS[state]} {words}")
        self.setAccessibleName(words)
        self._colour()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange and self.text():
            self._colour()

    def _colour(self) -> None:
        """What nobody has looked at has the colour of all text."""
        above = self.parentWidget()
        if self._state is PageState.UNREVIEWED or above is None:
            sheet = "font-weight: bold"
        else:
            sheet = f"color: {colour_of(self._state, inks_of(above))}; font-weight: bold"
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)
