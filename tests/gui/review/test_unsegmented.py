"""A page that the network was never asked about is not an empty page."""

from __future__ import annotations

import numpy as np
import pytest
from windows import child, click, open_by_clicking, text, wait_until_idle

from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import PageState
from napari_squeakout.gui.review.page_strip import PageStrip
from napari_squeakout.gui.segment.page_choice import RANGE


@pytest.fixture
def partly(dock_of, recording, qtbot, monkeypatch):
    """A window in which pages 0-1 of the six of tones.wav have been segmented."""
    viewer, dock = dock_of()
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    segment_pages(qtbot, dock, 0, 1)
    return viewer, dock


def segment_pages(qtbot, dock, first, last):
    child(dock, "segment_pages").set_value(RANGE)
    child(dock, "segment_from").setValue(first)
    child(dock, "segment_to").setValue(last)
    click(dock, "segment_run")
    settle(qtbot, dock)


def settle(qtbot, dock):
    qtbot.wait(20)
    wait_until_idle(qtbot, dock)
    panel = dock.review_panel
    qtbot.waitUntil(lambda: panel.reviewing.measures is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not panel._measuring.is_active, timeout=20_000)
    qtbot.wait(20)


def go(qtbot, viewer, page):
    viewer.dims.set_current_step(0, page)
    qtbot.wait(20)


def states(dock):
    return [state.value for state in dock.review_panel.reviewing.review.states()]


def test_a_page_that_was_not_segmented_is_never_approved_as_empty(partly, qtbot):
    viewer, dock = partly
    child(dock, "review_below").setValue(1.0)
    click(dock, "review_approve_empty")
    assert states(dock)[2:] == ["unreviewed"] * 4
    assert "not segmented yet: 4, left out" in text(dock, "review_message")
    go(qtbot, viewer, 4)
    click(dock, "review_approve")
    assert states(dock)[4] == "unreviewed"
    assert viewer.dims.current_step[0] == 4
    assert "Page 4 is not segmented yet" in text(dock, "review_message")


def test_a_person_may_say_that_a_page_never_segmented_is_empty_or_holds_what_was_drawn(
    partly, qtbot
):
    viewer, dock = partly
    go(qtbot, viewer, 4)
    click(dock, "review_reject")
    go(qtbot, viewer, 5)
    calls = viewer.layers["tones calls"]
    calls.data_setitem((np.array([5]), np.array([9]), np.array([9])), np.array([50]))
    qtbot.wait(200)
    click(dock, "review_approve")
    assert states(dock)[4:] == ["approved"] * 2


def test_it_is_said_everywhere_which_pages_are_not_segmented(partly, qtbot):
    viewer, dock = partly
    assert "on 2 of 6 pages, the others are not segmented yet" in text(dock, "clean_message")
    assert text(dock, "segment_known").startswith("2 of 6 pages are segmented")
    go(qtbot, viewer, 1)
    assert "not segmented" not in text(dock, "dock_page") + text(dock, "clean_changes")
    go(qtbot, viewer, 3)
    assert text(dock, "dock_page").endswith("not segmented yet")
    assert text(dock, "clean_changes") == "This page is not segmented yet."
    assert text(dock, "review_state") == "○ Not segmented"
    assert dock.review_panel.strip.words_for(3) == "page 3: not segmented yet"
    segment_pages(qtbot, dock, 2, 5)
    assert not text(dock, "segment_known")
    assert "not segmented" not in text(dock, "dock_page")


def test_work_gone_on_with_later_knows_which_pages_were_segmented(
    partly, dock_of, recording, qtbot, monkeypatch
):
    viewer, _ = partly
    viewer.layers.clear()
    viewer, dock = dock_of()
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    qtbot.wait(50)
    wait_until_idle(qtbot, dock)
    assert "2 of 6 segmented" in text(dock, "session_offer")
    # Another session would be begun, and this work be hidden behind it.
    assert not child(dock, "segment_run").isEnabled()
    assert "continue your earlier work or to begin anew" in text(dock, "segment_why")
    click(dock, "session_continue")
    settle(qtbot, dock)
    assert child(dock, "segment_run").isEnabled()
    child(dock, "review_below").setValue(1.0)
    click(dock, "review_approve_empty")
    assert states(dock)[2:] == ["unreviewed"] * 4
    assert text(dock, "segment_known").startswith("2 of 6 pages are segmented")


def test_answers_whose_calls_were_not_made_before_a_kill_get_them_when_work_goes_on(
    partly, dock_of, recording, qtbot, monkeypatch
):
    viewer, dock = partly
    before = viewer.layers["tones calls"].data[:2].copy()
    assert before[1].any()
    session = dock.state.session
    session.labels[1] = 0
    session.proposed[1] = session.proposed[5]
    session.stages[1] = PageStage.SEGMENTED
    viewer.layers.clear()
    viewer, dock = dock_of()
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    qtbot.wait(50)
    wait_until_idle(qtbot, dock)
    click(dock, "session_continue")
    settle(qtbot, dock)
    np.testing.assert_array_equal(viewer.layers["tones calls"].data[:2], before)
    assert dock.state.stage(1) is PageStage.CLEANED


def test_a_page_visited_while_the_network_works_shows_its_calls(partly, qtbot):
    viewer, dock = partly
    calls = viewer.layers["tones calls"]
    go(qtbot, viewer, 0)
    kept = dock.state
    before = calls.data[1] > 0
    calls.data[1] = 0
    calls.metadata["napari-squeakout proposals"].note(1)
    kept.stages[1] = PageStage.SEGMENTED
    go(qtbot, viewer, 1)
    np.testing.assert_array_equal(calls.data[1] > 0, before)


def test_answers_of_another_model_that_go_take_what_was_known_with_them(partly, qtbot, monkeypatch):
    from windows import install_fake_model

    _, dock = partly
    kept = dock.state
    kept.session.stages[5] = PageStage.CLEANED  # and so segmented, without a single pixel
    install_fake_model(monkeypatch, fingerprint="c" * 64)
    dock.segment_panel._engine = None
    segment_pages(qtbot, dock, 3, 3)
    assert kept.stages.tolist() == [0, 0, 0, PageStage.CLEANED, 0, 0]
    assert states(dock) == ["unreviewed"] * 6


def test_pages_not_segmented_are_hatched_and_as_high_as_those_with_calls(qtbot):
    strip = PageStrip("strip")
    qtbot.addWidget(strip)
    for n_pages in (4, 400):
        strip.resize(200, 25)
        unknown = range(n_pages // 2, n_pages)
        strip.set_pages([PageState.UNREVIEWED] * n_pages, np.zeros(n_pages, bool), 0, unknown)
        picture = strip.grab().toImage()
        rows = {x: {picture.pixel(x, y) for y in range(1, 12)} for x in (60, 160)}
        assert len(rows[60]) == 1  # empty: nothing is drawn so high
        assert len(rows[160]) > 1
        strip.set_pages([PageState.APPROVED] * n_pages, np.zeros(n_pages, bool), 0, unknown)
        assert strip.words_for(n_pages - 1).endswith("approved, empty")
