from __future__ import annotations

import json

import pytest
import soundfile
from fakes import RATE_HZ, BrightPixels, sound

from napari_squeakout.core.review.review import approve
from napari_squeakout.core.steps import run
from napari_squeakout.io.sessions.project import add_recordings, rows_of
from napari_squeakout.io.sessions.session import open_session
from napari_squeakout.io.tasks.doubtful_pages import gathering_doubtful
from napari_squeakout.io.tasks.into_sessions import IntoSessions


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))


@pytest.fixture
def project(tmp_path):
    """Three recordings of four pages, the third without a session."""
    folder, paths = tmp_path / "project", [tmp_path / f"pup{number}.wav" for number in range(3)]
    for number, path in enumerate(paths):
        soundfile.write(path, sound(0.7 + 0.01 * number), RATE_HZ)
    add_recordings(folder, paths)
    into = IntoSessions(engine=BrightPixels(), folder=folder)
    for path in paths[:2]:
        ready = run(into.segmenting(path))
        session = open_session(ready.session)
        session.probabilities[:] = 0  # the network is sure of all
        session.close()
    return folder


def doubt(row, page, n_rows):
    """Give a page so many rows of pixels that a little stricter threshold would not take."""
    session = open_session(row.session)
    session.probabilities[page, :n_rows] = 140
    session.close()


def found(folder, **how):
    doubtful = run(gathering_doubtful(rows_of(folder), **how))
    assert doubtful.unread == ()
    pages = doubtful.pages
    assert [page.uncertainty for page in pages] == sorted(
        (page.uncertainty for page in pages), reverse=True
    )
    return [(page.path.stem, page.page) for page in pages]


def test_the_most_doubtful_pages_of_all_recordings_come_first(project):
    first, second, _ = rows_of(project)
    assert found(project) == []
    doubt(first, 2, 1)
    doubt(second, 0, 200)
    doubt(second, 3, 5)
    assert found(project) == [("pup1", 0), ("pup1", 3), ("pup0", 2)]
    assert found(project, at_most=1) == [("pup1", 0)]


def test_what_a_person_has_approved_is_in_doubt_no_more(project):
    first, *_ = rows_of(project)
    doubt(first, 2, 30)
    session = open_session(first.session)
    approved = approve(session.record.review, 2, session.labels[2])
    session.save(session.record.with_review(approved))
    session.close()
    assert found(project) == []


def damage_settings(session):
    record = json.loads((session / "session.json").read_text())
    record["settings"]["clean"] = {"threshold": 7}
    (session / "session.json").write_text(json.dumps(record))


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda session: (session / "session.json").write_text("{"), "session.json"),
        (lambda session: (session / "probabilities.npy").write_bytes(b""), "probabilities.npy"),
        (damage_settings, "settings that this version does not know (clean.threshold"),
    ],
)
def test_a_session_that_cannot_be_read_costs_no_other_and_is_named_with_the_reason(
    project, damage, why
):
    first, second, _ = rows = rows_of(project)
    doubt(first, 2, 200)
    doubt(second, 1, 30)
    damage(first.session)
    doubtful = run(gathering_doubtful(rows))
    assert [(page.path.stem, page.page) for page in doubtful.pages] == [("pup1", 1)]
    [(path, reason)] = doubtful.unread
    assert path == first.path
    assert str(first.session) in reason
    assert why in reason
