"""Pages to learn from -> batches of varied crops, the same ones for the same seed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.training_settings import LearningSettings, TrainSettings

from .augmentation import paper_augmentation

# One to learn from and one to validate on.
_MIN_PAGES = 2


@dataclass(frozen=True)
class TrainingPages:
    """Pages to learn from.

    Parameters
    ----------
    pages : NDArray
        (n, 512, 512) uint8 grey; may be memory-mapped.
    masks : NDArray
        (n, 512, 512) bool, True where a call is.
    """

    pages: NDArray[np.uint8] = field(repr=False)
    masks: NDArray[np.bool_] = field(repr=False)

    def __post_init__(self) -> None:
        n_pages, *size = self.pages.shape
        if self.masks.shape != (n_pages, *size) or len(size) != 2 or n_pages < _MIN_PAGES:  # noqa: PLR2004 - height and width
            msg = (
                "training needs two or more pages and as many masks, "
                f"got {self.pages.shape} and {self.masks.shape}"
            )
            raise InputError(msg)


@dataclass(frozen=True)
class RotatingPages:
    """Pages that take turns in joining those learned from.

    Parameters
    ----------
    pages : NDArray
        (n,) page numbers.
    each : int
        So many join an epoch; after the last page comes the first again.
    """

    pages: NDArray[np.int64] = field(repr=False)
    each: int

    def of(self, epoch: int) -> NDArray[np.int64]:
        """(each,) those whose turn it is."""
        if not self.each:
            return self.pages[:0]
        return self.pages.take(np.arange(epoch * self.each, (epoch + 1) * self.each), mode="wrap")


NO_ROTATION = RotatingPages(np.zeros(0, np.int64), 0)


@dataclass(frozen=True)
class Part:
    """Which device of how many this is."""

    index: int = 0
    count: int = 1

    def of(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Every count-th of these; some are given twice where they do not come out even."""
        return np.resize(numbers, -(-len(numbers) // self.count) * self.count)[
            self.index :: self.count
        ]


class OwnRandomness:
    """Within it, torch draws on the CPU from this seed, going on where it was left."""

    def __init__(self, seed: int) -> None:
        self._inside = torch.Generator().manual_seed(seed).get_state()
        self._outside = self._inside

    def __enter__(self) -> None:
        self._outside = torch.get_rng_state()
        torch.set_rng_state(self._inside)

    def __exit__(self, *_: object) -> None:
        self._inside = torch.get_rng_state()
        torch.set_rng_state(self._outside)


def split_pages(
    n_pages: int, settings: TrainSettings
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Shuffled page numbers to learn from and to validate on; at least one of each."""
    order = np.random.default_rng(settings.seed).permutation(n_pages)
    n_check = min(max(1, round(settings.validation_fraction * n_pages)), n_pages - 1)
    return np.sort(order[n_check:]), np.sort(order[:n_check])


def batches_of_crops(
    data: TrainingPages,
    pages: NDArray[np.int64],
    settings: LearningSettings,
    epoch: int,
    part: Part = Part(),
    *,
    as_they_are: NDArray[np.int64] = NO_ROTATION.pages,
) -> Iterator[tuple[Tensor, Tensor]]:
    """One epoch of random crops, (n, 1, crop, crop) images and masks, float32.

    Where several devices share the work, each gets its part of every batch, all of one size. Crops
    of the pages `as_they_are` are not varied.
    """
    rng = np.random.default_rng([settings.seed, epoch])
    order = rng.permutation(pages)
    if part.count > 1:
        rng = rng.spawn(part.count)[part.index]
    randomness = OwnRandomness(settings.seed * 100_003 + epoch + part.index * 1_000_000_007)
    with randomness:
        augmentation = paper_augmentation() if settings.augment else None
    for first in range(0, len(order), settings.batch_size):
        mine = part.of(order[first : first + settings.batch_size])
        crops = [crop(data, int(i), settings, rng) for i in mine]
        image = torch.from_numpy(np.stack([c[0] for c in crops]))[:, None].float() / 255
        mask = torch.from_numpy(np.stack([c[1] for c in crops]))[:, None].float()
        if augmentation is not None:
            some = torch.from_numpy(~np.isin(mine, as_they_are))
            with randomness:
                if some.any():
                    image[some], mask[some] = varied(augmentation, image[some], mask[some])
        yield image, mask


def varied(augmentation: Any, image: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Images (n, 1, h, w) in 0..1 and masks, moved alike; masks stay 0 or 1."""
    with warnings.catch_warnings():
        # kornia leaves align_corners open when it bends masks; PyTorch's default is what we want.
        warnings.filterwarnings("ignore", message="Default grid_sample and affine_grid")
        image, mask = augmentation(image, mask)
    return image.clamp(0, 1), (mask > 0.5).float()  # noqa: PLR2004 - in or out


def crop(
    data: TrainingPages, index: int, settings: LearningSettings, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A random square of one page, often placed on a call."""
    page, mask = data.pages[index], data.masks[index]
    side, room = settings.crop_px, page.shape[0] - settings.crop_px
    corner = rng.integers(0, room + 1, 2)
    if room and rng.uniform() < settings.call_crop_fraction and mask.any():
        pixels = np.argwhere(mask)
        corner = np.clip(pixels[rng.integers(len(pixels))] - rng.integers(0, side, 2), 0, room)
    part = np.s_[corner[0] : corner[0] + side, corner[1] : corner[1] + side]
    return page[part], mask[part]
