from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fakes import RATE_HZ, sound
from PIL import Image

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import PageState, Review, approve
from napari_squeakout.core.settings import ImageSettings, RenderSettings
from napari_squeakout.core.steps import run
from napari_squeakout.io.sessions import sources as session_sources
from napari_squeakout.io.sessions.session import open_session
from napari_squeakout.io.sessions.sources import (
    begin_session,
    copy_session,
    discard_session,
    earlier_sessions,
    reading_back,
)
from napari_squeakout.io.sources.images import read_images
from napari_squeakout.io.sources.opening import open_recording


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def tones(tmp_path):
    path = tmp_path / "data" / "tones.wav"
    path.parent.mkdir()
    soundfile.write(path, sound(1.0, (0.1, 0.2, 70_000.0)), RATE_HZ)
    return path


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(3):
        page = np.random.default_rng(number).integers(0, 255, (227, 227)).astype(np.uint8)
        Image.fromarray(page).save(folder / f"{number}.png")
    return folder


def begun(stack, folder=None):
    session = begin_session(stack, folder)
    session.labels[1, 100:110, 200:240] = 7
    session.close()
    return session.folder


def test_a_recording_that_is_opened_again_finds_its_session(tones):
    folder = begun(open_recording(tones))
    [earlier] = earlier_sessions(open_recording(tones))
    assert (earlier.folder, earlier.fits) == (folder, True)
    assert earlier.summary.startswith("0 of 5 pages approved, last change")
    assert earlier.summary.endswith("; 0 of 5 segmented")


def test_an_earlier_session_says_how_much_of_it_is_segmented(tones):
    session = begin_session(open_recording(tones))
    session.stages[:4] = PageStage.CLEANED
    session.close()
    [earlier] = earlier_sessions(open_recording(tones))
    assert earlier.summary.endswith("; 4 of 5 segmented")


def test_a_copied_session_knows_which_pages_are_segmented(tones, tmp_path):
    session = begin_session(open_recording(tones))
    session.stages[:4] = PageStage.CLEANED
    copy_session(session, tmp_path / "copy.squeakout")
    session.close()
    copy = open_session(tmp_path / "copy.squeakout")
    assert copy.stages.tolist() == [PageStage.CLEANED] * 4 + [PageStage.UNSEGMENTED]
    copy.close()


def test_of_several_sessions_the_one_with_most_approved_pages_comes_first(tones):
    for approved in (1, 3, 0):
        session = begin_session(open_recording(tones))
        review = session.record.review
        for page in range(approved):
            review = approve(review, page, session.labels[page])
        session.save(session.record.with_review(review))
        session.close()
    found = [earlier.summary[:4] for earlier in earlier_sessions(open_recording(tones))]
    assert found == ["3 of", "1 of", "0 of"]


def test_a_session_of_pages_rendered_otherwise_does_not_fit(tones):
    begun(open_recording(tones))
    [earlier] = earlier_sessions(open_recording(tones, rendering=RenderSettings(low_hz=30_000)))
    assert not earlier.fits


def without_levels(folder):
    """As sessions were written before there was a choice of what grey means."""
    record = json.loads((folder / "session.json").read_text())
    record["settings"]["render"].pop("levels")
    (folder / "session.json").write_text(json.dumps(record))


def test_a_session_from_before_pages_were_levelled_fits_and_shows_what_it_showed(tones):
    vocalmat = RenderSettings(levels="page")
    folder = begun(open_recording(tones, rendering=vocalmat))
    without_levels(folder)
    [earlier] = earlier_sessions(open_recording(tones))
    assert earlier.fits
    session = open_session(folder)
    shown = run(reading_back(session)).page(1)
    session.close()
    np.testing.assert_array_equal(shown, open_recording(tones, rendering=vocalmat).page(1))
    assert not np.array_equal(shown, open_recording(tones).page(1))


def test_a_second_session_of_a_recording_gets_a_name_of_its_own(tones):
    folders = [begun(open_recording(tones)) for _ in range(2)]
    assert [folder.name for folder in folders] == ["tones.squeakout", "tones 2.squeakout"]


@pytest.mark.parametrize("name", ['a/b: "c"?', "...", "ca\u0300ge 3"])
def test_any_source_name_gives_a_folder(tones, name):
    from dataclasses import replace

    stack = open_recording(tones)
    stack = replace(stack, layout=replace(stack.layout, source=name))
    assert begun(stack).is_dir()


@pytest.mark.parametrize("settings", [ImageSettings(), None])
def test_images_are_read_back_as_they_were(pictures, settings):
    stack = read_images(pictures, settings)
    session = open_session(begun(stack))
    again = run(reading_back(session))
    assert again.layout.page_names == stack.layout.page_names
    assert again.layout.source == "pictures"
    np.testing.assert_array_equal(again.page(2), stack.page(2))
    session.close()


