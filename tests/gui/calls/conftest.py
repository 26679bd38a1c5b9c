"""A window with the table of calls."""

from __future__ import annotations

import pytest
from windows import click, open_by_clicking, wait_until_idle


@pytest.fixture
def window(dock_of, recording, qtbot, monkeypatch):
    """Three tones, segmented, with the table under the picture."""
    viewer, dock = dock_of(show=True)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    dock.calls.switch.setChecked(True)
    wait_until_idle(qtbot, dock)
    return viewer, dock
