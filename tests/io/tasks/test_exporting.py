"""Exports are whole or not there, and never take the place of anything of a person's."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from kept import images_in, paint_on, recording_in, result_of, result_of_session, session_of

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.steps import run
from napari_squeakout.io.files import file_sha256
from napari_squeakout.io.tables.annotations import read_annotation
from napari_squeakout.io.tasks import exporting as task
from napari_squeakout.io.tasks.exporting import exporting


@pytest.fixture
def result(tmp_path):
    return result_of(recording_in(tmp_path / "in"), tmp_path / "results", masks=True)


def files_in(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_result_and_a_session_of_one_recording_are_exported_apart(result, tmp_path):
    session = session_of(tmp_path / "in" / "mouse 7.wav", tmp_path / "work" / "mouse 7.squeakout")
    done = run(exporting([result, session], "raven", tmp_path / "out"))
    assert done.calls == {"results_mouse 7": 2, "work_mouse 7": 2}
    assert not done.failures
    assert files_in(tmp_path / "out") == [
        "results_mouse 7.provenance.json", "results_mouse 7.selections.txt", "run.json",
        "work_mouse 7.provenance.json", "work_mouse 7.selections.txt",
    ]  # fmt: skip
    for name in done.calls:
        path = tmp_path / "out" / f"{name}.selections.txt"
        assert read_annotation(path, of="mouse 7.wav").n_calls == 2


def test_beside_each_file_stands_how_its_calls_were_made(result, tmp_path):
    run(exporting([result], "deepsqueak", tmp_path / "out"))
    known = json.loads((tmp_path / "out" / "mouse 7.provenance.json").read_text())
    made = json.loads((result / "run.json").read_text())
    for what in ("model", "settings", "input", "versions", "notes"):
        assert known["made"][what] == made[what]
    assert (known["form"], known["calls"], known["approved_pages"]) == ("deepsqueak", 2, None)
    path = tmp_path / "out" / "mouse 7.deepsqueak.xlsx"
    assert known["files"] == {path.name: file_sha256(path)}
    assert "napari-squeakout" in known["exported"]["versions"]


def test_of_a_session_it_is_said_how_many_pages_are_approved(result, tmp_path):
    session = session_of(tmp_path / "in" / "mouse 7.wav", tmp_path / "m.squeakout")
    run(exporting([session], "csv", tmp_path / "out"))
    known = json.loads((tmp_path / "out" / "m.provenance.json").read_text())
    assert known["approved_pages"] == 1
    assert known["made"]["review"] == {"unreviewed": 1, "corrected": 0, "approved": 1}


def test_of_a_result_of_a_session_it_is_said_how_many_pages_were_approved(result, tmp_path):
    session = session_of(tmp_path / "in" / "mouse 7.wav", tmp_path / "m.squeakout")
    run(exporting([result_of_session(session, tmp_path / "saved")], "csv", tmp_path / "out"))
    known = json.loads((tmp_path / "out" / "m.provenance.json").read_text())
    assert known["approved_pages"] == 1


def test_one_that_cannot_be_exported_costs_the_others_nothing(result, tmp_path):
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "run.json").write_text("{}")
    done = run(exporting([bad, result], "audacity", tmp_path / "out"))
    assert list(done.calls) == ["mouse 7"]
    assert [str(bad) in text for text in done.failures] == [True]
    assert not any(name.startswith("bad") for name in files_in(tmp_path / "out"))


def test_where_nothing_can_be_exported_nothing_is_written(tmp_path):
    folder = result_of(recording_in(tmp_path / "in"), tmp_path / "results")
    done = run(exporting([folder], "coco", tmp_path / "out"))
    assert "segment again with --masks" in done.failures[0]
    assert not (tmp_path / "out").exists()


def test_an_export_that_breaks_off_leaves_nothing(result, tmp_path, monkeypatch):
    def breaks(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(task, "write_sidecar", breaks)
    with pytest.raises(KeyboardInterrupt):
        run(exporting([result], "csv", tmp_path / "out"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "results"]


@pytest.mark.parametrize("form", ["coco", "csv"])
def test_a_session_that_is_painted_on_while_it_is_written_is_not_exported(
    tmp_path, monkeypatch, form
):
    """Its table would be of what was there before, its masks of what came after."""
    session = session_of(recording_in(tmp_path / "in"), tmp_path / "m.squeakout")
    writing = task.writing

    def painted_on(*asked):
        paint_on(session, 1, 7)
        return (yield from writing(*asked))

    monkeypatch.setattr(task, "writing", painted_on)
    done = run(exporting([session], form, tmp_path / "out"))
    assert "its calls were changed while they were read" in done.failures[0]
    assert not (tmp_path / "out").exists()


def test_a_folder_with_anything_of_a_persons_stays(result, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("three years")
    for overwrite in (False, True):
        with pytest.raises(SqueakOutError, match="is no result of this program, so it stays"):
            run(exporting([result], "csv", out, overwrite=overwrite))
    assert files_in(out) == ["thesis.txt"]


def test_an_export_is_replaced_only_where_that_is_asked_for_and_all_of_it_is_ours(result, tmp_path):
    out = tmp_path / "out"
    run(exporting([result], "csv", out))
    with pytest.raises(SqueakOutError, match="exists already"):
        run(exporting([result], "raven", out))
    run(exporting([result], "raven", out, overwrite=True))
    assert "mouse 7.selections.txt" in files_in(out)
    (out / "mouse 7.selections.txt").write_text("by hand")
    with pytest.raises(SqueakOutError, match="has been changed since it was written"):
        run(exporting([result], "csv", out, overwrite=True))
    assert (out / "mouse 7.selections.txt").read_text() == "by hand"


def test_an_export_stays_whole_where_one_of_its_sources_cannot_be_exported_again(result, tmp_path):
    other = result_of(recording_in(tmp_path / "in", "m8.wav"), tmp_path / "results")
    out = tmp_path / "out"
    run(exporting([result, other], "csv", out))
    before = {name: file_sha256(out / name) for name in files_in(out)}
    (other / "calls.csv").write_text("spoilt")
    done = run(exporting([result, other], "raven", out, overwrite=True))
    assert {name: file_sha256(out / name) for name in files_in(out)} == before
    assert (done.calls, done.notes) == ({}, ())
    assert str(other) in done.failures[0]
    assert done.failures[1].startswith(f"{out}: stays the export that it was, for 1 of 2 sources")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_result_is_never_replaced_by_its_export(result, tmp_path):
    before = files_in(result)
    with pytest.raises(SqueakOutError, match="is the input"):
        run(exporting([result], "csv", result, overwrite=True))
    assert files_in(result) == before


def test_a_result_that_is_no_source_stays_too(result, tmp_path):
    """Hours of work, and as unchanged as an export that may be replaced."""
    other = result_of(recording_in(tmp_path / "in", "m8.wav"), tmp_path / "results", masks=True)
    before = {name: file_sha256(other / name) for name in files_in(other)}
    with pytest.raises(SqueakOutError, match="is a result, which no export takes the place of"):
        run(exporting([result], "csv", other, overwrite=True))
    assert {name: file_sha256(other / name) for name in files_in(other)} == before


def test_an_export_is_not_replaced_by_a_result(result, tmp_path):
    run(exporting([result], "csv", tmp_path / "out" / "mouse 7"))
    before = files_in(tmp_path / "out")
    with pytest.raises(SqueakOutError, match="is an export, which no result takes the place of"):
        result_of(tmp_path / "in" / "mouse 7.wav", tmp_path / "out", overwrite=True)
    assert files_in(tmp_path / "out") == before


def test_a_recording_without_calls_is_exported_with_its_empty_table(result, tmp_path):
    table = result / "calls.csv"
    table.write_text(table.read_text().splitlines(keepends=True)[0])
    done = run(exporting([result], "vocalmat", tmp_path / "out"))
    assert done.calls == {"mouse 7": 0}
    assert "calls.csv has been changed" in done.notes[0]
    assert len(pd.read_excel(tmp_path / "out" / "mouse 7.vocalmat.xlsx")) == 0


def test_what_somebody_wrote_beside_the_calls_is_text_in_the_export(result, tmp_path):
    table = result / "calls.csv"
    header, *rows = table.read_text().splitlines()
    notes = ["=cmd|' /C calc'!A0", "-2 dB?"]
    lines = [f"{header},=note", *(f"{row},{note}" for row, note in zip(rows, notes, strict=True))]
    table.write_text("\n".join(lines) + "\n")
    run(exporting([result], "csv", tmp_path / "out"))
    exported = pd.read_csv(tmp_path / "out" / "mouse 7.csv")
    assert exported["'=note"].tolist() == [f"'{note}" for note in notes]


def test_an_export_is_no_source_of_another(result, tmp_path):
    run(exporting([result], "csv", tmp_path / "out"))
    done = run(exporting([tmp_path / "out"], "raven", tmp_path / "again"))
    assert "is no result of this program" in done.failures[0]


def test_nothing_is_written_into_a_result_or_a_session(result, tmp_path):
    session = session_of(tmp_path / "in" / "mouse 7.wav", tmp_path / "m.squeakout")
    for place in (result, session):
        with pytest.raises(SqueakOutError, match="which is only read"):
            run(exporting([place], "csv", place / "out"))
        assert not (place / "out").exists()


def test_windows_of_two_sources_that_would_be_called_alike_are_not_lost(tmp_path):
    for folder, image in (("a", "b_=a"), ("a_b", "=a")):
        pictures = images_in(tmp_path / "in" / folder)
        if image != "=a":
            (pictures / "=a.png").rename(pictures / f"{image}.png")
        result_of(pictures, tmp_path / "results")
    done = run(exporting([tmp_path / "results"], "windows", tmp_path / "out"))
    assert list(done.calls) == ["a"]
    assert "is what a file of another source is called too" in done.failures[0]
    assert len(list((tmp_path / "out" / "images").iterdir())) == 2