def test_a_recording_is_read_back_with_the_settings_it_was_read_with(tones):
    stack = open_recording(tones, rendering=RenderSettings(low_hz=30_000))
    session = open_session(begun(stack))
    again = run(reading_back(session))
    assert again.layout.grid == stack.layout.grid
    np.testing.assert_array_equal(again.page(0), stack.page(0))
    session.close()


def test_what_has_moved_is_found_where_one_says(tones, tmp_path):
    session = open_session(begun(open_recording(tones)))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move(tones, elsewhere / tones.name)
    with pytest.raises(InputError, match="say which folder"):
        run(reading_back(session))
    assert run(reading_back(session, [elsewhere])).origin.files[0].parent == elsewhere
    session.close()


def test_pages_of_no_file_cannot_be_kept():
    from napari_squeakout.core.layout import Layout
    from napari_squeakout.core.stacks import SpectrogramStack

    stack = SpectrogramStack(
        pages=np.zeros((2, 512, 512), np.float32), layout=Layout(source="made", n_pages=2)
    )
    assert earlier_sessions(stack) == []
    with pytest.raises(SqueakOutError, match="comes from no file"):
        begin_session(stack)


def test_a_session_saved_elsewhere_is_whole_and_the_first_one_stays(tones, tmp_path):
    session = open_session(begun(open_recording(tones)))
    session.probabilities[2, 5, 5] = 200
    session.save(session.record.with_review(approve(Review(5), 1, session.labels[1])))
    copy_session(session, tmp_path / "usb" / "mine.squeakout")
    session.close()
    with pytest.raises(SqueakOutError, match="ends in"):
        copy_session(session, tmp_path / "usb" / "mine")
    copied = open_session(tmp_path / "usb" / "mine.squeakout")
    assert copied.record.review[1].state is PageState.APPROVED
    assert (copied.labels[1, 105, 220], copied.probabilities[2, 5, 5]) == (7, 200)
    assert run(reading_back(copied)).layout.source == "tones"
    copied.close()
    assert open_session(session.folder).read_only == ""


def test_a_session_that_is_discarded_leaves_what_somebody_put_into_it(tmp_path, tones):
    session = begin_session(open_recording(tones), tmp_path / "kept.squeakout")
    (session.folder / "notes.txt").write_text("mine")
    discard_session(session)
    assert [path.name for path in session.folder.iterdir()] == ["notes.txt"]
    empty = begin_session(open_recording(tones), tmp_path / "empty.squeakout")
    discard_session(empty)
    assert not empty.folder.exists()


def test_settings_of_a_session_that_cannot_be_used_are_told_as_its_own(tones):
    session = open_session(begun(open_recording(tones)))
    wrong = session.record.model_copy(update={"settings": {"render": {"low_hz": "low"}}})
    session.save(wrong)
    with pytest.raises(InputError, match=r"tones: its session was kept with settings .*low_hz"):
        run(reading_back(session))
    session.close()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the place is not to be changed there")
@pytest.mark.parametrize("changed", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"])
def test_a_session_changed_in_a_year_that_no_clock_shows_hides_no_other(
    tones, monkeypatch, changed
):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    stack = open_recording(tones)
    folders = [begun(stack), begun(stack)]
    record = json.loads((folders[0] / "session.json").read_text())
    (folders[0] / "session.json").write_text(json.dumps({**record, "changed": changed}))
    try:
        found = earlier_sessions(stack)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert {one.folder for one in found} == set(folders)


def test_a_session_that_goes_while_others_are_looked_for_hides_none(tones, monkeypatch):
    stack = open_recording(tones)
    folders = [begun(stack), begun(stack)]
    search = session_sources.find_sessions

    def found_and_gone(*given):
        found = search(*given)
        (folders[0] / "session.json").unlink()
        return found

    monkeypatch.setattr(session_sources, "find_sessions", found_and_gone)
    assert [one.folder for one in earlier_sessions(stack)] == [folders[1]]


def test_a_home_that_may_not_be_looked_into_is_a_sentence(tones, monkeypatch):
    def refuse(path, *_):
        raise PermissionError(13, "Permission denied", str(path))

    stack = open_recording(tones)
    monkeypatch.setattr(Path, "glob", refuse)
    with pytest.raises(SqueakOutError, match=r"may not be looked into.*NAPARI_SQUEAKOUT_HOME"):
        earlier_sessions(stack)
    monkeypatch.setattr(Path, "exists", refuse)
    with pytest.raises(SqueakOutError, match=r"may not be looked into.*NAPARI_SQUEAKOUT_HOME"):
        begin_session(stack)


def test_a_session_that_an_earlier_version_called_otherwise_is_found(tones, home):
    recording = tones.rename(tones.with_name("aux.wav"))
    before = begun(open_recording(recording), home / "sessions" / "aux.squeakout")
    [earlier] = earlier_sessions(open_recording(recording))
    assert (earlier.folder, earlier.fits) == (before, True)
    assert begun(open_recording(recording)).name == "aux_.squeakout"
    assert before.is_dir()
