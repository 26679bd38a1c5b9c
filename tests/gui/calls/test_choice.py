"""What others than the table are told of it."""

from __future__ import annotations

import numpy as np
import pytest
from windows import click, open_by_clicking, wait_until_idle

from napari_squeakout.core.measures.edited import PAINTED
from napari_squeakout.gui.layers.label_pages import write_page
from napari_squeakout.gui.layers.layers import page_in_view


@pytest.fixture
def window(dock_of, recording, qtbot, monkeypatch):
    """Three tones, segmented; nobody has asked for the table."""
    viewer, dock = dock_of(show=True)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    return viewer, dock


def test_calls_are_measured_for_somebody_else_while_the_table_is_away(window, qtbot):
    _, dock = window
    assert not len(dock.calls.choice.shown_calls())
    dock.calls.need(True)
    wait_until_idle(qtbot, dock)
    shown = dock.calls.choice.shown_calls()
    assert len(shown) == dock.calls.model.n_calls > 2
    assert dock.calls.choice.words().startswith(f"{len(shown)} calls")
    assert not dock.calls.box.isVisible()
    dock.calls.need(False)
    assert not dock.calls.followed.is_on


def test_what_is_shown_follows_conditions_and_edits(window, qtbot):
    _, dock = window
    dock.calls.switch.setChecked(True)
    wait_until_idle(qtbot, dock)
    choice, told = dock.calls.choice, []
    choice.told.connect(lambda: told.append(len(choice.shown_calls())))
    n_calls = len(choice.shown_calls())
    dock.calls.box.conditions.setText("peak > 75")
    dock.calls._on_conditions()
    shown = choice.shown_calls()
    assert 0 < len(shown) < n_calls
    assert (shown["peak_hz"] > 75_000).all()
    assert told[-1] == len(shown)
    dock.calls.box.conditions.clear()
    page = int(choice.shown_calls()["page"].iloc[0])
    write_page(dock.source.calls, page, np.zeros((512, 512), np.int32), undoable=True)
    dock.review_panel.reviewing.go(page)
    wait_until_idle(qtbot, dock)
    assert told[-1] == len(choice.shown_calls()) < n_calls


def test_calls_are_chosen_and_gone_to_by_their_keys(window, qtbot):
    viewer, dock = window
    dock.calls.switch.setChecked(True)
    wait_until_idle(qtbot, dock)
    choice, heard = dock.calls.choice, []
    choice.choice_changed.connect(lambda: heard.append(choice.chosen_keys().tolist()))
    keys = choice.shown_calls().index.to_numpy()
    page = page_in_view(viewer, dock.source.image)
    choice.choose_keys(keys[[0, 2]])
    assert heard[-1] == keys[[0, 2]].tolist()
    assert dock.calls.table.chosen_calls().tolist() == [0, 2]
    assert page_in_view(viewer, dock.source.image) == page
    last = dock.calls.followed.calls.iloc[-1]
    choice.go_to(int(keys[-1]))
    assert page_in_view(viewer, dock.source.image) == last["page"] > 0
    assert dock.source.calls.selected_label == last[PAINTED]
    assert choice.chosen_keys().tolist() == [keys[-1]]
    choice.choose_keys(keys[:0])
    assert heard[-1] == []
