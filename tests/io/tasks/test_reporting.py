"""A report of folders of results and sessions."""

from __future__ import annotations

import json

import pytest
from kept import paint_on, recording_in, result_of, session_of

from napari_squeakout import report
from napari_squeakout.cli.running import run_command
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.steps import run
from napari_squeakout.io.tasks.reporting import reporting


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A result of one recording, and the session of another, of which a page is approved."""
    folder = tmp_path_factory.mktemp("lab")
    sounds = [recording_in(folder / "sounds", f"{name}.wav") for name in ("m1_KO", "m2_WT")]
    return [
        result_of(sounds[0], folder / "out", masks=True),
        session_of(sounds[1], folder / "m2_WT.squeakout"),
    ]


def test_a_report_says_what_came_of_results_and_sessions_and_how(kept, tmp_path, capsys):
    page = tmp_path / "report.html"
    given = [str(path) for path in kept]
    names = ["--names", "{subject}_{group}"]
    assert run_command(["report", *given, "--output", str(page), *names]) == 0
    text = page.read_text(encoding="utf-8")
    assert "m1_KO" in text
    assert "m2_WT" in text
    assert "data:image/jpeg;base64," in text
    assert "Not compared: group KO: has 1 animal" in text
    assert "groups are not compared: group KO" in capsys.readouterr().out
    assert run_command(["report", *given, "--output", str(page), *names]) == 1
    assert page.read_text(encoding="utf-8") == text


def test_what_a_person_did_is_counted_and_doubtful_pages_are_those_left(kept):
    result, session = run(reporting(kept)).recordings
    assert (session.approved, session.corrected, session.pages) == (1, 0, 2)
    assert (result.approved, result.corrected) == (0, 0)
    assert len(result.pictures) == 2
    assert "lowest mean probability" in result.doubt
    assert not session.pictures
    assert "no page that nobody has worked on" in session.doubt


def test_a_page_changed_after_its_approval_is_reported_as_corrected(kept, tmp_path):
    session = session_of(kept[1].parent / "sounds" / "m2_WT.wav", tmp_path / "m.squeakout")
    paint_on(session, 0, 9)
    [told] = run(reporting([session])).recordings
    assert (told.approved, told.corrected) == (0, 1)


def test_what_a_result_says_of_its_review_is_not_lost(kept, tmp_path):
    record = kept[0] / "run.json"
    before = record.read_text(encoding="utf-8")
    said = json.loads(before) | {"review": {"approved": 2, "corrected": 0, "unreviewed": 0}}
    record.write_text(json.dumps(said), encoding="utf-8")
    try:
        assert run(reporting(kept[:1])).recordings[0].approved == 2
    finally:
        record.write_text(before, encoding="utf-8")


def test_nothing_is_reported_where_one_cannot_be_read(kept, tmp_path):
    with pytest.raises(InputError, match="neither a folder of results nor a session"):
        report([kept[0], tmp_path], tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()
