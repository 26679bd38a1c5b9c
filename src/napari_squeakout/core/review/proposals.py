"""The masks that cleaning proposes, and which pages a person has changed since.

A page whose labels are not those written here was corrected by hand: no new setting changes it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.detection.call_columns import number_calls, number_columns, without_tones
from napari_squeakout.core.detection.clean import cleaned_page, cleaned_pages
from napari_squeakout.core.detection.numbering import widest_gap
from napari_squeakout.core.detection.packed_masks import PackedMask
from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.morphology import BoolImage
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.stacks import ProbabilityStack
from napari_squeakout.core.steps import Progress, Steps

from .page_stages import PageStage
from .review import PageState, Review, quick_hash

LabelPage: TypeAlias = NDArray[np.int32]
#: `make_room(labels, first, stop)` sets the room of some pages aside before they are written.
MakeRoom: TypeAlias = Callable[[NDArray[Any], int, int], None]


@dataclass(frozen=True, kw_only=True)
class CleanReport:
    """What cleaning a whole stack came to; of pages never segmented there is nothing to say."""

    n_calls: int
    n_kept: int
    settings: CleanSettings
    n_pages: int = 0
    n_unsegmented: int = 0
    notes: tuple[str, ...] = ()


class Proposals:
    """Labels of one source, written from its probabilities.

    Parameters
    ----------
    labels : NDArray
        (n, 512, 512) integer, changed in place.
    layout : Layout
        Where the pages lie.
    written : NDArray, optional
        (n,) uint32 quick hashes of the pages as they were proposed, changed in place. Without it
        only empty pages count as proposed: labels that were there before are somebody's work.
    stages : NDArray, optional
        (n,) uint8 `PageStage` of each page, changed in place; without it all are segmented.
    make_room : callable
        From `io/scratch.py`. Nobody may do without where labels lie in a sparse file: written on a
        full disk, a page of it ends the process.
    """

    def __init__(
        self,
        labels: NDArray[Any],
        layout: Layout,
        written: NDArray[np.uint32] | None = None,
        stages: NDArray[np.uint8] | None = None,
        *,
        make_room: MakeRoom,
    ) -> None:
        self.labels = labels
        self.layout = layout
        self._written = np.full(layout.n_pages, _EMPTY, np.uint32) if written is None else written
        self._held = np.zeros(layout.n_pages, bool)
        #: Columns of devices' tones, which a page alone does not show to be any.
        self._left_out: BoolImage = np.zeros((layout.n_pages, PAGE_PX), bool)
        self.stages = stages
        self._make_room = make_room
        #: Pages given other labels; a window takes them off, and paints no older stroke into them.
        self.rewritten: deque[int] = deque()

    @classmethod
    def resumed(
        cls,
        labels: NDArray[Any],
        layout: Layout,
        review: Review,
        written: NDArray[np.uint32] | None = None,
        stages: NDArray[np.uint8] | None = None,
        *,
        make_room: MakeRoom,
    ) -> Proposals:
        """Labels that were kept: pages corrected or approved then are left alone, now as well."""
        proposals = cls(labels, layout, written, stages, make_room=make_room)
        for page, known in review.pages.items():
            proposals.hold(page, known.state is not PageState.UNREVIEWED)
        return proposals

    def is_corrected(self, page: int) -> bool:
        """Whether settings leave a page alone: it is held, or not as it was proposed."""
        return bool(self._held[page]) or self.differs(page)

    def differs(self, page: int) -> bool:
        """Whether a page holds other labels than were proposed."""
        return quick_hash(self.labels[page]) != int(self._written[page])

    def note(self, page: int) -> None:
        """Count a page as proposed, as it is now."""
        self._written[page] = quick_hash(self.labels[page])
        self._held[page] = False
        self._take_for_cleaned(page)

    def hold(self, page: int, held: bool = True) -> None:
        """Leave a page alone as it is, or no longer."""
        self._held[page] = held

    def preview(self, values: Any, page: int, settings: CleanSettings) -> LabelPage:
        """Labels that a page would get.

        Numbers go on from the page before; those of the whole stack are right only after
        `rewriting`.

        Parameters
        ----------
        values : array
            (n, 512, 512) uint8 probabilities.
        page : int
            Which one.
        settings : CleanSettings
            How to clean.
        """
        mask = cleaned_page(ProbabilityStack(values, self.layout), page, settings)
        one = Layout(source=self.layout.source, n_pages=1, grid=self.layout.grid)
        numbers = number_columns(np.asarray(mask.any(axis=0))[None], settings, one)[0]
        if settings.drop_tone_trains:
            numbers = without_tones(numbers, self._left_out[page])
        before = self._last_number(page)
        return np.asarray(mask * np.where(numbers, numbers + before, 0), np.int32)

    def rewriting(self, values: Any, settings: CleanSettings) -> Steps[CleanReport]:
        """Clean all pages but the corrected ones, and number all calls anew.

        Yields
        ------
        Progress
            After every page, twice: cleaned, and written.

        Returns
        -------
        CleanReport
            Number of calls there are, those on kept pages among them, and of pages kept.
        """
        layout = self.layout
        kept = np.zeros(layout.n_pages, bool)
        known: list[tuple[int, bytes]] = []

        def is_kept(page: int) -> bool:
            known.append(self._known_of(page))
            kept[page] = self.is_corrected(page)
            return bool(kept[page])

        packed = []
        probabilities = ProbabilityStack(values, layout)
        for page, bits in cleaned_pages(probabilities, settings, skip=is_kept):
            packed.append(bits)
            yield Progress(page + 1, 2 * layout.n_pages, "steps of cleaning")
        numbered = number_calls(packed, settings, layout)
        numbers = numbered.columns
        self._left_out[~kept] = numbered.left_out[~kept]
        n_calls = int(numbers.max(initial=0))
        used = self._numbers_on(np.flatnonzero(kept))
        free = _free_numbers(n_calls, used)
        self._go_on_over_borders(free, numbers, kept, settings)
        n_calls = len(used.union(free[1:].tolist()))
        numbers = free[numbers]
        for page in range(layout.n_pages):
            # Asked again: somebody may have painted while the others were computed, or the network
            # may have answered, and what was made of no answer is not what it says.
            stage, answered = self._known_of(page)
            if answered == known[page][1] and stage >= known[page][0]:
                if not kept[page] and not self.is_corrected(page):
                    self._write(page, packed[page], numbers[page])
                self._take_for_cleaned(page)
            yield Progress(layout.n_pages + page + 1, 2 * layout.n_pages, "steps of cleaning")
        unseen = 0 if self.stages is None else int((self.stages == PageStage.UNSEGMENTED).sum())
        return CleanReport(
            n_calls=n_calls,
            n_kept=int(kept.sum()),
            settings=settings,
            n_pages=layout.n_pages,
            n_unsegmented=unseen,
            notes=numbered.notes,
        )

    def _known_of(self, page: int) -> tuple[int, bytes]:
        """A page's stage, and which of it and those beside it the network has answered.

        Calls of the pages beside it may reach into it.
        """
        if self.stages is None:
            return int(PageStage.CLEANED), b""
        around = self.stages[max(0, page - 1) : page + 2]
        return int(self.stages[page]), (around > PageStage.UNSEGMENTED).tobytes()

    def _take_for_cleaned(self, page: int) -> None:
        if self.stages is not None and self.stages[page] == PageStage.SEGMENTED:
            self.stages[page] = PageStage.CLEANED

    def _write(self, page: int, packed: PackedMask, numbers: NDArray[np.int32]) -> None:
        mask = 0 if packed is None else np.unpackbits(packed, axis=1, count=PAGE_PX)
        # The same again is not written: zeros too would take room in a sparse file, and what undo
        # knows of such a page stays true.
        if (self.labels[page] != mask * numbers).any():
            self.rewritten.append(page)
            self._make_room(self.labels, page, page + 1)
            self.labels[page] = mask * numbers
        self.note(page)

    def _numbers_on(self, pages: NDArray[np.intp]) -> set[int]:
        """Numbers of all calls on pages."""
        return {int(number) for page in pages for number in np.unique(self.labels[page])} - {0}

    def _go_on_over_borders(
        self,
        free: NDArray[np.int32],
        numbers: NDArray[np.int32],
        kept: NDArray[np.bool_],
        settings: CleanSettings,
    ) -> None:
        """A call that reaches over the border of a kept page has there the number it has here."""
        if not self.layout.contiguous:
            return
        gap = widest_gap(self.layout, settings)
        borders = np.flatnonzero(kept[1:] != kept[:-1])
        for page in borders.tolist():
            here, beside = (page, page + 1) if kept[page] else (page + 1, page)
            is_before = here < beside
            line = np.flatnonzero(numbers[beside])
            labels = np.asarray(self.labels[here])
            columns = np.flatnonzero(labels.any(axis=0))
            if not len(line) or not len(columns):
                continue
            edge, first = (columns[-1], line[0]) if is_before else (columns[0], line[-1])
            apart = PAGE_PX - 1 - edge + first if is_before else edge + PAGE_PX - 1 - first
            if apart <= gap:
                free[numbers[beside, first]] = labels[:, edge].max()

    def _last_number(self, page: int) -> int:
        """Highest number on the nearest page before that holds any."""
        for before in range(page - 1, max(-1, page - _LOOK_BACK), -1):
            highest = int(self.labels[before].max())
            if highest:
                return highest
        return 0


#: Pages that a preview looks back for the last number; colours repeat, so further is no use.
_LOOK_BACK = 16


def _free_numbers(n_calls: int, used: set[int]) -> NDArray[np.int32]:
    """(n_calls + 1,) numbers in order, 0 first, that are not in use."""
    free = (number for number in range(1, n_calls + len(used) + 1) if number not in used)
    return np.array([0, *(next(free) for _ in range(n_calls))], np.int32)


def count_calls(labels: NDArray[Any]) -> int:
    """Number of calls on a page."""
    return len(np.unique(labels[labels > 0]))


def count_all_calls(labels: Any) -> int:
    """Number of calls of a stack, (n, h, w); one over a border is one. Empty pages cost a look."""
    found: set[int] = set()
    for page in labels:
        if page.any():
            found.update(np.unique(page).tolist())
    return len(found - {0})


_EMPTY = quick_hash(np.zeros((PAGE_PX, PAGE_PX), np.int32))
