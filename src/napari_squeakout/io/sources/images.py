"""Spectrogram images -> a stack of pages, decoded when they are looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
from natsort import natsorted
from numpy.typing import NDArray
from PIL import ImageOps

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.rendering.spectrogram import image_grid, network_input
from napari_squeakout.core.settings import ImageSettings
from napari_squeakout.core.stacks import Origin, Page, SpectrogramStack
from napari_squeakout.core.steps import Progress, Steps, run

from .decode import IMAGE_SUFFIXES, PageAddress, decode, eight_bit, find_pages, is_deep, shape_of
from .headers import Look, glance


@dataclass(kw_only=True)
class _Found:
    """What reading has come upon so far."""

    pages: list[PageAddress] = field(default_factory=list)
    shapes: list[tuple[int, int]] = field(default_factory=list)
    n_deep: int = 0
    unreadable: list[str] = field(default_factory=list)


def read_images(
    path_or_paths: str | Path | Sequence[str | Path], settings: ImageSettings | None = None
) -> SpectrogramStack:
    """Open spectrogram images; every page is decoded once to check it, and again when looked at.

    Parameters
    ----------
    path_or_paths : str, Path or sequence of them
        A folder (its images in natural order, folders in it are not entered), an image, a TIFF of
        one or more pages, an npy file (h, w), (n, h, w) or (n, h, w, 3 | 4), or several files.
        Grey or colour; 8-bit images are taken as upstream SqueakOut takes them, deeper ones and
        real numbers are first scaled from their own minimum to their own maximum.
    settings : ImageSettings, optional
        What an image spans in time and frequency, and whether its black and white are swapped.

    Returns
    -------
    SpectrogramStack
        Pages (n, 512, 512) float32 as a lazy dask array, one a chunk. What could not be read is
        in `unreadable`, one sentence each.

    Raises
    ------
    InputError
        If nothing at all can be read.
    """
    return run(reading_images(path_or_paths, settings))


def reading_images(
    path_or_paths: str | Path | Sequence[str | Path],
    settings: ImageSettings | None = None,
    *,
    check: bool = True,
) -> Steps[SpectrogramStack]:
    """`read_images` in steps of one file, for a progress bar and for cancelling.

    Without `check` a page is decoded only if its header cannot be trusted: thousands open in a
    moment, and one that is broken inside raises InputError when it is looked at.
    """
    source, asked, files = _files_of(path_or_paths)
    found = _Found()
    for done, path in enumerate(files):
        yield Progress(done, len(files), "files")
        _look_into(path, found, check=check)
    yield Progress(len(files), len(files), "files")
    if not found.pages:
        raise _nothing_readable(asked, files, found.unreadable)
    return _stack(source, found, settings or ImageSettings())


def page_names(pages: Sequence[PageAddress]) -> tuple[str, ...]:
    """A name for each page, fit for a file: the stem, and the page's number in a file of several.

    The number counts from 0, as in the window and in the column `page` beside the name.

    Files of one stem keep their suffix (`a_png`), and their folder's name where that is not
    enough. Names that differ in capitals only count as the same, as on Windows and macOS.
    """
    files = list(dict.fromkeys(page.path for page in pages))
    stems = dict(zip(files, _distinct(files), strict=True))
    names = [
        stems[page.path] if page.count == 1 else f"{stems[page.path]}_{page.index:04d}"
        for page in pages
    ]
    return tuple(numbered(names))


def _files_of(
    path_or_paths: str | Path | Sequence[str | Path],
) -> tuple[str, str, list[Path]]:
    """Name of the source, what the user asked for, and the files that means."""
    if not isinstance(path_or_paths, str | Path):
        files = [Path(path) for path in path_or_paths]
        parents = {path.absolute().parent for path in files}
        source = parents.pop().name if len(parents) == 1 else files[0].stem if files else ""
        return source or "images", "the list of images", files
    path = Path(path_or_paths)
    if not path.is_dir():
        return path.stem, str(path), [path]
    try:
        files = [file for file in path.iterdir() if _is_folder_image(file)]
    except OSError as error:
        msg = f"{path}: may not be read ({error.strerror}): ask for permission or copy it elsewhere"
        raise InputError(msg) from error
    return path.resolve().name, str(path), natsorted(files, key=lambda file: file.name)


def _is_folder_image(path: Path) -> bool:
    """Hidden files are left out: macOS puts a `._a.png` that is no image beside each `a.png`."""
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")


def _look_into(path: Path, found: _Found, *, check: bool) -> None:
    """Look at every page of a file and take down what is there."""
    try:
        addresses = find_pages(path)
    except InputError as error:
        found.unreadable.append(str(error))
        return
    for address in addresses:
        try:
            shape, deep = (None if check else glance(address)) or _decoded(address)
        except InputError as error:
            found.unreadable.append(str(error))
            continue
        found.pages.append(address)
        found.shapes.append(shape)
        found.n_deep += deep


def _decoded(address: PageAddress) -> Look:
    pixels = decode(address)
    return shape_of(pixels), is_deep(pixels)


def _nothing_readable(asked: str, files: Sequence[Path], unreadable: Sequence[str]) -> InputError:
    if len(unreadable) == 1:
        return InputError(unreadable[0])
    accepted = ", ".join(IMAGE_SUFFIXES)
    if not files:
        return InputError(f"{asked}: holds no images: choose another with {accepted} files in it")
    return InputError(
        f"{asked}: none of {len(files)} files can be read, give {accepted} files; "
        f"the first is {unreadable[0]}"
        if unreadable
        else f"{asked}: holds no pages: give {accepted} files"
    )


def _stack(source: str, found: _Found, settings: ImageSettings) -> SpectrogramStack:
    n_pages = len(found.pages)
    layout = Layout(
        source=source,
        n_pages=n_pages,
        grid=image_grid(settings),
        page_names=page_names(found.pages),
        source_shapes=tuple(found.shapes),
    )
    pages = da.map_blocks(
        partial(_page_block, tuple(found.pages), settings.invert),
        chunks=((1,) * n_pages, PAGE_PX, PAGE_PX),
        dtype=np.float32,
        meta=np.zeros((0, 0, 0), np.float32),
    )
    deep = f"{found.n_deep} of {n_pages} pages of more than 8 bits were scaled to 8 bits"
    notes = (f"{deep}, each from its own minimum to its own maximum",) if found.n_deep else ()
    view = partial(_view, tuple(found.pages), settings.invert)
    files = tuple(dict.fromkeys(address.path for address in found.pages))
    origin = Origin("images", files, {"images": settings.model_dump()})
    return SpectrogramStack(
        pages=pages,
        layout=layout,
        view=view,
        notes=notes,
        unreadable=tuple(found.unreadable),
        origin=origin,
    )


def _page_block(
    pages: Sequence[PageAddress], invert: bool, block_info: Any = None
) -> NDArray[np.float32]:
    return _page(pages[block_info[None]["chunk-location"][0]], invert)[None]


def _view(pages: Sequence[PageAddress], invert: bool, position: float) -> Page:
    return _page(pages[int(position)], invert)


def _page(address: PageAddress, invert: bool) -> Page:
    image = eight_bit(decode(address))
    return network_input(ImageOps.invert(image.convert("L")) if invert else image)


def _distinct(files: Iterable[Path]) -> list[str]:
    """Stems, made longer where several files share one."""
    files = list(files)
    longer: tuple[Callable[[Path], str], ...] = (_with_suffix, _with_folder)
    names = [path.stem for path in files]
    for make in longer:
        counts = Counter(name.casefold() for name in names)
        names = [
            make(path) if counts[name.casefold()] > 1 else name
            for path, name in zip(files, names, strict=True)
        ]
    return names


def _with_suffix(path: Path) -> str:
    return f"{path.stem}_{path.suffix[1:]}"


def _with_folder(path: Path) -> str:
    return f"{path.absolute().parent.name}_{_with_suffix(path)}"


def numbered(names: Iterable[str]) -> list[str]:
    """The same names; one that was there before gets the first free number."""
    taken: set[str] = set()
    distinct = []
    for name in names:
        free, number = name, 2
        while free.casefold() in taken:
            free, number = f"{name}_{number}", number + 1
        taken.add(free.casefold())
        distinct.append(free)
    return distinct
