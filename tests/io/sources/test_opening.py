"""What a person chose becomes stacks of pages."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from fakes import RATE_HZ, sound
from PIL import Image

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.settings import ImageSettings, RecordingSettings, RenderSettings
from napari_squeakout.core.steps import run
from napari_squeakout.io.sources.opening import opening


def opened(*paths):
    return run(opening(paths, RecordingSettings(), RenderSettings(), ImageSettings()))


@pytest.mark.parametrize("name", ["mouse.wav", "mouse.dat", "mouse"])
def test_what_is_no_image_is_read_as_sound_whatever_it_is_called(tmp_path, name):
    with (tmp_path / name).open("wb") as file:
        soundfile.write(file, sound(0.3, (0.1, 0.2, 70e3)), RATE_HZ, format="WAV")
    (stack,) = opened(tmp_path / name)
    assert stack.origin.kind == "recording"


def test_recordings_open_one_by_one_and_images_together(tmp_path):
    soundfile.write(tmp_path / "mouse.wav", sound(0.3), RATE_HZ)
    files = [tmp_path / "b.png", tmp_path / "mouse.wav", tmp_path / "a.PNG"]
    for path in (files[0], files[2]):
        Image.fromarray(np.eye(512, dtype=np.uint8) * 255).save(path)
    recording, images = opened(*files)
    assert (recording.origin.kind, images.origin.kind) == ("recording", "images")
    assert images.layout.n_pages == 2


@pytest.mark.parametrize("name", ["notes.txt", "c.gif"])
def test_what_is_neither_costs_the_images_beside_it_nothing(tmp_path, name):
    files = [tmp_path / "a.png", tmp_path / name, tmp_path / "b.png"]
    for path in (files[0], files[2]):
        Image.fromarray(np.eye(512, dtype=np.uint8) * 255).save(path)
    files[1].write_text("mouse 3, cage 7")
    (images,) = opened(*files)
    assert images.layout.n_pages == 2
    assert [text for text in images.unreadable if name in text]


def test_what_is_neither_is_told_by_its_name(tmp_path):
    (tmp_path / "notes.txt").write_text("mouse 3, cage 7")
    with pytest.raises(InputError, match=r"notes\.txt"):
        opened(tmp_path / "notes.txt")
