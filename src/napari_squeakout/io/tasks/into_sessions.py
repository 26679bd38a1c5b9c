"""Segment recordings into sessions, without a window: each is ready to be reviewed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.detection.segment import segmenting_pages
from napari_squeakout.core.errors import InputError, SqueakOutError, one_line
from napari_squeakout.core.measures.by_hand.classes import classed
from napari_squeakout.core.review.page_stages import PageStage, count_segmented
from napari_squeakout.core.review.proposals import Proposals, count_all_calls
from napari_squeakout.core.review.review import checked
from napari_squeakout.core.settings import (
    CleanSettings,
    ImageSettings,
    RecordingSettings,
    RenderSettings,
)
from napari_squeakout.core.stacks import MaskStack, SpectrogramStack, silence_notes
from napari_squeakout.core.steps import Looped, Progress, Steps
from napari_squeakout.io.scratch import give_back_zeros, make_room
from napari_squeakout.io.sessions.finding import is_of_file
from napari_squeakout.io.sessions.kept_cleaning import kept_cleaning
from napari_squeakout.io.sessions.record import RECORD, MadeBy, read_record
from napari_squeakout.io.sessions.session import Session, open_session
from napari_squeakout.io.sessions.sources import (
    begin_session,
    discard_session,
    earlier_sessions,
    free_folder,
)
from napari_squeakout.io.sources.opening import opening
from napari_squeakout.io.sources.stack_domain import model_notes

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Ready:
    """What came of one recording.

    Parameters
    ----------
    path : Path
        The recording, image or folder of images.
    session : Path, optional
        Its session; None where there is none.
    n_pages, n_segmented : int
        Pages it has, and those that the network was asked about just now.
    n_calls : int
        Calls there are.
    notes : tuple of str
        What should be known of it.
    failure : str
        Why it could not be done; empty where it was.
    """

    path: Path
    session: Path | None = None
    n_pages: int = 0
    n_segmented: int = 0
    n_calls: int = 0
    notes: tuple[str, ...] = ()
    failure: str = ""


@dataclass(frozen=True, kw_only=True)
class IntoSessions:
    """How recordings become sessions.

    A session that is there is gone on with: pages that were segmented stay as they are, and so does
    all that a person did. Pages of two models never stand in one session.

    Parameters
    ----------
    engine : Engine
        Model and device.
    folder : Path, optional
        Where sessions are begun and looked for; by default the user's own folder of them.
    cleaning, recording, rendering, images : optional
        Settings; what they leave open is as the model was made for and judged with.
    """

    engine: Engine
    folder: Path | None = None
    cleaning: CleanSettings = field(default_factory=CleanSettings)
    recording: RecordingSettings = field(default_factory=RecordingSettings)
    rendering: RenderSettings = field(default_factory=RenderSettings)
    images: ImageSettings = field(default_factory=ImageSettings)

    def segmenting(self, path: Path) -> Steps[Ready]:
        """Segment and clean one of them into its session; what is odd about it costs no other.

        Closed before its end, it leaves a session with the pages that are done.
        """
        try:
            return (yield from self._segmenting(path))
        except Exception as error:  # noqa: BLE001 - whatever is odd about one, the others go on
            _log.debug("%s", path, exc_info=True)
            return Ready(path=path, failure=one_line(error))

    def _segmenting(self, path: Path) -> Steps[Ready]:
        rendering = self.engine.model.rendering(self.rendering)
        stacks = yield from opening([path], self.recording, rendering, self.images)
        if len(stacks) != 1:
            msg = f"{path}: holds {len(stacks)} sources: add them one by one"
            raise InputError(msg)
        [stack] = stacks
        session, passed_over = self._session_of(stack)
        is_new = session.record.model is None and not session.stages.any()
        try:
            asked, silent = yield from self._asking(session, stack)
            n_calls, left_out = yield from self._cleaning(session, stack)
            of_classes = classed(session.classes, MaskStack(session.labels, stack.layout)).notes
        except BaseException:
            if is_new and not session.stages.any():
                discard_session(session)
            raise
        finally:
            session.close()
        apart = model_notes(stack, self.engine.model)
        return Ready(
            path=path,
            session=session.folder,
            n_pages=stack.layout.n_pages,
            n_segmented=asked,
            n_calls=n_calls,
            notes=(
                *stack.notes,
                *stack.unreadable,
                *self.engine.notes,
                *apart,
                *passed_over,
                *silence_notes(silent, asked),
                *left_out,
                *of_classes,
            ),
        )

    def _session_of(self, stack: SpectrogramStack) -> tuple[Session, tuple[str, ...]]:
        """That with most work of those of this recording, or a new one; and what it passed over."""
        earlier = earlier_sessions(stack, self.folder)
        if self.folder is not None:  # one begun in the window lies among the user's own
            earlier += earlier_sessions(stack)
        own = [one for one in earlier if _is_of(one.folder, stack)]
        fitting = [one for one in own if one.fits]
        if not fitting:
            other = tuple(f"{one.folder}: has other pages and stays as it is" for one in own[:1])
            return begin_session(stack, free_folder(stack.layout.source, self.folder)), other
        session = open_session(fitting[0].folder)
        if session.read_only:
            msg = f"{session.folder}: {session.read_only}: close it there first"
            raise SqueakOutError(msg)
        return session, ()

    def _asking(self, session: Session, stack: SpectrogramStack) -> Steps[tuple[int, int]]:
        """Ask the network about the pages of which nothing is known.

        Gives how many these are, and how many of them were left out as silent.
        """
        missing = np.flatnonzero(session.stages == PageStage.UNSEGMENTED)
        made_by, model = session.record.model, self.engine.model
        is_other = made_by is not None and made_by.fingerprint != model.fingerprint
        if len(missing) and is_other and count_segmented(session.stages):
            msg = (
                f"{session.folder}: {made_by.name} segmented a part of it, and two models never "  # type: ignore[union-attr]
                "share a session: open it and segment all pages anew"
            )
            raise SqueakOutError(msg)
        if len(missing):
            name = MadeBy(name=model.name, fingerprint=model.fingerprint)
            session.save(session.record.model_copy(update={"model": name}))
        done = n_silent = 0
        for first, stop in _ranges(missing):
            make_room(session.probabilities, first, stop)
            out = session.probabilities[first:stop]
            asking = Looped(segmenting_pages(stack.part(first, stop), self.engine, out=out))
            for progress in asking:
                session.stages[first : first + progress.done] = PageStage.SEGMENTED
                page = first + progress.done
                give_back_zeros(session.probabilities, page - 1, page)
                yield Progress(done + progress.done, len(missing), "pages")
            done += stop - first
            n_silent += asking.result.n_silent
        return len(missing), n_silent

    def _cleaning(
        self, session: Session, stack: SpectrogramStack
    ) -> Steps[tuple[int, tuple[str, ...]]]:
        """Make calls of what the network said, but on pages that a person worked on.

        Gives how many there are, and what was left out.
        """
        review, _ = checked(session.record.review, session.labels)
        kept = kept_cleaning(session.folder, session.record)
        settings = kept or self.engine.model.cleaning(self.cleaning)
        proposals = Proposals.resumed(
            session.labels, stack.layout, review, session.proposed, session.stages,
            make_room=make_room,
        )  # fmt: skip
        left_out: tuple[str, ...] = ()
        if not (session.stages == PageStage.SEGMENTED).any():
            n_calls = count_all_calls(session.labels)
        else:
            if session.record.n_calls is not None:  # right no more, should this be killed
                session.save(session.record.model_copy(update={"n_calls": None}))
            report = yield from proposals.rewriting(session.probabilities, settings)
            n_calls, left_out = report.n_calls, report.notes
        known = {**session.record.settings, "clean": settings.model_dump()}
        record = session.record.with_review(review).model_copy(
            update={"settings": known, "n_calls": n_calls}
        )
        session.save(record)
        return n_calls, left_out


def _is_of(folder: Path, stack: SpectrogramStack) -> bool:
    """Whether a session was begun on these very files: a copy of them gets one of its own."""
    files = () if stack.origin is None else stack.origin.files
    return len(files) != 1 or is_of_file(read_record(folder / RECORD), folder, Path(files[0]))


def _ranges(pages: np.ndarray[Any, np.dtype[np.intp]]) -> Iterator[tuple[int, int]]:
    """Runs of consecutive pages: first, and behind the last."""
    for run in np.split(pages, np.flatnonzero(np.diff(pages) > 1) + 1):
        if len(run):
            yield int(run[0]), int(run[-1]) + 1
