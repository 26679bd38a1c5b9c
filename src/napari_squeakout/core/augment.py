"""Vary training pages as the paper does: affine, contrast, blur and noise, masks moved alike."""

from __future__ import annotations

import torch
from kornia.augmentation import (
    AugmentationSequential,
    ImageSequential,
    IntensityAugmentationBase2D,
    RandomAffine,
    RandomContrast,
    RandomElasticTransform,
    RandomGaussianBlur,
    RandomGaussianNoise,
)
from torch import Tensor


class RandomFrequencyNoise(IntensityAugmentationBase2D):
    """Noise that is the same along time: each frequency row gets its own offset."""

    def __init__(self, std: float = 0.04, p: float = 0.5) -> None:
        super().__init__(p=p, same_on_batch=False)
        self.std = std

    def apply_transform(
        self,
        input: Tensor,  # noqa: A002 - kornia's signature, here and below
        params: dict[str, Tensor],  # noqa: ARG002
        flags: dict[str, object],  # noqa: ARG002
        transform: Tensor | None = None,  # noqa: ARG002
    ) -> Tensor:
        """(n, 1, h, w) -> the same with an offset a row."""
        rows = torch.randn(*input.shape[:3], 1, dtype=input.dtype, device=input.device)
        return input + self.std * rows


class RandomAdditiveNoise(IntensityAugmentationBase2D):
    """A brighter or darker page: one offset for all pixels."""

    def __init__(self, limit: float = 0.1, p: float = 0.5) -> None:
        super().__init__(p=p, same_on_batch=False)
        self.limit = limit

    def apply_transform(
        self,
        input: Tensor,  # noqa: A002 - kornia's signature, here and below
        params: dict[str, Tensor],  # noqa: ARG002
        flags: dict[str, object],  # noqa: ARG002
        transform: Tensor | None = None,  # noqa: ARG002
    ) -> Tensor:
        """(n, 1, h, w) -> the same plus an offset an image."""
        offset = torch.rand(len(input), 1, 1, 1, dtype=input.dtype, device=input.device)
        return input + self.limit * (2 * offset - 1)


def paper_augmentation() -> AugmentationSequential:
    """Augmentation with the paper's probabilities.

    75 % affine, 25 % contrast, 25 % blur, 33 % one of additive, Gaussian and frequency noise and
    elastic deformation. Strengths are not in the paper: these keep a page's axes readable.

    Returns
    -------
    AugmentationSequential
        Call it with images (n, 1, h, w), 0..1, and masks of the same shape.
    """
    return AugmentationSequential(
        RandomAffine(
            degrees=2.0,
            translate=(0.1, 0.1),
            scale=(0.9, 1.15),
            shear=(-3.0, 3.0),
            padding_mode="reflection",
            p=0.75,
        ),
        RandomContrast((0.75, 1.2), p=0.25),
        RandomGaussianBlur((5, 5), (0.3, 1.2), p=0.25),
        ImageSequential(
            RandomAdditiveNoise(p=0.33),
            RandomGaussianNoise(std=0.04, p=0.33),
            RandomFrequencyNoise(p=0.33),
            RandomElasticTransform((63, 63), (16.0, 16.0), (0.3, 0.3), p=0.33),
            random_apply=1,
        ),
        data_keys=["input", "mask"],
        same_on_batch=False,
    )
