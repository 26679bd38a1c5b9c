"""What others than the table are told of it: which calls it shows, and which of them are chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from qtpy.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from .following import FollowedCalls
    from .model import CallsModel
    from .table import CallsTable


class CallsChoice(QObject):
    """The calls of the table as values, each known by a key that outlasts new measures.

    Parameters
    ----------
    table : CallsTable
        Has the rows that are shown and chosen.
    model : CallsModel
        Has their keys.
    followed : FollowedCalls
        Has their measures.
    words : callable
        How many are shown, and what is still to come, as the line of the table says it.
    parent : QObject
        With which it ends.
    """

    #: Other calls are shown, or they are measured otherwise, or others are still to come.
    told = Signal()
    #: Others are chosen.
    choice_changed = Signal()

    def __init__(
        self,
        table: CallsTable,
        model: CallsModel,
        followed: FollowedCalls,
        words: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._table, self._model, self._followed = table, model, followed
        self._words = words
        choice = table.selectionModel()
        if choice is not None:
            choice.selectionChanged.connect(self._on_chosen)

    def shown_calls(self) -> pd.DataFrame:
        """Rows that the table shows, in its order, with their keys as the index."""
        calls, rows = self._followed.calls, self._model.rows
        if calls is None or not len(rows):
            return pd.DataFrame() if calls is None else calls[:0]
        return calls.iloc[rows].set_index(self._model.keys[rows])

    def words(self) -> str:
        """How many calls are shown, and what is still to come."""
        return self._words()

    def is_waiting(self) -> bool:
        """Whether calls are still to be measured."""
        return bool(self._followed.n_due or self._followed.why_not)

    def chosen_keys(self) -> NDArray[np.int64]:
        """(chosen,) keys of the calls whose rows are chosen."""
        return self._model.keys[self._table.chosen_calls()]

    def choose_keys(self, keys: NDArray[np.int64]) -> None:
        """Choose the rows of these calls and no others; no page is turned."""
        self._table.choose_keys(keys)

    def go_to(self, key: int) -> None:
        """Choose one call, and go to its page, as a click on its row does."""
        found = np.flatnonzero(self._model.keys == key)
        if len(found) and self._model.row_of(int(found[0])) is not None:
            self._table.choose(int(found[0]))
            self._table.chosen.emit(int(found[0]))

    def _on_chosen(self, *_: object) -> None:
        self.choice_changed.emit()
