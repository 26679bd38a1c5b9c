"""Draw `docs/pictures/augmentations.png`: what the paper's augmentation does to a page.

python docs/augmentations.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from kornia.augmentation import (
    AugmentationSequential,
    RandomAffine,
    RandomContrast,
    RandomElasticTransform,
    RandomGaussianBlur,
    RandomGaussianNoise,
)
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import binary_dilation

from napari_squeakout.core.synthesis.pages import drawn_pages
from napari_squeakout.core.training.augmentation import RandomOffset, paper_augmentation
from napari_squeakout.core.training.batches import OwnRandomness, varied
from napari_squeakout.io.samples.images import PUP_BOX

OUT = Path(__file__).parent / "pictures" / "augmentations.png"
SIDE, GAP, HEAD, COLUMNS, SEED = 256, 12, 30, 5, 7
AT_LEAST = 0.02  # of the page is of calls: there is something to see
LINE, PAPER, INK = (255, 106, 61), (255, 255, 255), (28, 30, 33)


def parts() -> dict[str, tuple[object, ...]]:
    """Each part of it alone and for certain, by what the paper calls it; then all together."""
    ours = paper_augmentation()
    affine, contrast, blur, one_of = ours.children()
    assert isinstance(affine, RandomAffine)
    assert isinstance(contrast, RandomContrast)
    assert isinstance(blur, RandomGaussianBlur)
    offset, noise, rows, elastic = one_of.children()
    assert isinstance(offset, RandomOffset)
    assert isinstance(noise, RandomGaussianNoise)
    assert isinstance(elastic, RandomElasticTransform)
    named = {
        "affine (75 %)": affine, "contrast (25 %)": contrast, "blur (25 %)": blur,
        "additive noise": offset, "Gaussian noise": noise, "frequency noise": rows,
        "elastic": elastic,
    }  # fmt: skip
    for part in named.values():
        part.p = 1.0
        part.p_batch = 1.0
    return {name: (part,) for name, part in named.items()}


def main() -> None:
    """Draw it."""
    page = next(
        one for one in drawn_pages(64, PUP_BOX, levels="page") if one.mask.mean() > AT_LEAST
    )
    image = torch.from_numpy(page.page.copy())[None, None]
    mask = torch.from_numpy(page.mask.copy())[None, None].float()
    shown = [("as it is", page.page, page.mask)]
    with OwnRandomness(SEED):
        for name, children in parts().items():
            alone = AugmentationSequential(*children, data_keys=["input", "mask"])
            shown.append((name, *arrays(*varied(alone, image.clone(), mask.clone()))))
        for _ in range(2):
            whole = varied(paper_augmentation(), image.clone(), mask.clone())
            shown.append(("all, as drawn", *arrays(*whole)))
    sheet(shown).save(OUT)
    print(OUT)


def arrays(image: torch.Tensor, mask: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """(h, w) each."""
    return image[0, 0].numpy(), mask[0, 0].numpy() > 0


def sheet(shown: list[tuple[str, np.ndarray, np.ndarray]]) -> Image.Image:
    """All of them with the border of the mask drawn around."""
    rows = -(-len(shown) // COLUMNS)
    size = (COLUMNS * (SIDE + GAP) + GAP, rows * (SIDE + HEAD + GAP) + GAP)
    drawn = Image.new("RGB", size, PAPER)
    draw, font = ImageDraw.Draw(drawn), ImageFont.load_default(size=16)
    for place, (name, page, mask) in enumerate(shown):
        left = GAP + (place % COLUMNS) * (SIDE + GAP)
        top = GAP + (place // COLUMNS) * (SIDE + HEAD + GAP)
        draw.text((left, top + 4), name, INK, font)
        picture = np.repeat(np.rint(page * 255).astype(np.uint8)[..., None], 3, axis=2)
        picture[binary_dilation(mask, np.ones((5, 5), bool)) & ~mask] = LINE
        small = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BOX)
        drawn.paste(small, (left, top + HEAD))
    return drawn


if __name__ == "__main__":
    main()
