"""One use of the network: what it works on, and what has come of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.numerals import counted
from napari_squeakout.core.review.page_stages import PageStage, new_stages
from napari_squeakout.core.review.uncertainty import page_disagreement
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.steps import Steps
from napari_squeakout.gui.qt.wording import duration_text, sentence
from napari_squeakout.io.scratch import make_room as set_aside
from napari_squeakout.io.scratch import page_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_squeakout.core.detection.engine import Engine
    from napari_squeakout.core.settings import SegmentSettings
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.source.kept import Kept
    from napari_squeakout.io.sessions.session import Session


@dataclass
class Run:
    """Pages first..stop of a source, a model and its settings; filled in while it runs."""

    source: SourceLayers
    first: int
    stop: int
    model: str
    settings: SegmentSettings
    kept: Kept
    values: NDArray[Any] | None = None
    stages: NDArray[Any] | None = None
    session: Session | None = None
    fingerprint: str = ""
    layer: Any = None
    stale: bool = False
    before: NDArray[Any] | None = None
    done: int = 0
    notes: list[str] = field(default_factory=list)
    why: str = ""
    cleaning: CleanSettings | None = None
    is_begun: bool = False
    began: float = field(default_factory=time.monotonic)

    @property
    def name(self) -> str:
        """Of the source."""
        return str(self.source.stack.layout.source)


def make_room(run: Run) -> None:
    """Find room for the answers: in the session, in a new one, or where none can be, for now.

    Works beside the window; what it began is for the window to take.
    """
    layout, origin = run.source.stack.layout, run.source.stack.origin
    session = run.kept.session
    if session is None and origin is not None:
        from napari_squeakout.io.sessions.sources import begin_session

        try:
            session = run.session = begin_session(run.source.stack)
        except (SqueakOutError, OSError) as error:
            run.notes.append(f"this work is not kept on disk ({error})")
    if session is None or session.read_only:
        run.values, run.stages = page_array(layout.shape, "uint8"), new_stages(layout.n_pages)
        return
    run.values, run.stages = session.probabilities, session.stages
    set_aside(run.values, run.first, run.stop)
    filled = [index for index, page in enumerate(run.values) if page.any()]
    run.stale = bool(filled) or bool(run.stages.any())
    if filled:  # they go, and are compared with what comes
        run.before = page_array(layout.shape, "uint8")
        run.before[filled] = run.values[filled]


def note_domain(run: Run, engine: Engine) -> None:
    """Take down where the source lies far from what the model learned from."""
    from napari_squeakout.io.sources.stack_domain import domain_warning

    far = domain_warning(run.source.stack, engine.model)
    if far is not None:
        run.notes.append(far)


def note_band(run: Run) -> Steps[None]:
    """Take down what a recording that was segmented whole holds below the band."""
    from napari_squeakout.io.sources.stack_domain import noting_band

    if (run.first, run.stop) == (0, run.source.stack.layout.n_pages):
        run.notes.extend((yield from noting_band(run.source.stack)))


def answers_of(run: Run, engine: Engine) -> Steps[None]:
    """Fill in a run's pages.

    Answers of another model go when the first new one has come, not before: a run that fails at
    once leaves them.
    """
    from napari_squeakout.core.detection.segment import segmenting_pages

    assert run.values is not None and run.stages is not None  # noqa: S101, PT018 - there is room
    part = run.source.stack.part(run.first, run.stop)
    target = run.values[run.first : run.stop]
    stages = run.stages[:]  # as `target`, it can be written while the session is being closed
    out = page_array(target.shape, "uint8") if run.stale else target
    for progress in segmenting_pages(part, engine, out=out):
        _compare(run, out, progress.done)
        if run.stale:
            if not run.done:
                stages[:] = PageStage.UNSEGMENTED  # first: they never claim what is gone
                _clear(run.values)
            target[run.done : progress.done] = out[run.done : progress.done]
        stages[run.first + run.done : run.first + progress.done] = PageStage.SEGMENTED
        run.done = progress.done
        yield progress


def _compare(run: Run, out: NDArray[Any], done: int) -> None:
    """Take down where the model asked before sees something else."""
    if run.before is None:
        return
    for index in range(run.done, done):
        page = run.first + index
        disagreement = page_disagreement(run.before[page], out[index], CleanSettings())
        run.kept.disagreement[page] = disagreement


def _clear(values: NDArray[Any]) -> None:
    for page in values:  # what is empty stays unwritten
        if page.any():
            page[:] = 0


def success_text(run: Run) -> str:
    """Say what a finished run did."""
    pages, took = counted(run.stop - run.first, "page"), duration_text(time.monotonic() - run.began)
    notes = "".join(f" {sentence(note)}" for note in run.notes)
    return f"Segmented {pages} of {run.name} with {run.model} in {took}.{notes}"
