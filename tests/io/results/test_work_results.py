"""Work of the window is saved as the command line saves its own, as it is and not as proposed."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import soundfile
import tifffile
from fakes import RATE_HZ, sound

from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import Review, approve
from napari_squeakout.core.settings import CleanSettings, ResultSettings
from napari_squeakout.core.stacks import MaskStack, ProbabilityStack
from napari_squeakout.core.steps import run
from napari_squeakout.io.results.work_results import Work, result_names, saving_works, unknown_pages
from napari_squeakout.io.sessions.record import source_file
from napari_squeakout.io.sources.opening import open_recording

ALL = ResultSettings(masks=True, picture=True)
REPLACE = ALL.model_copy(update={"overwrite": True})


@pytest.fixture
def work(tmp_path):
    """Three pages: a call on each of the first two, the third never segmented."""
    path = tmp_path / "in" / "rec.wav"
    path.parent.mkdir()
    soundfile.write(path, sound(0.66), RATE_HZ)
    return work_on(path)


def work_on(path, stages=(PageStage.CLEANED, PageStage.CLEANED, PageStage.UNSEGMENTED)):
    stack = open_recording(path)
    labels = np.zeros(stack.layout.shape, np.int32)
    labels[0, 100:120, 50:90], labels[1, 200:220, 60:100] = 1, 2
    return Work(
        stack=stack,
        masks=MaskStack(labels, stack.layout, CleanSettings(threshold=0.6)),
        probabilities=ProbabilityStack(
            np.zeros(stack.layout.shape, np.uint8), stack.layout, "f" * 64
        ),
        review=Review(stack.layout.n_pages),
        stages=np.array(stages, np.uint8),
        model="mine",
        known=(source_file(path, path.parent),),
    )


def record_in(folder):
    return json.loads((folder / "run.json").read_text())


def test_work_is_saved_with_table_masks_picture_and_record(work, tmp_path):
    work.stages[2] = PageStage.CLEANED
    saved = run(saving_works({"rec": work}, tmp_path / "out", wanted=ALL))
    folder = tmp_path / "out" / "rec"
    assert saved.written == ((folder, 2),)
    assert not saved.refused + saved.notes
    assert pd.read_csv(folder / "calls.csv")["call"].tolist() == [1, 2]
    np.testing.assert_array_equal(tifffile.imread(folder / "masks.tif"), work.masks.labels)
    known = record_in(folder)
    assert set(known["files"]) == {"calls.csv", "masks.tif", "picture.png"}
    assert known["model"] == {"name": "mine", "fingerprint": "f" * 64}
    assert known["settings"]["clean"]["threshold"] == 0.6
    assert known["settings"]["render"]["levels"] == "noise"
    assert len(known["input"]["sha256"]) == 64
    assert known["not_segmented"] == []


def test_work_is_saved_with_its_measures_where_they_are_asked_for(work, tmp_path):
    run(saving_works({"rec": work}, tmp_path / "out", wanted=ResultSettings(measures=True)))
    measured = pd.read_csv(tmp_path / "out" / "rec" / "calls_measures.csv")
    calls = pd.read_csv(tmp_path / "out" / "rec" / "calls.csv")
    pd.testing.assert_frame_equal(measured[list(calls)], calls)
    assert "class" in measured


def test_pages_never_segmented_are_told_and_get_no_empty_mask(work, tmp_path):
    saved = run(saving_works({"rec": work}, tmp_path, wanted=ALL))
    folder = tmp_path / "rec"
    assert "1 of 3 pages is not segmented yet (page 2)" in saved.notes[0]
    assert sorted(path.name for path in (folder / "masks").iterdir()) == ["0000.png", "0001.png"]
    assert not (folder / "masks.tif").exists()
    assert record_in(folder)["not_segmented"] == [2]


def test_what_a_person_drew_or_approved_on_a_page_never_segmented_is_known(work):
    assert unknown_pages(work) == {2}
    empty = np.zeros((512, 512), np.int32)
    approved = approve(work.review, 2, empty)
    assert not unknown_pages(
        Work(
            stack=work.stack,
            masks=work.masks,
            probabilities=None,
            review=approved,
            stages=work.stages,
        )
    )
    work.masks.labels[2, 9, 9] = 3
    assert not unknown_pages(work)


def test_the_record_says_which_pages_a_person_worked_on(work, tmp_path):
    approved = approve(work.review, 1, np.asarray(work.masks.labels[1])).changed(2, corrected=True)
    run(saving_works({"rec": replace(work, review=approved)}, tmp_path, wanted=ALL))
    known = record_in(tmp_path / "rec")
    assert known["review"] == {"approved": 1, "corrected": 1, "unreviewed": 1}
    assert known["reviewed_pages"] == {"corrected": [2], "approved": [1]}
    assert known["approved_blind"] == 0
    run(saving_works({"two": replace(work, review=approved.changed(1, blind=True))}, tmp_path,
                     wanted=ALL))  # fmt: skip
    assert record_in(tmp_path / "two")["approved_blind"] == 1


def test_work_without_any_known_page_is_refused_and_the_others_are_saved(work, tmp_path):
    nothing = work_on(work.files[0], (PageStage.UNSEGMENTED,) * 3)
    nothing.masks.labels[:] = 0
    saved = run(saving_works({"none": nothing, "rec": work}, tmp_path, wanted=ALL))
    assert "no page is segmented yet" in saved.refused[0]
    assert not (tmp_path / "none").exists()
    assert [folder.name for folder, _ in saved.written] == ["rec"]


def test_results_are_replaced_only_where_that_is_allowed_and_all_of_it_is_ours(work, tmp_path):
    for wanted, words in ((ALL, ""), (ALL, "exists already: choose another folder"), (REPLACE, "")):
        saved = run(saving_works({"rec": work}, tmp_path, wanted=wanted))
        assert words in "".join(saved.refused)
        assert bool(saved.refused) is bool(words)
    mine = tmp_path / "rec" / "thesis.txt"
    mine.write_text("three years")
    saved = run(saving_works({"rec": work}, tmp_path, wanted=REPLACE))
    assert "was not written by this program" in saved.refused[0]
    assert mine.read_text() == "three years"
    saved = run(saving_works({"in": work}, tmp_path, wanted=REPLACE))
    assert "holds the input" in saved.refused[0]
    assert "--" not in "".join(saved.refused)
    assert work.files[0].exists()


def test_calls_that_change_while_they_are_saved_give_no_result(work, tmp_path):
    steps = saving_works({"rec": work}, tmp_path, wanted=ALL)
    next(steps)
    work.masks.labels[0, 100:120, 50:90] = 0
    assert "were changed while they were saved" in run(steps).refused[0]
    assert not (tmp_path / "rec").exists()


def test_the_hash_is_given_only_of_files_that_are_still_what_was_read(work, tmp_path):
    soundfile.write(work.files[0], sound(0.66, (0.1, 0.2, 60_000.0)), RATE_HZ)
    saved = run(saving_works({"rec": work}, tmp_path, wanted=ResultSettings()))
    assert "nobody can say that" in "".join(saved.notes)
    assert record_in(tmp_path / "rec")["input"]["sha256"] is None


def test_one_number_on_pages_apart_is_saved_as_two_calls_in_table_and_masks(work, tmp_path):
    work.masks.labels[work.masks.labels == 2] = 1
    work.masks.labels[2, 300:320, 400:440] = 1
    saved = run(saving_works({"rec": work}, tmp_path, wanted=ALL))
    assert "stands on pages that do not touch" in "".join(saved.notes)
    numbers = pd.read_csv(tmp_path / "rec" / "calls.csv")["call"].tolist()
    assert len(set(numbers)) == 3
    assert set(np.unique(tifffile.imread(tmp_path / "rec" / "masks.tif"))) == {0, *numbers}


def test_sources_of_one_name_are_saved_under_their_folders_name_too(work, tmp_path):
    other = tmp_path / "two" / "rec.wav"
    other.parent.mkdir()
    soundfile.write(other, sound(0.3), RATE_HZ)
    assert result_names([work.stack, open_recording(other)]) == ["in_rec", "two_rec"]


def test_a_result_that_an_earlier_version_called_otherwise_is_the_one_of_its_source(work, tmp_path):
    layout = replace(work.stack.layout, source="aux")
    drawn = replace(work, stack=replace(work.stack, layout=layout, origin=None), known=())
    out = tmp_path / "out"
    assert result_names([drawn.stack], out) == ["aux_"]
    run(saving_works({"aux": drawn}, out, wanted=ALL))
    before = (out / "aux" / "calls.csv").read_bytes()
    assert result_names([drawn.stack], out) == ["aux"]
    assert result_names([drawn.stack], tmp_path / "elsewhere") == ["aux_"]
    named = dict(zip(result_names([drawn.stack], out), [drawn], strict=True))
    refused = run(saving_works(named, out, wanted=ALL)).refused
    assert "aux" in "".join(refused)
    assert (out / "aux" / "calls.csv").read_bytes() == before
    assert run(saving_works(named, out, wanted=REPLACE)).refused == ()
    assert [place.name for place in out.iterdir()] == ["aux"]


def test_what_is_no_result_is_not_taken_for_one_of_an_earlier_version(work, tmp_path):
    layout = replace(work.stack.layout, source="aux")
    (tmp_path / "aux").mkdir()
    assert result_names([replace(work.stack, layout=layout, origin=None)], tmp_path) == ["aux_"]
