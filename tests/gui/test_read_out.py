"""The window as it is heard: each control has a name, and each picture says its value."""

from __future__ import annotations

import re

import pytest
from access import controls_of, fill_dock, read_out
from windows import child


@pytest.fixture
def window(dock_of, qtbot, monkeypatch, recording):
    viewer, dock = dock_of(show=True)
    fill_dock(qtbot, monkeypatch, viewer, dock, recording)
    return viewer, dock


def test_each_control_has_a_name_and_no_marks_of_html_are_read(window):
    _, dock = window
    controls = controls_of(dock)
    assert len(controls) > 100
    assert [(type(one).__name__, one.objectName()) for one in controls if not read_out(one)] == []
    html = [c for c in controls if re.search("</?[a-z]>", c.accessibleDescription() or c.toolTip())]
    assert [one.objectName() for one in html] == []
    arrows = [c for c in controls if set(read_out(c)) & set("◀▶▸▾▴")]
    assert [one.objectName() for one in arrows] == []


def test_what_is_drawn_says_its_value(window, qtbot):
    _, dock = window
    strip, whole = child(dock, "review_strip"), dock.overview.strip
    for pages in (strip, whole):
        assert pages.accessibleDescription().startswith("6 pages: 6 unreviewed. In view, page 0: ")
    child(dock, "review_approve").click()
    qtbot.waitUntil(lambda: "1 approved, 5 unreviewed" in strip.accessibleDescription())
    assert "In view, page " in whole.accessibleDescription()
    histogram = child(dock, "clean_histogram")
    histogram.set_threshold(0.5)
    before = histogram.accessibleDescription()
    assert before.endswith("the threshold of 0.50")
    histogram.set_threshold(0.99)
    assert histogram.accessibleDescription() != before
    qtbot.waitUntil(
        lambda: dock.plots.area is not None and dock.plots.area.accessibleDescription() != "",
        timeout=60_000,
    )
    assert "calls: " in dock.plots.area.accessibleDescription()
