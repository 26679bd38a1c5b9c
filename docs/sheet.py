"""Draw the sheet of synthetic pages in the guide: pages, and below each its true mask's outline.

python docs/sheet.py [FILE]
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import binary_erosion

from napari_squeakout import SynthesisSettings
from napari_squeakout.core.stacks import Page
from napari_squeakout.core.synthesis.pages import synthesise_pages

COLUMNS, ROWS, SIDE, GAP = 6, 3, 240, 6
#: Chosen for nothing but being other pages than those that the bundled model learned from.
SEED = 41
ORANGE = (255, 110, 0)


def drawn(page: Page, mask: NDArray[np.bool_]) -> Image.Image:
    """A page above itself with its mask's outline."""
    grey = np.repeat(np.rint(page * 255).astype(np.uint8)[..., None], 3, axis=2)
    outlined = grey.copy()
    outlined[mask & ~binary_erosion(mask, iterations=2)] = ORANGE
    sheet = Image.new("RGB", (SIDE, 2 * SIDE + GAP // 3), "white")
    for index, pixels in enumerate((grey, outlined)):
        small = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        sheet.paste(small, (0, index * (SIDE + GAP // 3)))
    return sheet


def main() -> None:
    """Write the sheet."""
    file = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures/synthetic.jpg")
    pairs = [
        drawn(*pair) for pair in synthesise_pages(COLUMNS * ROWS, SynthesisSettings(seed=SEED))
    ]
    width, height = pairs[0].size
    size = (COLUMNS * (width + GAP) - GAP, ROWS * (height + GAP) - GAP)
    sheet = Image.new("RGB", size, "white")
    places = itertools.product(range(ROWS), range(COLUMNS))
    for pair, (row, column) in zip(pairs, places, strict=True):
        sheet.paste(pair, (column * (width + GAP), row * (height + GAP)))
    sheet.save(file, quality=82)


if __name__ == "__main__":
    main()
