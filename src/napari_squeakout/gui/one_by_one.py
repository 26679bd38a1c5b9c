"""Going through the list of recordings: one is open at a time, the one before closes itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject

from napari_squeakout.gui.layers.roles import role_of
from napari_squeakout.gui.qt.callbacks import later

if TYPE_CHECKING:
    from napari_squeakout.core.stacks import SpectrogramStack
    from napari_squeakout.gui.source.state import SourceState
    from napari_squeakout.io.sessions.project import RecordingRow

    from .dock import SqueakOutDock

_AT_WORK = "{}: is being segmented with the others: open it when it is, or cancel."
_BUSY = "Wait until what is being opened is open, or segmented: then try again."


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
        #: What is to be open, and what goes once it is.
        self._wanted: Path | None = None
        self._before: SpectrogramStack | None = None
        self._soon = later(self, 0, self._close_before)
        dock.recordings_panel.open_asked.connect(self.open)
        for state in dock.sources:
            self._watch(state)
        dock.sources.made.connect(self._watch)
        dock.clean_panel.cleaned.connect(lambda _orders: dock.recordings_panel.look_soon())

    def open(self, row: RecordingRow) -> None:
        """Open a recording of the list: its session, or the file where it has none yet."""
        dock, panel = self._dock, self._dock.recordings_panel
        if row.path == path_of(dock.source.stack if dock.source else None):
            return
        bars = (dock.open_panel.bar, dock.segment_panel.bar, dock.clean_panel.bar)
        if any(bar.job.is_active for bar in bars):
            panel.bar.say(_BUSY)
            return
        if panel.waits(row):
            panel.bar.say(_AT_WORK.format(row.path.name))
            return
        panel.bar.say("")
        self._wanted = row.path
        self._before = None if dock.source is None else dock.source.stack
        if row.session is not None:
            dock.session_box.open(row.session)
        else:
            dock.open_panel.open([row.path])

    def _watch(self, state: SourceState) -> None:
        """Look over the list anew when pages are approved, and when a session is begun."""
        state.changed.connect(self._dock.recordings_panel.look_soon)

    def follow(self) -> None:
        """Tell the list what is open now; what was open before it closes."""
        source = self._dock.source
        path = path_of(source.stack if source else None)
        self._dock.recordings_panel.set_current(path)
        if path is not None and path == self._wanted:
            self._wanted = None
            self._soon.start()  # not while layers are being added

    def _close_before(self) -> None:
        """Take the layers of what was open off the window; where its work is kept on disk."""
        stack, self._before = self._before, None
        if stack is None:
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
