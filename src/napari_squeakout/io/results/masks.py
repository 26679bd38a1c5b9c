"""Masks as images: one a page, or a TIFF of all pages."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.stacks import MaskStack
from napari_squeakout.io.files import atomic_file
from napari_squeakout.io.sources.decode import IMAGE_SUFFIXES, decode, find_pages

# Tags and directories take less than this part of a TIFF that may still be classic (32 bits).
_CLASSIC_TIFF_BYTES = 2**32 - 2**26
_LOSSY_SUFFIXES = (".jpeg", ".jpg")
_MID_GREY = 127


def write_page_masks(
    masks: MaskStack,
    folder: str | Path,
    size: Literal["page", "source"] = "page",
    *,
    without: Collection[int] = (),
) -> None:
    """Write one `<page name>.png` a page: 0 background, 255 call.

    Parameters
    ----------
    masks : MaskStack
        Pages of a recording, which have no names, are called `0000`, `0001`, ..., by their number.
    folder : str or Path
        Made if need be. Nothing in it is replaced: masks are called as their images are, and may be
        a person's own.
    size : {"page", "source"}
        512 x 512, or the source image's own size by nearest neighbour.
    without : collection of int
        Pages that get no file.

    Raises
    ------
    SqueakOutError
        If a file of one of these names is there already, or one cannot be written.
    ValueError
        If `size` is "source" and the pages come from no images.
    """
    layout = masks.layout
    if size == "source" and not layout.source_shapes:
        msg = f"{layout.source}: has no source images to take the size of: use size='page'"
        raise ValueError(msg)
    names = layout.page_names or [f"{index:04d}" for index in range(layout.n_pages)]
    there = next((name for name in names if (Path(folder) / f"{name}.png").exists()), None)
    if there is not None:
        msg = f"{folder}: has a {there}.png already, which may be an image: choose a new folder"
        raise SqueakOutError(msg)
    for index, name in enumerate(names):
        if index in without:
            continue
        image = Image.fromarray((np.asarray(masks.labels[index]) > 0).astype(np.uint8) * 255)
        if size == "source":
            height, width = layout.source_shapes[index]
            image = image.resize((width, height), Image.Resampling.NEAREST)
        with atomic_file(Path(folder) / f"{name}.png") as draft:
            image.save(draft)


def write_mask_tiff(masks: MaskStack, path: str | Path) -> None:
    """Write the call numbers of all pages as a TIFF with a slice a page, deflated.

    Parameters
    ----------
    masks : MaskStack
        Taken page by page, twice: the largest number decides between uint16 and uint32.
    path : str or Path
        File to write; it is a BigTIFF where 4 GB might not do.

    Raises
    ------
    SqueakOutError
        If it cannot be written.
    """
    highest = max((int(page.max()) for page in _label_pages(masks)), default=0)
    dtype = np.uint16 if highest <= np.iinfo(np.uint16).max else np.uint32
    n_bytes = int(np.prod(masks.layout.shape)) * np.dtype(dtype).itemsize
    with atomic_file(path) as draft:
        tifffile.imwrite(
            draft,
            (page.astype(dtype) for page in _label_pages(masks)),
            shape=masks.layout.shape,
            dtype=dtype,
            bigtiff=n_bytes > _CLASSIC_TIFF_BYTES,
            compression="zlib",
            photometric="minisblack",
            metadata={"axes": "ZYX"},
        )


def mask_files(folder: str | Path) -> dict[str, Path]:
    """Stem -> path of every image in a folder of masks, sorted by stem; nothing is opened.

    Raises
    ------
    InputError
        If there is no such folder, no image in it, or two of the same stem.
    """
    folder = Path(folder)
    if not folder.is_dir():
        msg = f"{folder}: is no folder: give the folder that holds the masks"
        raise InputError(msg)
    files: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in IMAGE_SUFFIXES or path.name.startswith("."):
            continue
        if path.stem in files:
            msg = f"{path}: has the same stem as {files[path.stem].name}: keep one of the two"
            raise InputError(msg)
        files[path.stem] = path
    if not files:
        msg = f"{folder}: holds no masks: give a folder with {', '.join(IMAGE_SUFFIXES)} files"
        raise InputError(msg)
    return files


def read_mask(path: str | Path) -> NDArray[np.bool_]:
    """(h, w) True where any channel of a mask image is above 0.

    In a JPEG, whose blacks are not exactly black beside an edge, where one is above mid-grey.
    Transparency does not count.

    Raises
    ------
    InputError
        If it is not one image that can be read.
    """
    path = Path(path)
    addresses = find_pages(path)
    if len(addresses) != 1:
        msg = f"{path}: holds {len(addresses)} pages: give one file a mask"
        raise InputError(msg)
    pixels = decode(addresses[0])
    values = np.asarray(pixels.convert("RGB") if isinstance(pixels, Image.Image) else pixels)
    limit = _MID_GREY if path.suffix.lower() in _LOSSY_SUFFIXES else 0
    mask: NDArray[np.bool_] = np.atleast_3d(values)[..., :3].max(axis=-1) > limit
    return mask


def page_sized(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(h, w) -> (512, 512), each pixel that of the nearest place."""
    return resized(mask, (PAGE_PX, PAGE_PX))


def resized(mask: NDArray[np.bool_], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """A mask at another size, each pixel that of the nearest place."""
    if mask.shape == shape:
        return mask
    return np.asarray(Image.fromarray(mask).resize(shape[::-1], Image.Resampling.NEAREST))


def paired_masks(
    truth: Mapping[str, Path], found: Mapping[str, Path]
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """(true, found) masks of each stem in `truth`; a found one of another size is brought to it."""
    for stem, path in truth.items():
        true = read_mask(path)
        yield true, resized(read_mask(found[stem]), true.shape)


def _label_pages(masks: MaskStack) -> Iterator[NDArray[np.integer]]:
    return (np.asarray(masks.labels[index]) for index in range(masks.layout.n_pages))
