"""The list of recordings as it is seen."""

from __future__ import annotations

from pathlib import Path

from napari_squeakout.gui.recordings.table import COLUMNS, RecordingsTable
from napari_squeakout.io.sessions.project import RecordingRow


def test_where_the_list_is_narrow_names_keep_their_room_however_often_it_is_shown(qtbot):
    table = RecordingsTable()
    qtbot.addWidget(table)
    table.resize(316, 120)
    table.show()
    hidden = []
    for n_approved in range(4):
        rows = [RecordingRow(path=Path("R02"), n_pages=19, n_approved=n_approved)]
        table.show_rows(rows, {}, notes={})
        qtbot.waitUntil(lambda: not table._fit_soon.isActive())
        hidden.append([table.isColumnHidden(column) for column in range(len(COLUMNS))])
        assert table.columnWidth(0) > 60
    assert any(hidden[0])
    assert all(one == hidden[0] for one in hidden)
