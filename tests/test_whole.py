"""The whole program with the model that comes with it: sound and images in, trusted calls out."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.scoring.event_scores import JudgedRecording, score_events
from napari_squeakout.core.settings import CleanSettings, RenderSettings
from napari_squeakout.core.steps import run
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.models.registry import load_model
from napari_squeakout.io.results.results import writing_result
from napari_squeakout.io.samples.synthetic import writing_samples
from napari_squeakout.io.sources.audio import read_recording
from napari_squeakout.io.sources.inputs import plan_inputs
from napari_squeakout.io.tables.calls import read_intervals

# Heard directly: of a cloud of echoes nobody can say where it begins and ends.
CLEAR = SynthesisSettings(seed=5, min_snr_db=20, min_direct_db=5)
# Longer flat calls the bundled model leaves in the middle, as its card says.
USUAL_S = 0.1


@pytest.fixture(scope="module")
def engine():
    return Engine(load_model(BUNDLED_MODEL))


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """Ten seconds of clear calls with their truth."""
    folder = tmp_path_factory.mktemp("whole") / "sample"
    return run(writing_samples(folder, seconds=10, images=0, settings=CLEAR))


@pytest.fixture(scope="module")
def truth(sample):
    return read_intervals(sample / "synthetic_calls.csv")


@pytest.fixture(scope="module")
def found(sample, engine, tmp_path_factory):
    result = segmented(sample / "synthetic.wav", engine, tmp_path_factory.mktemp("found"))
    return read_intervals(result.folder / "calls.csv")


def segmented(path, engine, output):
    (source,) = plan_inputs([path])
    return run(writing_result(source, output, engine))


def overlapping(intervals, others):
    """(n,) True for each interval that overlaps any of the others."""
    if not len(others):
        return np.zeros(len(intervals), bool)
    low = np.maximum(intervals[:, None, 0], others[None, :, 0])
    high = np.minimum(intervals[:, None, 1], others[None, :, 1])
    return (high > low).any(axis=1)


def test_the_sample_has_calls_enough_to_judge_by(truth):
    assert len(truth) > 20


def test_nearly_all_clear_calls_are_found(truth, found):
    assert overlapping(truth, found).mean() >= 0.9


def test_nearly_all_that_is_found_is_a_call(truth, found):
    assert overlapping(found, truth).mean() >= 0.9


def test_calls_on_page_borders_are_neither_cut_nor_counted_twice(sample, truth, found):
    layout = render(read_recording(sample / "synthetic.wav"), RenderSettings()).layout
    gaps_s = truth[1:, 0] - np.maximum.accumulate(truth[:, 1])[:-1]
    # Calls closer than this are one by default.
    closest_s = CleanSettings().join_gap_s + 0.005
    alone = np.minimum(np.append(gaps_s, 1), np.insert(gaps_s, 0, 1)) > closest_s
    borders = [
        (border_s, start_s, end_s)
        for border_s in layout.starts_s[1:]
        for start_s, end_s in truth[alone]
        if start_s + 0.005 < border_s < end_s - 0.005 and end_s - start_s < USUAL_S
    ]
    assert borders, "another seed is needed: no call of the sample lies on a border"
    for border_s, start_s, end_s in borders:
        across = found[(found[:, 0] < border_s) & (border_s < found[:, 1])]
        assert len(across) == 1
        assert across[0] == pytest.approx([start_s, end_s], abs=0.02)


def test_real_recordings_are_segmented_as_people_do(shared, engine, tmp_path):
    judged = []
    for number in range(1, 5):
        folder = shared / "data" / "amvoc" / str(number)
        result = segmented(folder / f"rec_{number}.wav", engine, tmp_path)
        annotated = read_intervals(folder / f"gt_{number}.csv")
        judged.append(
            JudgedRecording(truth=annotated, found=read_intervals(result.folder / "calls.csv"))
        )
    scores = score_events(judged)
    assert scores.calls > 50
    assert scores.f1 >= 0.93


def test_every_real_image_gets_a_mask_of_the_networks_size(shared, engine, tmp_path):
    images = tmp_path / "All"
    images.mkdir()
    every = sorted((shared / "data" / "vocalmat" / "All").glob("*.png"))
    for path in every[::3]:
        shutil.copy(path, images)
    result = segmented(images, engine, tmp_path / "results")
    masks = sorted((result.folder / "masks").iterdir())
    assert result.folder.name == "All"
    assert [mask.stem for mask in masks] == sorted(path.stem for path in images.glob("*.png"))
    assert len(masks) == 24
    sizes, levels, with_call = set(), set(), []
    for path in masks:
        with Image.open(path) as mask:
            values = np.asarray(mask)
        sizes.add(values.shape)
        levels |= set(np.unique(values).tolist())
        with_call.append(bool(values.any()))
    assert (sizes, levels) == ({(512, 512)}, {0, 255})
    assert np.mean(with_call) > 0.5
    table = pd.read_csv(result.folder / "calls.csv")
    assert table["image"].nunique() == sum(with_call)
