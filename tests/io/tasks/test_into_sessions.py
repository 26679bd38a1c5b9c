from __future__ import annotations

import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from fakes import RATE_HZ, BrightPixels, sound

from napari_squeakout.core.detection.finding import finding
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import PageState, approve
from napari_squeakout.core.settings import CleanSettings, RenderSettings, SegmentSettings
from napari_squeakout.core.steps import run
from napari_squeakout.io.sessions.finding import sessions_folder
from napari_squeakout.io.sessions.session import open_session
from napari_squeakout.io.sessions.sources import begin_session, earlier_sessions
from napari_squeakout.io.sources.opening import open_recording
from napari_squeakout.io.tasks.into_sessions import IntoSessions

_SOUND = sound(1.0, (0.1, 0.15, 70_000.0), (0.6, 0.65, 80_000.0))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))


@pytest.fixture
def tones(tmp_path):
    path = tmp_path / "data" / "tones.wav"
    path.parent.mkdir()
    soundfile.write(path, _SOUND, RATE_HZ)
    return path


@pytest.fixture(scope="module")
def n_calls(tmp_path_factory):
    """As many as there are without a session."""
    path = tmp_path_factory.mktemp("same") / "tones.wav"
    soundfile.write(path, _SOUND, RATE_HZ)
    n_calls = len(run(finding(open_recording(path), BrightPixels(), CleanSettings())).calls)
    assert n_calls >= 2
    return n_calls


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "project"


def into(folder, engine=None, **settings):
    return IntoSessions(engine=engine or BrightPixels(), folder=folder, **settings)


def skipping():
    """An engine that is asked about bright pages only."""
    engine = BrightPixels(windows=0)
    engine.settings = SegmentSettings(skip_silence=True)
    engine.loud_columns = lambda page: page.max(axis=0) > 0.9
    engine.model.card = ModelCard(name="levelled", rendering=RenderSettings())
    return engine


def opened(ready):
    session = open_session(ready.session)
    session.close()
    return session


def test_a_recording_becomes_a_session_that_is_ready_to_review(tones, folder, n_calls):
    ready = run(into(folder).segmenting(tones))
    assert (ready.failure, ready.n_pages, ready.n_segmented, ready.n_calls) == ("", 5, 5, n_calls)
    session = opened(ready)
    assert session.folder.parent == folder
    assert (session.stages == PageStage.CLEANED).all()
    assert set(np.unique(session.labels)) == set(range(n_calls + 1))
    assert session.record.model.name == "bright"
    assert session.record.settings["clean"] == CleanSettings().model_dump()


def test_done_again_nothing_is_asked_and_nothing_changes(tones, folder, n_calls):
    first = run(into(folder).segmenting(tones))
    engine = BrightPixels()
    again = run(into(folder, engine).segmenting(tones))
    assert (again.session, again.n_segmented, again.n_calls) == (first.session, 0, n_calls)
    assert not engine.batches
    assert len(list(folder.iterdir())) == 1


def test_what_a_person_corrected_and_approved_stays(tones, folder):
    ready = run(into(folder).segmenting(tones))
    session = open_session(ready.session)
    session.labels[0] = 0
    session.labels[0, 50:60, 100:140] = 9
    session.stages[3:] = PageStage.UNSEGMENTED
    review = approve(session.record.review, 0, session.labels[0])
    session.save(session.record.with_review(review))
    session.close()
    again = run(into(folder).segmenting(tones))
    assert again.n_segmented == 2
    session = opened(again)
    assert set(np.unique(session.labels[0])) == {0, 9}
    assert session.record.review.count(PageState.APPROVED) == 1


def test_a_session_keeps_the_clean_up_that_a_person_chose(tones, folder):
    ready = run(into(folder).segmenting(tones))
    session = open_session(ready.session)
    chosen = CleanSettings(threshold=0.9).model_dump()
    session.stages[4:] = PageStage.UNSEGMENTED
    session.save(session.record.model_copy(update={"settings": {"clean": chosen}}))
    session.close()
    again = run(into(folder).segmenting(tones))
    assert opened(again).record.settings["clean"] == chosen


def test_calls_that_are_made_anew_are_not_said_to_be_as_many_as_before(tones, folder, n_calls):
    ready = run(into(folder).segmenting(tones))
    assert opened(ready).record.n_calls == n_calls
    session = open_session(ready.session)
    session.stages[:] = PageStage.SEGMENTED
    session.close()
    steps = into(folder).segmenting(tones)
    while next(steps).what != "steps of cleaning":
        pass
    steps.close()
    assert opened(ready).record.n_calls is None


