from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.layout import Layout
from napari_squeakout.core.stacks import Origin, SpectrogramStack
from napari_squeakout.io.sessions import hiding
from napari_squeakout.io.sessions.hiding import hidden_name_of, hide_names, show_names
from napari_squeakout.io.sessions.project import add_recordings, remove_recordings, rows_of
from napari_squeakout.io.sessions.project_list import PROJECT, read_project
from napari_squeakout.io.sessions.record import RECORD, read_record
from napari_squeakout.io.sessions.session import open_session
from napari_squeakout.io.sessions.sources import begin_session

NAMES = ("KO_female_07", "WT_male_02", "KO_male_01", "WT_female_11")


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))


@pytest.fixture
def recordings(tmp_path):
    folder = tmp_path / "treated"
    folder.mkdir()
    for number, name in enumerate(NAMES):
        noise = np.random.default_rng(number).bytes(5_000)
        (folder / f"{name}.wav").write_bytes(noise)
    return [folder / f"{name}.wav" for name in NAMES]


@pytest.fixture
def project(tmp_path, recordings):
    add_recordings(tmp_path / "study", recordings)
    return tmp_path / "study"


def session_of(recording, folder):
    pages = np.zeros((2, 512, 512), np.float32)
    stack = SpectrogramStack(
        pages=pages,
        layout=Layout(source=recording.stem, n_pages=2),
        origin=Origin("recording", (recording,), {}),
    )
    session = begin_session(stack, folder / f"{recording.stem}.squeakout")
    session.close()
    return session.folder


def codes(project):
    return {row.path.stem: row.code for row in rows_of(project)}


def test_each_recording_gets_a_code_that_stays_when_the_list_is_read_again(project):
    assert not any(codes(project).values())
    assert hide_names(project) == 0
    drawn = codes(project)
    assert sorted(drawn.values()) == ["R01", "R02", "R03", "R04"]
    assert codes(project) == drawn
    assert read_project(project).hidden is not None


def test_codes_go_with_a_project_that_is_moved(project, recordings, tmp_path):
    hide_names(project)
    drawn = codes(project)
    elsewhere = tmp_path / "disk"
    elsewhere.mkdir()
    shutil.move(project, elsewhere / "study")
    shutil.move(recordings[0].parent, elsewhere / "treated")
    assert codes(elsewhere / "study") == drawn


def test_what_is_added_while_names_are_hidden_gets_a_code_too(project, recordings):
    hide_names(project)
    before = codes(project)
    late = recordings[0].with_name("KO_late.wav")
    late.write_bytes(b"late" * 2000)
    add_recordings(project, [late])
    assert codes(project) == before | {"KO_late": "R05"}


def test_names_are_shown_again_and_the_next_time_other_codes_are_drawn(project, monkeypatch):
    hide_names(project)
    show_names(project)
    assert not any(codes(project).values())
    assert read_project(project).hidden is None
    monkeypatch.setattr(hiding, "new_codes", lambda n: [f"R{n - k:02d}" for k in range(n)])
    hide_names(project)
    assert codes(project)["KO_female_07"] == "R04"


def test_sessions_keep_when_names_were_hidden_and_shown(project, recordings):
    session = session_of(recordings[0], project)
    hide_names(project)
    [kept] = read_record(session / RECORD).hidings
    assert (kept.code, kept.lifted) == (codes(project)["KO_female_07"], None)
    show_names(project)
    [kept] = read_record(session / RECORD).hidings
    assert kept.lifted is not None
    assert kept.lifted >= kept.hidden


def test_a_session_begun_for_a_hidden_list_is_hidden_from_its_first_moment(project, recordings):
    hide_names(project)
    session = session_of(recordings[1], project)
    assert read_record(session / RECORD).code == codes(project)["WT_male_02"]


def test_a_session_opened_by_itself_has_the_code_of_its_list(project, recordings):
    session = session_of(recordings[0], project)
    hide_names(project)
    _, hidden = hidden_name_of(session)
    assert hidden.code == codes(project)["KO_female_07"]
    show_names(project)
    assert hidden_name_of(session)[1] is None


def test_a_session_that_is_open_elsewhere_is_counted_and_hidden_all_the_same(project, recordings):
    session = session_of(recordings[0], project)
    other = open_session(session)
    assert hide_names(project) == 1
    other.close()
    assert hidden_name_of(session)[1] is not None
    assert codes(project)["KO_female_07"]


def test_killed_while_names_are_hidden_they_are_hidden(project, recordings, monkeypatch):
    sessions = [session_of(recording, project) for recording in recordings[:2]]

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(hiding, "_taken_down", killed)
    with pytest.raises(KeyboardInterrupt):
        hide_names(project)
    assert all(codes(project).values())
    assert all(hidden_name_of(session)[1] is not None for session in sessions)


def test_killed_while_names_are_shown_they_stay_hidden(project, recordings, monkeypatch):
    sessions = [session_of(recording, project) for recording in recordings[:2]]
    hide_names(project)
    drawn, take_down = codes(project), hiding._taken_down

    def killed_at_the_second(session, code):
        if session == sessions[1]:
            raise KeyboardInterrupt
        return take_down(session, code)

    monkeypatch.setattr(hiding, "_taken_down", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        show_names(project)
    assert codes(project) == drawn
    assert all(hidden_name_of(session)[1] is not None for session in sessions)


def test_a_session_beside_the_list_is_hidden_with_it(project, recordings, tmp_path):
    unlisted = tmp_path / "treated" / "KO_unlisted.wav"
    unlisted.write_bytes(b"none" * 2000)
    session = session_of(unlisted, project)
    hide_names(project)
    code = codes(project)["KO_unlisted"]
    assert code in {"R01", "R02", "R03", "R04", "R05"}
    assert hidden_name_of(session)[1].code == code
    assert read_record(session / RECORD).code == code


def test_what_is_added_gets_no_code_that_a_session_beside_the_list_has(
    project, recordings, tmp_path
):
    unlisted = tmp_path / "treated" / "KO_unlisted.wav"
    unlisted.write_bytes(b"none" * 2000)
    session_of(unlisted, project)
    session_of(recordings[0], project)
    hide_names(project)
    remove_recordings(project, [recordings[0]])
    late = recordings[0].with_name("KO_late.wav")
    late.write_bytes(b"late" * 2000)
    add_recordings(project, [late])
    drawn = codes(project)
    assert len(drawn) == len(set(drawn.values())) == 6


def test_lists_and_sessions_from_before_open_with_their_names(project, recordings):
    session = session_of(recordings[0], project)
    for file in (project / PROJECT, session / RECORD):
        values = json.loads(file.read_text())
        values.pop("hidden", None)
        values.pop("hidings", None)
        for one in values.get("recordings", ()):
            one.pop("code")
        file.write_text(json.dumps(values))
    assert not any(codes(project).values())
    assert hidden_name_of(session)[1] is None


def test_what_is_no_session_is_told(tmp_path):
    with pytest.raises(InputError):
        hidden_name_of(tmp_path)
