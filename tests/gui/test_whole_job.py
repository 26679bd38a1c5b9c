"""The window as it is delivered: its own reader, its own model, one click."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from qtpy.QtCore import QThreadPool
from windows import bars, click, text, wait_until_idle

from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ
from napari_squeakout.core.synthesis.pages import synthesise_recording
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.gui.layers.samples import synthetic_recording
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.models.registry import list_models

NAME = "napari-squeakout"
SECONDS, SEED = 2.2, 8


@pytest.fixture
def sample(tmp_path):
    """A recording as a file, and (n, 512, 512) the numbers of its true calls."""
    scenes = synthesise_recording(SECONDS, SynthesisSettings(seed=SEED, empty_fraction=0))
    path = tmp_path / "mice.wav"
    samples = np.concatenate([scene.samples for scene in scenes])
    soundfile.write(path, samples, SAMPLE_RATE_HZ, "FLOAT")
    _, (truth, _, _) = synthetic_recording(SECONDS, seed=SEED)
    return path, truth


def test_one_click_on_segment_puts_calls_on_the_calls(make_napari_viewer_proxy, qtbot, sample):
    if not any(entry.name == BUNDLED_MODEL and entry.installed for entry in list_models()):
        pytest.skip(f"needs the weights of {BUNDLED_MODEL}")
    path, truth = sample
    viewer = make_napari_viewer_proxy()
    viewer.open(path, plugin=NAME)
    _, dock = viewer.window.add_plugin_dock_widget(NAME)
    dock.segment_panel.models.look_once()  # as when it is shown; windows of tests are not
    wait_until_idle(qtbot, dock)
    assert not text(dock, "segment_rendering")
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    assert f"Segmented {len(truth)} pages of mice" in text(dock, "segment_message")
    marked = np.asarray(viewer.layers["mice calls"].data) > 0
    true_calls = range(1, int(truth.max()) + 1)
    covered = np.array([marked[truth == call].mean() for call in true_calls])
    # A quarter are so faint, or so wholly echo, that their masks are a guess.
    assert (covered > 0.5).mean() >= 0.75
    # Masks reach to where a call can barely be seen.
    assert marked[truth > 0].mean() >= 0.75
    assert marked[truth == 0].mean() < 0.01
    for bar in bars(dock):
        bar.job.abandon()
    assert QThreadPool.globalInstance().waitForDone(10_000)
