"""Every text of the window can be read, as it is painted in each of napari's themes."""

from __future__ import annotations

import pytest
from access import enlarged, fill_dock, painted_contrast, place_in, text_in, unfold_all
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import QWidget
from windows import click

from napari_squeakout.gui.guidance.key_card import KeyCard

#: WCAG 2.2, 1.4.3: of text; what is disabled is exempt, and is held to what graphics are.
TEXT, DISABLED = 4.5, 3.0


def too_faint(top):
    """Texts in a widget that cannot be read."""
    pixels = enlarged(top, top.palette().color(QPalette.ColorRole.Window))
    found, n_read = [], 0
    for widget in (top, *top.findChildren(QWidget)):
        text, inside = text_in(widget)
        if not text or not widget.isVisibleTo(top):
            continue
        ratio = painted_contrast(pixels[place_in(widget, top, inside)])
        n_read += 1
        if ratio < (TEXT if widget.isEnabled() else DISABLED):
            found.append((widget.objectName(), text, round(ratio, 2)))
    return found, n_read


@pytest.mark.parametrize("theme", ["dark", "light", "system"])
def test_every_text_stands_out_from_what_is_behind_it(
    dock_of, qtbot, monkeypatch, recording, theme
):
    viewer, dock = dock_of(show=True)
    fill_dock(qtbot, monkeypatch, viewer, dock, recording)
    viewer.theme = theme
    qtbot.wait(50)
    click(dock, "dock_keys")
    card = dock.window().findChild(KeyCard)
    n_texts = 0
    for section in ("open", "segment", "clean", "tools", "review", "results", "listen", "picture"):
        unfold_all(dock, f"{section}_section")
        qtbot.wait(20)
        found, n_read = too_faint(dock.parts)
        assert found == [], section
        n_texts += n_read
    for top in (dock.head, dock.calls.box, dock.plots.box, card):
        found, n_read = too_faint(top)
        assert found == [], top.objectName()
        n_texts += n_read
    assert n_texts > 150
