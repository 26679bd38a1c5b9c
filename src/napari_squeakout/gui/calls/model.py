"""The table of calls as Qt asks for it: cells are written when they come into view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from qtpy.QtWidgets import QApplication

from napari_squeakout.core.measures.edited import LAST_PAGE, PAINTED

from .columns import Column, columns_of
from .rows import Condition, in_order, passing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_squeakout.core.stacks import CallTable

_NUMBER_BITS = 32  # of a number in a layer
_NOWHERE = QModelIndex()
_ROLE, _ACROSS = Qt.ItemDataRole, Qt.Orientation.Horizontal
_NUMBER = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_WORD = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_OUTDATED = "Its page was changed: it is being measured again"


class _Arrays(dict[str, "NDArray[Any]"]):
    """Columns of a table as arrays, made when they are first asked for: few of them are in view."""

    def __init__(self, calls: CallTable, columns: Sequence[Column]) -> None:
        super().__init__()
        self._calls, self._columns = calls, {column.name: column for column in columns}

    def __missing__(self, name: str) -> NDArray[Any]:
        array = self[name] = _array(self._calls, self._columns[name])
        return array


class CallsModel(QAbstractTableModel):
    """A row a call; order and filter are one array of row numbers.

    Sorting in a proxy takes seconds for 20,000 rows, an array some milliseconds.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns: tuple[Column, ...] = ()
        #: (calls,) what tells each call from the others, also after it was measured again.
        self.keys: NDArray[np.int64] = np.zeros(0, np.int64)
        self._values: dict[str, NDArray[Any]] = {}
        self._n_calls = 0
        #: (shown,) which call of the table each row shows.
        self.rows: NDArray[np.intp] = np.zeros(0, np.intp)
        self._outdated: NDArray[np.bool_] = np.zeros(0, bool)
        self._conditions: tuple[Condition, ...] = ()
        self._by, self._descending = "", False

    @property
    def n_calls(self) -> int:
        """How many there are, shown or not."""
        return self._n_calls

    def set_calls(self, calls: CallTable) -> None:
        """Show another table in the same order, as far as it has the same columns."""
        self.beginResetModel()
        shown = calls.drop(columns=[PAINTED, LAST_PAGE], errors="ignore")
        self.columns, self._n_calls = columns_of(shown), len(calls)
        number = calls[PAINTED if PAINTED in calls else "call"].to_numpy(np.int64)
        self.keys = (calls["page"].to_numpy(np.int64) << _NUMBER_BITS) | number
        self._values = _Arrays(calls, self.columns)
        self._outdated = np.zeros(len(calls), bool)
        names = {column.name for column in self.columns}
        self._conditions = tuple(c for c in self._conditions if c.column.name in names)
        if self._by not in names:
            self._by, self._descending = "", False
        self._arrange()
        self.endResetModel()

    def clear(self) -> None:
        """Show none."""
        self.beginResetModel()
        self._n_calls, self.rows = 0, np.zeros(0, np.intp)
        self.keys, self._outdated = np.zeros(0, np.int64), np.zeros(0, bool)
        self.endResetModel()

    def set_outdated(self, outdated: NDArray[np.bool_]) -> None:
        """Grey the calls that are being measured again, (calls,) bool."""
        if len(outdated) != self._n_calls or np.array_equal(outdated, self._outdated):
            return
        self._outdated = outdated
        if len(self.rows):
            last = self.index(len(self.rows) - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def set_conditions(self, conditions: Sequence[Condition]) -> None:
        """Show only calls that fulfil all of them."""
        self.beginResetModel()
        self._conditions = tuple(conditions)
        self._arrange()
        self.endResetModel()

    def is_outdated(self, call: int) -> bool:
        """Whether a call of the table is being measured again."""
        return bool(self._outdated[call])

    def row_of(self, call: int) -> int | None:
        """In which row a call of the table is; None where it is filtered out."""
        found = np.flatnonzero(self.rows == call)
        return int(found[0]) if len(found) else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order the rows by a column; -1 by time."""
        self.beginResetModel()
        self._by = self.columns[column].name if 0 <= column < len(self.columns) else ""
        self._descending = order == Qt.SortOrder.DescendingOrder
        self._arrange()
        self.endResetModel()

    # --- as Qt asks -----------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        """How many calls are shown."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        """How many measures."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: QModelIndex, role: int = _ROLE.DisplayRole) -> Any:
        """One cell."""
        if not index.isValid():
            return None
        column, call = self.columns[index.column()], int(self.rows[index.row()])
        if role == _ROLE.DisplayRole:
            return column.text(self._values[column.name][call])
        if role == _ROLE.TextAlignmentRole:
            return _WORD if column.is_text else _NUMBER
        if role == _ROLE.ForegroundRole and self._outdated[call]:
            palette = QApplication.palette()
            return palette.brush(palette.ColorGroup.Disabled, palette.ColorRole.Text)
        if role == _ROLE.ToolTipRole and self._outdated[call]:
            return _OUTDATED
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole
    ) -> Any:
        """The heading of a column, and what it is."""
        if orientation != _ACROSS or not 0 <= section < len(self.columns):
            return None
        if role == _ROLE.DisplayRole:
            return self.columns[section].heading
        return self.columns[section].tip if role == _ROLE.ToolTipRole else None

    def _arrange(self) -> None:
        rows = passing(self._values, self._conditions, self._n_calls)
        if self._by:
            rows = in_order(self._values[self._by], rows, descending=self._descending)
        self.rows = rows


def _array(calls: CallTable, column: Column) -> NDArray[Any]:
    if column.is_text:
        return calls[column.name].to_numpy(object)
    return calls[column.name].to_numpy(np.float64, na_value=np.nan)
