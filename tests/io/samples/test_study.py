"""A study to try group comparisons on: one group calls all the time, the other falls silent."""

from __future__ import annotations

import pandas as pd
import pytest
import soundfile

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.steps import run
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.samples.study import writing_study

SECONDS = 1.5


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab") / "study"
    settings = SynthesisSettings(seed=4, min_snr_db=20)
    return run(writing_study(folder, animals=2, seconds=SECONDS, settings=settings))


def test_each_animal_has_a_recording_of_that_length_and_a_group(study):
    subjects = pd.read_csv(study / "subjects.csv")
    assert list(subjects["recording"]) == ["m1_WT", "m2_WT", "m3_KO", "m4_KO"]
    assert list(subjects["group"]) == ["WT", "WT", "KO", "KO"]
    for name in subjects["recording"]:
        assert soundfile.info(study / f"{name}.wav").duration == pytest.approx(SECONDS)


def test_the_ones_call_to_the_end_and_the_others_fall_silent(study):
    ends = {path.stem: pd.read_csv(path)["end_s"].max() for path in study.glob("truth/*.csv")}
    assert all(end < 0.4 * SECONDS for name, end in ends.items() if name.endswith("KO"))
    assert all(end > 0.6 * SECONDS for name, end in ends.items() if name.endswith("WT"))


def test_no_two_animals_sound_alike(study):
    sounds = {path.read_bytes() for path in study.glob("*.wav")}
    assert len(sounds) == 4


def test_what_is_there_already_stays(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(SqueakOutError):
        run(writing_study(tmp_path, animals=1, seconds=0.5, settings=SynthesisSettings()))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
