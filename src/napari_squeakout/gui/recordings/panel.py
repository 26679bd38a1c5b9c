"""Many recordings: a list to fill, to segment in a row, and to go through one by one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_squeakout.gui.qt.callbacks import every, later
from napari_squeakout.gui.qt.job_bar import JobBar, message_label
from napari_squeakout.gui.qt.jobs import Job
from napari_squeakout.gui.qt.keyboard import bind_key
from napari_squeakout.gui.qt.wording import sentences

from .asking import ask_for_files, ask_for_folder, dropped
from .buttons import ListButtons
from .doubtful import DoubtfulQueue
from .hidden import hide_listed
from .jobs import adding, gathering, looking_over, removing, segmenting_all
from .naming import NamesOfList
from .table import RecordingsTable
from .turns import is_to_segment, next_to_review
from .words import BUSY, NONE, NONE_DOUBTFUL, done_text, doubtful_text, left_out_text, where_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from qtpy.QtGui import QDragEnterEvent, QDropEvent

    from napari_squeakout.core.detection.engine import Engine
    from napari_squeakout.core.settings import CleanSettings
    from napari_squeakout.io.sessions.project import RecordingRow
    from napari_squeakout.io.tasks.doubtful_pages import Doubtful
    from napari_squeakout.io.tasks.into_sessions import Ready

#: While recordings are segmented the list is looked over so often.
_LOOK_EVERY_MS = 1500
#: What is approved is written within a second.
_LOOK_AFTER_MS = 1200
_NEXT = "X"


class RecordingsPanel(QWidget):
    """The recordings of a project.

    Parameters
    ----------
    how : callable
        Gives what makes the engine, and how to clean, as the other parts have them now.
    held : callable, optional
        Gives the sessions that are open here; by default none.
    """

    #: A `RecordingRow` to open in place of what is open.
    open_asked = Signal(object)
    #: The same, and the page to show of it: `note_shown` answers where that is done.
    page_asked = Signal(object, int)
    #: There is something on the list.
    filled = Signal()

    def __init__(
        self,
        how: Callable[[], tuple[Callable[[], Engine], CleanSettings]],
        held: Callable[[], Collection[Path]] = tuple,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._how = how
        self.names = NamesOfList(self, held)
        self.folder: Path | None = None
        self._current: Path | None = None
        self._failures: dict[Path, str] = {}
        #: What should be known of a recording that was segmented here.
        self._notes: dict[Path, str] = {}
        #: Not segmented with the others, for it is open.
        self._left_out: list[Path] = []
        #: Being segmented, or waiting for it.
        self._at_work: tuple[Path, ...] = ()
        self._doubtful = DoubtfulQueue()
        self.table = RecordingsTable()
        self.bar = JobBar("recordings")
        self._looking = Job(self)
        self._where = message_label("recordings_where", NONE)
        self.buttons = ListButtons(_NEXT)
        self.setAcceptDrops(True)
        self._look_again = every(self, _LOOK_EVERY_MS, self._look)
        self._soon = later(self, _LOOK_AFTER_MS, self._look)
        self._connect()
        self._lay_out()
        self._refresh()

    def bind_keys(self, dock: QWidget) -> None:
        """Take the key while the dock is shown."""
        bind_key(dock, _NEXT, self.buttons.next.click, self.buttons.next.toolTip())

    def set_current(self, path: Path | None) -> None:
        """Follow which recording is open in the window."""
        if path != self._current:
            self._current = path
            self.show_rows(self.table.rows)
            self.look_soon()

    def look_soon(self) -> None:
        """Look over how far the recordings are, once what goes on has ended."""
        if self.folder is not None:
            self._soon.start()

    def open_project(self, folder: Path) -> None:
        """Show the list of a project, once it could be read."""
        if self.bar.job.is_active:
            self.bar.say(BUSY.format("Not opened"))
            return

        def show(rows: Sequence[RecordingRow]) -> None:
            self.folder = folder
            hide_listed(rows, also_shown=True)
            self._failures, self._notes = {}, {}
            self._doubtful.fill(())
            self.show_rows(rows)

        self.bar.start(looking_over(folder), done=show)

    def add(self, paths: Sequence[Path], *, open_first: bool = False) -> None:
        """Put recordings, and those in folders, on the list; of a new one where none is open."""
        if self.bar.job.is_active:
            self.bar.say(BUSY.format("Not added"))
            return
        from napari_squeakout.io.sessions.project import project_for

        folder = self.folder or project_for(paths)

        def show(rows: Sequence[RecordingRow]) -> None:
            self.folder = folder
            hide_listed(rows, also_shown=True)
            self.show_rows(rows)
            if rows and open_first and self._current is None:
                self.open_asked.emit(self.table.rows[0])

        self.bar.start(adding(folder, list(paths)), done=show)

    def segment(self) -> None:
        """Segment the chosen recordings, or else all that are not segmented whole."""
        rows = self.table.chosen() or [row for row in self.table.rows if is_to_segment(row)]
        rows = [row for row in rows if not row.trouble]
        if self.folder is None or not rows:
            self.bar.say("All are segmented." if self.table.rows else NONE)
            return
        paths = [row.path for row in rows]
        self._left_out = [path for path in paths if path == self._current]
        paths = [path for path in paths if path not in self._left_out]
        self._failures = {path: why for path, why in self._failures.items() if path not in paths}
        self._notes = {path: why for path, why in self._notes.items() if path not in paths}
        if not paths:
            self.bar.say(left_out_text(self._left_out))
            return
        steps = segmenting_all(self.folder, paths, *self._how(), why_not=self._why_not)
        self._at_work = tuple(paths)
        self.bar.start(steps, done=self._on_done)

    def waits(self, row: RecordingRow) -> bool:
        """Whether a recording is being segmented here with others, or is about to be."""
        return row.path in self._at_work and is_to_segment(row)

    def _why_not(self, path: Path) -> str:
        """Two sessions of one recording would be begun."""
        return left_out_text([path]).rstrip(".") if path == self._current else ""

    def following(self) -> RecordingRow | None:
        """The next recording to review behind the one that is open."""
        return next_to_review(self.table.rows, self._current)

    def note_shown(self) -> None:
        """The doubtful page that was asked for is shown, or being opened."""
        self.bar.say(self._doubtful.take())
        self._refresh()

    def ask_for_doubtful(self) -> None:
        """Ask for the next doubtful page, or say that there is none any more."""
        doubtful = self._doubtful.first(self.table.rows)
        if doubtful is None:
            self.bar.say(NONE_DOUBTFUL)
        else:
            self.page_asked.emit(*doubtful)
        self._refresh()

    def _on_next(self) -> None:
        if self._doubtful:
            self.ask_for_doubtful()
        elif (following := self.following()) is not None:
            self.open_asked.emit(following)
        else:
            self.bar.say("No other recording on the list waits for review.")

    def _on_gather(self) -> None:
        self.bar.start(gathering(self.table.rows), done=self._on_gathered)

    def _on_gathered(self, doubtful: Doubtful) -> None:
        self._doubtful.fill(doubtful.pages)
        self.bar.say(doubtful_text(doubtful))
        self._refresh()

    def _on_done(self, done: list[Ready]) -> None:
        failed = {ready.path: ready.failure for ready in done if ready.failure}
        self._failures = {**self._failures, **failed}
        noted = {ready.path: sentences(ready.notes) for ready in done if ready.notes}
        self._notes = {**self._notes, **noted}
        self.bar.say(" ".join(filter(None, (done_text(done), left_out_text(self._left_out)))))
        self.look_soon()

    def _look(self) -> None:
        if self.folder is not None and not self._looking.is_active:
            self._looking.start(looking_over(self.folder), done=self.show_rows)

    def _on_activity(self, is_active: bool) -> None:
        if is_active:
            self._look_again.start()
        else:
            self._at_work = ()
            self._look_again.stop()
            self.look_soon()
        self._refresh()

    def show_rows(self, rows: Sequence[RecordingRow]) -> None:
        """Show how far recordings are."""
        was_empty = not self.table.rows
        shown = self.names.taken(rows)
        self.table.show_rows(shown, self._failures, notes=self._notes, current=self._current)
        self._refresh()
        if rows and was_empty:
            self.filled.emit()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802 - Qt's name
        """Take files and folders."""
        if event is not None and dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802 - Qt's name
        """Put what is dropped on the list, or show the list of a project."""
        if event is None:
            return
        paths = dropped(event)
        if len(paths) == 1 and (paths[0] / "project.json").is_file():
            self.open_project(paths[0])
        elif paths:
            self.add(paths)
        event.acceptProposedAction()

    def _refresh(self) -> None:
        rows = self.table.rows
        self.table.setVisible(bool(rows))
        self._where.setText(where_text(self.folder, are_hidden=self.names.are_hidden))
        self._where.setVisible(True)
        self.buttons.allow(
            rows,
            n_chosen=len(self.table.chosen()),
            is_free=not self.bar.job.is_active,
            is_next=bool(self._doubtful) or self.following() is not None,
            are_hidden=self.names.are_hidden,
        )

    def _on_remove(self) -> None:
        if self.folder is not None:
            paths = [row.path for row in self.table.chosen()]
            self.bar.start(removing(self.folder, paths), done=self.show_rows)

    def _ask_for_project(self) -> None:
        for folder in ask_for_folder(self, "Folder of a project"):
            self.open_project(folder)

    def _add_those(self, paths: Sequence[Path]) -> None:
        if paths:
            self.add(paths)

    def _connect(self) -> None:
        self.buttons.on_click(
            add=lambda: self._add_those(ask_for_files(self)),
            add_folder=lambda: self._add_those(ask_for_folder(self, "Folder of recordings")),
            open=self._ask_for_project,
            remove=self._on_remove,
            segment=self.segment,
            gather=self._on_gather,
            next=self._on_next,
            names=self.names.switch,
        )
        self.table.opened.connect(self.open_asked)
        self.table.itemSelectionChanged.connect(self._refresh)
        self.bar.activity_changed.connect(self._on_activity)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self.buttons.filling())
        layout.addWidget(self._where)
        layout.addWidget(self.table)
        for row in self.buttons.doing():
            layout.addLayout(row)
        layout.addWidget(self.bar)
