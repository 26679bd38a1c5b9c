"""A fine-tuning at work: how far it is, how it learns, and the two ways to end it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from napari_squeakout.gui.qt.buttons import button, named
from napari_squeakout.gui.qt.job_bar import message_label
from napari_squeakout.gui.qt.wording import duration_text

from .curves import TrainingCurves
from .page_pair_view import PagePairView
from .preparation import place_name

if TYPE_CHECKING:
    from napari_squeakout.io.training_runs.account import Account
    from napari_squeakout.io.training_runs.events import StepEvent

    from .watch import Sight

_BAR_PX = 10
_STEPS = 1000


class TrainingProgress(QWidget):
    """Shows a run that goes on, and asks for its end."""

    stop_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("train_progress")
        self._title = message_label("train_title")
        self._title.setStyleSheet("font-weight: bold")
        self._epochs = _bar("train_epochs")
        self._batches = _bar("train_batches")
        self._told = message_label("train_eta")
        self.curves = TrainingCurves()
        self._preview_title = message_label("train_preview_title")
        self.preview = PagePairView("train_preview")
        self.preview.setToolTip(
            "A held-out page as the network sees it: orange what it marks, outlined in blue what "
            "you approved"
        )
        self._stop = button(
            "Stop and keep the best", "train_stop",
            "End training early; the best epoch so far is judged and kept as a model",
        )  # fmt: skip
        self._stop.clicked.connect(self.stop_asked)
        self._cancel = button(
            "Cancel and discard", "train_cancel", "End training at once; nothing of it is kept"
        )
        self._cancel.clicked.connect(self.cancel_asked)
        self._lay_out()

    def show_sight(self, sight: Sight) -> None:
        """Show how far a run is."""
        # In one go: bars paint themselves at once otherwise, and the dock behind them each time.
        self.setUpdatesEnabled(False)
        try:
            self._draw(sight)
        finally:
            self.setUpdatesEnabled(True)

    def _draw(self, sight: Sight) -> None:
        account = sight.account
        self._title.setText(
            f"Fine-tuning {account.name} from {account.base or 'the bundled model'}"
        )
        self._title.setVisible(True)
        self._show_bars(account)
        self._told.setText(progress_text(account))
        self._told.setVisible(True)
        self.curves.setVisible(bool(account.epochs))
        if account.epochs:
            self.curves.set_epochs(account.epochs, account.epochs[-1].best_epoch)
        has_preview = sight.preview is not None
        self.preview.setVisible(has_preview)
        self._preview_title.setVisible(has_preview)
        if sight.preview is not None:
            name = place_name(sight.preview.name)
            self._preview_title.setText(f"A held-out page{f', {name}' if name else ''}")
            self.preview.set_pair(sight.preview, ("Before", f"Epoch {account.preview_epoch}"))

    def allow(self, *, stop: bool, cancel: bool) -> None:
        """Say which ways to end it are open."""
        self._stop.setEnabled(stop)
        self._cancel.setEnabled(cancel)

    def _show_bars(self, account: Account) -> None:
        batch, epochs = account.batch, len(account.epochs)
        total = _epochs_wanted(account)
        share = batch.batch / batch.batches if batch and batch.epoch > epochs else 0.0
        if not total:
            self._epochs.setRange(0, 0)
        else:
            self._epochs.setRange(0, _STEPS)
            self._epochs.setValue(round(_STEPS * (epochs + share) / total))
        self._batches.setRange(0, _STEPS)
        self._batches.setValue(round(_STEPS * share))
        step = _step_now(account)
        if step is not None:
            self._batches.setValue(round(_STEPS * step.done / max(1, step.total)))

    def _lay_out(self) -> None:
        bars = QVBoxLayout()
        bars.setSpacing(3)
        for words, bar in (("Epochs", self._epochs), ("Step", self._batches)):
            row = QHBoxLayout()
            label = QLabel(words)
            label.setFixedWidth(52)
            row.addWidget(label)
            row.addWidget(bar, stretch=1)
            bars.addLayout(row)
        buttons = QHBoxLayout()
        for way_out, share in ((self._stop, 6), (self._cancel, 5)):
            way_out.setMinimumWidth(60)  # side by side in a narrow dock
            buttons.addWidget(way_out, stretch=share)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._title)
        layout.addLayout(bars)
        layout.addWidget(self._told)
        layout.addLayout(buttons)
        for widget in (self.curves, self._preview_title, self.preview):
            layout.addWidget(widget)


def progress_text(account: Account) -> str:
    """What it does now, and how long that takes."""
    from napari_squeakout.io.training_runs.account import RunState

    epochs, total, step = account.epochs, _epochs_wanted(account), _step_now(account)
    if account.state is RunState.STARTING:
        return "Starting…"
    if step is not None:
        return _step_text(step)
    if account.state is RunState.STOPPING:
        return "Stopping: the best epoch so far is judged and kept."
    if not total:
        return "Reading the approved pages…"
    if not epochs:
        return f"Epoch 1 of at most {total}"
    best = epochs[-1].best_epoch
    best_text = f"best so far: epoch {best}" if best else "none better than before yet"
    began_s = account.plan.seconds if account.plan else 0.0
    each_s = (epochs[-1].seconds - began_s) / len(epochs)
    left_s = each_s * (total - len(epochs))
    number = min(len(epochs) + 1, total)
    return f"Epoch {number} of at most {total}, {best_text}; at most {duration_text(left_s)} left"


def _step_text(step: StepEvent) -> str:
    """What it does beside learning."""
    what, done, total = step.what, step.done, step.total
    if what.startswith("batches with"):
        return f"Learning curve: {done} of {total} {what}"
    if what == "pages judged":
        return f"Judging both models: {done} of {total} pages"
    return f"{'Reading' if what == 'approved pages' else 'Preparing'}: {done} of {total} {what}"


def _step_now(account: Account) -> StepEvent | None:
    """What it does beside learning, if that is what it does now."""
    step = account.step
    if step is None:
        return None
    others = (account.plan, account.batch, *account.epochs[-1:])
    last_s = max((event.seconds for event in others if event is not None), default=0.0)
    return step if step.seconds >= last_s else None


def _epochs_wanted(account: Account) -> int:
    return account.plan.epochs if account.plan else 0


def _bar(name: str) -> QProgressBar:
    bar = named(QProgressBar(), name)
    bar.setTextVisible(False)
    bar.setFixedHeight(_BAR_PX)
    bar.setRange(0, _STEPS)
    return bar
