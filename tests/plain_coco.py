"""COCO's run lengths decoded the plain way, sign by sign and pixel by pixel.

Written from what its tools say of the format, and apart from the package's own.
"""

from __future__ import annotations

import numpy as np


def plain_counts(text: str) -> list[int]:
    """The lengths that a compressed text holds."""
    counts: list[int] = []
    bits = ""
    for sign in text:
        six = f"{ord(sign) - 48:06b}"
        bits = six[1:] + bits
        if six[0] == "1":
            continue
        value = int(bits, 2) - (int(bits[0]) << len(bits))
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        bits = ""
    assert not bits, "the text breaks off"
    return counts


def plain_mask(segmentation: dict) -> np.ndarray:
    """(h, w) bool mask of an annotation's `segmentation`."""
    height, width = segmentation["size"]
    mask = np.zeros((height, width), bool)
    pixel = 0
    for at, count in enumerate(plain_counts(segmentation["counts"])):
        assert count >= 0
        for place in range(pixel, pixel + count * (at % 2)):
            mask[place % height, place // height] = True
        pixel += count
    assert pixel == height * width
    return mask
