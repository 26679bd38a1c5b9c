"""Kept calls in numbers: from folders of results and sessions, by Python and by the command."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from fakes import RATE_HZ, sound
from kept import paint_on, recording_in, session_of

from napari_squeakout import embed_calls, measure_calls, summarise
from napari_squeakout.cli.running import run_command
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.measures.catalogue import MEASURES
from napari_squeakout.core.measures.summary import RecordedCalls, summarised
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import Review
from napari_squeakout.core.settings import CleanSettings, ResultSettings
from napari_squeakout.core.stacks import MaskStack, ProbabilityStack
from napari_squeakout.core.steps import run
from napari_squeakout.io.results.kept_calls import kept_calls, kept_name
from napari_squeakout.io.results.work_results import Work, saving_works
from napari_squeakout.io.sessions.record import source_file
from napari_squeakout.io.sessions.sources import begin_session
from napari_squeakout.io.sources.opening import open_recording
from napari_squeakout.io.tasks import measuring as measuring_task
from napari_squeakout.io.tasks import reporting as reporting_task
from napari_squeakout.io.tasks.measuring import summarising, write_summary
from napari_squeakout.io.tasks.reporting import reporting

DURATION_S = 0.66


def work_on(path, *, calls=True, stage=PageStage.CLEANED):
    """A recording with a call of 70 kHz on its first page, or none; its last page in this stage."""
    tones = [(0.05, 0.09, 70e3)] if calls else []
    soundfile.write(path, sound(DURATION_S, *tones), RATE_HZ)
    stack = open_recording(path)
    labels = np.zeros(stack.layout.shape, np.int32)
    if calls:
        labels[0, 340:366, 116:209] = 1
    stages = np.full(stack.layout.n_pages, PageStage.CLEANED, np.uint8)
    stages[-1] = stage
    probabilities = np.zeros(stack.layout.shape, np.uint8)
    return Work(
        stack=stack,
        masks=MaskStack(labels, stack.layout, CleanSettings()),
        probabilities=ProbabilityStack(probabilities, stack.layout, "f" * 64),
        review=Review(stack.layout.n_pages),
        stages=stages,
        model="mine",
        known=(source_file(path, path.parent),),
    )


def saved(work, folder, name, *, masks=True):
    run(saving_works({name: work}, folder, wanted=ResultSettings(masks=masks)))
    return folder / name


@pytest.fixture
def results(tmp_path):
    """Folders of results of a recording with a call, and of a silent one."""
    sung = work_on(tmp_path / "m1_KO.wav")
    silent = work_on(tmp_path / "m2_WT.wav", calls=False)
    return [saved(sung, tmp_path / "out", "m1_KO"), saved(silent, tmp_path / "out", "m2_WT")]


def command(*words):
    return run_command([str(word) for word in words])


def test_the_command_writes_the_table_that_python_gives(results, tmp_path):
    assert command("measure", *results, "--output", tmp_path / "tables") == 0
    table = pd.read_csv(tmp_path / "tables" / "m1_KO.csv")
    names = [*(one.name for one in MEASURES), "class", "class_by"]
    assert list(table)[-len(names) :] == names
    assert table["class"].tolist() == ["flat"]
    assert table["principal_hz"].tolist() == pytest.approx([70e3], abs=60)
    work = work_on(tmp_path / "again.wav")
    same = measure_calls(work.stack, work.masks)
    assert table["peak_power_db"].tolist() == pytest.approx(same["peak_power_db"], abs=0.1)
    assert len(pd.read_csv(tmp_path / "tables" / "m2_WT.csv")) == 0


def test_a_folder_of_results_stands_for_those_in_it(results, tmp_path):
    (tmp_path / "out" / "notes.txt").write_text("mine")
    (tmp_path / "out" / "more").mkdir()
    draft = tmp_path / "out" / ".squeakout-left-by-a-kill"
    draft.mkdir()
    (draft / "calls.csv").write_text("call\n")
    assert command("measure", tmp_path / "out", "--output", tmp_path / "tables") == 0
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == [
        "m1_KO.csv",
        "m2_WT.csv",
    ]
    table = tmp_path / "summary.csv"
    names = ("--names", "{subject}_{group}")
    assert command("summarise", tmp_path / "out", *names, "--output", table) == 0
    assert pd.read_csv(table)["recording"].tolist() == ["m1_KO", "m2_WT"]
    page = tmp_path / "report.html"
    assert command("report", tmp_path / "out", *names, "--output", page) == 0
    assert all(name in page.read_text(encoding="utf-8") for name in ("m1_KO", "m2_WT"))


def test_a_result_whose_record_is_gone_is_not_left_out_without_a_word(results, tmp_path, capsys):
    (results[1] / "run.json").unlink()
    assert command("summarise", tmp_path / "out", "--output", tmp_path / "summary.csv") == 1
    assert "m2_WT" in capsys.readouterr().err
    assert not (tmp_path / "summary.csv").exists()


def test_the_embedding_is_a_table_beside_with_the_same_calls(results, tmp_path):
    tables = tmp_path / "tables"
    assert (
        command("measure", *results, "--output", tables, "--embedding", "squeakout-synthetic") == 0
    )
    table = pd.read_csv(tables / "m1_KO_embedding.csv")
    assert list(table)[:3] == ["call", "page", "embedding_0"]
    assert table.shape == (1, 2 + 1280)
    work = work_on(tmp_path / "again.wav")
    same = embed_calls(work.stack, work.masks, "squeakout-synthetic")
    np.testing.assert_allclose(table.to_numpy()[:, 2:], same, atol=2e-4)
    assert pd.read_csv(tables / "m2_WT_embedding.csv").shape == (0, 2 + 1280)


def test_no_table_is_written_where_the_one_beside_it_is_in_the_way(results, tmp_path):
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "m1_KO_embedding.csv").write_text("mine")
    given = ("--output", tables, "--embedding", "squeakout-synthetic")
    assert command("measure", results[0], *given) == 1
    assert [path.name for path in tables.iterdir()] == ["m1_KO_embedding.csv"]


def test_a_session_is_measured_as_a_person_left_it(tmp_path):
    work = work_on(tmp_path / "rec.wav")
    session = begin_session(work.stack, tmp_path / "rec.squeakout")
    session.labels[:] = work.masks.labels
    session.stages[:] = PageStage.CLEANED
    session.save(session.record)
    session.close()
    assert command("measure", tmp_path / "rec.squeakout", "--output", tmp_path / "tables") == 0
    table = pd.read_csv(tmp_path / "tables" / "rec.csv")
    assert table["principal_hz"].tolist() == pytest.approx([70e3], abs=60)


@pytest.mark.parametrize("command", ["measure", "summarise", "report"])
def test_a_session_that_is_painted_on_while_it_is_measured_is_refused(
    tmp_path, monkeypatch, capsys, command
):
    """Half of its numbers would be of what was there before, half of what came after."""
    folder = session_of(recording_in(tmp_path / "in"), tmp_path / "m.squeakout", approved=())
    task = reporting_task if command == "report" else measuring_task
    measure = task.measuring

    def painted_on(*asked, **named):
        found = yield from measure(*asked, **named)
        paint_on(folder, 1, 7)
        return found

    monkeypatch.setattr(task, "measuring", painted_on)
    out = tmp_path / "out.csv"
    assert run_command([command, str(folder), "--output", str(out)]) == 1
    assert "its calls were changed while they were read" in capsys.readouterr().err
    assert not out.exists()


def test_recordings_are_rows_with_what_is_known_of_them_and_silent_ones_are_zeros(
    results, tmp_path, capsys
):
    (tmp_path / "subjects.csv").write_text("recording,litter\nm2_WT,007\nm1_KO,3\n")
    files = {name: tmp_path / f"{name}.csv" for name in ("rows", "bins", "bouts", "next")}
    code = command(
        "summarise", *results, "--output", files["rows"], "--bins", files["bins"],
        "--bouts", files["bouts"], "--subjects", tmp_path / "subjects.csv",
        "--names", "{subject}_{group}", "--transitions", files["next"],
    )  # fmt: skip
    assert code == 0
    assert "another bout_gap_s" in " ".join(capsys.readouterr().out.split())
    rows = pd.read_csv(files["rows"], dtype={"litter": str})
    assert rows["recording"].tolist() == ["m1_KO", "m2_WT"]
    assert rows["duration_s"].tolist() == pytest.approx([DURATION_S] * 2)
    assert rows["calls"].tolist() == [1, 0]
    assert rows["calls_per_min"].tolist() == pytest.approx([60 / DURATION_S, 0], abs=1e-3)
    assert rows["litter"].tolist() == ["007", "3"][::-1]
    assert rows["group"].tolist() == ["KO", "WT"]
    assert len(pd.read_csv(files["bins"])) == 2
    assert len(pd.read_csv(files["bouts"])) == 1
    assert rows["flat_share"].tolist()[0] == 1
    assert list(pd.read_csv(files["next"])) == [
        "recording", "from", "to", "count", "share", "bout_gap_s",
    ]  # fmt: skip


def test_nothing_that_is_there_is_replaced(results, tmp_path, capsys):
    tables = tmp_path / "tables"
    tables.mkdir()
    mine = tables / "m1_KO.csv"
    mine.write_text("mine")
    assert command("measure", *results, "--output", tables) == 1
    assert command("summarise", *results, "--output", mine) == 1
    assert mine.read_text() == "mine"
    assert (tables / "m2_WT.csv").is_file()
    assert capsys.readouterr().err.count("exists already") == 2


def test_who_is_who_is_asked_before_anything_is_measured(results, tmp_path):
    (tmp_path / "subjects.csv").write_text("recording,group\nm1_KO,KO\n")
    for work in (summarising, reporting):
        for asked in ({"names": "{subject}-{group}"}, {"subjects": tmp_path / "subjects.csv"}):
            seen = []
            with pytest.raises(InputError, match=r"does not fit|no row of m2_WT"):
                run(work(results, **asked), seen.append)
            assert not seen


@pytest.mark.parametrize("kind", ["result", "session"])
@pytest.mark.parametrize("written", [".", "../{name}", "masks/.."])
def test_a_folder_has_its_name_however_it_is_written(results, tmp_path, monkeypatch, kind, written):
    folder = results[0]
    if kind == "session":
        work = work_on(tmp_path / "m1_KO.wav")
        folder = tmp_path / "m1_KO.squeakout"
        begin_session(work.stack, folder).close()
    (folder / "masks").mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    place = Path(written.format(name=folder.name))
    assert kept_name(place) == "m1_KO"
    with kept_calls(place) as kept:
        assert kept.name == "m1_KO"


def test_a_link_to_a_folder_is_called_as_the_link(results, tmp_path):
    (tmp_path / "m9_HET").symlink_to(results[0])
    assert kept_name(tmp_path / "m9_HET") == "m9_HET"


def test_a_table_of_the_folder_one_stands_in_is_called_after_it(results, tmp_path, monkeypatch):
    monkeypatch.chdir(results[0])
    assert command("measure", ".", "--output", tmp_path / "tables") == 0
    assert [path.name for path in (tmp_path / "tables").iterdir()] == ["m1_KO.csv"]


def test_two_tables_of_one_file_are_not_one_table(tmp_path):
    calls = pd.DataFrame({"start_s": [1.0], "end_s": [1.1], "duration_s": [0.1]})
    summary = summarised([RecordedCalls(name="rec", duration_s=9, calls=calls)])
    for again in (tmp_path / "rows.csv", tmp_path / "no" / ".." / "rows.csv"):
        with pytest.raises(InputError, match="is named twice"):
            write_summary(summary, tmp_path / "rows.csv", bouts=again)
    assert not list(tmp_path.iterdir())


def test_a_recording_of_which_part_was_looked_at_has_no_calls_a_minute(tmp_path):
    work = work_on(tmp_path / "rec.wav", stage=PageStage.UNSEGMENTED)
    session = begin_session(work.stack, tmp_path / "rec.squeakout")
    session.close()
    with pytest.raises(InputError, match="pages are not segmented"):
        summarise(tmp_path / "rec.squeakout")


def test_a_table_that_a_person_changed_is_not_measured_over(results):
    calls = results[0] / "calls.csv"
    calls.write_text(calls.read_text().splitlines()[0])
    with pytest.raises(InputError, match=r"calls.csv: has been changed"):
        summarise(results[0])


def test_another_sound_under_the_same_name_is_not_measured(results, tmp_path):
    soundfile.write(tmp_path / "m1_KO.wav", sound(DURATION_S, (0.05, 0.09, 90e3)), RATE_HZ)
    with pytest.raises(InputError, match="is not known to be what"):
        summarise(results[0])
    (tmp_path / "m1_KO.wav").unlink()
    with pytest.raises(InputError, match="put it there again"):
        summarise(results[0])


def test_a_folder_without_masks_and_any_other_folder_are_refused_in_a_sentence(tmp_path):
    plain = saved(work_on(tmp_path / "rec.wav"), tmp_path / "out", "rec", masks=False)
    with pytest.raises(InputError, match="segment with --masks"):
        summarise(plain)
    with pytest.raises(InputError, match="neither a folder of results nor a session"):
        summarise(tmp_path)


def test_two_recordings_of_one_name_are_refused_before_anything_is_measured(results):
    for work in (summarising, reporting):
        seen = []
        with pytest.raises(InputError, match="more than once"):
            run(work([*results, results[0]]), seen.append)
        assert not seen


def test_names_and_notes_like_formulas_stay_text_in_every_table(tmp_path):
    name = "=cmd|' /C calc'!A0.wav"
    calls = pd.DataFrame(
        {"start_s": [1.0, 2.0], "end_s": [1.1, 2.1], "duration_s": 0.1, "class": "flat"}
    )
    known = {"note": "=1+1", "=2+3": "@x"}
    summary = summarised([RecordedCalls(name=name, duration_s=9, calls=calls, about=known)])
    files = [tmp_path / f"{number}.csv" for number in range(4)]
    write_summary(summary, files[0], bins=files[1], bouts=files[2], transitions=files[3])
    for file in files:
        with file.open(newline="", encoding="utf-8") as lines:
            table = list(csv.reader(lines))
        assert table[1][0] == f"'{name}"
        assert not [cell for row in table for cell in row if cell.startswith(("=", "@"))]
    assert {"'=1+1", "'@x"} <= set(pd.read_csv(files[0]).iloc[0])
