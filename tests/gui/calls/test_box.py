"""What stands around the table of calls."""

from __future__ import annotations

import pytest

from napari_squeakout.gui.calls.box import CallsBox
from napari_squeakout.gui.calls.model import CallsModel
from napari_squeakout.gui.calls.table import CallsTable

LINE = "16 calls"
LINES = (
    "Call 2 has no gap to be split at: hold the mouse over it on the picture, where it is to be "
    "cut, and press Shift+T. 16 calls"
)


@pytest.fixture
def low(qtbot):
    """As low as it gets, as it is in a window of 1280 x 720."""
    box = CallsBox(CallsTable(CallsModel()))
    qtbot.addWidget(box)
    box.show()
    box.say(LINE)
    box.resize(570, box.layout().minimumHeightForWidth(570))
    qtbot.waitExposed(box)
    return box


def test_two_lines_below_a_low_table_are_seen_whole_and_it_gets_no_higher(low, qtbot):
    height = low.height()
    low.say(LINES)
    message, table = low.message, low.findChild(CallsTable)
    qtbot.waitUntil(lambda: message.height() >= message.heightForWidth(message.width()))
    assert message.heightForWidth(message.width()) > message.fontMetrics().height() * 1.5
    assert message.y() >= table.geometry().bottom()
    assert low.height() == height
    low.say(LINE)
    qtbot.waitUntil(lambda: table.height() >= 82)
