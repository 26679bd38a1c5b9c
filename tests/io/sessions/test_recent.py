from __future__ import annotations

from pathlib import Path

import pytest

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.io.home import home_folder
from napari_squeakout.io.sessions import recent as module
from napari_squeakout.io.sessions.recent import MOST, Recent, note_session, recent_sessions


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))


def kept(folder):
    folder.mkdir(parents=True)
    (folder / "session.json").write_text("{}")
    return folder


def test_the_session_worked_on_last_comes_first_and_each_stands_there_once(tmp_path):
    one, two = kept(tmp_path / "one.squeakout"), kept(tmp_path / "two.squeakout")
    for folder in (one, two, one):
        note_session(folder)
    assert recent_sessions() == [Recent(one, is_there=True), Recent(two, is_there=True)]


def test_a_session_that_has_gone_is_told_and_comes_back_with_its_drive(tmp_path):
    one = kept(tmp_path / "one.squeakout")
    note_session(one)
    one.rename(tmp_path / "away")
    assert recent_sessions() == [Recent(one, is_there=False)]
    (tmp_path / "away").rename(one)
    assert recent_sessions() == [Recent(one, is_there=True)]


def test_only_the_last_ones_are_listed(tmp_path):
    for number in range(MOST + 3):
        note_session(tmp_path / f"{number}.squeakout")
    names = [recent.folder.stem for recent in recent_sessions()]
    assert names == [str(number) for number in range(MOST + 2, 2, -1)]


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"sessions": 3}', '{"sessions": [3, null, "", "a\\u0000"]}', "\xff"]
)
def test_a_spoilt_list_is_an_empty_one_and_is_begun_anew(tmp_path, text):
    home_folder().mkdir()
    (home_folder() / "recent_sessions.json").write_bytes(text.encode("latin-1"))
    assert recent_sessions() == []
    note_session(tmp_path / "one.squeakout")
    assert [recent.folder.name for recent in recent_sessions()] == ["one.squeakout"]


def test_a_list_that_cannot_be_written_keeps_nobody_from_work(tmp_path, monkeypatch):
    def full(_path):
        msg = "disk full"
        raise SqueakOutError(msg)

    note_session(Path("/kept/one.squeakout"))
    monkeypatch.setattr(module, "atomic_file", full)
    note_session(tmp_path / "two.squeakout")
    assert [recent.folder.name for recent in recent_sessions()] == ["one.squeakout"]
