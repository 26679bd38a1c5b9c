"""Which calls are chosen in the table, and whether anything may be done to them now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_squeakout.gui.layers.sight import why_not_in_view

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np
    from numpy.typing import NDArray

    from napari_squeakout.core.stacks import CallTable
    from napari_squeakout.gui.calls.following import FollowedCalls
    from napari_squeakout.gui.calls.saying import Saying
    from napari_squeakout.gui.calls.table import CallsTable
    from napari_squeakout.gui.layers.layer_kinds import LabelsLayer
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer
    from napari_squeakout.gui.source.state import SourceState


MEASURED_AGAIN = (
    "Some of these calls are being measured again: wait until their rows are no longer grey."
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Chosen:
    """Calls that are chosen and may be changed.

    Parameters
    ----------
    layer : Labels
        That they lie in.
    calls : DataFrame
        Their rows, in the order shown.
    known : DataFrame
        All calls.
    source : SourceLayers
        Whose calls they are.
    state : SourceState
        Of that source.
    """

    layer: LabelsLayer
    calls: CallTable
    known: CallTable
    source: SourceLayers
    state: SourceState


class Choosing:
    """The calls that are chosen in a table.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    table : CallsTable
        In which they are chosen.
    followed : FollowedCalls
        All calls.
    saying : Saying
        Where it is said why they cannot be changed.
    """

    def __init__(
        self, viewer: Viewer, table: CallsTable, followed: FollowedCalls, saying: Saying
    ) -> None:
        self._viewer, self._table = viewer, table
        self._followed, self._saying = followed, saying
        self._source: SourceLayers | None = None
        self._state: SourceState | None = None

    def set_source(self, source: SourceLayers | None, state: SourceState | None) -> None:
        """Act on the calls of a source."""
        self._source, self._state = source, state

    def take(self) -> Chosen | None:
        """The chosen calls, to be changed; None, said why, where they may not be.

        What was painted a moment ago is looked at first.
        """
        layer, known = self._followed.layer, self._followed.calls
        source, state = self._source, self._state
        if layer is None or known is None or source is None or state is None:
            return None
        self._followed.look()
        rows = self._table.chosen_calls()
        why = self._why_not(rows)
        if why:
            self._saying.say(why)
            return None
        return Chosen(layer=layer, calls=known.iloc[rows], known=known, source=source, state=state)

    def note_painted(self, pages: Collection[int]) -> None:
        """Take down that calls on pages were changed."""
        if self._state is not None:
            for page in pages:
                self._state.note_painted(page)
        self._followed.suspect(pages)

    def _why_not(self, rows: NDArray[np.intp]) -> str:
        layer, state = self._followed.layer, self._state
        if state is not None and state.read_only:
            return f"This session {state.read_only}: it can be looked at only."
        if layer is None or not layer.editable:
            return "The calls may not be changed just now."
        if not len(rows):
            return "Choose the rows of calls first."
        if self._followed.outdated()[rows].any():
            return MEASURED_AGAIN
        return why_not_in_view(self._viewer, self._source)
