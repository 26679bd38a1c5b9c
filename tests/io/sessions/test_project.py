from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import approve
from napari_squeakout.io.sessions.project import add_recordings, remove_recordings, rows_of
from napari_squeakout.io.sessions.project_list import PROJECT, is_project, read_project
from napari_squeakout.io.sessions.session import create_session


@pytest.fixture
def nights(tmp_path):
    folder = tmp_path / "nights"
    folder.mkdir()
    for number in range(3):
        noise = np.random.default_rng(number).bytes(50_000)
        (folder / f"night{number}.wav").write_bytes(noise)
    return sorted(folder.iterdir())


@pytest.fixture
def project(tmp_path):
    return tmp_path / "project"


@pytest.fixture
def with_session(project, nights, record_of):
    """The second night has a session: four pages, three of them segmented, one approved."""
    place = project / "night1.squeakout"
    session = create_session(place, record_of(nights[1], folder=place))
    session.stages[:3] = PageStage.CLEANED
    review = approve(session.record.review, 0, session.labels[0])
    session.save(session.record.with_review(review).model_copy(update={"n_calls": 7}))
    session.close()
    return place


def test_recordings_of_a_folder_are_listed_in_order_before_anything_is_done(project, nights):
    add_recordings(project, [nights[0].parent])
    assert is_project(project)
    rows = rows_of(project)
    assert [row.path for row in rows] == nights
    assert all(row.session is None and not row.trouble for row in rows)


def test_what_is_added_again_stands_there_once(project, nights):
    add_recordings(project, nights)
    add_recordings(project, [nights[2], nights[0]])
    assert [row.path for row in rows_of(project)] == nights


def test_a_copy_is_a_recording_of_its_own(project, nights, with_session):
    copy = nights[1].with_name("copy.wav")
    shutil.copy(nights[1], copy)
    add_recordings(project, [nights[0].parent])
    rows = {row.path.name: row.session for row in rows_of(project)}
    assert rows == {
        "copy.wav": None, "night0.wav": None, "night1.wav": with_session, "night2.wav": None,
    }  # fmt: skip


def test_a_row_says_how_far_its_session_is(project, nights, with_session):
    add_recordings(project, nights)
    row = rows_of(project)[1]
    assert row.session == with_session
    assert (row.n_pages, row.n_segmented, row.n_approved, row.n_calls) == (4, 3, 1, 7)
    assert row.changed is not None
    assert not row.is_reviewed


def test_sessions_of_recordings_that_are_on_no_list_come_last(project, nights, with_session):
    add_recordings(project, [nights[0]])
    assert [row.session for row in rows_of(project)] == [None, with_session]


def test_a_session_begun_elsewhere_is_the_recording_s_as_well(project, nights, record_of, tmp_path):
    place = tmp_path / "own" / "night0.squeakout"
    create_session(place, record_of(nights[0], folder=place)).close()
    add_recordings(project, nights)
    assert [row.session for row in rows_of(project, [tmp_path / "own"])] == [place, None, None]


def test_a_project_that_was_moved_with_its_recordings_finds_them(project, nights, tmp_path):
    add_recordings(project, nights)
    there = tmp_path / "elsewhere"
    there.mkdir()
    shutil.move(project, there / "project")
    shutil.move(nights[0].parent, there / "nights")
    rows = rows_of(there / "project")
    assert [row.path for row in rows] == [there / "nights" / night.name for night in nights]
    assert not any(row.trouble for row in rows)


def test_beside_a_moved_project_another_file_of_that_name_is_not_taken_for_it(
    project, nights, tmp_path
):
    add_recordings(project, nights)
    there = tmp_path / "elsewhere"
    shutil.copytree(project, there / "project")
    (there / "nights").mkdir()
    (there / "nights" / nights[0].name).write_bytes(b"another")
    assert [row.path for row in rows_of(there / "project")] == nights


def test_a_recording_that_is_gone_says_so_and_hides_no_other(project, nights):
    add_recordings(project, nights)
    nights[1].unlink()
    assert ["not there any more" in row.trouble for row in rows_of(project)] == [False, True, False]


def test_a_recording_taken_off_the_list_keeps_its_session(project, nights, with_session):
    add_recordings(project, nights)
    remove_recordings(project, [nights[0]])
    assert [row.path for row in rows_of(project)] == nights[1:]
    remove_recordings(project, [nights[1]])
    assert with_session.is_dir()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema_version": 9}', "[" * 9999])
def test_a_list_that_is_none_is_refused_and_left_as_it_is(project, nights, text):
    project.mkdir()
    (project / PROJECT).write_text(text)
    with pytest.raises(InputError, match=r"no list of recordings|is empty"):
        add_recordings(project, nights)
    assert (project / PROJECT).read_text() == text


def test_a_damaged_session_hides_no_row(project, nights, with_session):
    add_recordings(project, nights)
    (with_session / "session.json").write_text("{")
    assert [row.session for row in rows_of(project)] == [None, None, None]


def test_a_folder_without_a_list_is_an_empty_project(tmp_path):
    assert not is_project(tmp_path)
    assert read_project(tmp_path).recordings == ()


def test_the_list_is_readable_by_other_programs(project, nights):
    add_recordings(project, nights)
    written = json.loads((project / PROJECT).read_text())
    assert [one["path"] for one in written["recordings"]] == [
        f"../nights/{night.name}" for night in nights
    ]


def test_a_folder_without_recordings_is_refused_in_a_sentence(project, tmp_path):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "page.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match="holds no recording"):
        add_recordings(project, [tmp_path / "pictures"])
    assert not is_project(project)


def test_a_session_that_cannot_be_read_is_not_taken_for_none(project, nights, with_session):
    add_recordings(project, nights)
    (with_session / "session.json").write_text("{", encoding="utf-8")
    troubles = [row.trouble for row in rows_of(project)]
    assert "night1.squeakout" in troubles[1]
    assert troubles[0] == troubles[2] == ""
