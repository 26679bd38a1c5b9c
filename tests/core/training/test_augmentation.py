from __future__ import annotations

import pytest
import torch

from napari_squeakout.core.training.augmentation import RandomOffset, paper_augmentation
from napari_squeakout.core.training.batches import varied

SIDE = 96


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        yield


def pages(n):
    """Dark pages with one bright bar each, and masks that hold just the bar."""
    mask = torch.zeros(n, 1, SIDE, SIDE)
    mask[:, :, 30:54, 24:78] = 1
    return 0.2 + 0.6 * mask, mask


def varied_bars(n):
    image, mask = varied(paper_augmentation(), *pages(n))
    return image, mask


def test_masks_move_with_their_images():
    image, mask = varied_bars(64)
    moved = (mask != pages(64)[1]).flatten(1).any(dim=1)
    assert moved.float().mean() > 0.5
    for picture, where in zip(image[:, 0], mask[:, 0], strict=True):
        dark, bright = picture[where == 0].median(), picture[where == 1].median()
        assert bright - dark > 0.3
        region = (picture > (dark + bright) / 2).float()
        # Noise blurs the edge and speckles; a mask left behind would fall far below this.
        overlap = 2 * (region * where).sum() / (region.sum() + where.sum())
        assert overlap > 0.9


def test_images_stay_within_black_and_white_and_masks_are_in_or_out():
    for _ in range(4):
        image, mask = varied_bars(32)
        assert image.shape == mask.shape == (32, 1, SIDE, SIDE)
        assert torch.isfinite(image).all()
        assert image.min() >= 0
        assert image.max() <= 1
        assert set(mask.unique().tolist()) <= {0.0, 1.0}


def test_calls_are_moved_three_times_in_four():
    # 75 % affine, and elastic deformation in a quarter of the 33 % that get noise.
    _, mask = varied_bars(300)
    moved = (mask != pages(300)[1]).flatten(1).any(dim=1).float().mean()
    assert moved == pytest.approx(1 - 0.25 * (1 - 0.33 / 4), abs=0.09)


def test_some_pages_are_left_as_they_are():
    # Neither affine nor contrast nor blur nor noise: .25 x .75 x .75 x .67 = 9 %.
    image, _ = varied_bars(400)
    same = (image - pages(400)[0]).abs().flatten(1).amax(dim=1) < 1e-3
    assert same.float().mean() == pytest.approx(0.25 * 0.75 * 0.75 * 0.67, abs=0.06)


def test_each_page_is_varied_by_itself():
    image, _ = varied_bars(40)
    different = (image[:, None] - image[None]).abs().flatten(2).amax(dim=2) > 1e-3
    assert different.float().mean() > 0.9


def test_the_same_seed_varies_alike():
    torch.default_generator.manual_seed(7)
    first = varied_bars(8)
    torch.default_generator.manual_seed(7)
    second = varied_bars(8)
    for a, b in zip(first, second, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0)


def test_the_axes_of_a_page_stay_readable():
    # A horizontal line, a constant tone, must not become a sweep of more than a few degrees.
    image = torch.zeros(100, 1, SIDE, SIDE)
    image[:, :, 46:50] = 1
    _, line = varied(paper_augmentation(), image, image)
    for where in line[:, 0]:
        columns = where.any(dim=0).nonzero().ravel()
        if len(columns) < SIDE // 2:
            continue
        rows = torch.arange(SIDE, dtype=torch.float32)[:, None]
        centre = (rows * where).sum(0)[columns] / where.sum(0)[columns]
        assert (centre[-8:].mean() - centre[:8].mean()).abs() < 0.2 * SIDE


def test_frequency_noise_is_the_same_all_along_a_row():
    image = torch.full((2, 1, SIDE, SIDE), 0.5)
    noisy = RandomOffset(0.04, each_row=True, p=1.0)(image) - image
    assert noisy.std(dim=-1).max() < 1e-6
    assert noisy[..., 0].std() == pytest.approx(0.04, rel=0.25)


def test_additive_noise_is_one_offset_a_page():
    image = torch.full((200, 1, 8, 8), 0.5)
    offset = (RandomOffset(0.06, each_row=False, p=1.0)(image) - image).flatten(1)
    assert offset.std(dim=1).max() < 1e-6
    assert offset[:, 0].std() == pytest.approx(0.06, rel=0.2)
    assert offset.mean() == pytest.approx(0, abs=0.02)
