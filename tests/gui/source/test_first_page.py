from __future__ import annotations

import pytest
import soundfile
from fakes import RATE_HZ, sound
from napari.components import ViewerModel

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.rendering import levelling
from napari_squeakout.core.settings import ImageSettings, RecordingSettings, RenderSettings
from napari_squeakout.core.steps import run
from napari_squeakout.gui.layers.layers import open_stack
from napari_squeakout.gui.source.first_page import make_ready, making_ready
from napari_squeakout.gui.source.session_jobs import opening_session
from napari_squeakout.io.sessions.sources import begin_session
from napari_squeakout.io.sources.opening import open_recording, opening


@pytest.fixture
def made(monkeypatch):
    """The blocks of recordings whose noise was looked at."""
    seen, quiet_of = [], levelling.quiet_of

    def counted(db, known, **options):
        seen.append(len(seen))
        return quiet_of(db, known, **options)

    monkeypatch.setattr(levelling, "quiet_of", counted)
    return seen


def test_what_pages_stand_on_is_known_before_a_window_shows_them(tmp_path, made):
    soundfile.write(tmp_path / "long.wav", sound(12.0), RATE_HZ)
    settings = (RecordingSettings(), RenderSettings(), ImageSettings())
    [stack] = run(making_ready(opening([tmp_path / "long.wav"], *settings)))
    assert made
    made.clear()
    open_stack(ViewerModel(), stack)
    assert not made
    stack.page(54)  # far from all that was seen
    assert made


def test_a_session_is_opened_with_the_page_where_one_left(recording, made):
    session = begin_session(open_recording(recording))
    session.save(session.record.model_copy(update={"page": 5}))
    session.close()
    again, stack, _ = run(opening_session(session.folder, None))
    again.close()
    assert made
    made.clear()
    stack.page(5)
    assert not made


def test_a_page_that_cannot_be_made_is_told_by_whoever_looks_at_it(recording, monkeypatch):
    stack = open_recording(recording)

    def fail(*_, **__):
        msg = "tones.wav: was cut off while it was open"
        raise InputError(msg)

    monkeypatch.setattr(levelling, "power_db", fail)
    assert make_ready(stack) is stack
    with pytest.raises(InputError, match="cut off"):
        stack.page(0)
