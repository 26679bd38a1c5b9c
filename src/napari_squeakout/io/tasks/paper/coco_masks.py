"""A COCO data set -> the mask of each of its images, from run lengths and polygons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.export.run_lengths import lengths_in, mask_of
from napari_squeakout.io.files import check_readable
from napari_squeakout.io.plain_files import finite_json

_MOST_PIXELS = 89_478_485


@dataclass(frozen=True)
class CocoMasks:
    """The masks of a data set.

    Parameters
    ----------
    path : Path
        Its JSON.
    images : mapping
        File name of each image -> its entry.
    annotations : mapping
        Number of an image -> its annotations.
    """

    path: Path
    images: Mapping[str, Mapping[str, Any]] = field(repr=False)
    annotations: Mapping[Any, list[Mapping[str, Any]]] = field(repr=False)

    def mask(self, file_name: str) -> NDArray[np.bool_]:
        """(h, w) all calls of one image; InputError where they are damaged."""
        entry = self.images[file_name]
        try:
            height, width = int(entry["height"]), int(entry["width"])
            if not 0 < height * width <= _MOST_PIXELS:
                msg = f"{width} x {height} px is no size"
                raise ValueError(msg)
            mask = np.zeros((height, width), bool)
            for one in self.annotations.get(entry["id"], []):
                mask |= _mask_of(one["segmentation"], (height, width))
        except (LookupError, TypeError, ValueError, OverflowError) as error:
            msg = f"{self.path}: the calls of {file_name} are damaged ({error}): export it again"
            raise InputError(msg) from error
        return mask


def read_coco(path: Path) -> CocoMasks:
    """Read a COCO data set; InputError where it is none."""
    check_readable(path)
    try:
        known = finite_json(path.read_text(encoding="utf-8"))
        images = {str(image["file_name"]): image for image in known["images"]}
        annotations: dict[Any, list[Mapping[str, Any]]] = {}
        for one in known["annotations"]:
            annotations.setdefault(one["image_id"], []).append(one)
    except (OSError, KeyError, TypeError, ValueError, RecursionError) as error:
        msg = f"{path}: is no COCO data set: give JSON with images and annotations"
        raise InputError(msg) from error
    return CocoMasks(path, images, annotations)


def _mask_of(segmentation: Any, shape: tuple[int, int]) -> NDArray[np.bool_]:
    if isinstance(segmentation, Mapping):
        counts = segmentation["counts"]
        size = tuple(int(side) for side in segmentation["size"])
        if size != shape:
            msg = f"its run lengths are of {size[1]} x {size[0]} px"
            raise ValueError(msg)
        return mask_of(lengths_in(counts) if isinstance(counts, str) else list(counts), shape)
    drawn = Image.new("1", shape[::-1])
    pen = ImageDraw.Draw(drawn)
    for polygon in segmentation:
        points = [float(value) for value in polygon]
        pen.polygon(list(zip(points[::2], points[1::2], strict=True)), fill=1)
    return np.asarray(drawn)
