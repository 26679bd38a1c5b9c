"""The methods of the table: an image in, a mask out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from fakes import BrightPixels

from napari_squeakout.core.baselines import unet
from napari_squeakout.core.baselines.methods import Learned, Named, Null, VocalMat
from napari_squeakout.core.baselines.settings import UNetSettings
from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.core.optional_packages import needed
from napari_squeakout.core.settings import RenderSettings

SMALL = UNetSettings(width=2, side_px=32)


@pytest.fixture
def page():
    image = np.random.default_rng(1).normal(0.6, 0.03, (512, 512)).clip(0, 1).astype(np.float32)
    image[200:220, 100:300] = 1
    return image


@pytest.fixture
def methods():
    pytest.importorskip("monai")
    return [
        Null(),
        VocalMat(),
        Learned("U-Net", unet.UNet(SMALL), 0.5),
        Learned("SqueakOut", SqueakOut().eval(), 0.5),
        Named(BrightPixels()),
    ]


def test_each_gives_a_mask_of_the_images_size(methods, page):
    masks = [method(page) for method in methods]
    assert {(mask.shape, mask.dtype) for mask in masks} == {((512, 512), np.dtype(bool))}
    assert [method.name for method in methods] == [
        "Null", "VocalMat", "U-Net", "SqueakOut", "bright",
    ]  # fmt: skip


def test_the_null_row_finds_nothing(page):
    assert not Null()(page).any()


def test_a_model_is_shown_what_its_card_says_that_grey_means(page):
    seen = []

    def answer(pages):
        seen.append(pages[0])
        return np.zeros(pages.shape, np.uint8)

    engine = BrightPixels(answer)
    Named(engine)(page)
    engine.model.card = ModelCard(name="bright", rendering=RenderSettings(levels="noise"))
    Named(engine)(page)
    assert np.array_equal(seen[0], page)
    assert not np.allclose(seen[1], page)


def test_the_u_net_takes_pages_and_crops_and_begins_with_the_weights_of_its_seed():
    pytest.importorskip("monai")
    before = torch.get_rng_state()
    one, same, other = (unet.UNet(SMALL.model_copy(update={"unet_seed": s})) for s in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), before)
    pages = torch.rand(2, 1, 512, 512)
    with torch.inference_mode():
        first, second, third = (network.eval()(pages) for network in (one, same, other))
    assert first.shape == pages.shape
    assert torch.equal(first, second)
    assert not torch.equal(first, third)
    crop = pages[:1, :, :64, :64]
    assert one.train()(crop).shape == crop.shape


def test_without_its_library_the_u_net_says_what_to_install(monkeypatch):
    def missing(_package, extra, what):
        return needed("no_such_library", extra, what)

    monkeypatch.setattr(unet, "needed", missing)
    with pytest.raises(SqueakOutError, match=r'the U-Net needs .*napari-squeakout\[paper\]"'):
        unet.UNet(SMALL)
