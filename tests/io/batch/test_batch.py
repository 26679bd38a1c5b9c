"""Many inputs: shared out between processes, jobs of a cluster, folders below folders."""

from __future__ import annotations

import multiprocessing

import numpy as np
import pandas as pd
import pytest
import soundfile
from fakes import PAGE_S, RATE_HZ, BrightPixels, sound
from PIL import Image

from napari_squeakout import BatchSettings, segment_files
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.settings import SegmentSettings
from napari_squeakout.io.batch.batch import batch_of
from napari_squeakout.io.batch.outcome_table import outcome_table
from napari_squeakout.io.engines.making import make_engine
from napari_squeakout.io.models.registry import load_model

TORCH = SegmentSettings(compute_with="torch")


@pytest.fixture
def tree(tmp_path):
    """Six recordings of a page in folders below folders, one of which is none."""
    root = tmp_path / "lab"
    for number, folder in enumerate(("mon", "mon", "tue/am", "tue/am", "tue/pm", "wed")):
        path = root / folder / f"pup_{number}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, sound(PAGE_S, (0.05, 0.1, 60_000 + 5_000 * number)), RATE_HZ)
    (root / "tue/am/pup_3.wav").write_bytes(b"no sound at all, but some bytes")
    return root


def test_with_subfolders_no_recording_of_the_tree_is_missing(tree, tmp_path):
    (tree / "tue" / ".hidden").mkdir()
    (tree / "tue" / ".hidden" / "x.wav").write_bytes(b"x")
    sharing = BatchSettings(subfolders=True)
    batch = batch_of([tree], tmp_path / "out", BrightPixels(), shared=sharing)
    assert [source.path.name for source in batch.inputs] == [f"pup_{n}.wav" for n in range(6)]


def test_images_in_the_folder_itself_are_an_input_beside_the_recordings_below(tree, tmp_path):
    Image.fromarray(np.full((64, 64), 90, np.uint8)).save(tree / "a.png")
    sharing = BatchSettings(subfolders=True)
    batch = batch_of([tree], tmp_path / "out", BrightPixels(), shared=sharing)
    assert batch.inputs[0].path == tree
    assert len(batch.inputs) == 7


def test_processes_here_and_a_cluster_at_once_are_refused():
    with pytest.raises(ValueError, match="state one"):
        BatchSettings(jobs=2, scheduler="tcp://10.0.0.1:8786")


def test_the_shares_together_are_each_recording_once_and_called_the_same(tree, tmp_path):
    (tree / "wed" / "pup_0.wav").write_bytes(b"of the same name as another")
    whole = batch_of(
        [tree], tmp_path / "out", BrightPixels(), shared=BatchSettings(subfolders=True)
    ).inputs
    parts = [
        batch_of(
            [tree],
            tmp_path / "out",
            BrightPixels(),
            shared=BatchSettings(subfolders=True, part=f"{which}/3"),
        ).inputs
        for which in (1, 2, 3)
    ]
    assert sorted(len(part) for part in parts) == [2, 2, 3]
    together = [source for part in parts for source in part]
    assert sorted(together, key=lambda source: source.path) == sorted(
        whole, key=lambda source: source.path
    )


@pytest.mark.parametrize("part", ["0/3", "4/3", "1", "a/b", "1/0", "-1/3", "1/3/4", " 1/3"])
def test_a_share_that_is_none_is_refused(part):
    with pytest.raises(ValueError, match="part"):
        BatchSettings(part=part)


def test_several_processes_find_what_one_finds(tree, tmp_path):
    told = []
    alone, beside = (BatchSettings(subfolders=True, jobs=jobs) for jobs in (1, 2))
    one = segment_files([tree], tmp_path / "one", segmenting=TORCH, sharing=alone)
    many = segment_files(
        [tree], tmp_path / "many", segmenting=TORCH, sharing=beside, progress=told.append
    )
    assert [outcome.source for outcome in many] == [outcome.source for outcome in one]
    assert [bool(outcome.failures) for outcome in many] == [False] * 3 + [True] + [False] * 2
    assert many[3].failures == one[3].failures
    assert [progress.done for progress in told] == [1, 2, 3, 4, 5, 6]
    tables = sorted((tmp_path / "one").rglob("calls.csv"))
    assert len(tables) == 5
    for table in tables:
        other = tmp_path / "many" / table.relative_to(tmp_path / "one")
        assert other.read_bytes() == table.read_bytes()
    assert not [path for path in (tmp_path / "many").iterdir() if path.name.startswith(".")]
    assert multiprocessing.active_children() == []


