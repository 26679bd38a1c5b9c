"""Masks of a result folder -> numbered calls, if they are those of its table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from natsort import natsorted
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError, one_line
from napari_squeakout.core.layout import PAGE_PX, Grid, Layout
from napari_squeakout.core.rendering.spectrogram import image_grid
from napari_squeakout.core.settings import CleanSettings, ImageSettings
from napari_squeakout.core.stacks import CallTable, MaskStack
from napari_squeakout.io.results.masks import mask_files, read_mask
from napari_squeakout.io.scratch import page_array
from napari_squeakout.io.sources.decode import DECODING_ERRORS, is_safely_unpacked

_TIFF, _FOLDER = "masks.tif", "masks"
_PIXELS = Grid(1.0, 1.0, 0.0)
_MOST_PAGES = 10_000_000


def kept_masks(
    folder: Path, known: Mapping[str, Any], calls: CallTable, cleaned: CleanSettings | None
) -> MaskStack:
    """The masks of a result, each call by its number in the table.

    Parameters
    ----------
    folder : Path
        The result.
    known : mapping
        Its record.
    calls : DataFrame
        Its table.
    cleaned : CleanSettings or None
        What made the calls.

    Raises
    ------
    InputError
        If no masks are kept, or they are not those of the table.
    """
    n_pages = known["pages"]
    if not 0 < n_pages <= _MOST_PAGES:
        msg = f"{folder}: tells of {n_pages} pages, which are none: segment again"
        raise InputError(msg)
    if (folder / _TIFF).is_file():
        layout = Layout(source=folder.name, n_pages=n_pages)
        labels = _numbered_pages(folder / _TIFF, layout)
        _check_numbers(folder, labels, calls)
        return MaskStack(labels, layout, cleaned)
    if "image" in calls.columns and (folder / _FOLDER).is_dir():
        return _image_masks(folder, known, calls, cleaned)
    msg = (
        f"{folder}: keeps no masks that tell its calls apart: segment again with --masks, or "
        "export its session"
    )
    raise InputError(msg)


def _numbered_pages(path: Path, layout: Layout) -> NDArray[Any]:
    try:
        with tifffile.TiffFile(path) as file:
            if len(file.pages) != layout.n_pages:
                msg = f"{path}: has {len(file.pages)} pages, not {layout.n_pages}: segment again"
                raise InputError(msg)
            labels = page_array(layout.shape, np.int32, sparse=True)
            for index, page in enumerate(file.pages):
                # Asked before it is unpacked: a damaged page may say that it is any size.
                is_page = page.shape == (PAGE_PX, PAGE_PX) and is_safely_unpacked(page)
                if not is_page or page.dtype is None or page.dtype.kind != "u":
                    msg = f"{path}: page {index} is no page of call numbers: segment again"
                    raise InputError(msg)
                values = page.asarray()
                if values.any():
                    labels[index] = values
    except DECODING_ERRORS as error:
        msg = f"{path}: cannot be read ({one_line(error)}): segment again"
        raise InputError(msg) from error
    return labels


def _check_numbers(folder: Path, labels: NDArray[Any], calls: CallTable) -> None:
    """Refuse masks and a table that tell of other calls than each other."""
    area: Counter[int] = Counter()
    for page in labels:
        numbers, n_pixels = np.unique(page[page > 0], return_counts=True)
        area.update(dict(zip(numbers.tolist(), n_pixels.tolist(), strict=True)))
    if area != _told_areas(folder, calls):
        msg = (
            f"{folder}: its masks and its table are not of the same calls ({len(area)} and "
            f"{len(calls)}): segment again, or export its session"
        )
        raise InputError(msg)


def _told_areas(place: Path, calls: CallTable) -> dict[int, int]:
    """Number and pixels of each call, as the table has them."""
    areas = calls.get("area_px")
    if areas is None or not np.isfinite(areas).all() or calls["call"].duplicated().any():
        msg = f"{place}: its table does not say how large each call is: segment again"
        raise InputError(msg)
    return dict(zip(calls["call"].tolist(), areas.astype(int).tolist(), strict=True))


# --- images, whose masks are without numbers ----------------------------------------------------


def _image_masks(
    folder: Path, known: Mapping[str, Any], calls: CallTable, cleaned: CleanSettings | None
) -> MaskStack:
    """Numbered masks of images: each pixel is that of the one call in whose box it lies."""
    files = mask_files(folder / _FOLDER)
    names = _page_names(folder, known, calls, list(files))
    layout = Layout(source=folder.name, n_pages=known["pages"], page_names=tuple(names))
    labels = page_array(layout.shape, np.int32, sparse=True)
    grid = image_grid(ImageSettings.model_validate(known["settings"].get("images") or {}))
    by_page = dict(list(calls.groupby("page")))
    for index, name in enumerate(names):
        if name not in files:
            continue
        mask = read_mask(files[name])
        if mask.shape != (PAGE_PX, PAGE_PX):
            msg = (
                f"{files[name]}: has {mask.shape[1]} x {mask.shape[0]} pixels, its calls were "
                "measured on 512 x 512: segment again with --mask-size page"
            )
            raise InputError(msg)
        own = by_page.get(index, calls.iloc[:0])
        labels[index] = _told_apart(mask, own, grid or _PIXELS, files[name])
    return MaskStack(labels, layout, cleaned)


def _page_names(
    folder: Path, known: Mapping[str, Any], calls: CallTable, stems: list[str]
) -> list[str]:
    """Name of each page: that of its calls, else the next mask in natural order."""
    named = {int(page): str(name) for page, name in zip(calls["page"], calls["image"], strict=True)}
    unknown = set(known["not_segmented"])
    free = iter(natsorted(stem for stem in stems if stem not in set(named.values())))
    names = []
    for page in range(known["pages"]):
        name = named.get(page) or ("" if page in unknown else next(free, None))
        if name is None or (page in named and name not in stems):
            msg = f"{folder}: has no mask for each of its {known['pages']} images: segment again"
            raise InputError(msg)
        names.append(name or f"not segmented {page}")
    if next(free, None) is not None or (named and max(named) >= known["pages"]):
        msg = f"{folder}: has more masks than its {known['pages']} images: segment again"
        raise InputError(msg)
    return names


def _told_apart(
    mask: NDArray[np.bool_], calls: CallTable, grid: Grid, path: Path
) -> NDArray[np.int32]:
    labels = np.zeros(mask.shape, np.int32)
    n_boxes = np.zeros(mask.shape, np.uint16)
    for call in calls.to_dict("records"):
        box = _box(call, grid)
        labels[box][mask[box]] = call["call"]
        n_boxes[box] += 1
    areas = {int(n): int((labels == n).sum()) for n in calls["call"]}
    if (mask & (n_boxes != 1)).any() or areas != _told_areas(path, calls):
        msg = (
            f"{path}: does not tell its calls apart, or they are not those of the table: segment "
            "again, or export its session"
        )
        raise InputError(msg)
    return labels


def _box(call: Mapping[Any, Any], grid: Grid) -> tuple[slice, slice]:
    """Rows and columns of a page that a call of the table takes; none where a cell is empty."""
    unit_x, unit_y = ("px", "px") if "start_px" in call else ("s", "hz")
    edges = [call[f"{edge}_{unit_x}"] for edge in ("start", "end")]
    edges += [call[f"{edge}_{unit_y}"] for edge in ("low", "high")]
    if not np.isfinite(edges).all():
        return slice(0), slice(0)
    left, right = (round(edge / grid.seconds_per_column) for edge in edges[:2])
    low, high = (round((edge - grid.low_hz) / grid.hz_per_row) for edge in edges[2:])
    return slice(PAGE_PX - high, PAGE_PX - low), slice(left, right)
