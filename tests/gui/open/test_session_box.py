"""Earlier work is looked for and offered before anything can be begun beside it."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtWidgets import QFileDialog
from windows import child, click, text

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.layout import Layout
from napari_squeakout.core.stacks import Origin, SpectrogramStack
from napari_squeakout.core.steps import Progress
from napari_squeakout.gui.layers.layers import open_stack, source_of
from napari_squeakout.gui.open import session_box
from napari_squeakout.gui.open.session_box import SessionBox
from napari_squeakout.gui.source.registry import begin_registry
from napari_squeakout.io.sessions.finding import sessions_folder
from napari_squeakout.io.sessions.recent import note_session

EARLIER = SimpleNamespace(folder=Path("/kept/two.squeakout"), summary="1 page", fits=True)


@pytest.fixture
def box(qtbot, monkeypatch):
    """Two sources of files; the second was worked on before. Looks last until `go_on` is set."""
    viewer, go_on = ViewerModel(), threading.Event()

    def looking(stack):
        yield Progress(0, 1, "looks")
        go_on.wait(20)
        yield Progress(1, 1, "looks")
        return [EARLIER] if stack.layout.source == "two" else []

    def opening_session(folder, _stack, _near=()):
        yield Progress(0, 1, "sessions")
        msg = f"{folder.name}: is broken"
        raise InputError(msg)

    monkeypatch.setattr(session_box, "looking", looking)
    monkeypatch.setattr(session_box, "opening_session", opening_session)
    registry, sources = begin_registry(viewer), []
    for name in ("one", "two"):
        origin = Origin("images", (Path(f"/data/{name}.png"),), {})
        stack = SpectrogramStack(
            pages=np.zeros((2, 512, 512), np.float32),
            layout=Layout(source=name, n_pages=2),
            origin=origin,
        )
        source = source_of(viewer, open_stack(viewer, stack))
        sources.append((source, registry.take_in(source)))
    box = SessionBox(viewer, registry)
    qtbot.addWidget(box)
    yield box, sources, go_on
    go_on.set()
    box.bar.job.abandon()


def test_what_could_not_be_looked_for_at_once_is_looked_for_then_and_nothing_is_begun_before(
    box, qtbot
):
    box, (one, two), go_on = box
    box.set_source(*one)
    assert "looked for" in box.pending
    qtbot.waitUntil(lambda: box.bar.job.is_active, timeout=5000)
    box.set_source(*two)
    qtbot.wait(50)
    assert "looked for" in box.pending
    go_on.set()
    qtbot.waitUntil(lambda: "worked on this before" in text(box, "session_offer"), timeout=5000)
    assert "continue" in box.pending
    box.set_source(*one)
    assert not box.pending


def test_a_session_chosen_during_a_look_is_opened_and_the_look_made_up_for(box, qtbot, monkeypatch):
    box, (_, two), go_on = box
    box.set_source(*two)
    qtbot.waitUntil(lambda: box.bar.job.is_active, timeout=5000)
    chosen = lambda *_: "/kept/other.squeakout"  # noqa: E731
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", chosen)
    click(box, "session_open")
    go_on.set()
    qtbot.waitUntil(lambda: "other.squeakout: is broken" in box.bar.text, timeout=5000)
    qtbot.waitUntil(lambda: "worked on this before" in text(box, "session_offer"), timeout=5000)


def test_an_offer_stays_where_its_session_cannot_be_opened(box, qtbot):
    box, (_, two), go_on = box
    go_on.set()
    box.set_source(*two)
    qtbot.waitUntil(lambda: "worked on this before" in text(box, "session_offer"), timeout=5000)
    click(box, "session_continue")
    assert not child(box, "session_open").isEnabled()  # one after the other
    qtbot.waitUntil(lambda: "is broken" in box.bar.text, timeout=5000)
    assert "worked on this before" in text(box, "session_offer")
    assert child(box, "session_continue").isEnabled()


def test_sessions_worked_on_last_can_be_chosen_and_those_that_are_away_are_named(
    box, qtbot, tmp_path
):
    box, _, go_on = box
    go_on.set()
    recent = child(box, "session_recent")
    recent.fill()
    (nothing,) = recent.menu().actions()
    assert (nothing.text(), nothing.isEnabled()) == ("No session was worked on yet", False)
    here, away = tmp_path / "R&D.squeakout", sessions_folder() / "away.squeakout"
    here.mkdir()
    (here / "session.json").write_text("{}")
    for folder in (here, away):
        note_session(folder)
    recent.fill()
    first, second = recent.menu().actions()
    assert (first.text(), first.isEnabled()) == ("away (not there now)", False)
    assert second.text() == f"R&&D in {tmp_path}"
    second.trigger()
    qtbot.waitUntil(lambda: "R&D.squeakout: is broken" in box.bar.text, timeout=5000)
