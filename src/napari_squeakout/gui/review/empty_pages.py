"""Approve all empty pages that nothing speaks against, and take that back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QDoubleSpinBox, QGridLayout, QLabel, QPushButton, QWidget

from napari_squeakout.core.numerals import counted
from napari_squeakout.gui.qt.buttons import named
from napari_squeakout.gui.qt.wheel import keep_from_wheel

if TYPE_CHECKING:
    from .review_state import Reviewing

_USUALLY_BELOW = 0.2


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
        self._below = named(QDoubleSpinBox(), "review_below")
        self._below.setRange(0.0, 1.0)
        self._below.setSingleStep(0.05)
        self._below.setValue(_USUALLY_BELOW)
        self._below.setToolTip("The highest probability that such a page may have anywhere")
        keep_from_wheel(self._below)
        self._approve = named(QPushButton("Approve empty pages"), "review_approve_empty")
        self._approve.setToolTip(
            "Approve pages without calls in which the network is nowhere as sure as this"
        )
        self._approve.clicked.connect(self._on_approve)
        self._back = named(QPushButton("Take back"), "review_empty_back")
        self._back.setToolTip("Take the approvals of these empty pages back")
        self._back.clicked.connect(self._on_back)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(QLabel("Highest probability below"), 0, 0)
        grid.addWidget(self._below, 0, 1)
        grid.addWidget(self._approve, 1, 0)
        grid.addWidget(self._back, 1, 1)

    def refresh(self) -> None:
        """Enable what can be used."""
        reviewing = self._reviewing
        self._approve.setEnabled(not reviewing.why_not and reviewing.measures is not None)
        self._back.setVisible(bool(self._approved))

    def forget(self) -> None:
        """Another source: there is nothing to take back."""
        self._approved = ()

    def _on_approve(self) -> None:
        below = self._below.value()
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
