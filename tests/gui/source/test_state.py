"""What the state of a source keeps in its session, and what it does not claim to know."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from fakes import RATE_HZ, sound
from napari.components import ViewerModel

from napari_squeakout.core.review.review import approve
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.steps import run
from napari_squeakout.gui.layers.layers import open_stack, show_calls, source_of
from napari_squeakout.gui.source import state as state_module
from napari_squeakout.gui.source.calls_layer import keep_calls, proposals_of
from napari_squeakout.gui.source.registry import begin_registry
from napari_squeakout.gui.source.session_jobs import opening_session
from napari_squeakout.io.sessions.record import RECORD, read_record
from napari_squeakout.io.sessions.sources import begin_session
from napari_squeakout.io.sources.opening import open_recording


@pytest.fixture
def folder(tmp_path):
    """A session whose two calls have been counted, too long to be counted at its end."""
    soundfile.write(tmp_path / "pup.wav", sound(0.5), RATE_HZ)
    session = begin_session(open_recording(tmp_path / "pup.wav"), tmp_path / "pup.squeakout")
    session.labels[0, 5:15, 5:30], session.labels[1, 5:15, 5:30] = 1, 2
    review = approve(session.record.review, 0, session.labels[0])
    session.save(session.record.with_review(review).model_copy(update={"n_calls": 2}))
    session.close()
    return session.folder


@pytest.fixture
def opened(folder, monkeypatch, qapp):  # timers need it
    monkeypatch.setattr(state_module, "_COUNTED_AT_ONCE", 0)
    viewer = ViewerModel()
    session, stack, proposals = run(opening_session(folder, None))
    image = open_stack(viewer, stack)
    calls = show_calls(viewer, image, proposals.labels)
    source = source_of(viewer, image)
    state = begin_registry(viewer).take_in(source)
    state.attach(session)
    return viewer, source, state, calls


def known(folder):
    return read_record(folder / RECORD).n_calls


def test_looking_at_a_session_keeps_the_count_of_its_calls(opened, folder):
    *_, state, _ = opened
    state.page = 1
    state.save()
    assert known(folder) == 2
    state.close()
    assert known(folder) == 2


@pytest.mark.parametrize("is_closed", [False, True])
def test_what_was_counted_before_a_stroke_is_known_no_more(opened, folder, is_closed):
    *_, state, _ = opened
    state.note_painted(1)
    state.close() if is_closed else state.settle()
    assert known(folder) is None
    state.save()
    assert known(folder) is None


def test_what_was_counted_is_known_no_more_once_proposals_are_to_be_written(opened, folder):
    viewer, source, state, _ = opened
    proposals_of(viewer, source, state=state, settings=CleanSettings())
    state.settle()
    assert known(folder) is None


def test_what_was_counted_is_known_no_more_once_a_copy_of_the_calls_takes_over(opened, folder):
    viewer, source, state, calls = opened
    calls.data = np.zeros_like(calls.data)
    keep_calls(viewer, source, state)
    state.settle()
    assert known(folder) is None


def test_the_count_of_calls_that_were_changed_after_their_approval_is_not_believed(folder):
    labels = np.load(folder / "labels.npy", mmap_mode="r+")
    labels[0] = 0
    labels.flush()
    session, *_ = run(opening_session(folder, None))
    assert session.record.n_calls is None
    session.close()
