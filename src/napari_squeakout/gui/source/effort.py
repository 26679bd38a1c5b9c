"""What the time spent on pages says of a new model: seconds a page before it and since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_squeakout.core.numerals import counted
from napari_squeakout.core.review.review import PageState, mean_seconds

if TYPE_CHECKING:
    from .state import SourceState


def note_proposed_again(state: SourceState, model: str) -> None:
    """Take down which pages had been worked on before a new model proposed the others."""
    review = state.review
    before = [page for page in review.pages if review[page].state is not PageState.UNREVIEWED]
    state.note_proposed_again(model, before)


def effort_text(state: SourceState) -> str:
    """Seconds a page before and since a new model proposed; empty where there are none."""
    noted = state.proposed_again
    if noted is None:
        return ""
    approved = {page for page, known in state.review.pages.items() if known.approved is not None}
    before = approved & set(noted.pages_before)
    was, now = (mean_seconds(state.review, pages) for pages in (before, approved - before))
    if was is None or now is None:
        return ""
    return (
        f"Your time per page: {was[0]:.0f} s before {noted.model} "
        f"({counted(was[1], 'page')}), {now[0]:.0f} s since ({counted(now[1], 'page')})."
    )
