from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_squeakout.core.layout import Layout
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.gui.layers.contrast import (
    CLEAR,
    NETWORK,
    PER_PAGE,
    WHOLE,
    contrast_limits,
    depends_on_page,
    has_our_limits,
    set_limits,
)
from napari_squeakout.gui.layers.layers import open_stack


def images(pages):
    layout = Layout(source="images", n_pages=len(pages))
    return SpectrogramStack(pages=np.zeros(layout.shape, np.float32), layout=layout)


def recording(loudness=1.0, levels="noise"):
    """0.4 s of noise with a call of 80 kHz that stands out by about 20 dB."""
    rng = np.random.default_rng(0)
    sound = 0.01 * rng.standard_normal(100_000)
    at = np.arange(25_000, 37_500)
    sound[at] += 0.01 * np.sin(2 * np.pi * 80_000 * at / 250_000)
    made = Recording.from_array(loudness * sound, sample_rate_hz=250_000, name="rec")
    return render(made, RenderSettings(levels=levels))


def shown(image, page):
    """Brightness on the screen, 0..1."""
    low, high = image.contrast_limits
    return np.clip((image.data[page] - low) / (high - low), 0, 1)


@pytest.mark.parametrize("loudness", [0.01, 1.0, 50.0])
def test_a_recording_is_first_seen_with_a_dark_floor_and_bright_calls(loudness):
    stack = recording(loudness)
    image = open_stack(ViewerModel(), stack)
    page = shown(image, 0)
    assert np.median(page) == 0  # grey snow before
    assert page.mean() < 0.1
    row = int(512 - (80_000 - stack.layout.grid.low_hz) / stack.layout.grid.hz_per_row)
    assert np.median(page[row - 1 : row + 2, 260:320]) > 0.5
    assert has_our_limits(image)


def test_noise_levelled_pages_have_the_same_limits_whatever_is_on_them():
    stack = recording()
    limits = [contrast_limits(stack, stack.pages, page, CLEAR) for page in (0, 1)]
    assert limits[0] == limits[1]
    assert not depends_on_page(stack, CLEAR)


def test_images_are_shown_by_each_page_as_nothing_says_what_their_grey_means():
    pages = np.stack([np.full((8, 8), 0.2), np.linspace(0.4, 0.8, 64).reshape(8, 8)])
    stack = images(pages)
    for how in (CLEAR, PER_PAGE):
        low, high = contrast_limits(stack, pages, 1, how)
        assert 0.4 < low < high <= 0.8
        assert contrast_limits(stack, pages, 0, how) == (0.0, 1.0)
        assert depends_on_page(stack, how)
    low, high = contrast_limits(stack, pages, 0, WHOLE)
    assert low == pytest.approx(0.2)


def test_the_network_s_way_is_black_and_white_as_they_are_in_the_pages():
    pages = np.zeros((2, 8, 8))
    assert contrast_limits(images(pages), pages, 0, NETWORK) == (0.0, 1.0)
    assert contrast_limits(images(pages), pages.astype(np.uint8), 0, NETWORK) == (0.0, 255.0)
    assert contrast_limits(recording(), pages, 0, NETWORK) == (0.0, 1.0)


def test_limits_set_by_hand_are_known_from_ours():
    image = open_stack(ViewerModel(), recording())
    set_limits(image, (0.2, 0.8))
    assert has_our_limits(image)
    image.contrast_limits = (0.2, 0.7)
    assert not has_our_limits(image)
    assert not has_our_limits(ViewerModel().add_image(np.zeros((4, 4))))
