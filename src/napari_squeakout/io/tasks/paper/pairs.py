"""Images and their masks, matched in any layout; what does not go together, in a sentence each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.rendering.spectrogram import network_input
from napari_squeakout.io.results.masks import page_sized, read_mask
from napari_squeakout.io.sources.decode import (
    IMAGE_SUFFIXES,
    decode,
    eight_bit,
    find_pages,
    shape_of,
)

from .coco_masks import CocoMasks, read_coco
from .places import ImageFile, images_in

_LOSSY = (".jpeg", ".jpg")
_TWO_VALUES = 2


@dataclass(frozen=True)
class CocoMask:
    """The mask of an image in a COCO data set, by what it calls the image."""

    known: CocoMasks
    name: str


@dataclass(frozen=True)
class Pair:
    """An image and where its mask is: a file, or a COCO data set."""

    image: ImageFile
    mask: Path | CocoMask

    @property
    def mask_name(self) -> str:
        """How an error calls the mask."""
        return str(self.mask if isinstance(self.mask, Path) else self.mask.known.path)

    def read(self) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """Page and mask, (512, 512) each.

        Raises
        ------
        InputError
            If either cannot be read, the mask has more than two values, or is of a size that is
            neither the image's nor 512 x 512.
        """
        page, shape = read_page(self.image.path)
        if isinstance(self.mask, Path):
            mask = read_two_valued(self.mask)
        else:
            mask = self.mask.known.mask(self.mask.name)
        if mask.shape not in {shape, (PAGE_PX, PAGE_PX)}:
            msg = (
                f"{self.mask_name}: is {mask.shape[1]} x {mask.shape[0]} px, its image "
                f"{self.image.path.name} {shape[1]} x {shape[0]}: save it at that size, or at "
                f"{PAGE_PX} x {PAGE_PX}"
            )
            raise InputError(msg)
        return page, page_sized(mask)


@dataclass(frozen=True)
class Matched:
    """What was found to go together.

    Parameters
    ----------
    pairs : tuple of Pair
        In natural order of the images.
    without_mask : tuple of str
        Images that have none.
    without_image : tuple of str
        Masks that have none.
    """

    pairs: tuple[Pair, ...]
    without_mask: tuple[str, ...] = ()
    without_image: tuple[str, ...] = ()


def match(images: Path, masks: Path, table: Path | None = None) -> Matched:
    """Match images and masks.

    Parameters
    ----------
    images : Path
        Images, or a folder of them for each class.
    masks : Path
        Masks of the same stems: in one folder, in folders of the same classes, or called
        `class_stem`; or the JSON of a COCO data set.
    table : Path, optional
        As for `images_in`.

    Raises
    ------
    InputError
        If a folder or the data set cannot be used, or nothing goes together.
    """
    files = images_in(images, table)
    if masks.suffix.lower() == ".json":
        known = read_coco(masks)
        counts = Counter(file.path.name for file in files)
        names = {file: _name_in(known, file, alone=counts[file.path.name] == 1) for file in files}
        used = set(names.values())
        rest = [name for name in known.images if name not in used]
        coco = {file: CocoMask(known, name) for file, name in names.items() if name}
        return _matched(files, coco, rest, f"{images} and {masks}")
    counts = Counter(file.path.stem for file in files)
    there = _Masks(masks)
    found = {
        file: path
        for file in files
        if (path := there.of(file, images, alone=counts[file.path.stem] == 1))
    }
    used_paths = set(found.values())
    left = [str(path) for path in there.by_key.values() if path not in used_paths]
    return _matched(files, found, left, f"{images} and {masks}")


def read_page(path: Path) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """An image as SqueakOut takes it, (512, 512) uint8, and its own height and width.

    Raises
    ------
    InputError
        If it is not one image that can be read.
    """
    addresses = find_pages(path)
    if len(addresses) != 1:
        msg = f"{path}: holds {len(addresses)} pages: give one file an image"
        raise InputError(msg)
    pixels = decode(addresses[0])
    page = np.rint(network_input(eight_bit(pixels)) * 255).astype(np.uint8)
    return page, shape_of(pixels)


def read_two_valued(path: Path) -> NDArray[np.bool_]:
    """(h, w) mask; InputError where it is no mask of two values, as a picture is.

    A JPEG has more, beside each edge, and is cut at mid-grey.
    """
    mask = read_mask(path)
    if path.suffix.lower() in _LOSSY:
        return mask
    pixels = decode(find_pages(path)[0])
    values = np.asarray(pixels.convert("RGB") if isinstance(pixels, Image.Image) else pixels)
    distinct = len(np.unique(np.atleast_3d(values)[..., :3].max(axis=-1)))
    if distinct > _TWO_VALUES or (distinct == _TWO_VALUES and mask.all()):
        msg = (
            f"{path}: holds {distinct} values where a mask has 0 and one other: save calls as "
            "white on black"
        )
        raise InputError(msg)
    return mask


def _matched(
    files: Sequence[ImageFile],
    found: dict[ImageFile, Path] | dict[ImageFile, CocoMask],
    left: Sequence[str],
    where: str,
) -> Matched:
    if not found:
        msg = (
            f"{where}: no image has a mask of its name, {files[0].path.name} for one: call both "
            f"alike ({', '.join(IMAGE_SUFFIXES)})"
        )
        raise InputError(msg)
    return Matched(
        tuple(Pair(file, found[file]) for file in files if file in found),
        tuple(str(file.path) for file in files if file not in found),
        tuple(left),
    )


class _Masks:
    """Files of masks by folder and stem.

    Parameters
    ----------
    folder : Path
        As for `match`.
    """

    def __init__(self, folder: Path) -> None:
        self.by_key: dict[tuple[str, str], Path] = {}
        self._by_stem: dict[str, Path] = {}
        for one in images_in(folder):
            key = (one.kind, one.path.stem)
            if key in self.by_key:
                msg = f"{one.path}: has the same stem as {self.by_key[key].name}: keep one of them"
                raise InputError(msg)
            self.by_key[key] = one.path
            self._by_stem.setdefault(one.path.stem, one.path)

    def of(self, image: ImageFile, images: Path, *, alone: bool) -> Path | None:
        """That in the folder of its name, or of its whole name, or of its stem if it is alone."""
        # Not its class: a table may call it as another folder is called.
        inside = image.path.relative_to(images).parent.name
        keys = [(inside, image.path.stem), ("", image.name)]
        if alone:
            keys.append(("", image.path.stem))
        path = next((self.by_key[key] for key in keys if key in self.by_key), None)
        return path or (self._by_stem.get(image.path.stem) if alone else None)


def _name_in(known: CocoMasks, file: ImageFile, *, alone: bool) -> str | None:
    """What a data set calls an image; by its bare name if no other image has it."""
    path = file.path
    names = [f"{path.parent.name}/{path.name}", f"{file.name}{path.suffix}"]
    if alone:
        names.append(path.name)
    return next((name for name in names if name in known.images), None)
