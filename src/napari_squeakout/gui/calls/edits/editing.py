"""Calls are changed from their table: deleted, made one, cut in time, each in one step of undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_squeakout.core.measures.edited import LAST_PAGE, PAINTED
from napari_squeakout.core.numerals import counted
from napari_squeakout.core.review.whole_calls import (
    WholeCall,
    as_one,
    columns_of,
    cut_in_time,
    gaps_of,
    why_not_one,
)
from napari_squeakout.gui.calls.places import numbers_by_page, whole_calls
from napari_squeakout.gui.calls.settings import KEPT_AS, CallTableSettings
from napari_squeakout.gui.layers.label_pages import erase_calls, write_together
from napari_squeakout.gui.source.contents import mask_stack
from napari_squeakout.io.preferences import read_preferences

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from napari_squeakout.gui.calls.saying import Saying

    from .choosing import Choosing, Chosen

_TAKES_BACK = "Ctrl+Z takes it back."
_ONE_TO_SPLIT = "Choose the row of one call to split."
_WHERE = (
    "Call {} has no gap to be split at: hold the mouse over it on the picture, where it is to be "
    "cut, and press Shift+T."
)


class Editing(QObject):
    """Changes the labels of the calls that are chosen; one Ctrl+Z takes one use back.

    Parameters
    ----------
    choosing : Choosing
        Knows which calls are chosen, and whether they may be changed.
    saying : Saying
        Where what came of it is said.
    column_under_mouse : callable
        Gives the number of the call under the mouse and the column there, counted from the start of
        the stack; None where it is not over a call.
    """

    #: Calls are about to be changed.
    changing = Signal()
    #: Pages on which calls were changed.
    changed = Signal(object)

    def __init__(
        self,
        choosing: Choosing,
        saying: Saying,
        column_under_mouse: Callable[[], tuple[int, int] | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._choosing, self._saying = choosing, saying
        self._column_under_mouse = column_under_mouse

    def delete(self) -> None:
        """Remove the chosen calls from all their pages."""
        chosen = self._choosing.take()
        if chosen is None:
            return
        self.changing.emit()
        pages = erase_calls(chosen.layer, numbers_by_page(chosen.calls))
        n_calls = counted(len(chosen.calls), "call")
        self._done(pages, f"Deleted {n_calls}: Ctrl+Z brings back what went together.")

    def merge(self) -> None:
        """Make the chosen calls one: one number on all their pages."""
        chosen = self._choosing.take()
        if chosen is None:
            return
        calls, labels = whole_calls(chosen.calls), chosen.layer.data
        masks = mask_stack(chosen.source)
        why = why_not_one(
            labels,
            calls,
            _others_near(chosen, calls),
            layout=chosen.source.stack.layout,
            most_gap_s=read_preferences(CallTableSettings, KEPT_AS).merge_gap_s,
            cleaning=None if masks is None else masks.settings,
        )
        if why:
            self._saying.say(why)
            return
        self.changing.emit()
        after, number = as_one(labels, calls, last_number=_last_number(chosen))
        said = f"{counted(len(calls), 'call')} are call {number} now. {_TAKES_BACK}"
        self._done(write_together(chosen.layer, after), said)

    def split(self) -> None:
        """Cut the chosen call in time: where the mouse is over it, or else at its gaps."""
        chosen = self._choosing.take()
        if chosen is None:
            return
        calls, labels = whole_calls(chosen.calls), chosen.layer.data
        if len(calls) != 1:
            self._saying.say(_ONE_TO_SPLIT)
            return
        under, call = self._column_under_mouse(), calls[0]
        is_over = under is not None and _is_inside(labels, call, under)
        cuts = [under[1]] if under is not None and is_over else gaps_of(labels, call)
        after, numbers = cut_in_time(labels, call, cuts, last_number=_last_number(chosen))
        if not numbers:
            self._saying.say(_WHERE.format(call.number))
            return
        self.changing.emit()
        parts = ", ".join(str(number) for number in (call.number, *numbers))
        said = f"Call {call.number} is {len(numbers) + 1} calls now: {parts}. {_TAKES_BACK}"
        self._done(write_together(chosen.layer, after), said)

    def _done(self, pages: Collection[int], said: str) -> None:
        self._choosing.note_painted(pages)
        self._saying.say(said)
        self.changed.emit(pages)


def _last_number(chosen: Chosen) -> int:
    return int(chosen.known[PAINTED].max())


def _others_near(chosen: Chosen, calls: Collection[WholeCall]) -> list[WholeCall]:
    """Calls that are not chosen, on the pages of those that are."""
    first, last = min(call.first for call in calls), max(call.last for call in calls)
    known = chosen.known
    near = known[(known["page"] <= last) & (known[LAST_PAGE] >= first)]
    return [call for call in whole_calls(near) if call not in calls]


def _is_inside(labels: object, call: WholeCall, under: tuple[int, int]) -> bool:
    """Whether a column, with the number there, lies within a call and not at its beginning."""
    number, column = under
    if number != call.number:
        return False
    columns = columns_of(labels, call)
    return columns[0] < column <= columns[-1]
