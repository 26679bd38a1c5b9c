from __future__ import annotations

import pytest
from fakes import BrightPixels

from napari_squeakout.core.steps import run
from napari_squeakout.io.sessions.project import rows_of
from napari_squeakout.io.sessions.session import open_session
from napari_squeakout.io.tasks import sample_project
from napari_squeakout.io.tasks.sample_project import making_sample_project


@pytest.fixture(autouse=True)
def small(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sample_project, "_SECONDS", 0.9)


def test_the_sample_project_has_three_recordings_with_one_session_begun():
    folder = run(making_sample_project(BrightPixels))
    rows = rows_of(folder)
    assert [row.path.name for row in rows] == ["pup 1.wav", "pup 2.wav", "pup 3.wav"]
    assert [bool(row.n_segmented) for row in rows] == [True, False, False]


def test_made_again_it_is_as_a_person_left_it():
    folder = run(making_sample_project(BrightPixels))
    session = open_session(rows_of(folder)[0].session)
    session.labels[0, 10:20, 10:20] = 99

    def never():
        raise AssertionError

    assert run(making_sample_project(never)) == folder
    assert (session.labels[0, 10:20, 10:20] == 99).all()
    session.close()
