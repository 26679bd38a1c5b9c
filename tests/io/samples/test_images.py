"""Synthetic images like VocalMat's: their size, their folders, their exact masks."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.steps import run
from napari_squeakout.io.samples.images import writing_images
from napari_squeakout.io.tasks.paper.pairs import match


def test_calls_have_masks_and_noise_has_none(tmp_path):
    folder = run(writing_images(tmp_path / "set", calls=3, noise=2))
    pairs = match(folder / "images", folder / "masks").pairs
    read = [pair.read() for pair in pairs]
    assert [pair.image.is_noise for pair in pairs] == [False] * 3 + [True] * 2
    assert [bool(mask.any()) for _, mask in read] == [True] * 3 + [False] * 2
    with Image.open(pairs[0].image.path) as image:
        assert image.size == (227, 227)
    for page, mask in read[:3]:
        assert page[mask].mean() > page[~mask].mean() + 20  # calls are bright
    with pytest.raises(SqueakOutError, match="exists already"):
        run(writing_images(folder, calls=1, noise=0))


def test_the_same_seed_gives_the_same_images(tmp_path):
    pages = [
        np.asarray(Image.open(run(writing_images(tmp_path / name, calls=1, noise=0))
                              / "images" / "calls" / "calls_0000.png"))
        for name in ("one", "other")
    ]  # fmt: skip
    assert np.array_equal(*pages)
