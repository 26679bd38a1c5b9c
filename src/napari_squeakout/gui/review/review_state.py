"""What a person does to pages: approves, rejects, withdraws, notes, goes on to the next."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from napari_squeakout.core.review.navigation import following_page, most_doubtful, place_in_doubt
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import (
    approve,
    approve_empty,
    approve_pages,
    labels_hash,
    withdraw,
    worked_on,
)
from napari_squeakout.core.review.uncertainty import review_order
from napari_squeakout.gui.layers.label_pages import write_page

from .followed import Followed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray


_PAGE_AXES = 2
_NOT_YET = "is not segmented yet: segment it, or press R if you see that it holds no call."
_NOT_CLEANED = "is segmented, but has not been cleaned up yet: press Apply to all pages first."


class Reviewing(Followed):
    """The review of the source that the dock acts on.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    """

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
        if self._is_refused() or self._watch.layer is None:
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
        unknown = (
            frozenset()
            if self._source_state is None
            else self._source_state.stage_that_lacks(PageStage.CLEANED)
        )
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

    def approve_pages(self, pages: Collection[int]) -> dict[int, str]:
        """Make pages truth, in view or not; the hash of each that was not so already."""
        if self.review is None or self._is_refused():
            return {}
        self.look()
        before = self.review
        review = approve_pages(before, pages, self.labels)
        given = {p: review[p].approved or "" for p in pages if review[p] != before[p]}
        self._set(review)
        for page in given:
            self._hold(page)
        return given

    def approve_again(self, given: Mapping[int, str]) -> list[int]:
        """Make pages truth that are as they were when they were approved; which these are."""
        if self.review is None or self.why_not:
            return []
        self.look()
        return list(self.approve_pages([p for p in given if self._is_as(p, given[p])]))

    def withdraw_pages(self, given: Mapping[int, str]) -> list[int]:
        """Take back approvals, as far as they are still those that were given; which these are."""
        review = self.review
        if review is None or self.why_not:
            return []
        pages = [page for page, hash_ in given.items() if review[page].approved == hash_]
        self._set(review.all_changed(pages, approved=None))
        for page in pages:
            self._hold(page)
        return pages

    def _is_as(self, page: int, hash_: str) -> bool:
        return labels_hash(self.labels[page]) == hash_

    def note(self, text: str) -> None:
        """Keep words on the page in view."""
        if self.review is not None and text != self.review[self.page].note:
            self._set(self.review.changed(self.page, note=text))

    def spend(self, seconds: float) -> None:
        """Add to the time spent on the page in view."""
        if self.review is not None and not self.why_not:
            self._source_state.spend(worked_on(self.review, self.page, seconds=seconds))  # type: ignore[union-attr]

    @property
    def drawn(self) -> NDArray[np.int64]:
        """Pages of the random sample, which tell of all of them."""
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

    def go(self, page: int) -> None:
        """Show a page.

        In the world's own numbers: steps are counted in the finest of all layers, and the first
        axis is another one's where a layer has more.
        """
        if self.source is None or self.source.image.ndim <= _PAGE_AXES:
            return
        place = self.source.image.data_to_world((page, 0, 0))[0]
        self._viewer.dims.set_point(self._viewer.dims.ndim - _PAGE_AXES - 1, place)


@lru_cache(maxsize=4)  # asked for with every page that is turned
def _drawn(n_pages: int) -> NDArray[np.int64]:
    _, drawn = review_order(np.zeros(n_pages))
    return drawn
