"""Steps of undo that change no label, in their place among the strokes of a layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_squeakout.gui.layers.label_pages import changes_done, last_steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_squeakout.gui.layers.layer_kinds import LabelsLayer


@dataclass(frozen=True, eq=False, kw_only=True)
class _Step:
    """One thing that was done.

    Parameters
    ----------
    undo, redo : callable
        Take it back and do it again; each says in a sentence what came of it.
    layer : Labels
        Beside whose strokes.
    before : list
        Changes to the layer that were made before it.
    to_redo : list
        Once it is taken back: what redo would have brought back next before that.
    """

    undo: Callable[[], str]
    redo: Callable[[], str]
    layer: Any
    before: list[Any]
    to_redo: list[Any]


class StepsApart:
    """What was done between the strokes of a layer, taken back and brought back in its turn.

    napari's history of a layer knows its labels only. A step that was done after some strokes has
    its turn when all later ones are taken back; napari keeps the single changes to and fro.
    """

    def __init__(self) -> None:
        self._done: list[_Step] = []
        self._undone: list[_Step] = []

    def add(self, layer: LabelsLayer, *, undo: Callable[[], str], redo: Callable[[], str]) -> None:
        """Take down what has just been done."""
        self._undone.clear()
        self._done.append(
            _Step(undo=undo, redo=redo, layer=layer, before=changes_done(layer), to_redo=[])
        )

    def counts(self) -> tuple[int, int]:
        """How many steps are done, and how many are taken back."""
        return len(self._done), len(self._undone)

    def undo(self, layer: LabelsLayer) -> str:
        """Take the last step back if it is its turn; what came of it, empty where it is not."""
        if not self._done or not _is_next(self._done[-1], layer):
            return ""
        step = self._done.pop()
        _, to_redo = last_steps(layer)
        self._undone.append(
            _Step(
                undo=step.undo, redo=step.redo, layer=step.layer, before=step.before,
                to_redo=list(to_redo or ()),
            )
        )  # fmt: skip
        return step.undo()

    def redo(self, layer: LabelsLayer) -> str:
        """Bring the last step back that was taken back, if it is its turn."""
        if not self._undone or not _is_next(self._undone[-1], layer):
            return ""
        _, to_redo = last_steps(layer)
        if _ids(to_redo or ()) != _ids(self._undone[-1].to_redo):
            return ""
        step = self._undone.pop()
        self._done.append(step)
        return step.redo()


def _is_next(step: _Step, layer: LabelsLayer) -> bool:
    """Whether nothing was done to the layer since, or all of that has been taken back."""
    last, _ = last_steps(layer)
    return step.layer == layer and _ids(last or ()) <= _ids(step.before)


def _ids(changes: Any) -> set[int]:
    return {id(change) for change in changes}
