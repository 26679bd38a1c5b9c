"""Corrections of the page in view: what a tool does to the calls, each in one undo step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_squeakout.core.detection.numbering import columns_apart, number_beside, widest_gap
from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.review import corrections
from napari_squeakout.core.review.tracing import grown_call
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.gui.layers.label_pages import write_page
from napari_squeakout.gui.layers.roles import GuiError
from napari_squeakout.gui.picture.clicks import call_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_squeakout.gui.layers.roles import SourceLayers

#: Pages that are looked at within one turn of a page, at some 1 ms each.
_LOOKED_AT = 16
_TAKES_BACK = "Ctrl+Z takes it back."


class Correcting:
    """Corrects a page of a source's calls; what comes of it is said in a sentence.

    Parameters
    ----------
    smallest_px : callable
        Gives the area below which segments are small.
    last_numbers : callable
        Gives the highest number in use on each page, (n,), where that is known already.
    ask_number : callable
        Asks a person for another number than this one; None if there is none wanted.
    """

    def __init__(
        self,
        smallest_px: Callable[[], int],
        last_numbers: Callable[[], NDArray[np.int64] | None],
        ask_number: Callable[[int], int | None],
    ) -> None:
        self._smallest_px, self._last_numbers = smallest_px, last_numbers
        self._ask_number = ask_number
        self._source: SourceLayers | None = None
        self.labels: Any = None
        self.page = 0
        #: Whether a person has said which call is meant; napari begins with number 1.
        self.is_picked = False
        self._anchor = 0
        #: The highest number given here, of which the pages' own may not be known yet.
        self._given = 0

    def set_source(self, source: SourceLayers | None, page: int) -> None:
        """Act on a page of a source's calls; None for none."""
        self._source, self.page = source, page
        labels = None if source is None else source.calls
        if labels != self.labels:
            self._given = 0
        self.labels = labels
        self.begin()

    def begin(self) -> None:
        """Another tool, another page: what was clicked before is over."""
        self._anchor = 0

    @property
    def calls(self) -> Any:
        """(512, 512) the page as it is; None where there is none."""
        if self.labels is None or self.page >= len(self.labels.data):
            return None
        return np.asarray(self.labels.data[self.page])

    def use(self, name: str) -> str:
        """Correct the page with a tool that needs no click."""
        before, call = self.calls, int(self.labels.selected_label)
        try:
            after = self._corrected(name, before, call)
        except (ValueError, SqueakOutError) as error:
            return f"{error}."
        if after is not before and np.array_equal(after, before):
            if name == "tools_bridge":
                return f"Call {call} has no gap of up to {corrections.BRIDGED_COLUMNS} columns."
            return "There was nothing to change."
        self._write(after)
        return ""

    def click(self, name: str, pixel: tuple[int, int]) -> str:
        """Use a tool that waits for a click on a pixel."""
        self.is_picked = True
        if name == "tools_add":
            try:
                return self._add(pixel)
            except SqueakOutError as error:
                return f"{error}."
        before = self.calls
        call = call_at(before, pixel)
        if not call:
            return "There is no call just here."
        if name == "tools_pick":
            self.labels.selected_label = call
            return ""
        if name == "tools_merge":
            return self._merge(before, call)
        return self._split(name, before, call, pixel)

    def remove(self, pixel: tuple[int, int]) -> str:
        """Remove the call at a pixel from the page."""
        call = call_at(self.calls, pixel)
        if not call:
            return "There is no call just here."
        self.is_picked, self.labels.selected_label = True, call
        return self.use("tools_erase") or f"Call {call} is removed from this page. {_TAKES_BACK}"

    def take_fresh_number(self) -> None:
        """Let the brush have a number of its own, where its number is that of a call elsewhere.

        napari keeps the number when the page is turned: two calls would be one of seconds. A call
        that reaches the border of this page may be gone on with.
        """
        page, number = self.calls, 0 if self.labels is None else int(self.labels.selected_label)
        if page is None or number < 1 or (page == number).any():
            return
        if self._may_be_used_elsewhere(number) and not self._goes_on(number):
            self.labels.selected_label = self._free_number()

    def _goes_on(self, number: int, mask: Any = None) -> bool:
        """Whether a call beside this page comes so close to the border that it may go on here.

        With a mask: whether the two would be one call.
        """
        if self._source is None:
            return False
        gap = widest_gap(self._source.stack.layout)
        for beside, is_before in self._pages_beside():
            there = beside == number
            here = np.ones_like(there) if mask is None else mask
            if columns_apart(here, there, beside_is_before=is_before) <= gap:
                return True
        return False

    def _pages_beside(self) -> list[tuple[Any, bool]]:
        """The pages that this one goes on from or into; True with the one before."""
        if self._source is None or not self._source.stack.layout.contiguous:
            return []
        around, n_pages = ((self.page - 1, True), (self.page + 1, False)), len(self.labels.data)
        return [(np.asarray(self.labels.data[p]), left) for p, left in around if 0 <= p < n_pages]

    def _corrected(self, name: str, page: Any, call: int) -> Any:
        ways: dict[str, Callable[[], Any]] = {
            "tools_erode": lambda: corrections.eroded(page, call),
            "tools_dilate": lambda: corrections.dilated(page, call),
            "tools_erase": lambda: corrections.without_call(page, call),
            "tools_bridge": lambda: corrections.bridged(page, call),
            "tools_trim": lambda: corrections.without_tail(page, call, self._spectrogram()),
            "tools_number": lambda: self._renumbered(page, call),
            "tools_fill_holes": lambda: corrections.filled(page),
            "tools_remove_small": lambda: corrections.without_small(
                page, self._smallest_px() or CleanSettings().min_area_px
            ),
            "tools_clear": lambda: corrections.cleared(page),
        }
        return ways[name]()

    def _renumbered(self, page: Any, call: int) -> Any:
        number = self._ask_number(call)
        if number is None or number == call:
            return page
        if self._is_used_elsewhere(number) and not self._goes_on(number, page == call):
            msg = (
                f"{number} is the number of a call on another page that this one does not touch: "
                "choose one that is free"
            )
            raise ValueError(msg)
        after = corrections.renumbered(page, call, number)
        self.labels.selected_label = number
        return after

    def _is_used_elsewhere(self, number: int) -> bool:
        pages = self._pages_that_may_hold(number)
        return any((np.asarray(self.labels.data[page]) == number).any() for page in pages)

    def _may_be_used_elsewhere(self, number: int) -> bool:
        """The same for the brush, at once: where it takes long, another number costs nothing."""
        if self._last_numbers() is None:
            return True
        pages = self._pages_that_may_hold(number)
        looked_at = self.labels.data[pages[:_LOOKED_AT]] if len(pages) else ()
        return len(pages) > _LOOKED_AT or bool((np.asarray(looked_at) == number).any())

    def _pages_that_may_hold(self, number: int) -> NDArray[np.intp]:
        """Other pages, the likeliest first: numbers rise from page to page, at least at first."""
        last, n_pages = self._last_numbers(), len(self.labels.data)
        if last is None:
            near = np.argsort(np.abs(np.arange(n_pages) - self.page), kind="stable")
            return near[1:]
        pages = np.flatnonzero(last >= number)
        pages = pages[pages != self.page]
        likeliest_first: NDArray[np.intp] = pages[np.argsort(last[pages], kind="stable")]
        return likeliest_first

    def _add(self, pixel: tuple[int, int]) -> str:
        before, source = self.calls, self._source
        assert source is not None  # noqa: S101 - there are labels
        answers = source.probabilities
        values = None if answers is None else np.asarray(answers.data[self.page])
        mask = grown_call(self._spectrogram(), values, seed=pixel)
        mask, known = corrections.addition(before, mask)
        if not mask.any():
            known = known or call_at(before, pixel)
            return f"Call {known} is here already." if known else "Nothing stands out here."
        goes_on = 0 if known else self._number_beside(mask)
        number = known or goes_on or self._free_number()
        self._write(corrections.added(before, mask, number))
        self.labels.selected_label = number
        if known:
            return f"Added to call {number}, of which this is a part. {_TAKES_BACK}"
        if goes_on:
            return f"Added to call {number}, which crosses the page's border here. {_TAKES_BACK}"
        return f"Added call {number}. {_TAKES_BACK}"

    def _number_beside(self, mask: Any) -> int:
        """The number that a new call has on the page before or after already; 0 where none."""
        numbers = (
            number_beside(mask, beside, beside_is_before=is_before)
            for beside, is_before in self._pages_beside()
        )
        return next((number for number in numbers if number), 0)

    def _merge(self, before: Any, call: int) -> str:
        first = self._anchor
        if not first or not (before == first).any():
            self._anchor = self.labels.selected_label = call
            return f"Call {call}: now click what belongs to it."
        if first == call:
            return ""
        self._write(corrections.merged(before, [first, call], first))
        return f"Call {call} is part of call {first} now."

    def _split(self, name: str, before: Any, call: int, pixel: tuple[int, int]) -> str:
        number = self._free_number()
        if name == "tools_split_time":
            after = corrections.split_at_column(before, call, pixel[1], number)
        else:
            after = corrections.split_at_row(before, call, pixel[0], number)
        if np.array_equal(after, before):
            return f"Call {call} lies on one side of this: click inside it."
        self._write(after)
        return f"Call {call} was split: its other part is call {number}."

    def _free_number(self) -> int:
        """A number that no call has; before all are known none near, others are told apart."""
        last = self._last_numbers()
        if last is None:
            first = max(0, self.page - _LOOKED_AT // 2)
            highest = corrections.free_number(self.labels.data[first : first + _LOOKED_AT]) - 1
        else:
            highest = int(np.max(last, initial=0))
        self._given = max(highest, int(self.calls.max()), self._given) + 1
        return self._given

    def _spectrogram(self) -> Any:
        if self._source is None:
            msg = "there is no picture to go by"
            raise GuiError(msg)
        return self._source.stack.page(self.page)

    def _write(self, after: Any) -> None:
        write_page(self.labels, self.page, after, undoable=True)
