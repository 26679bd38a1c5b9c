"""Many recordings: a list to fill, to segment in a row, and to go through one by one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from napari_squeakout.gui.qt.buttons import button
from napari_squeakout.gui.qt.callbacks import every, later
from napari_squeakout.gui.qt.job_bar import JobBar, message_label
from napari_squeakout.gui.qt.jobs import Job
from napari_squeakout.gui.qt.keyboard import bind_key
from napari_squeakout.gui.qt.wording import sentences

from .jobs import adding, looking_over, removing, segmenting_all
from .table import RecordingsTable
from .words import done_text, left_out_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qtpy.QtGui import QDragEnterEvent, QDropEvent

    from napari_squeakout.core.detection.engine import Engine
    from napari_squeakout.core.settings import CleanSettings
    from napari_squeakout.io.sessions.project import RecordingRow
    from napari_squeakout.io.tasks.into_sessions import Ready

#: While recordings are segmented the list is looked over so often.
_LOOK_EVERY_MS = 1500
#: What is approved is written within a second.
_LOOK_AFTER_MS = 1200
_NEXT = "X"
_NONE = "Drop recordings or a folder of them here, or add them."
_SUFFIXES = "Recordings (*.wav *.WAV *.flac *.aiff *.aif *.au *.caf *.w64 *.rf64);;All files (*)"


class RecordingsPanel(QWidget):
    """The recordings of a project.

    Parameters
    ----------
    how : callable
        Gives what makes the engine, and how to clean, as the other parts have them now.
    """

    #: A `RecordingRow` to open in place of what is open.
    open_asked = Signal(object)
    #: There is something on the list.
    filled = Signal()

    def __init__(
        self,
        how: Callable[[], tuple[Callable[[], Engine], CleanSettings]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._how = how
        self.folder: Path | None = None
        self._current: Path | None = None
        self._failures: dict[Path, str] = {}
        #: What should be known of a recording that was segmented here.
        self._notes: dict[Path, str] = {}
        #: Not segmented with the others, for it is open.
        self._left_out: list[Path] = []
        self.table = RecordingsTable()
        self.bar = JobBar("recordings")
        self._looking = Job(self)
        self._where = message_label("recordings_where", _NONE)
        self._add = button("Add files…", "recordings_add", "Put recordings on the list")
        self._add_folder = button(
            "Add folder…", "recordings_add_folder", "Put all recordings of a folder on the list"
        )
        self._open = button(
            "Open project…", "recordings_open",
            "Show the list of a project again: the folder with its project.json",
        )  # fmt: skip
        self._remove = button(
            "Remove", "recordings_remove",
            "Remove the selected recordings from the list; files and sessions stay",
        )  # fmt: skip
        self._segment = button(
            "Segment all", "recordings_segment",
            "Segment the selected recordings, or all that are not segmented yet, one after another",
        )  # fmt: skip
        self._next = button(
            f"Next  [ {_NEXT} ]", "recordings_next",
            "Save and close this recording, and open the next one not reviewed yet (key X)",
        )  # fmt: skip
        self.setAcceptDrops(True)
        self._look_again = every(self, _LOOK_EVERY_MS, self._look)
        self._soon = later(self, _LOOK_AFTER_MS, self._look)
        self._connect()
        self._lay_out()
        self._refresh()

    def bind_keys(self, dock: QWidget) -> None:
        """Take the key while the dock is shown."""
        bind_key(dock, _NEXT, self._next.click, self._next.toolTip())

    def set_current(self, path: Path | None) -> None:
        """Follow which recording is open in the window."""
        if path != self._current:
            self._current = path
            self._show(self.table.rows)
            self.look_soon()

    def look_soon(self) -> None:
        """Look over how far the recordings are, once what goes on has ended."""
        if self.folder is not None:
            self._soon.start()

    def open_project(self, folder: Path) -> None:
        """Show the list of a project."""
        self.folder = folder
        self._failures, self._notes = {}, {}
        self.bar.start(looking_over(folder), done=self._show)

    def add(self, paths: Sequence[Path], *, open_first: bool = False) -> None:
        """Put recordings, and those in folders, on the list; of a new one where none is open."""
        if self.bar.job.is_active:
            self.bar.say("Not added, for something else is at work here: wait until it has ended.")
            return
        if self.folder is None:
            from napari_squeakout.io.sessions.project import project_for

            self.folder = project_for(paths)
        done = self._show_and_open if open_first else self._show
        self.bar.start(adding(self.folder, list(paths)), done=done)

    def segment(self) -> None:
        """Segment the chosen recordings, or else all that are not segmented whole."""
        rows = self.table.chosen() or [row for row in self.table.rows if _is_open(row)]
        rows = [row for row in rows if not row.trouble]
        if self.folder is None or not rows:
            self.bar.say("All are segmented." if self.table.rows else _NONE)
            return
        paths = [row.path for row in rows]
        self._left_out = [path for path in paths if path == self._current]
        paths = [path for path in paths if path not in self._left_out]
        self._failures = {path: why for path, why in self._failures.items() if path not in paths}
        self._notes = {path: why for path, why in self._notes.items() if path not in paths}
        if not paths:
            self.bar.say(left_out_text(self._left_out))
            return
        self.bar.start(segmenting_all(self.folder, paths, *self._how()), done=self._on_done)

    def following(self) -> RecordingRow | None:
        """The next recording to review behind the one that is open; from the end around."""
        rows = self.table.rows
        at = next((i for i, row in enumerate(rows) if row.path == self._current), -1)
        around = [*rows[at + 1 :], *rows[: max(at, 0)]]
        return next((row for row in around if row.n_segmented and not row.is_reviewed), None)

    def _on_next(self) -> None:
        row = self.following()
        if row is None:
            self.bar.say("No other recording on the list waits for review.")
        else:
            self.open_asked.emit(row)

    def _on_done(self, done: list[Ready]) -> None:
        failed = {ready.path: ready.failure for ready in done if ready.failure}
        self._failures = {**self._failures, **failed}
        noted = {ready.path: sentences(ready.notes) for ready in done if ready.notes}
        self._notes = {**self._notes, **noted}
        self.bar.say(" ".join(filter(None, (done_text(done), left_out_text(self._left_out)))))
        self.look_soon()

    def _look(self) -> None:
        if self.folder is not None and not self._looking.is_active:
            self._looking.start(looking_over(self.folder), done=self._show)

    def _on_activity(self, is_active: bool) -> None:
        if is_active:
            self._look_again.start()
        else:
            self._look_again.stop()
            self.look_soon()
        self._refresh()

    def _show(self, rows: Sequence[RecordingRow]) -> None:
        was_empty = not self.table.rows
        self.table.show_rows(rows, self._failures, notes=self._notes, current=self._current)
        self._refresh()
        if rows and was_empty:
            self.filled.emit()

    def _show_and_open(self, rows: Sequence[RecordingRow]) -> None:
        self._show(rows)
        if rows and self._current is None:
            self.open_asked.emit(rows[0])

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802 - Qt's name
        """Take files and folders."""
        if event is not None and _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802 - Qt's name
        """Put what is dropped on the list, or show the list of a project."""
        if event is None:
            return
        paths = _dropped(event)
        if len(paths) == 1 and (paths[0] / "project.json").is_file():
            self.open_project(paths[0])
        elif paths:
            self.add(paths)
        event.acceptProposedAction()

    def _refresh(self) -> None:
        rows, is_free = self.table.rows, not self.bar.job.is_active
        chosen = self.table.chosen()
        self.table.setVisible(bool(rows))
        self._where.setText(_NONE if self.folder is None else f"Kept in {self.folder}")
        self._where.setVisible(True)
        self._segment.setText(f"Segment {len(chosen)}" if chosen else "Segment all")
        self._segment.setEnabled(is_free and bool(rows))
        self._remove.setEnabled(is_free and bool(chosen))
        for one in (self._add, self._add_folder, self._open):
            one.setEnabled(is_free)
        self._next.setEnabled(self.following() is not None)

    def _on_remove(self) -> None:
        if self.folder is not None:
            paths = [row.path for row in self.table.chosen()]
            self.bar.start(removing(self.folder, paths), done=self._show)

    def _ask_for_files(self) -> None:
        files, _ = QFileDialog.getOpenFileNames(self, "Recordings", "", _SUFFIXES)
        if files:
            self.add([Path(file) for file in files])

    def _ask_for_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of recordings")
        if folder:
            self.add([Path(folder)])

    def _ask_for_project(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of a project")
        if folder:
            self.open_project(Path(folder))

    def _connect(self) -> None:
        for one, called in (
            (self._add, self._ask_for_files),
            (self._add_folder, self._ask_for_folder),
            (self._open, self._ask_for_project),
            (self._remove, self._on_remove),
            (self._segment, self.segment),
            (self._next, self._on_next),
        ):
            one.clicked.connect(lambda _checked=False, called=called: called())
        self.table.opened.connect(self.open_asked)
        self.table.itemSelectionChanged.connect(self._refresh)
        self.bar.activity_changed.connect(self._on_activity)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        adding_row, doing = QHBoxLayout(), QHBoxLayout()
        for one in (self._add, self._add_folder, self._open):
            adding_row.addWidget(one, stretch=1)
        for one in (self._segment, self._remove, self._next):
            doing.addWidget(one, stretch=1)
        layout.addLayout(adding_row)
        layout.addWidget(self._where)
        layout.addWidget(self.table)
        layout.addLayout(doing)
        layout.addWidget(self.bar)


def _dropped(event: QDropEvent) -> list[Path]:
    """The files and folders of this machine that are dragged or dropped."""
    data = event.mimeData()
    urls = [] if data is None else data.urls()
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]


def _is_open(row: RecordingRow) -> bool:
    return not row.n_pages or row.n_segmented < row.n_pages
