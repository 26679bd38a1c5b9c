"""What a person does to pages: the review of the source in view follows the window."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QObject, Signal

from napari_squeakout.core.review.navigation import following_page, most_doubtful, place_in_doubt
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import (
    PageState,
    Review,
    approve,
    approve_empty,
    checked,
    withdraw,
    worked_on,
)
from napari_squeakout.core.review.uncertainty import review_order
from napari_squeakout.gui.layers.label_pages import write_page
from napari_squeakout.gui.layers.page_watch import PageWatch
from napari_squeakout.gui.layers.sight import why_not_in_view
from napari_squeakout.gui.source.calls_layer import known_proposals, why_not_kept
from napari_squeakout.gui.source.kept import Kept, kept_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from napari_squeakout.core.review.uncertainty import PageMeasures
    from napari_squeakout.gui.layers.roles import SourceLayers

_PAGE_AXES = 2
_SEGMENTED, _CLEANED = PageStage.SEGMENTED, PageStage.CLEANED
_NOT_YET = "is not segmented yet: segment it, or press R if you see that it holds no call."
_NOT_CLEANED = "is segmented, but has not been cleaned up yet: press Apply to all pages first."


class Reviewing(QObject):
    """The review of the source that the dock acts on.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    """

    #: The state of a page, the page or the source has changed.
    changed = Signal()
    #: The page in view is about to be another one.
    leaving = Signal()
    #: Something a person should read.
    said = Signal(str)

    def __init__(self, viewer: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self.source: SourceLayers | None = None
        self.measures: PageMeasures | None = None
        #: Pages, (n,) bool, where the masks differ from earlier annotation, by way.
        self.differing: dict[str, NDArray[np.bool_]] = {}
        self._kept: Kept | None = None
        #: Whether a stroke since the last look may have reached pages out of sight.
        self._is_filled = False
        self._watch = PageWatch(self)
        self._watch.due.connect(self.look)
        self._watch.painted.connect(self._note_stroke)

    @property
    def page(self) -> int:
        """That in view."""
        return self._watch.page

    @property
    def kept(self) -> Kept | None:
        """What is kept of the source."""
        return self._kept

    @property
    def review(self) -> Review | None:
        """Which of its pages a person has looked at."""
        return None if self._kept is None else self._kept.review

    @property
    def labels(self) -> Any:
        """(n, 512, 512) its calls; None before it has any."""
        return self._watch.labels

    @property
    def why_not(self) -> str:
        """Why nothing can be approved; empty where it can."""
        if self.source is None:
            return "Open a recording or images first."
        if not _fits(self.source):
            calls = self.source.calls
            return (
                f"{calls.name} has shape {tuple(calls.data.shape)}, its source "
                f"{self.source.stack.layout.shape}: remove this layer and apply again."
            )
        if self._watch.layer is None:
            return "Segment first: there are no calls to review."
        if self._kept is not None and self._kept.read_only:
            return f"This session {self._kept.read_only}: it can be looked at only."
        return why_not_in_view(self._viewer, self.source) or why_not_kept(self.source)

    @property
    def state(self) -> PageState:
        """That of the page in view."""
        return PageState.UNREVIEWED if self.review is None else self.review[self.page].state

    @property
    def stage(self) -> PageStage:
        """How much is known of the page in view."""
        return PageStage.CLEANED if self._kept is None else self._kept.stage(self.page)

    @property
    def unsegmented(self) -> frozenset[int]:
        """Pages that the network was never asked about."""
        return frozenset() if self._kept is None else self._kept.stage_that_lacks(_SEGMENTED)

    def set_source(self, source: SourceLayers | None, page: int = 0) -> None:
        """Follow a page of a source, or none."""
        self.leaving.emit()
        self.leave()
        kept = None if source is None else kept_of(source)
        calls = None if source is None or not _fits(source) else source.calls
        if kept is not self._kept:
            self.measures = None
            if self._kept is not None:
                self._kept.changed.disconnect(self.changed)
                self._kept.refused.disconnect(self.said)
            if kept is not None:
                kept.changed.connect(self.changed)
                kept.refused.connect(self.said)
        self.source, self._kept = source, kept
        self._watch.set_layer(calls)
        self._arrive(page)

    def set_page(self, page: int) -> None:
        """Follow the page in view."""
        if page != self.page:
            self.leaving.emit()
            self.leave()
            self._arrive(page)

    def leave(self) -> None:
        """Take down what is not taken down yet of the page in view."""
        if self._watch.is_due:
            self.look()

    def disconnect_layer(self) -> None:
        """Stop listening; the window may be gone, and with it the timers."""
        self._watch.set_layer(None)

    def approve(self) -> bool:
        """Make the page in view truth; False where that cannot be.

        A page that looks empty because nobody has looked for calls on it is not taken for empty:
        that there are none has to be said, with `reject`.
        """
        if self.review is None or self._is_refused():
            return False
        if self.stage is not PageStage.CLEANED and not self.labels[self.page].any():
            why = _NOT_YET if self.stage is PageStage.UNSEGMENTED else _NOT_CLEANED
            self.said.emit(f"Page {self.page} {why}")
            return False
        return self._approve_as_it_is()

    def _is_refused(self) -> bool:
        """Whether nothing can be approved now; says why, for the buttons may not know it yet."""
        why = self.why_not
        if why:
            self.said.emit(why)
        return bool(why)

    def _approve_as_it_is(self) -> bool:
        if self.review is None:
            return False
        self.look()
        self._set(approve(self.review, self.page, self.labels[self.page]))
        self._hold(self.page)
        return True

    def withdraw(self) -> None:
        """Take the approval of the page in view back."""
        if self.review is not None and not self.why_not:
            self._set(withdraw(self.review, self.page))
            self._hold(self.page)

    def reject(self) -> bool:
        """Clear the page in view and approve it as empty: an example of what is no call."""
        if self._is_refused():
            return False
        self.leave()
        empty = np.zeros_like(self.labels[self.page])
        write_page(self._watch.layer, self.page, empty, undoable=True)
        self._watch.take_for_painted()
        return self._approve_as_it_is()

    def approve_empty(self, below: float) -> tuple[int, ...]:
        """Approve untouched empty pages where the network was nowhere as sure as `below`.

        Those whose calls nobody has looked for yet are left out.
        """
        if self.why_not or self.review is None or self.measures is None:
            return ()
        self.look()
        unknown = frozenset() if self._kept is None else self._kept.stage_that_lacks(_CLEANED)
        spare = unknown | frozenset(self.drawn.tolist())
        review, pages = approve_empty(
            self.review, self.labels, self.measures.highest, below, spare=spare
        )
        self._set(review)
        for page in pages:
            self._hold(page)
        return pages

    def withdraw_all(self, pages: Collection[int]) -> None:
        """Take approvals back, of pages that are still as empty as they were."""
        review = self.review
        if review is None or self.labels is None:
            return
        pages = [page for page in pages if not review[page].corrected]
        self._set(review.all_changed(pages, approved=None))
        for page in pages:
            self._hold(page)

    def note(self, text: str) -> None:
        """Keep words on the page in view."""
        if self.review is not None and text != self.review[self.page].note:
            self._set(self.review.changed(self.page, note=text))

    def spend(self, seconds: float) -> None:
        """Add to the time spent on the page in view."""
        if self.review is not None and not self.why_not:
            self._kept.spend(worked_on(self.review, self.page, seconds=seconds))  # type: ignore[union-attr]

    @property
    def drawn(self) -> NDArray[np.int64]:
        """Pages drawn by lot, which tell of all of them."""
        return _drawn(0 if self.review is None else self.review.n_pages)

    def following(self, way: str, step: int = 1) -> int | None:
        """The next page, or that before, of a way to go through them; None past the end."""
        if self.review is None:
            return None
        return following_page(
            way, self.review, self.page, step, measures=self.measures, differing=self.differing
        )

    def most_doubtful(self) -> int | None:
        """The page to begin with, of those in doubt; None where that is not known, or none is."""
        if self.review is None or self.measures is None:
            return None
        return most_doubtful(self.review, self.measures)

    def place_in_doubt(self, page: int) -> str:
        """Where a page stands by doubt; nothing while that is not known."""
        return "" if self.measures is None else place_in_doubt(page, self.measures)

    def take_measures(self, measures: PageMeasures) -> None:
        """Take what was measured; pages painted meanwhile are looked at again."""
        self.measures = measures
        if self.labels is None or self._kept is None:
            return
        for page in {self.page, *self._kept.painted}:
            measures.last_number[page] = self.labels[page].max()

    def last_numbers(self) -> NDArray[np.int64] | None:
        """(n,) the highest number of a call on each page; None before they are known."""
        return None if self.measures is None else self.measures.last_number

    def go(self, page: int) -> None:
        """Show a page.

        In the world's own numbers: steps are counted in the finest of all layers, and the first
        axis is another one's where a layer has more.
        """
        if self.source is None or self.source.image.ndim <= _PAGE_AXES:
            return
        place = self.source.image.data_to_world((page, 0, 0))[0]
        self._viewer.dims.set_point(self._viewer.dims.ndim - _PAGE_AXES - 1, place)

    @property
    def why_not_in_view(self) -> str:
        """Why nobody sees what is acted on; empty where it is seen."""
        return why_not_in_view(self._viewer, self.source)

    def look(self, changed: Collection[int] = ()) -> None:
        """Take in what has become of the labels.

        Parameters
        ----------
        changed : collection of int
            Pages out of sight that are known to have changed; where napari itself has taken
            something back, all that have been painted are looked at.
        """
        is_undone = self._is_filled or (self._watch.is_undone and not changed)
        self._is_filled = False
        changed_px = self._watch.pixels_changed()
        if self.labels is None or self.review is None or self._kept is None:
            return
        review = self.review
        if changed_px:
            review = worked_on(review, self.page, pixels_changed=changed_px)
        if self.measures is not None:
            self.measures.last_number[self.page] = self.labels[self.page].max()
        pages = {self.page, *changed, *(self._kept.painted if is_undone else ())}
        for page in pages - {self.page} if is_undone or changed else ():  # out of sight
            review = self._as_it_differs(review, page)
            if self.measures is not None:
                self.measures.last_number[page] = self.labels[page].max()
        self._take(review, pages)

    def check(self, pages: Collection[int]) -> None:
        """Look at pages that may have been changed out of sight."""
        if self.review is not None and self.labels is not None:
            self._take(self.review, pages)

    def _take(self, review: Review, pages: Collection[int]) -> None:
        """Take a review, less the approvals of pages that have been changed since."""
        review, withdrawn = checked(review, self.labels, pages)
        if withdrawn:
            names = ", ".join(str(page) for page in withdrawn)
            self.said.emit(
                f"Page {names} was changed after its approval, which is withdrawn."
                if len(withdrawn) == 1
                else f"Pages {names} were changed after their approval, which is withdrawn."
            )
        for page in {self.page, *withdrawn}:
            review = self._as_it_differs(review, page)
        self._set(review)

    def _as_it_differs(self, review: Review, page: int) -> Review:
        """What differs from the proposal is corrected, however it came; what is undone is not."""
        proposals, known = known_proposals(self._watch.layer), review[page]
        if proposals is None or known.state is PageState.APPROVED:
            return review
        differs = proposals.differs(page)
        if differs == known.corrected:
            return review
        self._hold_as(page, differs)
        return review.changed(page, corrected=differs)

    def _set(self, review: Review) -> None:
        if self._kept is not None:
            self._kept.set_review(review)

    def _hold(self, page: int) -> None:
        """Keep settings from changing a page that a person has approved or corrected."""
        if self.review is not None:
            self._hold_as(page, self.review[page].state is not PageState.UNREVIEWED)

    def _hold_as(self, page: int, held: bool) -> None:
        proposals = known_proposals(self._watch.layer)
        if proposals is not None:
            proposals.hold(page, held)

    def _arrive(self, page: int) -> None:
        self._watch.arrive(page)
        self.changed.emit()

    def _note_stroke(self) -> None:
        if self._kept is not None:
            self._kept.note_painted(self.page)
            if self._watch.layer.n_edit_dimensions > _PAGE_AXES:  # it may have filled any page
                self._is_filled = True
                for page in self._approved_pages():
                    self._kept.note_painted(page)

    def _approved_pages(self) -> list[int]:
        review = self.review
        return [] if review is None else [p for p in review.pages if review[p].approved]


@lru_cache(maxsize=4)  # asked for with every page that is turned
def _drawn(n_pages: int) -> NDArray[np.int64]:
    _, drawn = review_order(np.zeros(n_pages))
    return drawn


def _fits(source: SourceLayers) -> bool:
    """Whether the calls of a source are as large as its pages; a layer can be given other data."""
    calls = source.calls
    return calls is None or tuple(calls.data.shape) == source.stack.layout.shape
