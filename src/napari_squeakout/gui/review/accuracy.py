"""How many pages are right as proposed, as far as those of the random sample tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_squeakout.core.numerals import counted
from napari_squeakout.core.review.uncertainty import proposals_right
from napari_squeakout.gui.qt.job_bar import message_label

if TYPE_CHECKING:
    from napari_squeakout.core.review.review import Review
    from napari_squeakout.core.review.uncertainty import Estimate

    from .review_state import Reviewing

# From fewer the interval spans nearly everything.
_TELLING_PAGES = 5


class ProposalsRight:
    """A line that tells it, once a page of the random sample is approved.

    Parameters
    ----------
    reviewing : Reviewing
        Knows the pages.
    """

    def __init__(self, reviewing: Reviewing) -> None:
        self._reviewing = reviewing
        self._told_of: dict[int, bool] | None = None
        self.line = message_label("review_right")

    def refresh(self) -> None:
        """Tell it anew where other pages have been approved."""
        review = self._reviewing.review
        approved = None if review is None else _approved_pages(review)
        if approved is not None and approved == self._told_of:
            return  # another page is in view, or seconds have passed
        self._told_of = approved
        known = None if review is None else proposals_right(review, self._reviewing.drawn)
        self.line.setVisible(known is not None)
        if known is not None:
            self.line.setText(_text(known))


def _text(known: Estimate) -> str:
    if known.pages < _TELLING_PAGES:
        return (
            f"{round(known.share * known.pages)} of {counted(known.pages, 'page')} of the random "
            f"sample were right as proposed; {_TELLING_PAGES} will tell of all pages."
        )
    return (
        f"About {known.share:.0%} of pages are right as proposed "
        f"({known.low:.0%}-{known.high:.0%}, from a random sample of "
        f"{counted(known.pages, 'page')})"
    )


def _approved_pages(review: Review) -> dict[int, bool]:
    """Number of each approved page -> whether it was corrected first."""
    pages = review.pages.items()
    return {page: known.corrected for page, known in pages if known.approved is not None}
