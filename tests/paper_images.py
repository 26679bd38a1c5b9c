"""Images as VocalMat's, drawn by hand: a bright stroke on speckle, or a click and no call."""

from __future__ import annotations

import numpy as np
from PIL import Image

SIDE = 227


def drawn(seed, *, call=True):
    """An image and its mask, (227, 227) uint8 and bool."""
    rng = np.random.default_rng(seed)
    image = rng.normal(160, 6, (SIDE, SIDE))
    mask = np.zeros((SIDE, SIDE), bool)
    if call:
        top, left = rng.integers(40, 150, 2)
        mask[top : top + 9, left : left + 50] = True
        image[mask] = 245
    else:
        image[:, 100:103] += 40
    return image.clip(0, 255).astype(np.uint8), mask


def save(folder, name, image, mask=None, masks=None):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(folder / name)
    if masks is not None:
        (masks / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(mask.astype(np.uint8) * 255).save(masks / name)


def write_windows(folder):
    """Write six images with calls and four of noise, and their masks; gives both folders."""
    images, masks = folder / "images", folder / "masks"
    for index in range(6):
        save(images, f"flat/{index}.png", *drawn(index), masks=masks)
    for index in range(4):
        save(images, f"noise_dist/{index}.png", *drawn(50 + index, call=False), masks=masks)
    return images, masks
