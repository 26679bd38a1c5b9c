"""Undo and redo of the calls, wherever the keyboard is, and shown where they act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QObject, Signal

from napari_squeakout.core.review.review import PageState, quick_hash
from napari_squeakout.gui.layers.label_pages import last_steps, pages_touched
from napari_squeakout.gui.qt.keyboard import bind_key
from napari_squeakout.gui.source.calls_layer import forget_rewritten, is_older

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtGui import QShortcut
    from qtpy.QtWidgets import QWidget

    from napari_squeakout.gui.layers.roles import SourceLayers

    from .review_state import Reviewing

_UNDO, _REDO, _SHOW = "Ctrl+Z", "Ctrl+Shift+Z", "V"


class Undoing(QObject):
    """Ctrl+Z, Ctrl+Shift+Z and V for the calls of the dock's source.

    napari hands these keys to the selected layer, which after most of what the dock does is the
    picture; it also takes back strokes on pages out of sight, so the page is brought into view.

    Parameters
    ----------
    reviewing : Reviewing
        Knows the pages that were painted, and shows pages.
    """

    #: What came of it.
    said = Signal(str)
    #: Something is about to be taken back or brought back: what was said of it before is past.
    stepping = Signal()
    #: This was said, and something else has been done since.
    past = Signal(str)
    #: A change was taken or brought back that is older than the last cleaning of all pages.
    outdated = Signal()

    def __init__(self, reviewing: Reviewing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reviewing = reviewing
        self._calls: Any = None
        self._shortcuts: list[QShortcut] = []
        #: What was said last, and what could be taken back then.
        self._told: tuple[str, object] = ("", None)
        reviewing.looked.connect(self.look)

    def bind_keys(self, dock: QWidget) -> None:
        """Take keys while the dock is shown and there are calls; else they are napari's."""
        for key, act, does in (
            (_UNDO, self.undo, "Take the last stroke or use of a tool back"),
            (_REDO, self.redo, "Bring it back again"),
            (_SHOW, self.show_or_hide, "Hide the calls, or show them again"),
        ):
            shortcut = bind_key(dock, key, act, does)
            shortcut.setAutoRepeat(key != _SHOW)
            # napari's menus may know the same key: Qt then asks each in turn.
            shortcut.activatedAmbiguously.connect(act)
            self._shortcuts.append(shortcut)
        self._enable()

    def set_source(self, source: SourceLayers | None) -> None:
        """Act on the calls of a source; None for none."""
        self._calls = None if source is None else source.calls
        self._enable()

    def undo(self) -> None:
        """Take the last stroke or use of a tool back."""
        self._step("undo", "Taken back", "There is nothing to take back.")

    def redo(self) -> None:
        """Bring back what was taken back last."""
        self._step("redo", "Brought back", "There is nothing to bring back.")

    def show_or_hide(self) -> None:
        """Hide the calls, to see what is under them, or show them again."""
        if self._calls is not None:
            self._calls.visible = not self._calls.visible

    def look(self, _pages: object = None) -> None:
        """Find out whether what was said still holds."""
        text, before = self._told
        if text and self._history() != before:
            self._told = ("", None)
            self.past.emit(text)

    def _step(self, name: str, done: str, nothing: str) -> None:
        layer, reviewing = self._calls, self._reviewing
        if layer is None:
            return
        unseen = reviewing.why_not_in_view
        if unseen:
            self._say(unseen)
            return
        if not layer.editable:
            self._say(reviewing.why_not or "The calls may not be changed just now.")
            return
        self.stepping.emit()
        reviewing.leave()
        forget_rewritten(layer)  # cleaning may be at work just now
        apart = None if reviewing.source_state is None else reviewing.source_state.steps
        if apart is not None:
            told = apart.undo(layer) if name == "undo" else apart.redo(layer)
            if told:
                self._say(told)
                return
        to_undo, to_redo = last_steps(layer)
        wanted = to_undo if name == "undo" else to_redo
        if wanted is None:
            self._say(nothing)
            return
        pages = sorted(page for page in pages_touched(wanted) if page < len(layer.data))
        before, outdated = _hashes(layer, pages), is_older(layer, wanted)
        step: Callable[[], None] = getattr(layer, name)
        step()
        after = _hashes(layer, pages)
        changed = [page for page, hash_ in before.items() if after[page] != hash_]
        if not changed:
            self._say(nothing)
            return
        approved = _approved(reviewing, changed)
        reviewing.look(changed)
        if reviewing.page not in changed:
            withdrawn = bool(approved - _approved(reviewing, changed))
            reviewing.go(changed[0])
            self._say(f"{done} on page {changed[0]}." + " Its approval is withdrawn." * withdrawn)
        if outdated:
            self.outdated.emit()

    def _say(self, text: str) -> None:
        self._told = (text, self._history())
        self.said.emit(text)

    def _history(self) -> object:
        """What would be taken back and brought back next."""
        if self._calls is None:
            return None
        state = self._reviewing.source_state
        apart = (0, 0) if state is None else state.steps.counts()
        return (apart, *(id(step) for step in last_steps(self._calls)))

    def _enable(self) -> None:
        for shortcut in self._shortcuts:
            shortcut.setEnabled(self._calls is not None)


def _approved(reviewing: Reviewing, pages: list[int]) -> set[int]:
    review = reviewing.review
    return {p for p in pages if review is not None and review[p].state is PageState.APPROVED}


def _hashes(layer: Any, pages: list[int]) -> dict[int, int]:
    return {page: quick_hash(np.asarray(layer.data[page])) for page in pages}
