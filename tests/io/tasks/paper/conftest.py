"""A few images in VocalMat's folders, with masks, and settings that learn in seconds."""

from __future__ import annotations

import pytest
from paper_images import write_windows

from napari_squeakout.core.baselines.settings import BenchmarkSettings, UNetSettings
from napari_squeakout.core.training_settings import TrainSettings


@pytest.fixture
def windows(tmp_path):
    """Six images with calls and four of noise, as VocalMat's folders are, and masks beside."""
    return write_windows(tmp_path)


@pytest.fixture
def tiny():
    """Settings with which networks learn in seconds, and nothing much."""
    return {
        "unet": UNetSettings(width=2, side_px=32),
        "train": TrainSettings(epochs=1, batch_size=4, learning_rate=1e-3, crop_px=64),
        "benchmark": BenchmarkSettings(test_fraction=0.4, pictured=2),
    }
