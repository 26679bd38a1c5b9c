"""The button that hides the names of a list, and shows them where that is confirmed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject

from napari_squeakout.gui.names.shown import NAMES

from .hidden import hidden_text, hide_listed, in_order_shown, may_show, show_listed, shown_text
from .jobs import hiding, showing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from napari_squeakout.io.sessions.project import RecordingRow

    from .panel import RecordingsPanel


class NamesOfList(QObject):
    """Hides and shows the names of a panel's recordings.

    Parameters
    ----------
    panel : RecordingsPanel
        Whose list; it goes with it.
    held : callable
        Gives the sessions that are open here: they take down themselves what is hidden.
    """

    def __init__(self, panel: RecordingsPanel, held: Callable[[], Collection[Path]]) -> None:
        super().__init__(panel)
        self._panel, self._held = panel, held
        NAMES.changed.connect(self._show_again)

    @property
    def are_hidden(self) -> bool:
        """Whether all names on the list are; of one by itself its own button tells."""
        rows = self._panel.table.rows
        return bool(rows) and all(row.code for row in rows)

    def taken(self, rows: Sequence[RecordingRow]) -> list[RecordingRow]:
        """Rows in the order in which they are shown; what is to be hidden of them is from here on.

        They may have been read before a person showed their names.
        """
        hide_listed(rows, also_shown=False)
        return in_order_shown(rows)

    def switch(self) -> None:
        """Hide all names, or show them where that is confirmed."""
        panel = self._panel
        if panel.folder is None:
            return
        held = frozenset(self._held())
        if not self.are_hidden:
            panel.bar.start(hiding(panel.folder, held), done=self._on_hidden)
        elif may_show(panel):
            panel.bar.start(showing(panel.folder, held), done=self._on_shown)

    def _on_hidden(self, outcome: tuple[Sequence[RecordingRow], int]) -> None:
        rows, failed = outcome
        hide_listed(rows, also_shown=True)
        self._panel.show_rows(rows)
        self._panel.bar.say(hidden_text(len(rows), failed))

    def _on_shown(self, outcome: tuple[Sequence[RecordingRow], int]) -> None:
        read, failed = outcome
        held = {place.resolve() for place in self._held()}
        rows = [
            replace(row, code="") if row.session and row.session.resolve() in held else row
            for row in read
        ]
        show_listed(rows)  # sessions that are open here take it down with this
        self._panel.show_rows(rows)
        self._panel.bar.say(shown_text(len(rows), failed))
        self._panel.look_soon()

    def _show_again(self) -> None:
        self._panel.show_rows(self._panel.table.rows)
