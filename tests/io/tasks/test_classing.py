"""A person's class wins wherever calls are counted, and is told as a person's."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from file_events import KILLED, endings, needs_fork
from kept import images_in, recording_in, result_of, result_of_session, session_of

from napari_squeakout import (
    export_calls,
    measure_calls,
    read_classes,
    read_session,
    report,
    set_classes,
    summarise,
)
from napari_squeakout.cli.running import run_command
from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.settings import SummarySettings
from napari_squeakout.io.drafts import clear_leftovers
from napari_squeakout.io.results.result_folder import replaceable
from napari_squeakout.io.sessions.session import open_session


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A session of two calls, to be copied, with its recording."""
    place = tmp_path_factory.mktemp("made")
    session_of(recording_in(place / "in"), place / "m.squeakout")
    return place


@pytest.fixture
def place(made, tmp_path):
    return shutil.copytree(made, tmp_path / "work")


@pytest.fixture
def session(place):
    return place / "m.squeakout"


def notes_in(folder):
    return json.loads((folder / "run.json").read_text())["notes"]


def measured(folder, to):
    assert run_command(["measure", str(folder), "--output", str(to)]) == 0
    [path] = to.iterdir()
    return pd.read_csv(path).set_index("call")


def test_a_class_by_hand_wins_in_the_measures_of_a_session_and_is_told(session, tmp_path):
    by_rules = measured(session, tmp_path / "before")
    assert by_rules["class_by"].tolist() == ["rules", "rules"]
    assert "chevron" not in by_rules["class"].tolist()
    assert set_classes(session, {2: "chevron"}) == {2: "chevron"}
    after = measured(session, tmp_path / "after")
    assert after["class"].tolist() == [by_rules["class"][1], "chevron"]
    assert after["class_by"].tolist() == ["rules", "person"]
    others = [name for name in after if not name.startswith("class")]
    pd.testing.assert_frame_equal(after[others], by_rules[others])
    work = read_session(session)
    table = measure_calls(work.stack, work.masks, work.probabilities, classes=work.classes)
    assert table["class"].tolist() == after["class"].tolist()
    assert set_classes(session, {2: None}) == read_classes(session) == {}
    back = measured(session, tmp_path / "back")
    pd.testing.assert_frame_equal(back, by_rules)


def test_it_counts_in_shares_and_transitions(session):
    one_bout = SummarySettings(bout_gap_s=5)
    before = summarise(session, settings=one_bout)
    set_classes(session, {1: "chevron", 2: "complex"})
    after = summarise(session, settings=one_bout)
    assert before.recordings["chevron_share"].tolist() == [0]
    assert after.recordings[["chevron_share", "complex_share"]].to_numpy().tolist() == [[0.5, 0.5]]
    assert after.transitions[["from", "to"]].to_numpy().tolist() == [["chevron", "complex"]]


def test_it_goes_into_results_and_is_measured_there(session, tmp_path):
    set_classes(session, {2: "chevron"})
    folder = result_of_session(session, tmp_path / "results", masks=True, measures=True)
    assert pd.read_csv(folder / "calls_measures.csv")["class_by"].tolist() == ["rules", "person"]
    assert read_classes(folder) == {2: "chevron"}
    again = measured(folder, tmp_path / "tables")
    assert again["class"][2] == "chevron"
    assert again["class_by"].tolist() == ["rules", "person"]
    assert summarise(folder).recordings["chevron_share"].tolist() == [0.5]


@pytest.mark.parametrize("of", ["session", "result", "result with measures"])
@pytest.mark.parametrize(
    ("form", "column"),
    [
        ("csv", "class"), ("raven", "Annotation"), ("audacity", 2), ("deepsqueak", "Label"),
        ("vocalmat", "Class"),
    ],
)  # fmt: skip
def test_it_is_exported_in_each_form_that_has_classes(session, tmp_path, form, column, of):
    set_classes(session, {2: "chevron"})
    source = session
    if of != "session":
        with_measures = of.endswith("measures")
        source = result_of_session(session, tmp_path / "results", measures=with_measures)
    export_calls([source], tmp_path / "out", form=form)
    [path] = [
        one for one in (tmp_path / "out").iterdir() if one.suffix in {".csv", ".txt", ".xlsx"}
    ]
    rows = (
        pd.read_excel(path)
        if path.suffix == ".xlsx"
        else pd.read_csv(
            path, sep="," if form == "csv" else "\t", header=None if form == "audacity" else 0
        )
    )
    classes = rows[column].tolist()[:: 2 if form == "audacity" else 1]
    assert classes[1] == "chevron"
    assert classes[0] != "chevron"
    if form == "csv":
        assert rows["class_by"].tolist()[1] == "person"
        assert rows["class_by"].isna().tolist()[0] == (of != "result with measures")


def test_the_paragraph_on_methods_says_how_many_classes_a_person_gave(session, tmp_path):
    report(session, tmp_path / "before.html", pages=0)
    set_classes(session, {2: "chevron"})
    report(session, tmp_path / "after.html", pages=0)
    told = "A person gave 1 call the class; all others have it by rules."
    assert told not in (tmp_path / "before.html").read_text()
    assert told in (tmp_path / "after.html").read_text()


def test_a_class_whose_call_is_gone_counts_for_none_and_it_is_said(session, tmp_path, capsys):
    set_classes(session, {1: "chevron", 2: "complex"})
    labels = np.load(session / "labels.npy", mmap_mode="r+")
    labels[0] = 0
    labels[1][labels[1] == 2] = 7  # another number is no other call
    labels.flush()
    assert read_classes(session) == {7: "complex"}
    table = measured(session, tmp_path / "out")
    assert table["class"].tolist() == ["complex"]
    assert "1 class by hand is of calls that are no more" in " ".join(
        capsys.readouterr().out.split()
    )
    assert summarise(session).notes != ()
    report(session, tmp_path / "report.html", pages=0)
    assert "1 class by hand is of calls that are no more" in (tmp_path / "report.html").read_text()