def test_a_process_that_dies_costs_its_input_and_the_same_again_does_the_rest(tree, tmp_path):
    engine = make_engine(load_model("squeakout-synthetic"), TORCH)
    batch = batch_of([tree], tmp_path / "out", engine, shared=BatchSettings(subfolders=True))
    outcomes = []
    for outcome in batch.outcomes(jobs=2):
        outcomes.append(outcome)
        if len(outcomes) == 1:
            for process in multiprocessing.active_children():
                process.kill()
    assert len(outcomes) == 6
    killed = [text for outcome in outcomes for text in outcome.failures if "fewer --jobs" in text]
    assert 1 <= len(killed) <= 2
    assert all("pup_" in text for text in killed)
    again = list(batch.outcomes(jobs=2))
    assert [bool(o.failures) for o in sorted(again, key=lambda o: o.source.path)].count(True) == 1
    assert sum(o.result is not None and o.result.is_kept for o in again) >= 5 - len(killed)
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]


def test_a_model_that_cannot_be_used_is_said_of_every_input(tree, tmp_path):
    engine = make_engine(load_model("squeakout-synthetic"), TORCH)
    engine.settings = SegmentSettings(device="mps")
    batch = batch_of([tree / "mon"], tmp_path / "out", engine)
    outcomes = list(batch.outcomes(jobs=2))
    assert [len(outcome.failures) for outcome in outcomes] == [1, 1]
    assert all("pup_" in outcome.failures[0] for outcome in outcomes)


def test_the_table_says_of_every_input_what_came_of_it(tree, tmp_path):
    risky = tree / "mon" / "=1+1.wav"
    soundfile.write(risky, sound(PAGE_S), RATE_HZ)
    batch = batch_of(
        [tree], tmp_path / "out", BrightPixels(), shared=BatchSettings(subfolders=True)
    )
    for name in ("first", "second"):
        with outcome_table(tmp_path / f"{name}.csv") as note:
            for outcome in batch.outcomes():
                note(outcome)
    first, second = (pd.read_csv(tmp_path / f"{name}.csv") for name in ("first", "second"))
    assert first["state"].tolist() == ["done"] * 4 + ["failed"] + ["done"] * 2
    assert second["state"].tolist() == ["kept"] * 4 + ["failed"] + ["kept"] * 2
    assert first["calls"].dropna().astype(int).tolist() == second["calls"].dropna().tolist()
    assert first["calls"].isna().tolist() == (first["state"] == "failed").tolist()
    assert "pup_3.wav" in first["message"][4]
    assert not first["input"].str.startswith("=").any()


def test_a_table_that_is_there_stays(tmp_path):
    (tmp_path / "done.csv").write_text("mine")
    with (
        pytest.raises(InputError, match="exists already and stays"),
        outcome_table(tmp_path / "done.csv"),
    ):
        pass
    assert (tmp_path / "done.csv").read_text() == "mine"


def test_a_table_of_the_same_name_that_another_job_has_begun_is_not_replaced(tmp_path):
    place = tmp_path / "deep" / "done.csv"
    refused = pytest.raises(InputError, match="exists already and stays")
    with outcome_table(place), refused, outcome_table(place):
        pass
    assert pd.read_csv(place).empty


def test_the_table_of_a_job_that_was_killed_is_taken_up_by_the_same_command(tmp_path):
    place = tmp_path / "done.csv"
    with outcome_table(place):
        heading = place.read_bytes()  # all that a kill leaves, for rows are written at the end
    place.write_bytes(heading)
    with outcome_table(place):
        pass
    assert pd.read_csv(place).empty
    assert [path.name for path in tmp_path.iterdir()] == ["done.csv"]


def test_what_goes_wrong_in_a_batch_is_not_said_of_its_table(tmp_path):
    with pytest.raises(OSError, match="the batch"), outcome_table(tmp_path / "done.csv"):
        raise OSError(5, "the batch")


def test_a_batch_that_is_stopped_has_the_rows_of_what_was_done(tree, tmp_path):
    batch = batch_of([tree / "mon"], tmp_path / "out", BrightPixels())

    def stopped():
        with outcome_table(tmp_path / "done.csv") as note:
            note(next(batch.outcomes()))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert pd.read_csv(tmp_path / "done.csv")["state"].tolist() == ["done"]
