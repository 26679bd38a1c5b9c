"""The pages of many sessions that a person should look at first."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from napari_squeakout.core.errors import one_line
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import PageState
from napari_squeakout.core.review.uncertainty import page_uncertainty
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.io.sessions.kept_cleaning import kept_cleaning
from napari_squeakout.io.sessions.project import RecordingRow
from napari_squeakout.io.sessions.session import Session, open_session

_log = logging.getLogger(__name__)


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


@dataclass(frozen=True, kw_only=True)
class Doubtful:
    """What was found in the sessions of a list.

    Parameters
    ----------
    pages : tuple of DoubtfulPage
        The most doubtful first.
    unread : tuple of (Path, str)
        Recordings whose sessions could not be read, and why.
    """

    pages: tuple[DoubtfulPage, ...] = ()
    unread: tuple[tuple[Path, str], ...] = ()


def gathering_doubtful(rows: Sequence[RecordingRow], *, at_most: int = 20) -> Steps[Doubtful]:
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
    Doubtful
        The pages, and what could not be read.
    """
    found: list[DoubtfulPage] = []
    unread: list[tuple[Path, str]] = []
    for index, row in enumerate(rows):
        here = Progress(index, len(rows), "recordings")
        yield here
        if row.session is None or not row.n_segmented:
            continue
        try:
            found += yield from _gathering(row.path, row.session, here)
        except Exception as error:  # noqa: BLE001 - whatever is odd about one, the others go on
            _log.debug("%s", row.session, exc_info=True)
            unread.append((row.path, one_line(error)))
        found = sorted(found, key=lambda one: -one.uncertainty)[:at_most]
    return Doubtful(pages=tuple(found), unread=tuple(unread))


def _gathering(path: Path, folder: Path, here: Progress) -> Steps[list[DoubtfulPage]]:
    """The doubtful pages of a session."""
    found = []
    session = open_session(folder, read_only=True)
    try:
        for page, doubt in _doubts(session):
            found.append(DoubtfulPage(path=path, session=folder, page=page, uncertainty=doubt))
            yield here
    finally:
        session.close()
    return found


def _doubts(session: Session) -> Iterator[tuple[int, float]]:
    """Page and uncertainty of those that wait for a look."""
    settings = kept_cleaning(session.folder, session.record) or CleanSettings()
    states = session.record.review.states()
    for page, (stage, state) in enumerate(zip(session.stages, states, strict=True)):
        if stage == PageStage.UNSEGMENTED or state is not PageState.UNREVIEWED:
            continue
        doubt = page_uncertainty(np.asarray(session.probabilities[page]), settings)
        if doubt > 0:
            yield page, doubt
