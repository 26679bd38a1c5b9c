"""Real recordings and windows are near to what the bundled model learned from, absurd ones far."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soundfile
from fakes import RATE_HZ, sound
from PIL import Image

from napari_squeakout.core.model.domain import domain_shift_reasons
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.settings import ImageSettings, RenderSettings
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.models.registry import load_model
from napari_squeakout.io.sources.images import read_images
from napari_squeakout.io.sources.opening import open_recording
from napari_squeakout.io.sources.stack_domain import domain_of_stack, polarity_warning


@pytest.fixture(scope="module")
def bundled():
    return load_model(BUNDLED_MODEL).card.domain


@pytest.mark.parametrize("number", [1, 2, 3, 4, 8])
def test_nothing_is_said_of_real_recordings(shared, bundled, number):
    file = shared / "data" / "amvoc" / str(number) / f"rec_{number}.wav"
    assert domain_shift_reasons(bundled, domain_of_stack(open_recording(file), "noise")) == ()


def test_nothing_is_said_of_another_labs_recording_or_of_windows_as_vocalmat_writes_them(
    shared, bundled
):
    clip = open_recording(shared / "data" / "clips" / "BM003.wav")
    windows = read_images(shared / "data" / "vocalmat" / "All")
    for stack in (clip, windows):
        assert domain_shift_reasons(bundled, domain_of_stack(stack, "noise")) == ()
    inverted = replace(windows, pages=1 - np.asarray(windows.pages), view=None)
    assert "black and white are swapped" in polarity_warning(inverted)


def test_the_rate_of_a_recording_counts(tmp_path, bundled):
    soundfile.write(tmp_path / "a.wav", sound(1.0)[::2], RATE_HZ // 2)
    stack = open_recording(tmp_path / "a.wav", rendering=RenderSettings(low_hz=30_000))
    assert domain_of_stack(stack, "noise").sample_rates_hz == (125_000,)
    assert domain_shift_reasons(bundled, domain_of_stack(stack, "noise"))[0].startswith(
        "sampled at 125 kHz"
    )


def test_the_rate_of_sound_from_no_file_counts_too():
    stack = render(
        Recording.from_array(sound(1.0)[::2], sample_rate_hz=RATE_HZ // 2),
        RenderSettings(low_hz=30_000),
    )
    assert domain_of_stack(stack, "noise").sample_rates_hz == (125_000,)


@pytest.mark.parametrize("milliseconds", [5, 20, 68])
def test_nothing_is_said_of_a_clip_of_one_call(shared, bundled, tmp_path, milliseconds):
    samples, rate_hz = soundfile.read(shared / "data/amvoc/1/rec_1.wav")
    onset_s = np.loadtxt(shared / "data/amvoc/1/gt_1.csv", delimiter=",")[2, 0]
    first = round((onset_s + 0.005) * rate_hz)
    clip = samples[first : first + round(milliseconds * rate_hz / 1000)]
    soundfile.write(tmp_path / "clip.wav", clip, rate_hz)
    stack = open_recording(tmp_path / "clip.wav")
    assert domain_shift_reasons(bundled, domain_of_stack(stack, "noise")) == ()


def test_images_that_show_calls_dark_on_white_are_told_and_read_with_invert(tmp_path):
    soundfile.write(tmp_path / "a.wav", sound(0.5), RATE_HZ)
    stack = open_recording(tmp_path / "a.wav")
    assert polarity_warning(stack) is None
    grey = np.rint(255 * stack.page(0)).astype(np.uint8)
    for name, values in (("right", grey), ("swapped", 255 - grey)):
        Image.fromarray(values).save(tmp_path / f"{name}.png")
    assert polarity_warning(read_images(tmp_path / "right.png")) is None
    said = polarity_warning(read_images(tmp_path / "swapped.png"))
    assert said.startswith("black and white are swapped")
    assert said.endswith("open them with invert")
    mended = read_images(tmp_path / "swapped.png", ImageSettings(invert=True))
    assert polarity_warning(mended) is None
    np.testing.assert_array_equal(mended.page(0), read_images(tmp_path / "right.png").page(0))
    np.testing.assert_array_equal(np.asarray(mended.pages[0]), mended.page(0))
    wrong = read_images(tmp_path / "right.png", ImageSettings(invert=True))
    assert polarity_warning(wrong).endswith("open them without invert")
