"""The source in view: its page, what is kept of it, and what becomes of its labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QObject, Signal

from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import PageState, Review, checked, worked_on
from napari_squeakout.gui.layers.page_watch import PageWatch
from napari_squeakout.gui.layers.sight import why_not_in_view
from napari_squeakout.gui.source.calls_layer import known_proposals, why_not_kept

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from napari_squeakout.core.review.uncertainty import PageMeasures
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer
    from napari_squeakout.gui.source.state import SourceState

_PAGE_AXES = 2


class Followed(QObject):
    """The source that the dock acts on, followed from page to page and stroke to stroke.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    """

    #: The state of a page, the page or the source has changed.
    changed = Signal()
    #: The page in view is about to be another one.
    leaving = Signal()
    #: Pages whose calls may have become others.
    looked = Signal(object)
    #: Something a person should read.
    said = Signal(str)

    def __init__(self, viewer: Viewer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self.source: SourceLayers | None = None
        self.measures: PageMeasures | None = None
        #: Pages, (n,) bool, where the masks differ from earlier annotation, by way.
        self.differing: dict[str, NDArray[np.bool_]] = {}
        self._source_state: SourceState | None = None
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
    def source_state(self) -> SourceState | None:
        """That of the source."""
        return self._source_state

    @property
    def review(self) -> Review | None:
        """Which of its pages a person has looked at."""
        return None if self._source_state is None else self._source_state.review

    @property
    def labels(self) -> Any:
        """(n, 512, 512) its calls; None before it has any."""
        return self._watch.labels

    @property
    def why_not(self) -> str:
        """Why nothing can be approved; empty where it can."""
        if self.source is None:
            return "Open a recording or images first."
        calls = self.source.calls
        if calls is not None and not _fits(self.source):
            return (
                f"{calls.name} has shape {tuple(calls.data.shape)}, its source "
                f"{self.source.stack.layout.shape}: remove this layer and apply again."
            )
        if self._watch.layer is None:
            return "Segment first: there are no calls to review."
        if self._source_state is not None and self._source_state.read_only:
            return f"This session {self._source_state.read_only}: it can be looked at only."
        session = None if self._source_state is None else self._source_state.session
        return why_not_in_view(self._viewer, self.source) or why_not_kept(self.source, session)

    @property
    def state(self) -> PageState:
        """That of the page in view."""
        return PageState.UNREVIEWED if self.review is None else self.review[self.page].state

    @property
    def stage(self) -> PageStage:
        """How much is known of the page in view."""
        return (
            PageStage.CLEANED if self._source_state is None else self._source_state.stage(self.page)
        )

    @property
    def unsegmented(self) -> frozenset[int]:
        """Pages that the network was never asked about."""
        return (
            frozenset()
            if self._source_state is None
            else self._source_state.stage_that_lacks(PageStage.SEGMENTED)
        )

    def set_source(
        self, source: SourceLayers | None, state: SourceState | None, page: int = 0
    ) -> None:
        """Follow a page of a source, or none."""
        self.leaving.emit()
        self.leave()
        calls = None if source is None or not _fits(source) else source.calls
        if state is not self._source_state:
            self.measures = None
            if self._source_state is not None:
                self._source_state.changed.disconnect(self.changed)
                self._source_state.refused.disconnect(self.said)
            if state is not None:
                state.changed.connect(self.changed)
                state.refused.connect(self.said)
        self.source, self._source_state = source, state
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

    def take_measures(self, measures: PageMeasures) -> None:
        """Take what was measured; pages painted meanwhile are looked at again."""
        self.measures = measures
        if self.labels is None or self._source_state is None:
            return
        for page in {self.page, *self._source_state.painted}:
            measures.last_number[page] = self.labels[page].max()

    def last_numbers(self) -> NDArray[np.int64] | None:
        """(n,) the highest number of a call on each page; None before they are known."""
        return None if self.measures is None else self.measures.last_number

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
        if self.labels is None or self.review is None or self._source_state is None:
            return
        review = self.review
        if changed_px:
            review = worked_on(review, self.page, pixels_changed=changed_px)
        if self.measures is not None:
            self.measures.last_number[self.page] = self.labels[self.page].max()
        pages = {self.page, *changed, *(self._source_state.painted if is_undone else ())}
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
        self.looked.emit({*pages, *withdrawn})

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
        if self._source_state is not None:
            self._source_state.set_review(review)

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
        if self._source_state is not None and self._watch.layer is not None:
            self._source_state.note_painted(self.page)
            if self._watch.layer.n_edit_dimensions > _PAGE_AXES:  # it may have filled any page
                self._is_filled = True
                for page in self._approved_pages():
                    self._source_state.note_painted(page)

    def _approved_pages(self) -> list[int]:
        review = self.review
        return [] if review is None else [p for p in review.pages if review[p].approved]


def _fits(source: SourceLayers) -> bool:
    """Whether the calls of a source are as large as its pages; a layer can be given other data."""
    calls = source.calls
    return calls is None or tuple(calls.data.shape) == source.stack.layout.shape
