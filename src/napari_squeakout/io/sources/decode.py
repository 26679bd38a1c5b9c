"""Image files -> the pixels of each page, and those pixels -> 8-bit grey."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from napari_squeakout.core.errors import InputError
from napari_squeakout.io.files import check_readable

from .arrays import mapped_array

#: Endings of the images that are taken from a folder: those that upstream SqueakOut takes.
IMAGE_SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff")
#: Larger images are refused, as Pillow does by default: they are bombs or mistakes.
MAX_PIXELS = 89_478_485

#: An 8-bit image as Pillow decodes it, or (h, w) or (h, w, 3 | 4) of deeper or real numbers.
Pixels: TypeAlias = Image.Image | NDArray[Any]

# Thirty hours of recording; each page of a file takes some memory before it is looked at.
_MOST_PAGES = 500_000
# Red, green, blue and transparency.
_MOST_SAMPLES = 4
_SAVE_AGAIN = "save it with numpy.save, without objects"
_TIFF_SUFFIXES = (".tif", ".tiff")
_MIN_IS_WHITE, _MIN_IS_BLACK, _RGB = 0, 1, 2
# LZW and faxes: damaged, they have imagecodecs read what is not there, which ends the process;
# libtiff, by which Pillow reads them, is tried with damaged files day and night.
_NOT_BY_IMAGECODECS = (2, 3, 4, 5)
# Of these Pillow gives one value a pixel back as it is.
_AS_IT_IS = tuple(np.dtype(name) for name in ("?", "u1", "u2", "i2", "i4", "f4"))
# Weights with which Pillow's convert("L") makes grey of red, green and blue (ITU-R 601-2).
_LUMINANCE = np.array([0.299, 0.587, 0.114])
# What Pillow, tifffile and imagecodecs raise on damaged files. Warnings are there for those who
# turn them into errors.
DECODING_ERRORS = (
    OSError, ValueError, TypeError, SyntaxError, LookupError, ArithmeticError, RuntimeError,
    EOFError, MemoryError, AttributeError, AssertionError, struct.error, zlib.error,
    zipfile.BadZipFile, tokenize.TokenError, Image.DecompressionBombError, Warning,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PageAddress:
    """Where one page lies.

    Parameters
    ----------
    path : Path
        The file.
    kind : {"image", "tiff", "npy", "npy stack"}
        How it is read; a plain npy holds one page.
    index : int
        Number of the page in the file, from 0.
    count : int
        Pages in the file.
    offset : int
        Byte at which a TIFF page's directory begins; with it a page is found without walking
        through all before it.
    """

    path: Path
    kind: Literal["image", "tiff", "npy", "npy stack"]
    index: int = 0
    count: int = 1
    offset: int = 0

    @property
    def name(self) -> str:
        """How an error calls it; pages count from 0, as wherever a person reads of them."""
        return str(self.path) if self.count == 1 else f"{self.path}, page {self.index}"


def find_pages(path: Path) -> list[PageAddress]:
    """Addresses of all pages of an image file; InputError where it cannot be opened."""
    suffix = path.suffix.lower()
    if suffix not in (*IMAGE_SUFFIXES, ".npy"):
        accepted = ", ".join((*IMAGE_SUFFIXES, ".npy"))
        msg = f"{path}: is not an image that can be read: convert it to one of {accepted}"
        raise InputError(msg)
    check_readable(path)
    try:
        if suffix == ".npy":
            return _npy_pages(path)
        if suffix in _TIFF_SUFFIXES:
            return _tiff_pages(path)
    except DECODING_ERRORS as error:
        raise _unreadable(str(path), error) from error
    return [PageAddress(path=path, kind="image")]


def decode(address: PageAddress) -> Pixels:
    """Pixels of one page, checked to be finite; InputError where they cannot be decoded."""
    try:
        pixels = _DECODERS[address.kind](address)
    except DECODING_ERRORS as error:
        raise _unreadable(address.name, error) from error
    if isinstance(pixels, np.ndarray) and not np.isfinite(pixels).all():
        msg = f"{address.name}: holds values that are not finite: replace them and save it again"
        raise InputError(msg)
    return pixels


def shape_of(pixels: Pixels) -> tuple[int, int]:
    """Height and width."""
    if isinstance(pixels, Image.Image):
        return pixels.height, pixels.width
    return int(pixels.shape[0]), int(pixels.shape[1])


def is_deep(pixels: Pixels) -> bool:
    """Whether there are more grey values than 8 bits hold, so that `eight_bit` scales them."""
    return not isinstance(pixels, Image.Image)


def eight_bit(pixels: Pixels) -> Image.Image:
    """An image that Pillow turns to grey without clipping.

    8-bit images are given back as they are. Deeper ones are scaled from their own minimum (black)
    to their own maximum (white), as VocalMat does (mat2gray); colour is turned to grey before.
    One without any contrast is black.
    """
    if isinstance(pixels, Image.Image):
        return pixels
    values = pixels.astype(np.float64)
    grey = values[..., :3] @ _LUMINANCE if values.ndim == 3 else values  # noqa: PLR2004 - colour
    # Halved first, so that the range of the largest floats is still a float.
    low, high = grey.min() / 2, grey.max() / 2
    scaled = (grey / 2 - low) / (high - low) if high > low else np.zeros_like(grey)
    return Image.fromarray(np.rint(scaled * 255).astype(np.uint8))


def _unreadable(name: str, error: BaseException) -> InputError:
    reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    if isinstance(error, UnidentifiedImageError):
        reason = "its content is no image of a known format"
    return InputError(f"{name}: cannot be decoded ({reason}): export it again as PNG or TIFF")


def check_size(name: str, height: int, width: int) -> None:
    """Refuse images without pixels, and bombs."""
    if not 0 < height * width <= MAX_PIXELS:
        msg = (
            f"{name}: has {width} x {height} pixels, not 1 to {MAX_PIXELS}: "
            "cut it into spectrograms of a usual size"
        )
        raise InputError(msg)


def _decode_image(address: PageAddress) -> Pixels:
    """One frame by Pillow: 8-bit modes stay images, the others become arrays."""
    with Image.open(address.path) as image:
        check_size(address.name, image.height, image.width)
        image.seek(address.index)
        image.load()
        if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
            return np.array(image)
        if image.mode == "P":
            # Pillow warns when a palette with transparency is turned to grey; transparency does
            # not change the grey.
            image.info.pop("transparency", None)
        return image.copy()


def _tiff_pages(path: Path) -> list[PageAddress]:
    with tifffile.TiffFile(path) as file:
        # ImageJ beyond 4 GB, among others, describes one page and lets the rest follow.
        if len(file.pages) == 1 and file.series[0].size > file.pages[0].size:
            shape = file.series[0].shape
            msg = f"{path}: holds {shape} values behind one TIFF page: save it as a plain TIFF"
            raise InputError(msg)
        return [
            PageAddress(
                path=path, kind="tiff", index=index, count=len(file.pages), offset=page.offset
            )
            for index, page in enumerate(file.pages)
            if not getattr(page, "is_reduced", False)
        ]


def is_left_to_pillow(page: tifffile.TiffPage) -> bool:
    """Whether a TIFF page has a palette, or other colours that only Pillow makes grey of."""
    known = page.photometric in {_MIN_IS_WHITE, _MIN_IS_BLACK, _RGB}
    return not known or page.bitspersample not in {1, 8, 16, 32, 64}


def is_safely_unpacked(page: tifffile.TiffPage | tifffile.TiffFrame) -> bool:
    """Whether a TIFF page is packed so that it can be given to imagecodecs, damaged or not."""
    return int(page.compression) not in _NOT_BY_IMAGECODECS


def _by_libtiff(address: PageAddress, page: tifffile.TiffPage) -> Pixels:
    """One page as Pillow reads it, where it does so without changing the values."""
    is_colour = page.samplesperpixel > 1 and page.dtype == np.uint8
    if not is_colour and (page.samplesperpixel > 1 or page.dtype not in _AS_IT_IS):
        msg = (
            f"{address.name}: is packed as LZW or fax, of which values of {page.dtype} cannot be "
            "read safely: save it unpacked, or packed as deflate (ZIP)"
        )
        raise InputError(msg)
    pixels = _decode_image(address)
    if isinstance(pixels, np.ndarray) and page.photometric == _MIN_IS_WHITE:
        return _turned_over(pixels)  # Pillow has done so with images alone
    return pixels


def _turned_over(values: NDArray[Any]) -> NDArray[Any]:
    return ~values if values.dtype.kind in "bu" else -values


def _decode_tiff(address: PageAddress) -> Pixels:
    """One page; what has a palette or odd colours is left to Pillow."""
    with tifffile.TiffFile(address.path) as file:
        file.filehandle.seek(address.offset)
        page = tifffile.TiffPage(file, index=address.index)
        check_size(address.name, page.imagelength, page.imagewidth)
        if is_left_to_pillow(page):
            return _decode_image(address)
        # A few bytes may say that there are thousands of values behind each pixel.
        if page.size > _MOST_SAMPLES * page.imagelength * page.imagewidth:
            raise _shows_nothing(address.name, page.dtype, page.shape)
        if not is_safely_unpacked(page):
            return _by_libtiff(address, page)
        values = page.asarray()
    if page.axes == "SYX":
        values = np.moveaxis(values, 0, -1)
    if page.photometric == _MIN_IS_WHITE:
        values = _turned_over(values)
    return _as_pixels(address.name, values)


def _npy_pages(path: Path) -> list[PageAddress]:
    values = mapped_array(path, remedy=_SAVE_AGAIN)
    colour = values.ndim >= 3 and values.shape[-1] in {3, 4}  # noqa: PLR2004 - (h, w, 3 | 4)
    n_axes = values.ndim - colour
    if n_axes not in {2, 3} or 0 in values.shape:
        msg = (
            f"{path}: has shape {values.shape}: save pages as (h, w), (n, h, w) or (n, h, w, 3 | 4)"
        )
        raise InputError(msg)
    if n_axes == 2:  # noqa: PLR2004 - (h, w)
        return [PageAddress(path=path, kind="npy")]
    count = int(values.shape[0])
    if count > _MOST_PAGES:
        msg = f"{path}: has {count:,} pages, more than {_MOST_PAGES:,}: save it in parts"
        raise InputError(msg)
    return [
        PageAddress(path=path, kind="npy stack", index=index, count=count) for index in range(count)
    ]


def _decode_npy(address: PageAddress) -> Pixels:
    values = mapped_array(address.path, remedy=_SAVE_AGAIN)
    page = values[address.index] if address.kind == "npy stack" else values
    check_size(address.name, page.shape[0], page.shape[1])
    return _as_pixels(address.name, np.array(page))


def _as_pixels(name: str, values: NDArray[Any]) -> Pixels:
    """8-bit and binary pages as Pillow has them, the others as they are."""
    n_samples = values.shape[2] if values.ndim == 3 else 1  # noqa: PLR2004 - (h, w, samples)
    is_page = values.ndim in {2, 3} and 0 < n_samples <= _MOST_SAMPLES
    if values.dtype.kind not in "buif" or not is_page:
        raise _shows_nothing(name, values.dtype, values.shape)
    if values.ndim == 3 and n_samples in {1, 2}:  # noqa: PLR2004 - grey, or grey and alpha
        values = values[..., 0]
    if values.dtype == np.bool_:
        values = values.astype(np.uint8) * np.uint8(255)
    return Image.fromarray(values) if values.dtype == np.uint8 else values


def _shows_nothing(name: str, dtype: Any, shape: tuple[int, ...]) -> InputError:
    return InputError(f"{name}: pages of {dtype} {shape} show nothing: save grey or RGB")


_DECODERS = {
    "image": _decode_image,
    "tiff": _decode_tiff,
    "npy": _decode_npy,
    "npy stack": _decode_npy,
}
