"""First steps: one line at the right moment, closed for good by its button."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from qtpy.QtWidgets import QHBoxLayout, QWidget

from napari_squeakout.core.setting import Settings, setting
from napari_squeakout.gui.qt.buttons import button
from napari_squeakout.gui.qt.job_bar import message_label
from napari_squeakout.io.preferences import keep_preferences, read_preferences

#: Under this name it is kept which hints are closed.
_KEPT_AS = "hints"
_MARGIN_PX, _BETWEEN_PX = 8, 6


class HintsSettings(Settings):
    """Which hints are not shown any more."""

    closed: tuple[str, ...] = setting((), "Hints that were closed for good, by their names.")


class Hint(NamedTuple):
    """A line for who is new.

    Parameters
    ----------
    name : str
        Under which it is kept that it was closed.
    words : str
        What it says; it fits on one line of the dock.
    """

    name: str
    words: str


class Moment(Enum):
    """How far somebody has come."""

    NOTHING_OPEN = auto()
    #: It was worked on before: that is to be continued, or not, before anything else.
    OFFERED = auto()
    NO_CALLS = auto()
    CALLS = auto()
    #: A page is approved: settings change it no more.
    APPROVED = auto()


_KEYS = Hint("keys", "Tip: ? shows what all keys do.")
#: What to do at each moment, one after the other.
_HINTS = {
    Moment.NOTHING_OPEN: (Hint("open", "Tip: no recording? File > Open Sample."),),
    Moment.OFFERED: (Hint("continue", "Tip: part 1 goes on with earlier work."),),
    Moment.NO_CALLS: (Hint("segment", "Tip: press Segment to outline the calls."),),
    Moment.CALLS: (
        Hint("threshold", "Tip: drag Threshold until outlines fit."),
        Hint("approve", "Tip: A approves, part 4 corrects a page."),
        _KEYS,
    ),
    Moment.APPROVED: (_KEYS,),
}


def hint_for(moment: Moment, closed: tuple[str, ...]) -> Hint | None:
    """The first hint of the moment that has not been closed; None where all are."""
    return next((hint for hint in _HINTS[moment] if hint.name not in closed), None)


class Hints(QWidget):
    """The line of the hint, and the button that closes it; away where there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("hints")
        self._closed = read_preferences(HintsSettings, _KEPT_AS).closed
        self._moment = Moment.NOTHING_OPEN
        self._words = message_label("hint_words")
        close = button("Got it", "hint_close", "Close this hint for good; the card of keys has it")
        close.clicked.connect(lambda _checked=False: self._close())
        row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN_PX, _BETWEEN_PX, _MARGIN_PX, 0)
        row.addWidget(self._words, stretch=1)
        row.addWidget(close)
        self._show()

    def follow(self, moment: Moment) -> None:
        """Show what comes next."""
        self._moment = moment
        self._show()

    def show_again(self) -> None:
        """Bring all of them back."""
        self._keep(())

    def _close(self) -> None:
        hint = self._hint()
        if hint is not None:
            self._keep((*self._closed, hint.name))

    def _keep(self, closed: tuple[str, ...]) -> None:
        self._closed = closed
        keep_preferences(HintsSettings(closed=closed), _KEPT_AS)
        self._show()

    def _hint(self) -> Hint | None:
        return hint_for(self._moment, self._closed)

    def _show(self) -> None:
        hint = self._hint()
        self._words.setText("" if hint is None else hint.words)
        self._words.setVisible(hint is not None)
        self.setVisible(hint is not None)