def test_classes_of_a_result_are_changed_whole_and_its_record_stays_true(session, tmp_path):
    folder = result_of_session(session, tmp_path / "results", masks=True, measures=True)
    before = pd.read_csv(folder / "calls_measures.csv")
    assert set_classes(folder, {1: "chevron"}) == {1: "chevron"}
    after = pd.read_csv(folder / "calls_measures.csv")
    assert after["class_by"].tolist() == ["person", "rules"]
    assert replaceable([], allowed=True)(folder)  # nothing in it looks changed
    assert set_classes(folder, {1: None, 2: "flat"}) == {2: "flat"}
    back = pd.read_csv(folder / "calls_measures.csv")
    assert back["class"].tolist() == [before["class"][0], "flat"]
    assert back["class_by"].tolist() == ["rules", "person"]
    pd.testing.assert_frame_equal(back.drop(columns=["class", "class_by"]), before.drop(
        columns=["class", "class_by"]
    ))  # fmt: skip


def test_a_result_that_somebody_changed_is_refused_and_stays(session, tmp_path):
    folder = result_of_session(session, tmp_path / "results", masks=True)
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(SqueakOutError, match=r"mine\.txt: was not written by this program"):
        set_classes(folder, {1: "chevron"})
    assert (folder / "mine.txt").read_text() == "mine"
    assert read_classes(folder) == {}


def test_classes_that_go_with_a_result_that_is_replaced_are_told(place, tmp_path):
    recording = place / "in" / "mouse 7.wav"
    folder = result_of(recording, tmp_path / "results")
    [call, *_] = pd.read_csv(folder / "calls.csv")["call"]
    set_classes(folder, {int(call): "flat"})
    result_of(recording, tmp_path / "results", overwrite=True, masks=True)
    text = "the result that was replaced had 1 more class by hand"
    assert text in notes_in(folder)
    set_classes(place / "m.squeakout", {2: "chevron"})
    again = result_of_session(place / "m.squeakout", tmp_path / "others")
    result_of_session(place / "m.squeakout", tmp_path / "others", overwrite=True)
    assert text not in notes_in(again)
    set_classes(place / "m.squeakout", {2: None})
    result_of_session(place / "m.squeakout", tmp_path / "others", overwrite=True)
    assert text in notes_in(again)


def test_calls_of_images_go_by_page_and_number(tmp_path):
    folder = result_of(images_in(tmp_path / "set"), tmp_path / "results")
    calls = pd.read_csv(folder / "calls.csv")
    assert calls[["page", "call"]].to_numpy().tolist() == [[0, 1], [0, 2], [1, 3]]
    assert set_classes(folder, {(1, 3): "flat"}) == {(1, 3): "flat"}
    export_calls([folder], tmp_path / "out", form="csv")
    [path] = (tmp_path / "out").glob("*.csv")
    table = pd.read_csv(path)
    assert table["class_by"].isna().tolist() == [True, True, False]
    assert table["class"][2] == "flat"
    with pytest.raises(InputError, match=r"has no call 1: give the \(page, call\)"):
        set_classes(folder, {1: "flat"})


@pytest.mark.parametrize(
    ("classes", "why"),
    [
        ({2: "=cmd|' /C calc'!A0"}, "is no class of calls: choose one of short, mult_steps"),
        ({9: "flat"}, "has no call 9: give the number that its table has"),
    ],
)
def test_what_is_no_class_or_no_call_is_refused_and_nothing_is_changed(session, classes, why):
    with pytest.raises(InputError, match=why):
        set_classes(session, {1: "chevron"} | classes)
    assert not (session / "classes.json").exists()


def test_a_session_that_a_window_has_is_refused(session):
    window = open_session(session)
    with pytest.raises(SqueakOutError, match="is open in another window, so no class is given"):
        set_classes(session, {1: "chevron"})
    window.close()
    assert set_classes(session, {1: "chevron"}) == {1: "chevron"}


@pytest.mark.parametrize(
    "said",
    [
        [{"page": 0, "call": 1, "class": "=A1"}],
        [{"page": 0}],
        7,
        [{"page": "0", "call": 1, "class": "flat"}],
    ],
)
def test_a_record_that_names_no_class_is_damaged(session, tmp_path, said):
    folder = result_of_session(session, tmp_path / "results", masks=True)
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**record, "classes_by_hand": said}))
    for read in (read_classes, summarise):
        with pytest.raises(InputError, match="damaged \\(classes_by_hand\\)"):
            read(folder)


@needs_fork
def test_wherever_it_is_killed_a_result_has_its_old_classes_or_the_new(session, tmp_path):
    lab = tmp_path / "lab"
    folder = result_of_session(session, lab, masks=True, measures=True)
    found = []
    for ending in endings(lambda _: set_classes(folder, {2: "chevron"}), lab):
        assert ending.code == KILLED or ending.error == ()
        clear_leftovers(lab, again=True)
        assert replaceable([], allowed=True)(folder)
        table = pd.read_csv(folder / "calls_measures.csv")
        is_new = read_classes(folder) == {2: "chevron"}
        assert (table["class_by"].tolist() == ["rules", "person"]) == is_new
        found.append(is_new)
    assert (found[0], found[-1]) == (False, True)
