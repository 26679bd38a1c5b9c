"""The pages of chosen calls are approved from the table; who keeps the review is asked to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_squeakout.core.numerals import counted
from napari_squeakout.gui.calls.places import numbers_by_page

if TYPE_CHECKING:
    from collections.abc import Collection

    from .choosing import Choosing

_MOST_NAMED = 6


class Approving(QObject):
    """Asks for the approval of the pages that chosen calls lie on.

    Parameters
    ----------
    choosing : Choosing
        Knows which calls are chosen.
    """

    #: Pages, each once, in their order.
    asked = Signal(object)

    def __init__(self, choosing: Choosing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choosing = choosing

    def approve(self) -> None:
        """Have the pages of the chosen calls approved."""
        chosen = self._choosing.take()
        if chosen is not None:
            self.asked.emit(tuple(sorted(numbers_by_page(chosen.calls))))


def approved_text(pages: Collection[int], given: Collection[int]) -> str:
    """What came of asking for the approval of pages, of which some were not approved before."""
    if not given:
        is_are = "is" if len(pages) == 1 else "are"
        return f"{_named(pages)} {is_are} approved already."
    return f"Approved with all their calls: {_lower(given)}. Ctrl+Z withdraws it."


def withdrawn_text(pages: Collection[int]) -> str:
    """What came of taking these approvals back."""
    return f"Approval withdrawn: {_lower(pages)}." if pages else "These pages are not approved now."


def again_text(pages: Collection[int]) -> str:
    """What came of giving them again."""
    return f"Approved again: {_lower(pages)}." if pages else "These pages have been changed since."


def _lower(pages: Collection[int]) -> str:
    name = _named(pages)
    return name[0].lower() + name[1:]


def _named(pages: Collection[int]) -> str:
    """`Page 3`, `Pages 3, 4`, or how many they are."""
    if len(pages) > _MOST_NAMED:
        return f"{counted(len(pages), 'page')} from {min(pages)} to {max(pages)}"
    names = ", ".join(str(page) for page in sorted(pages))
    return f"{'Page' if len(pages) == 1 else 'Pages'} {names}"
