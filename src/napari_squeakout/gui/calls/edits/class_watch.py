"""Classes by hand follow their calls, and the table shows whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_squeakout.gui.source.classes import follow_classes

if TYPE_CHECKING:
    from collections.abc import Collection

    from napari_squeakout.gui.calls.following import FollowedCalls
    from napari_squeakout.gui.calls.saying import Saying
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.source.state import SourceState


class ClassWatch(QObject):
    """The classes by hand of the source that the table is of.

    Parameters
    ----------
    followed : FollowedCalls
        Its calls.
    saying : Saying
        Where it is said what has become of a class.
    """

    #: What became of classes while nobody watched.
    told = Signal(str)

    def __init__(
        self, followed: FollowedCalls, saying: Saying, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._followed, self._saying = followed, saying
        self._source: SourceLayers | None = None
        self._state: SourceState | None = None
        followed.taken.connect(self._on_taken)

    def set_source(self, source: SourceLayers | None, state: SourceState | None) -> None:
        """Follow the classes of a source."""
        is_other = state is not self._state
        if is_other:
            if self._state is not None:
                self._state.classes_changed.disconnect(self._show)
            if state is not None:
                state.classes_changed.connect(self._show)
        self._source, self._state = source, state
        self._show()
        if is_other:
            self._catch_up()

    def look(self, pages: Collection[int] | None = None) -> str:
        """Look what has become of calls with a class by hand; what was lost or has met."""
        if self._source is None or self._state is None:
            return ""
        return follow_classes(self._source, self._state, pages)

    def _catch_up(self) -> None:
        """Look at what was done while no dock was there, or it acted on another source."""
        source, state = self._source, self._state
        if source is None or state is None or any(one.is_new for one in state.classes.all):
            return  # those of a session are looked at when it is open
        told = follow_classes(source, state, is_watched=False)
        if told:
            self.told.emit(told)

    def _show(self) -> None:
        names = {} if self._state is None else self._state.classes.classed.names
        self._followed.set_classes(names)

    def _on_taken(self, pages: Collection[int]) -> None:
        told = self.look(pages)
        if told:
            self._saying.say(told)
