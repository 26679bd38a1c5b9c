"""A button with the sessions that were worked on last."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QMenu, QPushButton

from napari_squeakout.io.sessions.finding import sessions_folder
from napari_squeakout.io.sessions.recent import Recent, recent_sessions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qtpy.QtWidgets import QWidget


class RecentSessions(QPushButton):
    """Lists the sessions that were worked on last, and opens the one that is chosen.

    Parameters
    ----------
    open_ : callable
        Opens a session's folder.
    """

    def __init__(self, open_: Callable[[Path], object], parent: QWidget | None = None) -> None:
        super().__init__("Recent sessions", parent, objectName="session_recent")
        self._open = open_
        self.setToolTip("Sessions that were worked on last, wherever they lie")
        menu = QMenu(self, objectName="session_recent_menu")
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self.fill)  # only then: drives come and go
        self.setMenu(menu)

    def fill(self) -> None:
        """List them as they are now; those that are away are named, and cannot be chosen."""
        menu, known = self.menu(), recent_sessions()
        menu.clear()
        for recent in known:
            action = menu.addAction(entry_text(recent))
            action.setToolTip(str(recent.folder))
            action.setEnabled(recent.is_there)
            action.triggered.connect(partial(self._chosen, recent.folder))
        if not known:
            menu.addAction("No session was worked on yet").setEnabled(False)

    def _chosen(self, folder: Path, _checked: bool = False) -> None:
        self._open(folder)


def entry_text(recent: Recent) -> str:
    """How a session stands in the menu; those elsewhere than usual with their folder."""
    folder = recent.folder
    place = "" if folder.parent == sessions_folder() else f" in {folder.parent}"
    gone = "" if recent.is_there else " (not there now)"
    return f"{folder.stem}{place}{gone}".replace("&", "&&")  # Qt underlines what follows one
