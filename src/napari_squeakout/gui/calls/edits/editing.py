"""Calls are changed from their table: what was chosen there is deleted, in one step of undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_squeakout.core.numerals import counted
from napari_squeakout.gui.calls.places import numbers_by_page
from napari_squeakout.gui.layers.label_pages import erase_calls

if TYPE_CHECKING:
    from collections.abc import Collection

    from napari_squeakout.gui.calls.saying import Saying

    from .choosing import Choosing


class Editing(QObject):
    """Changes the labels of the calls that are chosen; one Ctrl+Z takes one use back.

    Parameters
    ----------
    choosing : Choosing
        Knows which calls are chosen, and whether they may be changed.
    saying : Saying
        Where what came of it is said.
    """

    #: Calls are about to be changed.
    changing = Signal()
    #: Pages on which calls were changed.
    changed = Signal(object)

    def __init__(self, choosing: Choosing, saying: Saying, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choosing, self._saying = choosing, saying

    def delete(self) -> None:
        """Remove the chosen calls from all their pages."""
        chosen = self._choosing.take()
        if chosen is None:
            return
        self.changing.emit()
        pages = erase_calls(chosen.layer, numbers_by_page(chosen.calls))
        n_calls = counted(len(chosen.calls), "call")
        self._done(pages, f"Deleted {n_calls}: Ctrl+Z brings back what went together.")

    def _done(self, pages: Collection[int], said: str) -> None:
        self._choosing.note_painted(pages)
        self._saying.say(said)
        self.changed.emit(pages)
