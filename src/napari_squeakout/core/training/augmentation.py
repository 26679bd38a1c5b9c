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


class RandomOffset(IntensityAugmentationBase2D):
    """Brighter or darker: one normal offset for an image, or for each of its frequency rows."""

    def __init__(self, std: float, *, each_row: bool, p: float = 0.5) -> None:
        super().__init__(p=p, same_on_batch=False)
        self.std, self.each_row = std, each_row

    def apply_transform(
        self,
        input: Tensor,  # noqa: A002 - kornia's signature
        params: dict[str, Tensor],  # noqa: ARG002
        flags: dict[str, object],  # noqa: ARG002
        transform: Tensor | None = None,  # noqa: ARG002
    ) -> Tensor:
        """(n, 1, h, w) -> the same with its offsets."""
        rows = input.shape[2] if self.each_row else 1
        offsets = torch.randn(len(input), 1, rows, 1, dtype=input.dtype, device=input.device)
        return input + self.std * offsets


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
            RandomOffset(0.06, each_row=False, p=0.33),
            RandomGaussianNoise(std=0.04, p=0.33),
            RandomOffset(0.04, each_row=True, p=0.33),
            RandomElasticTransform((63, 63), (16.0, 16.0), (0.3, 0.3), p=0.33),
            random_apply=1,
        ),
        data_keys=["input", "mask"],
        same_on_batch=False,
    )
