"""What is seen of sessions: the offer, where the work is kept, and the buttons around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from napari_squeakout.gui.qt.buttons import button
from napari_squeakout.gui.qt.job_bar import JobBar, message_label

from .recent_menu import RecentSessions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class SessionControls(QWidget):
    """Widgets only: what they do is connected by whoever has them.

    Parameters
    ----------
    open_ : callable
        Opens a session's folder.
    """

    def __init__(self, open_: Callable[[Path], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = JobBar("session")
        self.offer = message_label("session_offer")
        self.continue_ = button(
            "Continue it", "session_continue", "Show what was kept: masks, approvals, notes"
        )
        self.anew = button(
            "Begin anew",
            "session_anew",
            "Start a new session when pages are segmented; the earlier one stays on disk",
        )
        self.where = message_label("session_where")
        self.save_as = button(
            "Save session as…",
            "session_save_as",
            "Copy this session, for instance to another disk or for a colleague",
        )
        self.open = button(
            "Open session…",
            "session_open",
            "Continue a session saved anywhere: its folder ends in .squeakout",
        )
        self.recent = RecentSessions(open_)
        self.find_files = button(
            "Where are its files now…",
            "session_find",
            "Choose the folder that holds them; files are recognised by their content",
        )
        self._lay_out()

    def show_offer(self, text: str) -> None:
        """Offer earlier work in these words; none without."""
        self.offer.setText(text)
        for widget in (self.offer, self.continue_, self.anew):
            widget.setVisible(bool(text))

    def allow(self, *, opening: bool, saving: bool) -> None:
        """Enable what can be used now."""
        self.save_as.setEnabled(saving)
        for one in (self.continue_, self.anew, self.open, self.recent, self.find_files):
            one.setEnabled(opening)

    def _lay_out(self) -> None:
        offer, files = QHBoxLayout(), QHBoxLayout()
        offer.addWidget(self.continue_, stretch=1)
        offer.addWidget(self.anew, stretch=1)
        files.addWidget(self.save_as, stretch=1)
        files.addWidget(self.open, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.offer)
        layout.addLayout(offer)
        layout.addWidget(self.where)
        layout.addLayout(files)
        layout.addWidget(self.recent)
        layout.addWidget(self.bar)
        layout.addWidget(self.find_files)
