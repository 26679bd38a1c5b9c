"""A report of folders of results and sessions."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from kept import paint_on, recording_in, result_of, session_of

from napari_squeakout import report
from napari_squeakout.cli.running import run_command
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.groups.settings import GroupSettings
from napari_squeakout.core.steps import run
from napari_squeakout.io.files import file_sha256
from napari_squeakout.io.reports.page import page_of
from napari_squeakout.io.tables.calls import read_calls, write_calls
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


@pytest.fixture
def calls_of(kept, tmp_path):
    """A report of a result with these mean probabilities on two pages, and this in its record."""

    def making(on_0, on_1, **said):
        folder = tmp_path / kept[0].name
        shutil.copytree(kept[0], folder)
        calls = read_calls(folder / "calls.csv")
        calls.loc[calls["page"] == 0, "mean_probability"] = on_0
        calls.loc[calls["page"] == 1, "mean_probability"] = on_1
        write_calls(calls, folder / "calls.csv")
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        record["files"]["calls.csv"] = file_sha256(folder / "calls.csv")
        (folder / "run.json").write_text(json.dumps(record | said), encoding="utf-8")
        return run(reporting([folder])).recordings[0]

    return making


def shown_in(recording):
    return [int(caption.split(",")[0].removeprefix("page ")) for caption, _ in recording.pictures]


def test_calls_without_a_probability_are_in_no_doubt(calls_of):
    made = calls_of(np.nan, 0.8)
    assert shown_in(made) == [1]
    assert "lowest mean probability" in made.doubt


def test_a_result_none_of_whose_probabilities_is_known_shows_no_page(calls_of):
    made = calls_of(np.nan, np.nan)
    assert not made.pictures
    assert made.doubt == "its probabilities are not kept, so no page is shown"


def test_what_a_person_drew_is_in_no_doubt(calls_of):
    made = calls_of(0.0, 0.8)
    assert shown_in(made) == [1]


def test_pages_that_a_person_has_worked_on_are_in_no_doubt(calls_of):
    worked_on = {"approved": [0], "corrected": []}
    made = calls_of(0.55, 0.8, review={"approved": 1}, reviewed_pages=worked_on)
    assert shown_in(made) == [1]
    assert "that nobody has worked on" in made.doubt
    assert "not recorded" not in made.doubt


def test_a_result_all_of_whose_pages_were_worked_on_shows_none(calls_of):
    worked_on = {"approved": [0], "corrected": [1]}
    made = calls_of(0.55, 0.8, review={"approved": 1, "corrected": 1}, reviewed_pages=worked_on)
    assert not made.pictures
    assert made.doubt == "no page that nobody has worked on has calls that the network found"


def test_a_result_of_before_says_that_its_pages_may_have_been_worked_on(calls_of):
    made = calls_of(0.55, 0.8, review={"approved": 1, "corrected": 0})
    assert shown_in(made) == [0, 1]
    assert made.doubt.endswith("which pages a person worked on is not recorded")


@pytest.mark.parametrize("pages", [{"approved": "no"}, {"approved": ["0"]}, [0]])
def test_a_record_whose_pages_are_damaged_is_taken_for_one_that_says_nothing(calls_of, pages):
    made = calls_of(0.55, 0.8, review={"approved": 1}, reviewed_pages=pages)
    assert shown_in(made) == [0, 1]
    assert made.doubt.endswith("which pages a person worked on is not recorded")


def test_nothing_is_reported_where_one_cannot_be_read(kept, tmp_path):
    with pytest.raises(InputError, match="neither a folder of results nor a session"):
        report([kept[0], tmp_path], tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_groups_under_another_name_are_not_passed_over_without_a_word(kept, tmp_path):
    table = tmp_path / "subjects.csv"
    table.write_text("recording,Subject,Group\nm1_KO,m1,KO\nm2_WT,m2,WT\n")
    for asked in (
        {"subjects": table},
        {"names": "{subject}_{genotype}"},
        {"groups": GroupSettings(reference="WT")},
    ):
        made = run(reporting(kept, pages=0, **asked))
        assert made.comparison is None
        assert made.no_groups.startswith("no column group is known of the recordings: call it")
        assert "Not compared: no column group is known" in page_of(made)
    assert not run(reporting(kept, pages=0)).no_groups


@pytest.mark.parametrize(
    ("names", "asked", "said"),
    [
        ("{subject}_{group}", {"compared": ("calls_per_mn",)}, "calls_per_mn: is no column"),
        ("{subject}_{genotype}", {"compared": ("calls_per_mn",)}, "calls_per_mn: is no column"),
        ("{subject}_{group}", {"compared": ()}, "no measure is to be compared"),
        ("{subject}_{group}", {"reference": "wt"}, "reference wt: is no group"),
    ],
)
def test_what_is_asked_of_groups_wrongly_ends_the_report(kept, names, asked, said):
    with pytest.raises(InputError, match=said):
        run(reporting(kept, names=names, groups=GroupSettings(**asked), pages=0))
