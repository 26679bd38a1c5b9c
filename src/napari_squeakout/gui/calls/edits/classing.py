"""Chosen calls are given a class by hand, or have it by the rules again, in one step of undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject
from qtpy.QtWidgets import QMenu

from napari_squeakout.core.measures.by_hand.classes import ClassByHand
from napari_squeakout.core.measures.by_hand.patch import patch_of
from napari_squeakout.core.measures.classes import CLASSES
from napari_squeakout.core.numerals import are, counted
from napari_squeakout.gui.calls.places import whole_calls
from napari_squeakout.gui.source.classes import follow_classes, looked_at
from napari_squeakout.gui.source.contents import mask_stack

if TYPE_CHECKING:
    from collections.abc import Collection

    from qtpy.QtWidgets import QWidget

    from napari_squeakout.core.measures.by_hand.classes import ClassesByHand
    from napari_squeakout.gui.calls.saying import Saying
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.source.state import SourceState

    from .choosing import Choosing, Chosen

_TITLE = "Class by hand"
_BY_RULES = "&as the rules say"
_TAKES_BACK = "Ctrl+Z takes it back."
# Which letter of each name is its key in the menu, once the menu is open.
_KEYS = {
    "short": "&short", "mult_steps": "&mult_steps", "two_steps": "&two_steps",
    "step_up": "step_&up", "step_down": "step_&down", "flat": "&flat", "up_fm": "u&p_fm",
    "down_fm": "d&own_fm", "chevron": "&chevron", "rev_chevron": "&rev_chevron",
    "complex": "comple&x",
}  # fmt: skip


class Classing(QObject):
    """Gives the calls that are chosen a class; no label changes.

    Parameters
    ----------
    choosing : Choosing
        Knows which calls are chosen, and whether anything may be said of them.
    saying : Saying
        Where what came of it is said.
    """

    def __init__(self, choosing: Choosing, saying: Saying, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choosing, self._saying = choosing, saying

    def menu(self, parent: QWidget) -> QMenu | None:
        """The classes to choose from; None, said why, where nothing can be said of the calls."""
        chosen = self._choosing.take()
        return None if chosen is None else self._menu_for(chosen, parent)

    def give(self, name: str | None) -> None:
        """Give the chosen calls a class; None takes what was given back."""
        chosen = self._choosing.take()
        if chosen is None:
            return
        # What was done to labels a moment ago comes first.
        source, state = chosen.source, chosen.state
        calls = whole_calls(chosen.calls)
        told = follow_classes(source, state, {page for call in calls for page in call.pages})
        classes = state.classes
        old = classes.given_to((call.first, call.number) for call in calls)
        n = len(calls)
        if name is None and not old:
            self._saying.say(f"{told} {_these(n)} {_have(n)} no class by hand.".strip())
            return
        patches = (patch_of(chosen.layer.data, call.pages, call.number) for call in calls)
        new = (
            ()
            if name is None
            else tuple(ClassByHand(name, patch) for patch in patches if patch is not None)
        )
        _change(source, state, without=old, added=new)
        # These hold no table of calls: there may be many of them.
        state.steps.add(
            chosen.layer,
            undo=lambda: _change(source, state, without=new, added=old, told=_before(n)),
            redo=lambda: _change(source, state, without=old, added=new, told=_again(n)),
        )
        said = (
            f"{counted(n, 'call')} {are(n)} classed by the rules again."
            if name is None
            else f"{counted(n, 'call')} {are(n)} {name} now, by hand."
        )
        self._saying.say(f"{told} {said} {_TAKES_BACK}".strip())

    def _menu_for(self, chosen: Chosen, parent: QWidget) -> QMenu:
        menu = QMenu(_TITLE, parent)
        menu.setObjectName("classes_menu")
        menu.setToolTipsVisible(True)
        known = set(chosen.calls["class"]) if "class" in chosen.calls else set()
        for name, rule in CLASSES.items():
            self._add(menu, name, known=known, tip=rule)
        menu.addSeparator()
        self._add(menu, None)
        return menu

    def _add(
        self, menu: QMenu, name: str | None, *, known: Collection[object] = (), tip: str = ""
    ) -> None:
        action = menu.addAction(_BY_RULES if name is None else _KEYS[name])
        if action is None:
            return
        action.setCheckable(name is not None)
        action.setChecked(known == {name})
        action.setToolTip(tip)
        action.triggered.connect(lambda _checked=False: self.give(name))


def _change(
    source: SourceLayers,
    state: SourceState,
    *,
    without: ClassesByHand,
    added: ClassesByHand,
    told: str = "",
) -> str:
    classes, masks = state.classes.changed(without=without, added=added), mask_stack(source)
    pages = {page for given in (*without, *added) for page in given.patch.pages}
    state.set_classes(classes if masks is None else looked_at(source, classes, masks, pages))
    return told


def _before(n: int) -> str:
    return f"The class of {counted(n, 'call')} is what it was before."


def _again(n: int) -> str:
    return f"{counted(n, 'call')} {_have(n)} the class again that was taken back."


def _these(n: int) -> str:
    return "This call" if n == 1 else "These calls"


def _have(n: int) -> str:
    return "has" if n == 1 else "have"
