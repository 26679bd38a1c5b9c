"""Hints for who is new: the right one at each moment, closed for good, and brought back."""

from __future__ import annotations

from access import fill_dock
from windows import child, click, text

from napari_squeakout.gui.guidance.hints import Hints, Moment
from napari_squeakout.gui.guidance.key_card import KeyCard


def said(widget):
    return "" if child(widget, "hint_words").isHidden() else text(widget, "hint_words")


def test_each_moment_has_its_hint_and_what_is_closed_does_not_come_back(qtbot):
    hints = Hints()
    qtbot.addWidget(hints)
    assert "Open Sample" in said(hints)
    click(hints, "hint_close")
    assert said(hints) == ""
    assert hints.isHidden()
    hints.follow(Moment.NO_CALLS)
    assert "Segment" in said(hints)
    hints.follow(Moment.CALLS)
    for word in ("Threshold", "approves", "?"):
        assert word in said(hints)
        click(hints, "hint_close")
    assert hints.isHidden()
    again = Hints()  # another day
    qtbot.addWidget(again)
    again.follow(Moment.CALLS)
    assert again.isHidden()
    again.show_again()
    assert "Threshold" in said(again)


def test_the_dock_follows_with_its_hints_and_the_card_of_keys_brings_them_back(
    dock_of, qtbot, monkeypatch, recording
):
    viewer, dock = dock_of(show=True)
    assert "Open Sample" in said(dock)
    click(dock, "hint_close")
    assert not child(dock, "hints").isVisible()
    fill_dock(qtbot, monkeypatch, viewer, dock, recording)
    assert "Threshold" in said(dock)
    words = child(dock, "hint_words")
    assert words.height() < 2 * words.fontMetrics().lineSpacing()  # one line
    dock.review_panel.reviewing.approve()
    assert "keys" in said(dock)  # the threshold changes nothing on what is approved
    dock.review_panel.reviewing.withdraw()
    assert "Threshold" in said(dock)
    click(dock, "hint_close")
    click(dock, "dock_keys")
    click(dock.window().findChild(KeyCard), "keys_hints")
    assert "Threshold" in said(dock)
