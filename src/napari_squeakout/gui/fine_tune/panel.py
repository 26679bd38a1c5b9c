"""Fine-tune: approved pages teach a model, and a verdict says whether to use it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_squeakout.core.steps import Steps
from napari_squeakout.gui.qt.failures import Failure
from napari_squeakout.gui.qt.job_bar import JobBar, message_label
from napari_squeakout.gui.qt.jobs import Job
from napari_squeakout.gui.source.effort import effort_text
from napari_squeakout.io.training_runs.account import RunState

from .jobs import (
    Defaults,
    beginning,
    cancelling,
    closing,
    finding,
    looking_at_defaults,
    making_default,
    stopping,
)
from .progress import TrainingProgress
from .report import TrainingReport
from .setup import TrainingSetup
from .watch import Sight, TrainingWatch

if TYPE_CHECKING:
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.source.state import SourceState
    from napari_squeakout.io.training_runs.order import TrainingOrder

_UNTOUCHED = "Your pages, sessions and models are as they were."


class FineTunePanel(QWidget):
    """Teaches a model the approved pages, in a process of its own, and shows what comes of it."""

    #: There is a run to show, found or begun.
    found = Signal()
    #: There is a new model, or another default: the name of the one to use from now on, or None.
    models_changed = Signal(object)
    #: Unreviewed pages are to be proposed again: the model, and the threshold that suits it.
    propose_asked = Signal(str, float)
    #: Pages that teach more are to be shown.
    doubtful_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: SourceState | None = None
        self._source: SourceLayers | None = None
        self._defaults: Defaults | None = None
        self._looked = False
        self._marking = Job(self)
        self.bar = JobBar("train_work")
        self.setup = TrainingSetup()
        self.watch = TrainingWatch(self)
        self.progress = TrainingProgress()
        self.report = TrainingReport()
        self._effort = message_label("train_effort")
        self._connect()
        self._lay_out()
        self._show()

    def set_source(self, source: SourceLayers | None, state: SourceState | None) -> None:
        """Follow the dock's source."""
        self._source = source
        if state is not self._state:
            self._let_go()
            self._state = state
            if state is not None:
                state.changed.connect(self._on_review)
        self._on_review()
        self._show()

    def switch(self, is_on: bool) -> None:
        """Look at the pages while somebody sees this."""
        self.setup.switch(is_on)

    def look_once(self) -> None:
        """Find a run that goes on, or has ended unseen, beside the window."""
        if not self._looked and not self.bar.job.is_active:
            self._looked = True
            self.bar.start(finding(), done=self._follow)

    def disconnect_viewer(self) -> None:
        """Stop looking; what runs goes on."""
        self.watch.follow(None)
        self._let_go()

    def _let_go(self) -> None:
        if self._state is not None:
            self._state.changed.disconnect(self._on_review)
            self._state = None

    def _on_review(self) -> None:
        session = None if self._state is None else self._state.session
        why = "" if session is not None else _why_no_session(self._source)
        self.setup.set_session(None if session is None else session.folder, why)
        self.setup.look_soon()
        text = "" if self._state is None else effort_text(self._state)
        self._effort.setText(text)
        self._effort.setVisible(bool(text))

    def _on_ordered(self, order: TrainingOrder) -> None:
        if self.bar.job.is_active or self.watch.folder is not None:
            return
        self._settle()
        self.bar.start(beginning(order), done=self._follow)

    def _settle(self) -> None:
        """Write the session: others read what is on disk."""
        if self._state is not None:
            self._state.settle()

    def _follow(self, folder: Path | None) -> None:
        if folder is not None:
            self._defaults = None
            self.watch.follow(folder)
            self.found.emit()
        self._show()

    def _follow_another(self, folder: Path | None) -> None:
        if self.watch.folder is None and not self.bar.job.is_active:
            self._follow(folder)

    def _on_seen(self, sight: Sight) -> None:
        if not sight.has_ended:
            self.progress.show_sight(sight)
        elif sight.account.state is not RunState.DONE:
            self._end_with(sight)
            return
        else:
            self.report.show_sight(sight)
            self.setup.look_soon()
            self._after(looking_at_defaults())
        self._show()

    def _end_with(self, sight: Sight) -> None:
        """Say why nothing came of a run, and make ready for another."""
        account = sight.account
        self._close()
        if account.state is RunState.CANCELLED:
            self.bar.say(f"Cancelled: nothing of {account.name} is left. {_UNTOUCHED}")
            return
        error = account.error.rstrip(".") or "its process ended without an error message"
        sentence = f"{account.name} was not trained: {error}. {_UNTOUCHED}"
        self.bar.fail(Failure(sentence, sight.last_words))

    def _close(self) -> None:
        """Show no run any more."""
        folder = self.watch.folder
        self.watch.follow(None)
        if folder is not None:
            # Another run may be at work, which is shown now that this one is not.
            self._marking.restart(
                lambda: self._marking.start(closing(folder), done=self._follow_another)
            )
        self.setup.look_soon()
        self._show()

    def _after(self, steps: Steps[Defaults]) -> None:
        self.bar.job.restart(lambda: self.bar.start(steps, done=self._on_defaults))

    def _on_defaults(self, defaults: Defaults) -> None:
        is_news, self._defaults = self._defaults is None, defaults
        account = None if self.watch.sight is None else self.watch.sight.account
        if is_news and account is not None:
            # Of a run that was found, somebody may have gone back from since.
            is_default = bool(account.promoted) and defaults[0] == account.name
            self.models_changed.emit(account.name if is_default else None)
        self._show()

    def _make_default(self, name: str) -> None:
        if self.bar.job.is_active:
            return

        def done(defaults: Defaults) -> None:
            self._on_defaults(defaults)
            self.bar.say(f"{name} is the model used from now on.")
            self.models_changed.emit(name)

        self.bar.start(making_default(name), done=done)

    def _ask(self, steps: Callable[[Path], Steps[None]]) -> None:
        """Ask something of the run, beside the window; the watch sees what comes of it."""
        if self.watch.folder is not None and not self.bar.job.is_active:
            self.bar.start(steps(self.watch.folder))

    def _show(self) -> None:
        has_run, sight, busy = (
            self.watch.folder is not None,
            self.watch.sight,
            self.bar.job.is_active,
        )
        ended = sight is not None and sight.has_ended
        self.setup.setVisible(not has_run)
        self.setup.hinder("Starting…" if busy and not has_run else "")
        self.progress.setVisible(has_run and sight is not None and not ended)
        self.report.setVisible(has_run and ended)
        self.report.offer(self._defaults, can_propose=self._state is not None, is_busy=busy)
        if sight is not None:
            stops = sight.account.state in {RunState.RUNNING, RunState.STARTING}
            self.progress.allow(stop=stops and not busy, cancel=not busy)

    def _connect(self) -> None:
        self.bar.activity_changed.connect(lambda _active: self._show())
        self.setup.ordered.connect(self._on_ordered)
        self.setup.looks.connect(self._settle)
        self.watch.seen.connect(self._on_seen)
        self.watch.failed.connect(self.bar.fail)
        self.progress.stop_asked.connect(lambda: self._ask(stopping))
        self.progress.cancel_asked.connect(lambda: self._ask(cancelling))
        self.report.default_asked.connect(self._make_default)
        self.report.propose_asked.connect(self.propose_asked)
        self.report.closed.connect(self._close)
        for part in (self.setup, self.report):
            part.doubtful_asked.connect(self.doubtful_asked)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.progress, self.report, self._effort, self.setup, self.bar):
            layout.addWidget(widget)


def _why_no_session(source: SourceLayers | None) -> str:
    if source is None:
        return ""
    if source.stack.origin is None:
        return (
            "These pages come from no file, so a training cannot read them: save images and masks "
            "as folders (File > Save), and add those."
        )
    if source.probabilities is None:
        return "There is no session of this yet: segment it, and approve pages."
    return (
        "This work is not kept on disk, so a training cannot read it: free space, and segment "
        "again."
    )
