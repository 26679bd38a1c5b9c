"""What is true beside a model's work: what is wrong with a file is told before the work."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from fakes import RATE_HZ, BrightPixels, sound
from PIL import Image

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.steps import run
from napari_squeakout.io.results.evaluation import judging_images, judging_recordings
from napari_squeakout.io.results.run_record import RunSettings


@pytest.fixture
def unasked():
    """A network that nobody may ask."""
    return BrightPixels(lambda _: pytest.fail("it was asked before all was known to be there"))


@pytest.mark.parametrize("wrong", ["table", "recording", "too low a rate"])
def test_what_is_wrong_with_the_last_recording_is_told_before_any_is_segmented(
    tmp_path, unasked, wrong
):
    recordings, tables = [], []
    for name in ("first", "last"):
        recordings.append(tmp_path / f"{name}.wav")
        tables.append(tmp_path / f"{name}.csv")
        soundfile.write(recordings[-1], sound(0.44, (0.1, 0.2, 70_000)), RATE_HZ)
        tables[-1].write_text("start_s,end_s\n0.1,0.2\n")
    if wrong == "table":
        tables[-1].write_text("start_s,end_s\n100,200\n")
    elif wrong == "recording":
        recordings[-1].write_bytes(b"no sound")
    else:
        soundfile.write(recordings[-1], sound(0.44), 8_000)
    with pytest.raises(InputError, match="last"):
        run(judging_recordings(tables, recordings, unasked, RunSettings()))


def test_what_is_wrong_with_a_true_mask_is_told_before_any_image_is_segmented(tmp_path, unasked):
    for kind in ("images", "masks"):
        (tmp_path / kind).mkdir()
        for name in ("a", "b"):
            grey = np.random.default_rng(0).integers(0, 255, (64, 64)).astype(np.uint8)
            Image.fromarray(grey).save(tmp_path / kind / f"{name}.png")
    (tmp_path / "masks" / "b.png").write_bytes(b"no image")
    with pytest.raises(InputError, match=r"b\.png"):
        run(judging_images(tmp_path / "masks", tmp_path / "images", unasked, RunSettings()))


def test_a_model_judged_on_pages_that_it_was_not_made_for_is_told(tmp_path):
    recording, table = tmp_path / "rec.wav", tmp_path / "rec.csv"
    soundfile.write(recording, sound(0.44, (0.1, 0.2, 70_000)), RATE_HZ)
    table.write_text("start_s,end_s\n0.1,0.2\n")
    told = {}
    for low_hz in (45_000, 30_000):
        settled = RunSettings(render=RenderSettings(low_hz=low_hz))
        [judged] = run(judging_recordings([table], [recording], BrightPixels(), settled)).values()
        told[low_hz] = judged.notes
    assert told[45_000] == ()
    (note,) = told[30_000]
    assert note.startswith(f"{recording}: bright was made for pages of 221 ms and 45-125 kHz")
