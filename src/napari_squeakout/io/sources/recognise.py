"""Which files look like spectrograms, so that others' images are left alone."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from natsort import natsorted
from PIL import Image

from napari_squeakout.core.errors import InputError

from .decode import IMAGE_SUFFIXES, Pixels, decode, find_pages, shape_of

#: Sides of the square images that VocalMat and SqueakOut write.
USUAL_SIDES_PX = (227, 512)


def looks_like_pages(path: str | Path) -> bool:
    """Whether a file's first page is grey, square and of a usual size; never raises."""
    path = Path(path)
    if path.suffix.lower() != ".npy" and not _may_be_usual(path):
        return False
    try:
        pixels = decode(find_pages(path)[0])
    except (InputError, IndexError):
        return False
    return _is_usual(shape_of(pixels)) and _is_grey(pixels)


def first_image(folder: str | Path) -> Path | None:
    """The first image of a folder in natural order; None without any."""
    try:
        files = [path for path in Path(folder).iterdir() if not path.name.startswith(".")]
    except OSError:
        return None
    images = [path for path in files if path.suffix.lower() in IMAGE_SUFFIXES]
    return natsorted(images, key=lambda path: path.name)[0] if images else None


def _may_be_usual(path: Path) -> bool:
    """Look at the header alone, so that a large image of another kind costs nothing."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path) as image:
            return _is_usual((image.height, image.width))
    # SyntaxError: what Pillow raises on some broken headers.
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


def _is_usual(shape: tuple[int, int]) -> bool:
    return shape[0] == shape[1] and shape[0] in USUAL_SIDES_PX


def _is_grey(pixels: Pixels) -> bool:
    values = np.asarray(pixels.convert("RGB") if isinstance(pixels, Image.Image) else pixels)
    colours = np.atleast_3d(values)[..., :3]
    return bool((colours == colours[..., :1]).all())
