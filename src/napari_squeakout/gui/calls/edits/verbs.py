"""What can be done to chosen calls: by keys, and by the menu on their rows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from qtpy.QtCore import QObject, QPoint, Qt
from qtpy.QtWidgets import QMenu

from napari_squeakout.gui.calls.settings import KEPT_AS, CallTableSettings
from napari_squeakout.gui.forms.dialogs import ask
from napari_squeakout.gui.qt.keyboard import bind_key
from napari_squeakout.io.preferences import keep_preferences, read_preferences

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtWidgets import QWidget

    from napari_squeakout.gui.calls.table import CallsTable

    from .approving import Approving
    from .classing import Classing
    from .editing import Editing

_CLASS_KEY = "Shift+C"
_MERGING = "How far calls may lie apart in time to be merged into one."


class Verb(NamedTuple):
    """One thing that is done to chosen calls.

    The key is empty where the table itself takes it.
    """

    words: str
    key: str
    does: str
    act: Callable[[], object]


class Verbs(QObject):
    """Keys and a menu for what is done to the calls that are chosen in a table.

    Parameters
    ----------
    table : CallsTable
        In which they are chosen.
    editing : Editing
        Changes them.
    approving : Approving
        Has their pages approved.
    classing : Classing
        Gives them a class.
    """

    def __init__(
        self,
        table: CallsTable,
        editing: Editing,
        approving: Approving,
        classing: Classing,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._table = table
        self._verbs = [
            Verb("Merge", "Shift+J", "Make the calls chosen in the table one", editing.merge),
            Verb("Split in time", "Shift+T", "Cut the call chosen in the table", editing.split),
            Verb(
                "Approve pages", "Shift+A", "Approve the pages of the calls chosen in the table",
                approving.approve,
            ),
            Verb(
                "Class…", _CLASS_KEY, "Give the calls chosen in the table a class",
                self._ask_class,
            ),
        ]  # fmt: skip
        self._delete, self._classing = editing.delete, classing
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._show)

    def bind_keys(self, dock: QWidget) -> None:
        """Take keys while the dock is shown."""
        for verb in self._verbs:
            bind_key(dock, verb.key, partial(self._if_seen, verb.act), verb.does)

    def menu(self) -> QMenu:
        """What is offered for the rows that are chosen."""
        menu = QMenu(self._table)
        menu.setObjectName("calls_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for verb in self._verbs:
            _add(menu, f"{verb.words}\t{verb.key}", verb.act)
        _add(menu, "Delete\tDelete", self._delete)
        menu.addSeparator()
        _add(menu, "Gap for merging…", self._ask_gap)
        return menu

    def _show(self, place: QPoint) -> None:
        viewport = self._table.viewport()
        if viewport is not None and len(self._table.chosen_calls()):
            self.menu().popup(viewport.mapToGlobal(place))

    def _ask_class(self) -> None:
        """Offer the classes below the row in hand, where it is in view."""
        menu, viewport = self._classing.menu(self._table), self._table.viewport()
        if menu is None or viewport is None:
            return
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        row = self._table.visualRect(self._table.currentIndex())
        place = row.bottomLeft() if viewport.rect().intersects(row) else QPoint(0, 0)
        menu.popup(viewport.mapToGlobal(QPoint(max(0, place.x()), place.y())))

    def _if_seen(self, act: Callable[[], object]) -> None:
        """Rows that nobody sees are not acted on by a key."""
        if self._table.isVisible():
            act()

    def _ask_gap(self) -> None:
        known = read_preferences(CallTableSettings, KEPT_AS)

        def keep(asked: CallTableSettings) -> None:
            now = read_preferences(CallTableSettings, KEPT_AS)
            changed = now.model_copy(update={"merge_gap_s": asked.merge_gap_s})
            keep_preferences(changed, KEPT_AS)

        ask(
            self._table, known, "merging", title="Merging calls", words=_MERGING, accept="Keep",
            done=keep, fields=("merge_gap_s",),
        )  # fmt: skip


def _add(menu: QMenu, words: str, act: Callable[[], object]) -> None:
    action = menu.addAction(words)
    if action is not None:
        action.triggered.connect(lambda _checked=False: act())
