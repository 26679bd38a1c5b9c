"""The ways through the pages: which one comes next, and the arrows that go there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QWidget

from napari_squeakout.core.review.navigation import DOUBT, EVERY, EXTRA, MISSED, OPEN, WAYS
from napari_squeakout.core.review.review import PageState
from napari_squeakout.gui.forms.choice import ChoiceEditor
from napari_squeakout.gui.qt.access.spoken import spoken
from napari_squeakout.gui.qt.buttons import button

if TYPE_CHECKING:
    from .review_state import Reviewing

# Object name, words, key, explanation.
_PREVIOUS = ("review_previous", "◀", ",", "The page before, in the way chosen beside")
_NEXT = ("review_next", "▶", ".", "The next page, in the way chosen beside")

_NO_DOUBT = "No page is left in doubt here: open another recording, or segment this one first."


class PageWays(QWidget):
    """A way to choose, and an arrow to either side of it.

    Parameters
    ----------
    reviewing : Reviewing
        Knows the pages, and shows them.
    """

    #: Where the page now in view stands, or why there is none to go to.
    said = Signal(str)

    def __init__(self, reviewing: Reviewing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reviewing = reviewing
        self._way = ChoiceEditor("review_way", WAYS, "Which pages the arrows go to")
        self._way.set_tooltip(
            "Which pages the arrows go to. Doubtful pages are those that another threshold, or the "
            "model asked before, would change; every fifth page is one of a random sample, which "
            "estimates how right the proposals are on all pages."
        )
        self._way.changed.connect(self._on_way)
        self._previous, self._next = key_button(*_PREVIOUS), key_button(*_NEXT)
        self._previous.clicked.connect(lambda _checked: self._step(-1))
        self._next.clicked.connect(lambda _checked: self._step(1))
        spoken(self._previous, "Previous page")
        spoken(self._next, "Next page")
        #: Key -> the button it presses.
        self.keys = {_PREVIOUS[2]: self._previous, _NEXT[2]: self._next}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._previous)
        row.addWidget(self._way, stretch=1)
        row.addWidget(self._next)

    def refresh(self) -> None:
        """Offer the arrows where there are pages."""
        for arrow in (self._previous, self._next):
            arrow.setEnabled(self._reviewing.source is not None)

    def go_on(self) -> None:
        """To the next page that is not approved, in the way chosen; from the end around."""
        way = self._way.value()
        page = self._reviewing.following(OPEN if way == EVERY else way)
        if page is None:
            page = self._reviewing.following(OPEN)
        if page is None:
            is_open = [state is not PageState.APPROVED for state in self._reviewing.review.states()]  # type: ignore[union-attr]
            page = int(np.argmax(is_open)) if any(is_open) else None
        self.said.emit(self._place(page) if page is not None else "All pages are approved.")
        if page is not None:
            self._reviewing.go(page)

    def go_to_doubtful(self) -> None:
        """Choose the most doubtful first, and begin."""
        self._way.set_value(DOUBT)
        if self._reviewing.most_doubtful() is None:
            self.said.emit(_NO_DOUBT)
        self._on_way()

    def _on_way(self) -> None:
        """Begin with the most doubtful page, not with the one that happens to be in view."""
        if self._way.value() != DOUBT:
            return
        page = self._reviewing.most_doubtful()
        if page is not None:
            self.said.emit(self._place(page))
            self._reviewing.go(page)

    def _place(self, page: int) -> str:
        """Where a page stands on the way chosen, where that is an order of its own."""
        place = self._reviewing.place_in_doubt(page) if self._way.value() == DOUBT else ""
        return f"Page {page}: {place}." if place else ""

    def _step(self, step: int) -> None:
        way = self._way.value()
        if way in {MISSED, EXTRA} and not self._reviewing.differing:
            self.said.emit("Open a table first: Earlier annotation, below.")
            return
        page = self._reviewing.following(way, step)
        none = f"There is none {'after' if step > 0 else 'before'}."
        self.said.emit(none if page is None else self._place(page))
        if page is not None:
            self._reviewing.go(page)


def key_button(name: str, words: str, key: str, tooltip: str) -> QPushButton:
    """A button that says which key presses it."""
    return button(f"{words}  [ {key} ]", name, f"{tooltip} (key {key})")
