"""A button with the sessions that were worked on last."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtGui import QAction
from qtpy.QtWidgets import QMenu, QPushButton

from napari_squeakout.gui.names.shown import NAMES
from napari_squeakout.gui.qt.buttons import named
from napari_squeakout.gui.source.hiding import hide_as_kept
from napari_squeakout.io.sessions.finding import sessions_folder
from napari_squeakout.io.sessions.recent import Recent, recent_sessions
from napari_squeakout.io.sessions.record import SUFFIX

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
        super().__init__("Recent sessions", parent)
        self.setObjectName("session_recent")
        self._open = open_
        self.setToolTip("Sessions that were worked on last, wherever they lie")
        self._menu = named(QMenu(self), "session_recent_menu")
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self.fill)  # only then: drives come and go
        self.setMenu(self._menu)

    def fill(self) -> None:
        """List them as they are now; those that are away are named, and cannot be chosen."""
        known = recent_sessions()
        self._menu.clear()
        for recent in known:
            if recent.is_there:
                hide_as_kept(recent.folder)
        for recent in known:
            entry = self._entry(entry_text(recent), enabled=recent.is_there)
            entry.setToolTip(NAMES.veiled(str(recent.folder)))
            entry.triggered.connect(partial(self._chosen, recent.folder))
        if not known:
            self._entry("No session was worked on yet", enabled=False)

    def _entry(self, text: str, *, enabled: bool) -> QAction:
        entry = QAction(text, self._menu)
        entry.setEnabled(enabled)
        self._menu.addAction(entry)
        return entry

    def _chosen(self, folder: Path, _checked: bool = False) -> None:
        self._open(folder)


def entry_text(recent: Recent) -> str:
    """How a session stands in the menu; those elsewhere than usual with their folder."""
    folder = recent.folder
    where = str(folder.parent)
    is_usual = folder.parent == sessions_folder() or NAMES.veiled(where) != where
    place = "" if is_usual else f" in {where}"
    gone = "" if recent.is_there else " (not there now)"
    name = NAMES.called(folder.name).removesuffix(SUFFIX)
    return f"{name}{place}{gone}".replace("&", "&&")  # Qt underlines what follows one
