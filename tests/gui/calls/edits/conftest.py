"""A window whose calls are known."""

from __future__ import annotations

import numpy as np
import pytest
from windows import wait_until_idle

from napari_squeakout.gui.layers.label_pages import write_together


@pytest.fixture
def edited(window, qtbot):
    """Pages 0 to 2 with calls of our own: two that are near, one over a border, one far."""
    _, dock = window
    pages = {page: np.zeros((512, 512), np.int32) for page in range(3)}
    pages[0][100:110, 100:150] = 1
    pages[0][100:110, 160:200] = 2
    pages[0][100:110, 450:512] = 3
    pages[1][100:110, 0:30] = 3
    pages[1][100:110, 36:80] = 4
    pages[2][200:210, 100:130] = 5
    pages[2][200:210, 140:170] = 5
    write_together(dock.source.calls, pages)
    dock.state.note_painted(0)
    dock.calls.followed.suspect(range(3))
    wait_until_idle(qtbot, dock)
    return dock
