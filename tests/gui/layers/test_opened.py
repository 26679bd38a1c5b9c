"""A file that is open already is gone to."""

from __future__ import annotations

import os

import pytest
from napari.components import ViewerModel

from napari_squeakout.core.settings import RecordingSettings, RenderSettings
from napari_squeakout.gui.layers.layers import open_stack
from napari_squeakout.gui.layers.opened import gone_to
from napari_squeakout.io.sources.opening import open_recording


@pytest.fixture
def opened(recording):
    """A viewer that shows tones.wav, but acts on nothing."""
    viewer = ViewerModel()
    image = open_stack(viewer, open_recording(recording))
    viewer.layers.selection.active = None
    return viewer, image


def test_a_file_opened_again_is_gone_to_and_that_is_said(opened, recording):
    viewer, image = opened
    said = gone_to(viewer, open_recording(os.path.relpath(recording)))
    assert said == "tones is open already, and shown now."
    assert viewer.layers.selection.active == image


@pytest.mark.parametrize(
    "settings",
    [(RecordingSettings(time_expansion=1), None), (None, RenderSettings(levels="page"))],
)
def test_a_file_read_otherwise_is_another_source(opened, recording, settings):
    viewer, _ = opened
    assert not gone_to(viewer, open_recording(recording, *settings))
    assert viewer.layers.selection.active is None


def test_a_file_that_was_changed_since_is_another_source(opened, recording):
    viewer, _ = opened
    content = bytearray(recording.read_bytes())
    content[-2] ^= 255
    os.utime(recording, ns=(0, 0))
    recording.write_bytes(content)
    assert not gone_to(viewer, open_recording(recording))


def test_the_same_sound_in_another_file_is_another_source(opened, recording):
    viewer, _ = opened
    copy = recording.with_name("copy.wav")
    copy.write_bytes(recording.read_bytes())
    assert not gone_to(viewer, open_recording(copy))


def test_a_picture_that_has_gone_is_opened_again(opened, recording):
    viewer, image = opened
    viewer.layers.remove(image)
    assert not gone_to(viewer, open_recording(recording))