def test_ended_half_way_it_leaves_what_is_done_and_goes_on_from_there(tones, folder, n_calls):
    steps = into(folder).segmenting(tones)
    while (progress := next(steps)).what != "pages" or progress.done < 2:
        pass
    steps.close()
    [place] = folder.iterdir()
    session = open_session(place)
    assert (session.stages == PageStage.SEGMENTED).sum() == 2
    session.close()
    ready = run(into(folder).segmenting(tones))
    assert (ready.n_segmented, ready.n_calls) == (3, n_calls)


def test_ended_before_its_first_page_it_leaves_nothing(tones, folder):
    steps = into(folder).segmenting(tones)
    next(steps)
    steps.close()
    assert not folder.exists() or not list(folder.iterdir())


def test_a_network_that_fails_at_once_leaves_nothing(tones, folder):
    def broken(_pages):
        msg = "no memory"
        raise RuntimeError(msg)

    ready = run(into(folder, BrightPixels(broken)).segmenting(tones))
    assert "no memory" in ready.failure
    assert ready.session is None
    assert not list(folder.iterdir())


def test_pages_of_two_models_never_share_a_session(tones, folder):
    ready = run(into(folder).segmenting(tones))
    session = open_session(ready.session)
    session.stages[4:] = PageStage.UNSEGMENTED
    session.close()
    other = BrightPixels()
    other.model = SimpleNamespace(**{**vars(other.model), "fingerprint": "c" * 64})
    refused = run(into(folder, other).segmenting(tones))
    assert "two models never share a session" in refused.failure
    assert (opened(ready).stages == PageStage.UNSEGMENTED).sum() == 1


def test_a_session_that_is_open_elsewhere_is_said_and_left_alone(tones, folder):
    ready = run(into(folder).segmenting(tones))
    session = open_session(ready.session)
    before = json.loads((ready.session / "session.json").read_text())
    refused = run(into(folder).segmenting(tones))
    assert "close it there first" in refused.failure
    assert json.loads((ready.session / "session.json").read_text()) == before
    session.close()


def test_one_that_cannot_be_read_is_told_and_costs_no_other(tones, folder, tmp_path, n_calls):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    batch = into(folder)
    assert "broken.wav" in run(batch.segmenting(broken)).failure
    assert run(batch.segmenting(tones)).n_calls == n_calls


def test_a_session_that_was_begun_in_the_window_is_gone_on_with(tones, folder):
    session = begin_session(open_recording(tones))
    session.close()
    ready = run(into(folder).segmenting(tones))
    assert (ready.session, ready.n_segmented) == (session.folder, 5)
    assert not folder.exists()


def test_a_recording_of_a_project_among_the_user_s_own_finds_its_session_when_it_is_opened(tones):
    ready = run(into(sessions_folder() / "litter 3").segmenting(tones))
    assert [one.folder for one in earlier_sessions(open_recording(tones))] == [ready.session]


def test_a_copy_gets_a_session_of_its_own(tones, folder):
    copy = tones.with_name("copy.wav")
    shutil.copy(tones, copy)
    sessions = [run(into(folder).segmenting(path)).session for path in (tones, copy, tones)]
    assert sessions == [folder / f"{name}.squeakout" for name in ("tones", "copy", "tones")]


def test_pages_are_those_that_the_model_was_made_for(tones, folder):
    engine = BrightPixels()
    low = RenderSettings(low_hz=30_000, high_hz=110_000)
    engine.model.rendering = lambda _wanted: low
    engine.model.card = engine.model.card.model_copy(update={"rendering": low})
    ready = run(into(folder, engine).segmenting(tones))
    assert opened(ready).record.settings["render"]["low_hz"] == 30_000


def test_a_session_with_other_pages_is_passed_over_with_a_word(tones, folder):
    session = begin_session(open_recording(tones, rendering=RenderSettings(low_hz=30_000)))
    session.close()
    ready = run(into(folder).segmenting(tones))
    assert ready.session != session.folder
    assert any("has other pages and stays as it is" in note for note in ready.notes)


def test_pages_left_out_as_silent_are_told(tones, folder):
    ready = run(into(folder, skipping()).segmenting(tones))
    assert not ready.failure
    [silent] = [note for note in ready.notes if "left out as silent" in note]
    # Calls are on pages 0 and 2; the second ends near page 3.
    assert silent == "2 of 5 pages are left out as silent: the network was not asked."
