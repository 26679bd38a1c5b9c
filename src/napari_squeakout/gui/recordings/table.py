"""The list of a project's recordings: a row each, with how far it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from qtpy.QtCore import QModelIndex, Qt, Signal
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from napari_squeakout.core.numerals import counted
from napari_squeakout.gui.names.shown import NAMES
from napari_squeakout.gui.qt.callbacks import later
from napari_squeakout.gui.qt.wording import duration_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qtpy.QtGui import QResizeEvent, QShowEvent

    from napari_squeakout.io.sessions.project import RecordingRow

COLUMNS = ("Recording", "Length", "Segmented", "Calls", "Approved", "State")
_TIPS = (
    "Double click to open it; the one before is closed, with all that was kept",
    "To within a page",
    "Pages that the network was asked about",
    "Calls there are; empty while it is being worked on, and where nobody has counted",
    "Pages that are approved",
    "",
)
_STATE = len(COLUMNS) - 1
_NUMBERS = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ROWS_SEEN, _ROW_PX = 8, 24
#: Where all columns do not fit beside a name of this width, these go, the first at first.
_NAME_PX, _GOES_FIRST = 120, (1, 2, 4)


class RecordingsTable(QTableWidget):
    """Rows of recordings; several can be chosen, and one be opened."""

    #: The `RecordingRow` that was double clicked, or chosen with Enter.
    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(COLUMNS), parent)
        self.setObjectName("recordings_table")
        self.setAccessibleName("Recordings")
        self.rows: list[RecordingRow] = []
        self._failures: Mapping[Path, str] = {}
        self._notes: Mapping[Path, str] = {}
        self._current: Path | None = None
        self.setHorizontalHeaderLabels(COLUMNS)
        for column, tip in enumerate(_TIPS):
            cast("QTableWidgetItem", self.horizontalHeaderItem(column)).setToolTip(tip)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)  # Tab leaves it; arrows go from row to row
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        cast("QHeaderView", self.verticalHeader()).hide()
        cast("QHeaderView", self.verticalHeader()).setDefaultSectionSize(_ROW_PX)
        header = cast("QHeaderView", self.horizontalHeader())
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(24)
        self.doubleClicked.connect(self._on_open)
        # Once the window's style has given the rows their font.
        self._fit_soon = later(self, 0, self._fit)

    def show_rows(
        self,
        rows: Sequence[RecordingRow],
        failures: Mapping[Path, str],
        *,
        notes: Mapping[Path, str],
        current: Path | None = None,
    ) -> None:
        """Show how far recordings are; what is chosen stays chosen.

        Parameters
        ----------
        rows : sequence of RecordingRow
            In order.
        failures : mapping of Path to str
            Recording -> why it could not be segmented.
        notes : mapping of Path to str
            Recording -> what should be known of it.
        current : Path, optional
            That which is open in the window: its name is bold.
        """
        chosen = {row.path for row in self.chosen()}
        self.rows, self._failures, self._current = list(rows), failures, current
        self._notes = notes
        self.setRowCount(len(rows))
        for number, row in enumerate(rows):
            self._fill(number, row)
        self.clearSelection()
        for number, row in enumerate(rows):
            if row.path in chosen:
                for column in range(len(COLUMNS)):
                    cast("QTableWidgetItem", self.item(number, column)).setSelected(True)
        shown = min(max(len(rows), 2), _ROWS_SEEN)
        self.setFixedHeight(
            cast("QHeaderView", self.horizontalHeader()).sizeHint().height() + shown * _ROW_PX + 4
        )
        self._fit_soon.start()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Leave out columns that there is no room for."""
        super().resizeEvent(event)
        self._fit_soon.start()

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802 - Qt's name
        """The same, once it is unfolded: what is out of sight has no font of its own yet."""
        super().showEvent(event)
        self._fit_soon.start()

    def _fit(self) -> None:
        header = cast("QHeaderView", self.horizontalHeader())
        for column in _GOES_FIRST:
            self.setColumnHidden(column, False)  # or it says that it needs no room
        widths = [
            max(header.sectionSizeHint(column), self.sizeHintForColumn(column))
            for column in range(1, len(COLUMNS))
        ]
        room = cast("QWidget", self.viewport()).width() - _NAME_PX - sum(widths)
        for column in _GOES_FIRST:
            self.setColumnHidden(column, room < 0)
            room += widths[column - 1] if room < 0 else 0

    def chosen(self) -> list[RecordingRow]:
        """The rows that are chosen, in order."""
        numbers = {index.row() for index in self.selectedIndexes()}
        return [self.rows[number] for number in sorted(numbers) if number < len(self.rows)]

    def state_of(self, row: RecordingRow) -> str:
        """How far a recording is, in a word or two."""
        if row.trouble or row.path in self._failures:
            return "failed"
        if not row.n_segmented:
            return "not yet"
        if row.n_segmented < row.n_pages:
            return "in part"
        return "reviewed" if row.is_reviewed else "to review"

    def _fill(self, number: int, row: RecordingRow) -> None:
        length = "" if row.duration_s is None else duration_text(row.duration_s)
        pages = f"{row.n_segmented}/{row.n_pages}" if row.n_pages else ""
        approved = f"{row.n_approved}/{row.n_pages}" if row.n_pages else ""
        calls = "" if row.n_calls is None else f"{row.n_calls}"
        code = NAMES.code_of([row.path])
        name = code or NAMES.veiled(row.path.name)
        texts = (name, length, pages, calls, approved, self.state_of(row))
        why = NAMES.veiled(row.trouble or self._failures.get(row.path, ""))
        tip = why or _whole(row, code, length, self._notes.get(row.path, ""))
        is_open = row.path == self._current
        # While recordings are segmented the list is looked over again and again.
        if self._shown_in(number) == (texts, tip, is_open):
            return
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setToolTip(tip)
            if 0 < column < _STATE:
                item.setTextAlignment(_NUMBERS)
            if column == 0 and is_open:
                font = item.font()
                font.setBold(True)
                item.setFont(font)
            self.setItem(number, column, item)

    def _shown_in(self, number: int) -> tuple[tuple[str, ...], str, bool] | None:
        """Texts of a row, what is said under the mouse, and whether it is that of what is open."""
        items = [self.item(number, column) for column in range(len(COLUMNS))]
        first = items[0]
        if first is None:
            return None
        texts = tuple("" if item is None else item.text() for item in items)
        return texts, first.toolTip(), first.font().bold()

    def _on_open(self, index: QModelIndex) -> None:
        if index.row() < len(self.rows):
            self.opened.emit(self.rows[index.row()])


def _whole(row: RecordingRow, code: str, length: str, note: str) -> str:
    """All that is known of a recording and may be told."""
    lines = [code or NAMES.veiled(str(row.path))]
    if length:
        lines.append(f"About {length}.")
    if row.n_pages:
        pages = counted(row.n_pages, "page")
        lines.append(f"{row.n_segmented} of {pages} segmented, {row.n_approved} approved.")
    if row.changed is not None and not code:  # who remembers the day knows which it was
        lines.append(f"Last changed {row.changed.astimezone():%Y-%m-%d %H:%M}.")
    if note:
        lines.append(NAMES.veiled(note))
    return "\n".join(lines)
