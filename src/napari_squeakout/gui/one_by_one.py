"""Going through the list of recordings: one is open at a time, the one before closes itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject

from napari_squeakout.core.review.review import PageState
from napari_squeakout.gui.layers.roles import role_of
from napari_squeakout.gui.qt.callbacks import later
from napari_squeakout.gui.qt.jobs import State
from napari_squeakout.gui.recordings.hidden import name_of

if TYPE_CHECKING:
    from napari_squeakout.core.stacks import SpectrogramStack
    from napari_squeakout.gui.source.state import SourceState
    from napari_squeakout.io.sessions.project import RecordingRow

    from .dock import SqueakOutDock

_AT_WORK = "{}: is being segmented with the others: open it when it is, or cancel."
_NOT_OPENED = "{}: was not opened; part 1 says why. Next goes on with the others."
_BUSY = "Wait until what is being opened is open, or segmented: then try again."


@dataclass(frozen=True)
class _Wanted:
    """What is to be open.

    Parameters
    ----------
    row : RecordingRow
        Of the list.
    page : int, optional
        To show once it is open; None where one left it.
    before : SpectrogramStack, optional
        What was open when it was asked for, and goes once it is.
    """

    row: RecordingRow
    page: int | None
    before: SpectrogramStack | None


class OneByOne(QObject):
    """Opens what is asked for on the list, and then closes what was open and is kept.

    Parameters
    ----------
    dock : SqueakOutDock
        Has the list, and what opens.
    """

    def __init__(self, dock: SqueakOutDock) -> None:
        super().__init__(dock)
        self._dock = dock
        self._wanted: _Wanted | None = None
        self._soon = later(self, 0, self._arrive)
        dock.recordings_panel.open_asked.connect(self.open)
        dock.recordings_panel.page_asked.connect(self.open_at)
        dock.session_box.resumed.connect(self._on_resumed)
        dock.session_box.not_opened.connect(self._on_not_opened)
        dock.open_panel.bar.job.state_changed.connect(self._on_opening)
        for state in dock.sources:
            self._watch(state)
        dock.sources.made.connect(self._watch)
        dock.clean_panel.cleaned.connect(lambda _orders: dock.recordings_panel.look_soon())

    def open(self, row: RecordingRow) -> None:
        """Open a recording of the list: its session, or the file where it has none yet."""
        if row.path != path_of(self._dock.source.stack if self._dock.source else None):
            self._begin(row, None)

    def open_at(self, row: RecordingRow, page: int) -> None:
        """Show a page of a recording of the list that nobody has worked on."""
        if self._is_acted_on(row):
            self._dock.recordings_panel.note_shown()
            self._go_to(page)
        elif self._begin(row, page):
            self._dock.recordings_panel.note_shown()

    def _begin(self, row: RecordingRow, page: int | None) -> bool:
        """Have a recording opened, where nothing hinders that."""
        dock, panel = self._dock, self._dock.recordings_panel
        bars = (dock.open_panel.bar, dock.segment_panel.bar, dock.clean_panel.bar)
        if dock.session_box.is_opening or any(bar.job.is_active for bar in bars):
            panel.bar.say(_BUSY)
            return False
        if panel.waits(row):
            panel.bar.say(_AT_WORK.format(name_of(row.path)))
            return False
        panel.bar.say("")
        self._wanted = _Wanted(row, page, None if dock.source is None else dock.source.stack)
        if row.session is None:
            dock.open_panel.open([row.path])
        elif not dock.session_box.open(row.session):
            self._wanted = None
            return False
        return True

    def _is_acted_on(self, row: RecordingRow) -> bool:
        """Whether the dock acts on the session of a recording, or its file where it has none."""
        source, state = self._dock.source, self._dock.state
        if row.session is None:
            return row.path == path_of(source.stack if source else None)
        session = None if state is None else state.session
        return session is not None and session.folder.resolve() == row.session.resolve()

    def is_hidden_with_list(self) -> bool:
        """Whether the dock acts on a recording of a list whose names are hidden."""
        panel, source = self._dock.recordings_panel, self._dock.source
        path = path_of(source.stack if source else None)
        return panel.names.are_hidden and any(row.path == path for row in panel.table.rows)

    def _go_to(self, page: int) -> None:
        """Show a page of what is acted on, or ask for another where somebody has worked on it."""
        state = self._dock.state
        if state is not None and state.review[page].state is not PageState.UNREVIEWED:
            self._dock.recordings_panel.ask_for_doubtful()
        else:
            self._dock.review_panel.reviewing.go(page)

    def _on_resumed(self, _settings: object) -> None:
        """Another session was opened by hand: what was wanted is so no more."""
        if self._wanted is not None and not self._is_acted_on(self._wanted.row):
            self._wanted = None

    def _on_opening(self, state: State) -> None:
        if state in {State.FAILED, State.CANCELLED}:
            self._on_not_opened()

    def _on_not_opened(self) -> None:
        """Who opens it by hand later wants no page turned, and nothing closed."""
        wanted, self._wanted = self._wanted, None
        if wanted is not None and wanted.page is not None:
            self._dock.recordings_panel.bar.say(_NOT_OPENED.format(name_of(wanted.row.path)))

    def _watch(self, state: SourceState) -> None:
        """Look over the list anew when pages are approved, and when a session is begun."""
        state.changed.connect(self._dock.recordings_panel.look_soon)

    def follow(self) -> None:
        """Tell the list what is open now; what was open before it closes."""
        source = self._dock.source
        self._dock.recordings_panel.set_current(path_of(source.stack if source else None))
        if self._wanted is not None and self._is_acted_on(self._wanted.row):
            # Not while layers are being added; and after it went where one had left.
            self._soon.start()

    def _arrive(self) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            return
        self._close(wanted.before)
        if wanted.page is not None and self._is_acted_on(wanted.row):
            self._go_to(wanted.page)

    def _close(self, stack: SpectrogramStack | None) -> None:
        """Take the layers of what was open off the window; where its work is kept on disk."""
        source = self._dock.source
        if stack is None or (source is not None and source.stack is stack):
            return
        layers = [
            layer
            for layer in self._dock.viewer.layers
            if (role := role_of(layer)) is not None and role.stack is stack
        ]
        kinds = [role.kind for layer in layers if (role := role_of(layer)) is not None]
        images = [layer for layer, kind in zip(layers, kinds, strict=True) if kind == "image"]
        states = [self._dock.sources.state_of_image(image) for image in images]
        was_only_seen = "calls" not in kinds and "probabilities" not in kinds
        if not was_only_seen and not all(_is_kept(state) for state in states):
            return  # nothing of it would be left
        for layer in layers:
            self._dock.viewer.layers.remove(layer)


def _is_kept(state: SourceState | None) -> bool:
    """Whether all that was done on a source is on disk; what is still to be written is."""
    if state is None or state.session is None:
        return False
    state.settle()
    return not state.trouble


def path_of(stack: SpectrogramStack | None) -> Path | None:
    """The file of a source that is one file; None for all others."""
    origin = None if stack is None else stack.origin
    if origin is None or len(origin.files) != 1:
        return None
    return Path(origin.files[0]).resolve()
