"""One use of the network, beside the window: what is asked, and what has been answered so far."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.uncertainty import page_disagreement
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.steps import Looped, Progress, Steps
from napari_squeakout.gui.names.shown import shown_name
from napari_squeakout.io.scratch import give_back_zeros, page_array

from .room import Room, room_for

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_squeakout.core.detection.engine import Engine
    from napari_squeakout.core.settings import SegmentSettings
    from napari_squeakout.core.stacks import ProbabilityStack, SpectrogramStack
    from napari_squeakout.io.sessions.session import Session


@dataclass(frozen=True, eq=False, kw_only=True)
class Run:
    """What is asked, as things stand when it begins.

    Parameters
    ----------
    stack : SpectrogramStack
        Whose pages.
    first, stop : int
        Which pages.
    model : str
        Name of the model that is asked.
    settings : SegmentSettings
        How it is asked.
    session : Session, optional
        Where the work on this source is kept already.
    known : ProbabilityStack, optional
        What has been answered before.
    stages : NDArray, optional
        (n,) uint8 `PageStage` of each page, as `known`; without them all of that is known.
    engine : Engine, optional
        That of the last run, where model and settings are the same.
    """

    stack: SpectrogramStack
    first: int
    stop: int
    model: str
    settings: SegmentSettings
    session: Session | None = None
    known: ProbabilityStack | None = None
    stages: NDArray[np.uint8] | None = None
    engine: Engine | None = None

    @property
    def name(self) -> str:
        """Of the source, as it is shown."""
        return shown_name(self.stack)

    @property
    def n_pages(self) -> int:
        """How many pages are asked about."""
        return self.stop - self.first


@dataclass(frozen=True, eq=False, kw_only=True)
class Answers:
    """What has come of a run so far.

    Parameters
    ----------
    engine : Engine
        That answers.
    room : Room
        Where the answers are.
    done : int
        How many pages have theirs.
    disagreement : mapping
        Page -> how much the model asked before would have changed its calls.
    notes : tuple of str
        What a person should know.
    """

    engine: Engine
    room: Room
    done: int = 0
    disagreement: Mapping[int, float]
    notes: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Of the model that answers."""
        return self.engine.model.fingerprint


@dataclass(frozen=True)
class PagesDone(Progress):
    """Progress that brings all there is so far: one that is not told is made up for by the next."""

    answers: Answers


def make_engine(model: str, settings: SegmentSettings) -> Engine:
    """Load a model, the default one where none is named, and make it ready; imports torch."""
    from napari_squeakout.io.engines import making
    from napari_squeakout.io.models.registry import load_model

    return making.make_engine(load_model(model or None), settings)


def segmenting(run: Run) -> Steps[Answers]:
    """Ask the network about a run's pages; all of this happens beside the window.

    Yields
    ------
    Progress
        `PagesDone` from when there is room for the answers.
    """
    yield Progress(0, run.n_pages, "pages")
    engine = run.engine or make_engine(run.model, run.settings)
    n_told = len(engine.notes)
    room = room_for(run, engine.model.fingerprint)
    answers = Answers(engine=engine, room=room, disagreement={})
    yield _told(run, answers)  # first: whoever ends this knows the session that was begun
    notes = tuple(note for note in (room.note, *domain_notes(run, engine)) if note)
    answering = Looped(_answering(run, engine, room))
    for done, disagreement in answering:
        answers = replace(
            answers,
            done=done,
            disagreement=disagreement,
            notes=(*notes, *engine.notes[n_told:]),
        )
        yield _told(run, answers)
    silent = answering.result
    return replace(answers, notes=(*answers.notes, *silent, *(yield from _band_notes(run))))


def domain_notes(run: Run, engine: Engine) -> tuple[str, ...]:
    """Say where the source lies far from what the model learned from."""
    from napari_squeakout.io.sources.stack_domain import domain_warning

    far = domain_warning(run.stack, engine.model)
    return () if far is None else (far,)


def _band_notes(run: Run) -> Steps[tuple[str, ...]]:
    """Say what a recording that was segmented whole holds below the band."""
    from napari_squeakout.io.sources.stack_domain import noting_band

    if (run.first, run.stop) != (0, run.stack.layout.n_pages):
        return ()
    return tuple((yield from noting_band(run.stack)))


def _answering(
    run: Run, engine: Engine, room: Room
) -> Generator[tuple[int, dict[int, float]], None, tuple[str, ...]]:
    """Fill in a run's pages; gives how many are done, and where the model before saw other calls.

    Answers of another model go when the first new one has come, not before: a run that fails at
    once leaves them. At the end it says how many pages were left out as silent.
    """
    from napari_squeakout.core.detection.segment import segmenting_pages

    target = room.values[run.first : run.stop]
    stages = room.stages[:]  # as `target`, it can be written while the session is being closed
    out = page_array(target.shape, "uint8") if room.is_stale else target
    done, disagreement = 0, dict[int, float]()
    asking = Looped(segmenting_pages(run.stack.part(run.first, run.stop), engine, out=out))
    for progress in asking:
        disagreement = {**disagreement, **_compared(run, room, out, range(done, progress.done))}
        if room.is_stale:
            if not done:
                stages[:] = PageStage.UNSEGMENTED  # first: they never claim what is gone
                _clear(room.values)
            target[done : progress.done] = out[done : progress.done]
        give_back_zeros(room.values, run.first + done, run.first + progress.done)
        stages[run.first + done : run.first + progress.done] = PageStage.SEGMENTED
        done = progress.done
        yield done, disagreement
    return asking.result.notes


def _compared(run: Run, room: Room, out: NDArray[np.uint8], pages: range) -> dict[int, float]:
    """Say where the model asked before saw something else."""
    if room.before is None:
        return {}
    before, settings = room.before[run.first : run.stop], CleanSettings()
    return {run.first + p: page_disagreement(before[p], out[p], settings) for p in pages}


def _clear(values: NDArray[np.uint8]) -> None:
    for page in values:
        page[page > 0] = 0  # zeros take no room, and a full disk has none for them


def _told(run: Run, answers: Answers) -> PagesDone:
    return PagesDone(answers.done, run.n_pages, "pages", answers)
