"""What `fine-tune` says while it works: sentences to a person, lines of JSON to a program."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError
from rich.markup import escape
from rich.table import Table

from napari_squeakout.core.errors import SqueakOutError, is_disk_full, is_out_of_memory
from napari_squeakout.core.steps import Progress, Steps, passing_on, run
from napari_squeakout.io.training_runs.events import (
    BatchEvent,
    BeganEvent,
    ChangesEvent,
    DoneEvent,
    EpochEvent,
    Event,
    FailedEvent,
    LearningCurveEvent,
    PreviewEvent,
    PromotedEvent,
    SavingEvent,
    StepEvent,
    VerdictEvent,
    line_of,
)
from napari_squeakout.io.training_runs.folder import (
    CANCELLED,
    CHANGES,
    PREVIEW,
    append_event,
    write_arrays,
)
from napari_squeakout.io.training_runs.news import (
    batch_event,
    epoch_event,
    learning_curve_event,
    plan_event,
    verdict_event,
)

from .console import complain, err, out, shown

if TYPE_CHECKING:
    from napari_squeakout.core.fine_tuning.approved import ApprovedPages
    from napari_squeakout.core.fine_tuning.fine_tune import EpochReport, FineTuned, TrainingEvent
    from napari_squeakout.core.fine_tuning.learning_curve import LearningCurve
    from napari_squeakout.io.models.keeping import Kept

T = TypeVar("T")
_log = logging.getLogger(__name__)
# A bar needs no more.
_EVERY_S = 0.4
# What is only shown: a moment without room on the disk is no reason to end hours of learning.
_FOR_SHOW = (BatchEvent, StepEvent, EpochEvent, PreviewEvent, ChangesEvent, FailedEvent)
# And a model that is there is not lost because nobody can be told so here.
_AT_THE_END = (VerdictEvent, LearningCurveEvent, DoneEvent, PromotedEvent)


class Reporter:
    """Tells whoever listens.

    Parameters
    ----------
    name : str
        Of the new model.
    json_lines : bool
        Whether stdout gets lines of JSON, and a person nothing.
    folder : Path, optional
        Of the run; gets the same lines, and arrays to be shown.
    """

    def __init__(self, name: str, *, json_lines: bool, folder: Path | None) -> None:
        self._name, self._json_lines, self.folder = name, json_lines, folder
        self._began_s = self._said_s = time.monotonic()
        self._what, self._epochs = "", 1
        self._approved: ApprovedPages | None = None
        self._is_saved = False

    def say(self, event: Event) -> None:
        """One event, that happens now."""
        seconds = round(time.monotonic() - self._began_s, 1)
        event = event.model_copy(update={"seconds": seconds})
        if self._json_lines:
            out.say_plain(line_of(event))
        if self.folder is not None:
            can_miss = isinstance(event, _FOR_SHOW + _AT_THE_END)
            with suppress(OSError) if can_miss else nullcontext():
                append_event(self.folder, event)

    def began(self, base: str) -> None:
        """Say what works, with what."""
        from importlib.metadata import version

        from napari_squeakout.core.detection.devices import choose_device

        choice, here = choose_device(), version("napari-squeakout")
        device, why = str(choice.device), choice.why
        self.say(BeganEvent(name=self._name, base=base, version=here, device=device, why=why))

    def learns_from(self, approved: ApprovedPages) -> None:
        """Keep in mind what pages are called, and say what was left out of them."""
        self._approved = approved
        for note in approved.notes if not self._json_lines else ():
            err.print(escape(note))

    def drain(self, steps: Steps[T]) -> T:
        """The result of steps, saying how far they are."""
        heard = self._hearing(steps)
        return run(heard) if self._json_lines else shown(heard, self._name)

    def judged(self, tuned: FineTuned) -> None:
        """Say what came of it, and show the pages that changed most."""
        from napari_squeakout.core.fine_tuning.changed_pages import changes_of

        self.say(verdict_event(tuned.verdict))
        if self.folder is None or self._approved is None:
            return
        changes = changes_of(self._approved, tuned)
        if changes.names:
            # A picture that cannot be written is no reason to lose the model.
            with suppress(SqueakOutError):
                write_arrays(self.folder / CHANGES, **changes.as_arrays())
                self.say(ChangesEvent(file=CHANGES))

    def drew(self, curve: LearningCurve) -> None:
        """Say what part of the pages would have brought, and what more are likely to."""
        self.say(learning_curve_event(curve))
        if self._json_lines:
            return
        table = Table("pages learned from", "Dice", "F1 of calls", box=None)
        for point in curve.points:
            f1 = "-" if point.calls_f1 is None else f"{point.calls_f1:.3f}"
            table.add_row(str(point.pages), f"{point.dice:.3f}", f1)
        out.print(table)
        out.print(escape(curve.expected))

    def done(self, kept: Kept, tuned: FineTuned, fingerprint: str) -> None:
        """Say where the new model is."""
        self._is_saved, self._name = True, kept.name
        # Whoever listens names it by this: by its old name it would be another one.
        path, name = str(kept.path), kept.name if kept.has_name else str(kept.path)
        self.say(DoneEvent(path=path, name=name, fingerprint=fingerprint, note=kept.note))
        if not self._json_lines:
            text = escape(tuned.verdict.sentence)
            out.print(f"{escape(path)} ({fingerprint[:12]}): {text}")
        if kept.note:
            complain(kept.note)

    def promoted(self, is_default: bool, default: str, *, not_compared: bool) -> None:
        """Say which model is used from now on when none is named."""
        told = PromotedEvent(name=self._name, promoted=is_default, not_compared=not_compared)
        self.say(told)
        if self._json_lines:
            return
        if is_default:
            text = f"{default} is the default now; `squeakout models use --previous` goes back"
        elif not_compared:
            text = (
                f"{default} stays the default: {self._name} was not compared with it; "
                f"`squeakout models use {self._name}` makes it the default"
            )
        else:
            text = f"{default} stays the default"
        out.print(escape(text))

    def saving(self, fingerprint: str, name: str) -> None:
        """Say that the model is about to be there: whoever cancels now takes it away again."""
        self.check_cancelled()
        self.say(SavingEvent(name=name, fingerprint=fingerprint))

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Say what fails in it; it fails all the same."""
        try:
            yield
        except KeyboardInterrupt:
            left = "the model was saved" if self._is_saved else "nothing was saved"
            self.say(FailedEvent(error=f"stopped: {left}"))
            raise
        except Exception as error:
            self.say(FailedEvent(error=_sentence(error)))
            raise

    def check_cancelled(self) -> None:
        """Leave if somebody cancelled the run, who could not end it himself."""
        if self.folder is not None and (self.folder / CANCELLED).exists():
            msg = "cancelled: nothing was saved"
            raise SqueakOutError(msg)

    def _hearing(self, steps: Steps[T]) -> Steps[T]:
        """The same steps."""
        from napari_squeakout.core.fine_tuning.fine_tune import TrainingEvent

        def heard(progress: Progress) -> Progress | None:
            if isinstance(progress, TrainingEvent):
                self._news(progress)
                return progress if progress.what == "epochs" else None  # no bar of the others
            self.check_cancelled()
            self._progress(progress)
            return progress

        return (yield from passing_on(steps, heard))

    def _news(self, progress: TrainingEvent) -> None:
        from napari_squeakout.io.tasks.fine_tuning import Saved

        news = progress.news
        if isinstance(news, Saved):  # whoever cancels now is too late
            self.done(news.kept, news.tuned, news.model.fingerprint)
            return
        self.check_cancelled()
        try:
            self._tell(progress)
        except ValidationError:  # ours, and no reason to lose what hours have made
            _log.exception("what came of the work could not be told")

    def _tell(self, progress: TrainingEvent) -> None:
        from napari_squeakout.core.fine_tuning.approved import ApprovedPages
        from napari_squeakout.core.fine_tuning.fine_tune import EpochReport, FineTuned, Plan
        from napari_squeakout.core.fine_tuning.learning_curve import LearningCurve
        from napari_squeakout.io.tasks.fine_tuning import Began

        news = progress.news
        if isinstance(news, Began):
            self.began(news.base)
        elif isinstance(news, ApprovedPages):
            self.learns_from(news)
        elif isinstance(news, Plan):
            self._epochs = news.epochs
            self.say(plan_event(news, self._approved))
        elif isinstance(news, EpochReport):
            self._learned(news, progress.total)
        elif isinstance(news, FineTuned):
            self.judged(news)
        elif isinstance(news, LearningCurve):
            self.drew(news)

    def _learned(self, news: EpochReport, total: int) -> None:
        self.say(epoch_event(news, total))
        if news.preview is None or self.folder is None:
            return
        # Windows replaces no file that is just being read: the next one will do.
        with suppress(SqueakOutError):
            write_arrays(self.folder / PREVIEW, **news.preview.as_arrays())
            self.say(PreviewEvent(file=PREVIEW, epoch=news.epoch.number + 1))

    def _progress(self, progress: Progress) -> None:
        """Some times a second; each kind of step when it begins or ends."""
        now_s, new = time.monotonic(), progress.what != self._what
        last = progress.done == progress.total
        if not (new or last) and now_s - self._said_s < _EVERY_S:
            return
        self._said_s, self._what = now_s, progress.what
        if progress.what == "batches":
            self.say(batch_event(progress, self._epochs))
        else:
            what, done, total = progress.what, progress.done, progress.total
            self.say(StepEvent(what=what, done=done, total=total))


def _sentence(error: Exception) -> str:
    if is_out_of_memory(error):
        return "it ran out of memory: close other programs, or choose a smaller batch_size"
    if is_disk_full(error):
        return "the disk is full: free space and train again"
    return " ".join(str(error).split()) or type(error).__name__
