"""The end of a fine-tuning: its verdict, and what can be done with the new model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from napari_squeakout.gui.qt.buttons import button
from napari_squeakout.gui.qt.elided import ElidedButton
from napari_squeakout.gui.qt.job_bar import message_label
from napari_squeakout.gui.qt.wording import sentence

from .doubtful import doubtful_button
from .verdict_box import VerdictBox

if TYPE_CHECKING:
    from .jobs import Defaults
    from .watch import Sight

_NEXT_STEP = "Next: correct and approve pages that the model gets wrong, then train again."


class TrainingReport(QWidget):
    """Says whether the new model is better; offers to use it, to go back, to propose anew."""

    #: This model is to be the default: its name.
    default_asked = Signal(str)
    #: Unreviewed pages are to be proposed again: the model, and the threshold that suits it.
    propose_asked = Signal(str, float)
    #: Pages that teach more are to be shown.
    doubtful_asked = Signal()
    #: The report has been read.
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("train_report")
        self._sight: Sight | None = None
        self._previous: str | None = None
        self._verdict = VerdictBox()
        self._done = message_label("train_done")
        self._use = button("Use it", "train_use", "Make it the model used from now on")
        self._back = ElidedButton("Go back", objectName="train_back")
        self._back.setToolTip("Use the previous default model again")
        self._propose = button(
            "Propose again on unreviewed pages", "train_propose",
            "Ask the new model about this recording; approved and corrected pages stay as they are",
        )  # fmt: skip
        self._next_step = message_label("train_next_step", _NEXT_STEP)
        self._doubtful = doubtful_button("train_report_doubtful")
        self._again = button(
            "Train another", "train_again", "Close this report; the new model stays"
        )
        self._use.clicked.connect(self._on_use)
        self._back.clicked.connect(self._on_back)
        self._propose.clicked.connect(self._on_propose)
        self._doubtful.clicked.connect(self.doubtful_asked)
        self._again.clicked.connect(self.closed)
        self._lay_out()

    def show_sight(self, sight: Sight) -> None:
        """Show what came of a run that is done."""
        self._sight = sight
        self._verdict.show_sight(sight)

    def offer(self, defaults: Defaults | None, *, can_propose: bool, is_busy: bool) -> None:
        """Offer what can be done now.

        Parameters
        ----------
        defaults : tuple, optional
            Name of the default model and of the one before; None while that is not known.
        can_propose : bool
            Whether there are pages in view to be proposed again.
        is_busy : bool
            Whether something is being done already.
        """
        name = "" if self._sight is None else self._sight.account.name
        default, self._previous = defaults or ("", None)
        self._done.setVisible(bool(default) and self._sight is not None)
        if self._sight is not None and default:
            self._done.setText(_done_text(self._sight, default))
        self._use.setVisible(default not in {"", name})
        self._back.setVisible(default == name and self._previous is not None)
        self._back.setText(f"Go back to {self._previous}")
        verdict = None if self._sight is None else self._sight.account.verdict
        is_better = verdict is not None and verdict.is_better
        # Offered of a model that is not better, it would be pressed, and do harm.
        self._propose.setVisible(can_propose and (is_better or (name != "" and default == name)))
        for told in (self._next_step, self._doubtful):
            told.setVisible(verdict is not None and not is_better)
        for offered in (self._use, self._back, self._propose, self._again):
            offered.setEnabled(not is_busy)

    def _on_use(self) -> None:
        if self._sight is not None:
            self.default_asked.emit(self._sight.account.name)

    def _on_back(self) -> None:
        if self._previous is not None:
            self.default_asked.emit(self._previous)

    def _on_propose(self) -> None:
        if self._sight is not None and self._sight.account.verdict is not None:
            threshold = self._sight.account.verdict.after.threshold
            self.propose_asked.emit(self._sight.account.name, threshold)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self._use, stretch=1)
        buttons.addWidget(self._again, stretch=1)
        for widget in (self._next_step, self._doubtful, self._done, self._propose, self._back):
            self._verdict.choices.addWidget(widget)
        self._verdict.choices.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._verdict)


def _done_text(sight: Sight, default: str) -> str:
    account = sight.account
    kept = f"It is kept; {default} is the default."
    if default == account.name:
        kept = "It is the default now."
    elif account.not_compared:
        kept = f"It is kept; {default} is the default, and was not compared with it."
    note = account.done.note if account.done else ""
    told = f" {sentence(note)}" if note else ""
    return f"{account.name}, from {account.base or 'the bundled model'}. {kept}{told}"
