"""Black and white swapped: told of pages that are, and of no others."""

from __future__ import annotations

import numpy as np
import pytest
from fakes import RATE_HZ, sound
from PIL import Image

from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.polarity import are_swapped
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.rendering.spectrogram import network_input


def pages_of(samples, rate_hz=RATE_HZ):
    stack = render(Recording.from_array(samples, sample_rate_hz=rate_hz))
    return [stack.page(index) for index in range(stack.layout.n_pages)]


def noise(n, seed=0):
    return np.random.default_rng(seed).normal(0, 0.003, n)


@pytest.mark.parametrize(
    "pages",
    [
        pages_of(sound(1.0)),
        pages_of(noise(200_000)),
        pages_of(noise(150_000), 192_000),
        pages_of(noise(200_000) + 0.05 * np.sin(2 * np.pi * 62e3 * np.arange(200_000) / RATE_HZ)),
    ],
    ids=["calls", "noise", "half a band", "a tone"],
)
def test_pages_are_told_from_the_same_with_black_and_white_swapped(pages):
    assert not are_swapped(pages)
    assert are_swapped([1 - page for page in pages])


def test_windows_of_vocalmat_are_told(shared):
    files = sorted((shared / "data" / "vocalmat" / "All").glob("*.png"))[::4]
    pages = [network_input(Image.open(path)) for path in files]
    assert not are_swapped(pages)
    assert are_swapped([1 - page for page in pages])
    assert not any(are_swapped([page]) for page in pages)
    assert all(are_swapped([1 - page]) for page in pages)


def test_pages_that_show_nothing_are_not_swapped():
    assert not are_swapped([])
    assert not are_swapped([np.zeros((512, 512), np.float32), np.ones((512, 512), np.float32)])
    stripes = np.tile(np.linspace(0, 1, 512, dtype=np.float32)[:, None], (1, 512))
    assert not are_swapped([stripes])
