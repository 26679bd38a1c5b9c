"""Sessions of files, and the files of sessions."""

from __future__ import annotations

import pytest

from napari_squeakout.core.errors import InputError
from napari_squeakout.io.sessions.finding import find_sessions, locate
from napari_squeakout.io.sessions.session import create_session, open_session


def test_a_recording_finds_its_sessions_the_latest_first(
    session, recording, folder, record_of, tmp_path
):
    other = create_session(folder.with_name("again.squeakout"), record_of(recording, folder=folder))
    other.save(other.record)
    assert find_sessions([recording], folder.parent) == [other.folder, folder]
    stranger = tmp_path / "stranger.wav"
    stranger.write_bytes(b"other")
    assert find_sessions([stranger], folder.parent) == []
    other.close()


def test_a_damaged_session_does_not_hide_the_others(session, recording, folder):
    bad = folder.with_name("bad.squeakout")
    bad.mkdir()
    (bad / "session.json").write_text("{")
    assert find_sessions([recording], folder.parent) == [folder]


@pytest.mark.parametrize(
    "text",
    ['{"schema_version": Infinity}', "[" * 100_000, '{"schema_version": 1e400}', '{"a": NaN}'],
)
def test_a_session_that_cannot_be_read_hides_no_other(session, recording, folder, text):
    session.close()
    neighbour = folder.with_name("neighbour.squeakout")
    neighbour.mkdir()
    (neighbour / "session.json").write_text(text)
    assert find_sessions([recording], folder.parent) == [folder]
    with pytest.raises(InputError, match="is no session"):
        open_session(neighbour)


def test_a_session_that_is_being_made_is_not_offered(session, recording, folder):
    session.close()
    folder.rename(folder.with_name(".1a2b.part.squeakout"))
    assert find_sessions([recording], folder.parent) == []


def test_a_recording_is_found_where_it_is_and_where_it_has_been_moved_to(
    session, recording, tmp_path
):
    assert locate(session) == [recording]
    elsewhere = tmp_path / "archive"
    elsewhere.mkdir()
    recording.rename(elsewhere / recording.name)
    with pytest.raises(InputError, match="say which folder"):
        locate(session)
    # Recorders number their files: one of that name may be another.
    (session.folder.parent / recording.name).write_bytes(b"another night")
    with pytest.raises(InputError, match="say which folder"):
        locate(session)
    assert locate(session, [elsewhere]) == [elsewhere / recording.name]


def test_recording_and_session_that_move_together_stay_together(session, recording, tmp_path):
    session.close()
    copy = tmp_path / "copy"
    copy.mkdir()
    for part in (recording.parent, session.folder.parent):
        part.rename(copy / part.name)
    moved = open_session(copy / "sessions" / "night.squeakout")
    assert locate(moved) == [copy / "data" / "night.wav"]
    moved.close()


def test_a_recording_that_has_changed_is_refused_with_the_reason(session, recording):
    content = bytearray(recording.read_bytes())
    content[1000] ^= 1
    recording.write_bytes(content)
    with pytest.raises(InputError, match="has changed since this session was begun"):
        locate(session)


@pytest.mark.parametrize("name", ["n" * 5000, "a\0b"])
def test_a_file_whose_name_no_system_has_is_told_as_not_there(session, folder, recording, name):
    record = session.record
    source = record.sources[0].model_copy(update={"path": name, "absolute": f"/{name}"})
    session.record = record.model_copy(update={"sources": (source,)})
    with pytest.raises(InputError, match="is not there any more: say which folder"):
        locate(session)
