"""The pages of many sessions that a person should look at first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import PageState
from napari_squeakout.core.review.uncertainty import page_uncertainty
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.io.sessions.project import RecordingRow
from napari_squeakout.io.sessions.session import Session, open_session

from .into_sessions import kept_cleaning


@dataclass(frozen=True, kw_only=True)
class DoubtfulPage:
    """A page on which the model is not sure.

    Parameters
    ----------
    path : Path
        The recording.
    session : Path
        Its session.
    page : int
        From 0.
    uncertainty : float
        How much another threshold would change its mask, 0..1.
    """

    path: Path
    session: Path
    page: int
    uncertainty: float


def gathering_doubtful(
    rows: Sequence[RecordingRow], *, at_most: int = 20
) -> Steps[list[DoubtfulPage]]:
    """Find the most doubtful pages of all recordings of a list.

    Pages that were segmented and that nobody has worked on or approved; those that no other
    threshold would change are left out. A session that cannot be read costs no other.

    Parameters
    ----------
    rows : sequence of RecordingRow
        Of the list.
    at_most : int
        How many pages.

    Returns
    -------
    list of DoubtfulPage
        The most doubtful first.
    """
    found: list[DoubtfulPage] = []
    for index, row in enumerate(rows):
        yield Progress(index, len(rows), "recordings")
        if row.session is None or not row.n_segmented:
            continue
        with suppress(SqueakOutError, OSError):
            session = open_session(row.session, read_only=True)
            try:
                for page, doubt in _doubts(session):
                    found.append(
                        DoubtfulPage(
                            path=row.path, session=row.session, page=page, uncertainty=doubt
                        )
                    )
                    yield Progress(index, len(rows), "recordings")
            finally:
                session.close()
        found = sorted(found, key=lambda one: -one.uncertainty)[:at_most]
    return found


def _doubts(session: Session) -> Iterator[tuple[int, float]]:
    """Page and uncertainty of those that wait for a look."""
    settings = kept_cleaning(session) or CleanSettings()
    states = session.record.review.states()
    for page, (stage, state) in enumerate(zip(session.stages, states, strict=True)):
        if stage == PageStage.UNSEGMENTED or state is not PageState.UNREVIEWED:
            continue
        doubt = page_uncertainty(np.asarray(session.probabilities[page]), settings)
        if doubt > 0:
            yield page, doubt
