"""Approve all empty pages that nothing speaks against, and take that back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from napari_squeakout.core.numerals import counted
from napari_squeakout.core.setting import Settings, setting
from napari_squeakout.gui.forms.form import SettingsForm
from napari_squeakout.gui.qt.buttons import button

if TYPE_CHECKING:
    from .review_state import Reviewing


class EmptyPagesSettings(Settings):
    """Which pages count as empty beyond doubt."""

    below: float = setting(
        0.2, "The highest probability that such a page may have anywhere.",
        title="Highest probability below", ge=0, le=1, step=0.05,
    )  # fmt: skip


class EmptyPages(QWidget):
    """A probability, and a button that approves the empty pages below it.

    Parameters
    ----------
    reviewing : Reviewing
        What is done to pages.
    """

    #: What came of it.
    said = Signal(str)

    def __init__(self, reviewing: Reviewing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reviewing = reviewing
        self._approved: tuple[int, ...] = ()
        self._form = SettingsForm(EmptyPagesSettings, "review")
        self._approve = button(
            "Approve empty pages", "review_approve_empty",
            "Approve pages without calls in which the network is nowhere as sure as this",
        )  # fmt: skip
        self._back = button(
            "Take back", "review_empty_back", "Take the approvals of these empty pages back"
        )
        self._approve.clicked.connect(self._on_approve)
        self._back.clicked.connect(self._on_back)
        column, buttons = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._form)
        buttons.addWidget(self._approve, stretch=2)
        buttons.addWidget(self._back, stretch=1)
        column.addLayout(buttons)

    def refresh(self) -> None:
        """Enable what can be used."""
        reviewing = self._reviewing
        self._approve.setEnabled(not reviewing.why_not and reviewing.measures is not None)
        self._back.setVisible(bool(self._approved))

    def forget(self) -> None:
        """Another source: there is nothing to take back."""
        self._approved = ()

    def _on_approve(self) -> None:
        below = self._form.value().below
        approved = self._reviewing.approve_empty(below)
        self._approved = (*self._approved, *approved)
        n_pages = counted(len(approved), "empty page")
        unsegmented = self._reviewing.unsegmented
        others = f" Pages not segmented yet: {len(unsegmented)}, left out." if unsegmented else ""
        self.refresh()
        self.said.emit(
            f"Approved {n_pages} in which no pixel reaches {below:.2f}; those of the random "
            f"sample and those you have worked on are left to you.{others}"
        )

    def _on_back(self) -> None:
        n_pages = counted(len(self._approved), "approval")
        self._reviewing.withdraw_all(self._approved)
        self._approved = ()
        self.refresh()
        self.said.emit(f"{n_pages} taken back.")
