"""The table that is seen: rows are chosen and put in order, and stay so when they change."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from qtpy.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from .rows import runs_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from qtpy.QtGui import QKeyEvent

    from .model import CallsModel

_ROW_PX = 22
#: The heading, two rows and the bar to scroll by.
LEAST_PX = 82
_WANTED_PX = 9 * _ROW_PX
_DELETE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_CHOOSE = QItemSelectionModel.SelectionFlag


class CallsTable(QTableView):
    """Rows of calls, of fixed widths: asking all rows for theirs takes seconds.

    Parameters
    ----------
    model : CallsModel
        Has the calls.
    """

    #: A person has gone to a call, by its place in the table of calls.
    chosen = Signal(int)
    #: Delete was pressed.
    delete_asked = Signal()

    def __init__(self, model: CallsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("calls_table")
        self.setAccessibleName("Calls")
        self._model = model
        self._order = (-1, Qt.SortOrder.AscendingOrder)
        #: What was chosen, and gone to, before the rows were arranged anew.
        self._kept: tuple[NDArray[np.int64], int | None] = (np.zeros(0, np.int64), None)
        self._names: list[str] = []
        self._is_restoring = False
        #: Whether the row that is current has become so by the click that goes on.
        self._is_new = False
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)  # Tab leaves it; arrows go from row to row
        self.setMinimumHeight(LEAST_PX)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        beside, above = self.verticalHeader(), self._header()
        if beside is not None:
            beside.hide()
            beside.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            beside.setDefaultSectionSize(_ROW_PX)
        above.setHighlightSections(False)
        # With the table's own it asks all rows of each column whether they are chosen.
        above.setSelectionModel(QItemSelectionModel(model, above))
        above.setSectionsClickable(True)
        above.sectionClicked.connect(self._on_header)
        model.modelAboutToBeReset.connect(self._keep)
        model.modelReset.connect(self._restore)
        choice = self.selectionModel()
        if choice is not None:
            choice.currentRowChanged.connect(self._on_current)
        self.clicked.connect(self._on_clicked)

    def chosen_calls(self) -> NDArray[np.intp]:
        """Places of the chosen calls in the table of calls, in the order shown."""
        return self._model.rows[self._chosen_rows()]

    def choose(self, call: int) -> None:
        """Choose one call as if nobody had: no page is turned. One that is not shown is not."""
        row = self._model.row_of(call)
        if row is not None:
            self._set(np.array([row]), row)
            self.scrollTo(self._model.index(row, 0))

    def choose_keys(self, keys: NDArray[np.int64]) -> None:
        """Choose the calls of these keys, as far as they are shown; no page is turned."""
        rows = np.flatnonzero(np.isin(self._model.keys[self._model.rows], keys))
        self._set(rows, int(rows[0]) if len(rows) == 1 else None)
        if len(rows):
            self.scrollTo(self._model.index(int(rows[0]), 0))

    def sort_by(self, column: int, order: Qt.SortOrder) -> None:
        """Order the rows by a column; by -1 in order of time."""
        self._order = (column, order)
        self._model.sort(column, order)
        header = self._header()
        header.setSortIndicatorShown(column >= 0)
        header.setSortIndicator(max(column, 0), order)
        current = self.currentIndex()
        if current.isValid():
            self.scrollTo(current)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Some rows, where there is room."""
        return QSize(super().sizeHint().width(), _WANTED_PX)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Take Delete for the rows that are chosen."""
        if event is not None and event.key() in _DELETE and not event.isAutoRepeat():
            self.delete_asked.emit()
            return
        super().keyPressEvent(event)

    def _header(self) -> QHeaderView:
        return cast("QHeaderView", self.horizontalHeader())

    def _on_header(self, column: int) -> None:
        """Up, down, and in order of time again."""
        by, order = self._order
        up, down = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
        if by != column:
            self.sort_by(column, up)
        elif order == up:
            self.sort_by(column, down)
        else:
            self.sort_by(-1, up)

    def _on_current(self, current: QModelIndex, before: QModelIndex) -> None:
        if not self._is_restoring and current.isValid() and current.row() != before.row():
            self._is_new = True
            self.chosen.emit(int(self._model.rows[current.row()]))

    def _on_clicked(self, index: QModelIndex) -> None:
        """A click on the row that is current already goes there once more."""
        is_new, self._is_new = self._is_new, False
        if not is_new:
            self.chosen.emit(int(self._model.rows[index.row()]))

    def _chosen_rows(self) -> NDArray[np.intp]:
        choice = self.selectionModel()
        chosen = QItemSelection() if choice is None else choice.selection()
        ranges = (chosen[at] for at in range(len(chosen)))
        rows = [np.arange(one.top(), one.bottom() + 1) for one in ranges]
        return np.unique(np.concatenate(rows)) if rows else np.zeros(0, np.intp)

    def _keep(self) -> None:
        rows, current = self._chosen_rows(), self.currentIndex()
        keys = self._model.keys[self._model.rows]
        key = int(keys[current.row()]) if current.isValid() else None
        self._kept = (keys[rows], key)

    def _restore(self) -> None:
        names = [column.name for column in self._model.columns]
        if names != self._names:
            self._names, self._order = names, (-1, Qt.SortOrder.AscendingOrder)
            self._header().setSortIndicatorShown(False)
            for at, column in enumerate(self._model.columns):
                self.setColumnWidth(at, column.width_px)
        keys, key = self._kept
        if not len(keys) and key is None:
            return
        there = self._model.keys[self._model.rows]
        current = np.flatnonzero(there == key) if key is not None else np.zeros(0, np.intp)
        self._set(np.flatnonzero(np.isin(there, keys)), int(current[0]) if len(current) else None)

    def _set(self, rows: NDArray[np.intp], current: int | None) -> None:
        choice, last = self.selectionModel(), len(self._model.columns) - 1
        if choice is None or last < 0:
            return
        chosen = QItemSelection()
        for first, stop in runs_of(rows):
            chosen.select(self._model.index(first, 0), self._model.index(stop, last))
        self._is_restoring = True
        try:
            choice.select(chosen, _CHOOSE.ClearAndSelect)
            if current is not None:
                choice.setCurrentIndex(self._model.index(current, 0), _CHOOSE.NoUpdate)
        finally:
            self._is_restoring = False
