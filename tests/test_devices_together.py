"""Training that several devices share: the real command, which starts itself once for each."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import numpy as np
import pytest

from napari_squeakout.core.training.batches import Part, TrainingPages, batches_of_crops
from napari_squeakout.core.training_settings import TrainSettings

TRAIN = "train --synthetic 6 --epochs 2 --crop-px 64 --batch-size 4 --validation-fraction 0.3"


def test_devices_share_a_batch_and_none_goes_without():
    numbers = np.arange(5)
    parts = [Part(index, 2).of(numbers) for index in range(2)]
    assert [len(part) for part in parts] == [3, 3]
    assert set(np.concatenate(parts)) == set(numbers)
    assert Part().of(numbers).tolist() == numbers.tolist()


def test_devices_see_other_crops_of_the_same_pages():
    rng = np.random.default_rng(0)
    pages = rng.integers(0, 255, (8, 128, 128)).astype(np.uint8)
    data = TrainingPages(pages, pages > 250)
    settings = TrainSettings(crop_px=64, batch_size=4, augment=False)
    seen = [
        [image for image, _ in batches_of_crops(data, np.arange(8), settings, 0, Part(i, 2))]
        for i in range(2)
    ]
    assert [len(batches) for batches in seen] == [2, 2]
    assert all(len(batch) == 2 for batches in seen for batch in batches)
    assert not any(a.equal(b) for a, b in zip(*seen, strict=True))


@pytest.mark.skipif(sys.platform == "win32", reason="gloo on Windows needs a network name")
def test_two_processes_train_one_model(tmp_path):
    home = {**os.environ, "NAPARI_SQUEAKOUT_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "napari_squeakout.cli", *TRAIN.split()]
    done = subprocess.run(
        [*command, "--name", "together", "--devices", "2"],
        env=home, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Starting with 2 processes" in done.stdout + done.stderr
    # One of them tells, and writes.
    assert len(re.findall("validation Dice", done.stdout)) == 1
    assert (tmp_path / "models" / "together.json").exists()
