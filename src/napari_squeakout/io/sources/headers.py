"""Headers of image files -> what a page is, without decoding it, where they can be trusted."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

from napari_squeakout.core.errors import InputError

from .arrays import mapped_array
from .decode import DECODING_ERRORS, PageAddress, check_size, is_left_to_pillow

#: Height and width, and whether there are more grey values than 8 bits hold.
Look = tuple[tuple[int, int], bool]

#: With what a file ends that is all there; of other formats only decoding says whether it is.
_ENDS = {"PNG": b"IEND\xaeB`\x82", "JPEG": b"\xff\xd9"}


def glance(address: PageAddress) -> Look | None:
    """Size and depth of a page by its header.

    Parameters
    ----------
    address : PageAddress
        Where it lies.

    Returns
    -------
    ((int, int), bool) or None
        Height and width, and whether it is deeper than 8 bits. None where the header is odd or
        the file looks cut short: then decoding has to tell, and says what is wrong.
    """
    try:
        return _GLANCES[address.kind](address)
    except (InputError, *DECODING_ERRORS):
        return None


def _glance_at_image(address: PageAddress) -> Look | None:
    with Image.open(address.path) as image:
        check_size(address.name, image.height, image.width)
        end = _ENDS.get(image.format or "")
        if end is None or not _ends_with(address.path, end):
            return None
        deep = image.mode in {"I", "F"} or image.mode.startswith("I;16")
        return (image.height, image.width), deep


def _glance_at_tiff(address: PageAddress) -> Look | None:
    with tifffile.TiffFile(address.path) as file:
        file.filehandle.seek(address.offset)
        page = tifffile.TiffPage(file, index=address.index)
        check_size(address.name, page.imagelength, page.imagewidth)
        strips = zip(page.dataoffsets, page.databytecounts, strict=True)
        is_whole = all(start + length <= file.filehandle.size for start, length in strips)
        if is_left_to_pillow(page) or page.dtype is None or not is_whole:
            return None
        return (page.imagelength, page.imagewidth), _is_deep(page.dtype)


def _glance_at_npy(address: PageAddress) -> Look | None:
    values = mapped_array(address.path, remedy="decode it")
    height, width = values.shape[1:3] if address.kind == "npy stack" else values.shape[:2]
    check_size(address.name, height, width)
    # Complex numbers and the like are refused in a sentence when they are decoded.
    return ((height, width), _is_deep(values.dtype)) if values.dtype.kind in "buif" else None


def _is_deep(dtype: np.dtype) -> bool:
    return dtype not in {np.dtype(np.uint8), np.dtype(np.bool_)}


def _ends_with(path: Path, end: bytes) -> bool:
    with path.open("rb") as file:
        file.seek(-len(end), os.SEEK_END)
        return file.read() == end


_GLANCES = {
    "image": _glance_at_image,
    "tiff": _glance_at_tiff,
    "npy": _glance_at_npy,
    "npy stack": _glance_at_npy,
}
