"""What a job looks like in the dock: bar, time left, Cancel, and a line that says how it went."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_squeakout.gui.names.shown import NAMES, VeiledLabel
from napari_squeakout.gui.qt.access.spoken import spoken

from .buttons import button, named
from .jobs import Job, State, failures_told
from .wording import duration_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from napari_squeakout.core.steps import Progress, Steps

    from .failures import Failure

#: An estimate from less than this is a guess.
_ETA_AFTER_S = 1.0


class JobBar(QWidget):
    """Runs jobs for a panel and shows them.

    Parameters
    ----------
    panel : str
        First part of the object names: `<panel>_progress`, `_eta`, `_cancel`, `_message`,
        `_copy_diagnostics`.
    """

    activity_changed = Signal(bool)
    #: What the line says now.
    told = Signal(str)

    def __init__(self, panel: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.job = Job(self)
        self._clock = _Clock()
        self._details = ""
        self._bar = spoken(named(QProgressBar(), f"{panel}_progress"), "Progress")
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(10)
        self._eta = message_label(f"{panel}_eta")
        self._cancel = button(
            "Cancel", f"{panel}_cancel", "End after the step being computed; what is done is kept"
        )
        self._cancel.clicked.connect(self.job.cancel)
        self._message = message_label(f"{panel}_message")
        self._copy = button(
            "Copy diagnostics",
            f"{panel}_copy_diagnostics",
            "Put the error, its traceback and all versions on the clipboard",
        )
        self._copy.clicked.connect(self._copy_details)
        self._lay_out()
        self.job.state_changed.connect(self._show_state)
        self.job.progressed.connect(self._show_progress)
        self.job.failed.connect(self.fail)
        self._show_state(State.IDLE)
        self.say("")

    @property
    def text(self) -> str:
        """What the line says."""
        return self._message.text()

    def start(self, steps: Steps[Any], **callbacks: Callable[..., object] | None) -> None:
        """Run work, as `Job.start`; says nothing while another is running."""
        if self.job.is_active:
            return
        self.say("")
        self._clock = _Clock()
        self._bar.setRange(0, 0)
        self._eta.setText("")
        self.job.start(steps, **callbacks)

    def say(self, text: str) -> None:
        """Put a sentence on the line."""
        self._details = ""
        self._set_message(text, failed=False)

    def fail(self, failure: Failure) -> None:
        """Put a failure on the line."""
        self._details = failure.details
        self._set_message(failure.sentence, failed=True)

    def attempt(self) -> AbstractContextManager[None]:
        """Give a context in which whatever is raised is told on the line."""
        return failures_told(self.fail)

    def _set_message(self, text: str, *, failed: bool) -> None:
        self._message.setText(text)
        self._message.setVisible(bool(text))
        self._copy.setVisible(failed)
        self.told.emit(text)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self._eta, stretch=1)
        row.addWidget(self._cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._bar)
        layout.addLayout(row)
        layout.addWidget(self._message)
        layout.addWidget(self._copy, alignment=Qt.AlignmentFlag.AlignLeft)

    def _show_state(self, state: State) -> None:
        active = state in {State.RUNNING, State.STOPPING}
        for widget in (self._bar, self._eta, self._cancel):
            widget.setVisible(active)
        self._cancel.setEnabled(state is State.RUNNING)
        if state is State.STOPPING:
            self._eta.setText("Stopping after this step…")
        self.activity_changed.emit(active)

    def _show_progress(self, progress: Progress) -> None:
        if self.job.state is State.STOPPING:
            return
        self._bar.setRange(0, 1000)
        self._bar.setValue(round(1000 * progress.fraction))
        self._eta.setText(self._clock.text(progress))

    def _copy_details(self) -> None:
        copy_text(NAMES.veiled(f"{self._message.text()}\n\n{self._details}"))


class _Clock:
    """Estimates the time left from the pace since this kind of work began."""

    def __init__(self) -> None:
        self._first: Progress | None = None
        self._began = 0.0

    def text(self, progress: Progress) -> str:
        now = time.monotonic()
        first = self._first
        if first is None or first.what != progress.what or first.total != progress.total:
            self._first, self._began = progress, now
            return _counted(progress)
        elapsed, done = now - self._began, progress.done - first.done
        if elapsed < _ETA_AFTER_S or done <= 0:
            return _counted(progress)
        left_s = elapsed / done * (progress.total - progress.done)
        return f"{_counted(progress)}, {duration_text(left_s)} left"


def message_label(name: str, text: str = "") -> QLabel:
    """A line that wraps, can be selected, may be narrow, and names nothing that is hidden."""
    label: QLabel = named(VeiledLabel(text), name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    policy.setHeightForWidth(True)
    label.setSizePolicy(policy)
    label.setMinimumWidth(60)
    if not text:  # never shown here: without a parent it would be a window
        label.hide()
    return label


def copy_text(text: str) -> None:
    """Put a text on the clipboard."""
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None  # noqa: S101 - a window has one
    clipboard.setText(text)


def _counted(progress: Progress) -> str:
    if progress.what == "bytes":
        return f"{progress.done / 1e6:.1f} of {progress.total / 1e6:.1f} MB"
    return f"{progress.done} of {progress.total} {progress.what}"
