"""Work on sessions that goes on beside the window: finding, opening, copying, looking them over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_squeakout.core.review.proposals import Proposals
from napari_squeakout.core.review.review import checked
from napari_squeakout.core.review.uncertainty import PageMeasures, measuring_pages
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.gui.layers.label_pages import as_writable
from napari_squeakout.io.scratch import make_room

from .first_page import make_ready

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_squeakout.core.review.review import Review
    from napari_squeakout.core.settings import CleanSettings
    from napari_squeakout.core.stacks import SpectrogramStack
    from napari_squeakout.io.sessions.session import Session
    from napari_squeakout.io.sessions.sources import Earlier


def looking(stack: SpectrogramStack) -> Steps[list[Earlier]]:
    """Find the earlier sessions of a stack."""
    from napari_squeakout.io.sessions.sources import earlier_sessions

    yield Progress(0, 1, "looks")
    return earlier_sessions(stack)


def opening_session(
    folder: Path, stack: SpectrogramStack | None, near: tuple[Path, ...] = ()
) -> Steps[tuple[Session, SpectrogramStack, Proposals]]:
    """Open a session; its pages are read back unless a stack shows them already."""
    from napari_squeakout.io.sessions.finding import locate
    from napari_squeakout.io.sessions.kept_cleaning import kept_cleaning
    from napari_squeakout.io.sessions.session import open_session
    from napari_squeakout.io.sessions.sources import reading_back

    session = open_session(folder)
    try:
        kept_cleaning(folder, session.record)  # refused here, not when half of it is shown
        if stack is None:
            stack = yield from reading_back(session, near)
        else:
            locate(session)  # refuses files that were changed
        make_ready(stack, session.record.page or 0)
        yield Progress(0, 1, "sessions")
        labels: Any = session.labels
        if session.read_only:
            labels = as_writable(labels, stack.layout)
        # A crash may have come between a stroke and the record of it.
        review, withdrawn = checked(session.record.review, labels)
        session.record = session.record.with_review(review)
        if withdrawn:  # calls were counted before that stroke
            session.record = session.record.model_copy(update={"n_calls": None})
        written = np.array(session.proposed) if session.read_only else session.proposed
        stages = np.array(session.stages) if session.read_only else session.stages
        proposals = Proposals.resumed(
            labels, stack.layout, review, written, stages, make_room=make_room
        )
    except BaseException:
        session.close()
        raise
    return session, stack, proposals


def copying(session: Session, folder: Path) -> Steps[None]:
    """Write a session elsewhere."""
    from napari_squeakout.io.sessions.sources import copy_session

    yield Progress(0, 1, "sessions")
    copy_session(session, folder)


def looking_over(
    values: Any,
    labels: Any,
    settings: CleanSettings,
    *,
    review: Review | None,
    disagreement: Mapping[int, float] | None,
) -> Steps[tuple[PageMeasures, tuple[int, ...]]]:
    """Measure all pages; also those approved ones that are no longer what was approved."""
    measures = yield from measuring_pages(values, labels, settings, disagreement=disagreement)
    changed = () if review is None else checked(review, labels)[1]
    return measures, changed
