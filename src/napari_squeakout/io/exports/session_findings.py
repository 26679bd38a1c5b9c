"""A session -> what a person has made of its calls; nothing in its folder is touched."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path, PureWindowsPath

from napari_squeakout.core.detection.calls import finding_calls
from napari_squeakout.core.detection.numbering import reused_text, telling_apart
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.measures.by_hand.classes import classed, with_classes
from napari_squeakout.core.rendering.band_edges import cut_note
from napari_squeakout.core.review.page_stages import unknown_text
from napari_squeakout.core.settings import RecordingSettings
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.core.steps import Steps
from napari_squeakout.io.results.result_folder import CLASSES_BY_HAND, listed
from napari_squeakout.io.results.session_work import work_in
from napari_squeakout.io.results.work_results import (
    Work,
    input_of,
    page_hashes,
    record_of,
    unknown_pages,
)
from napari_squeakout.io.sessions.classes_file import are_same, read_classes
from napari_squeakout.io.sessions.session import Session, open_session
from napari_squeakout.io.sessions.sources import reading_back

from .findings import Findings


def reading_session(folder: Path, near: Sequence[Path] = ()) -> Steps[Findings]:
    """The calls of a session as they stand.

    Parameters
    ----------
    folder : Path
        `*.squeakout`.
    near : sequence of Path
        More folders to look for its recording or images in.

    Raises
    ------
    InputError
        If it is no session, its files are nowhere or have changed, no page of it was ever looked
        at, or its calls are changed meanwhile.
    """
    session = open_session(folder, read_only=True)
    stack = yield from reading_back(session, near)
    work = work_in(session, stack)
    unknown, n_pages = unknown_pages(work), stack.layout.n_pages
    if len(unknown) == n_pages:
        msg = f"{folder}: no page is segmented yet, so there is nothing to export: segment it first"
        raise InputError(msg)
    before = (page_hashes(work.masks), unknown)
    masks = yield from telling_apart(work.masks)
    calls = yield from finding_calls(masks, work.probabilities)
    by_hand = classed(session.classes, masks)
    if by_hand.names:
        calls = with_classes(calls, by_hand.names)
    approved = frozenset(p for p, known in work.review.pages.items() if known.approved)
    source, doubt = input_of(work)
    check_unchanged = partial(_check_unchanged, folder, work, before)
    check_unchanged()
    told = (reused_text(masks), unknown_text(unknown, n_pages), doubt, *by_hand.notes)
    rate = {} if stack.sample_rate_hz is None else {"nyquist_hz": stack.sample_rate_hz / 2}
    notes = [note for note in (*told, cut_note(calls, stack.layout.grid, **rate)) if note]
    return Findings(
        place=folder,
        recording=_name_of(session),
        calls=calls,
        known={
            **record_of(work, source, [*stack.notes, *notes], len(calls)),
            CLASSES_BY_HAND: listed(by_hand.names),
        },
        masks=lambda: masks,
        pages=lambda: _giving(stack),
        channel=_channel_of(stack),
        unknown=unknown,
        approved=approved,
        n_approved=len(approved),
        notes=tuple(notes),
        check_unchanged=check_unchanged,
    )


def _check_unchanged(folder: Path, work: Work, before: tuple[list[int], frozenset[int]]) -> None:
    """Refuse calls that somebody works on: its masks are read from where they are painted."""
    said = read_classes(folder, work.stack.layout.n_pages)
    is_same = (page_hashes(work.masks), unknown_pages(work)) == before
    if not (is_same and are_same(said, work.classes)):
        msg = f"{folder}: its calls were changed while they were read: export them again"
        raise InputError(msg)


def _name_of(session: Session) -> str:
    """Name of its file, or of the folder that its images lie in."""
    paths = [PureWindowsPath(source.absolute) for source in session.record.sources]
    return paths[0].name if len(paths) == 1 else paths[0].parent.name or session.record.name


def _channel_of(stack: SpectrogramStack) -> int:
    known = {} if stack.origin is None else stack.origin.settings.get("recording", {})
    return RecordingSettings.model_validate(known).channel


def _giving(stack: SpectrogramStack) -> Steps[SpectrogramStack]:
    yield from ()
    return stack
