"""Which images there are, in whatever way their folder is laid out, and which of them are noise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from natsort import natsorted

from napari_squeakout.core.errors import InputError
from napari_squeakout.io.sources.decode import IMAGE_SUFFIXES
from napari_squeakout.io.sources.images import numbered

#: Folders and classes of this name hold no calls; the first is VocalMat's own.
NOISE_NAMES = ("noise_dist", "noise_dist2", "noise", "no_calls", "no_call", "empty")
#: Columns that a table of images needs.
TABLE_COLUMNS = ("image", "class")


@dataclass(frozen=True)
class ImageFile:
    """An image of a folder.

    Parameters
    ----------
    name : str
        Told apart from all others, and fit for a file: `chevron_12` for `chevron/12.png`.
    path : Path
        Where it is.
    kind : str
        Name of the folder it is in below the one asked for, or its class in a table; empty where
        nothing says.
    """

    name: str
    path: Path
    kind: str = ""

    @property
    def is_noise(self) -> bool:
        """Whether it is said to hold no call."""
        return self.kind.casefold() in NOISE_NAMES


def images_in(folder: Path, table: Path | None = None) -> tuple[ImageFile, ...]:
    """The images of a folder, in natural order; nothing is opened but the table.

    Parameters
    ----------
    folder : Path
        Images, or one folder of them for each class; deeper ones are not entered.
    table : Path, optional
        CSV of `image` (file name, with or without ending and folder) and `class`. Images that it
        does not name are left out.

    Raises
    ------
    InputError
        If there is no such folder, no image in it, or the table names none of them.
    """
    if not folder.is_dir():
        msg = f"{folder}: is no folder: give the one that holds the images"
        raise InputError(msg)
    found = [(path, "") for path in _images(folder)]
    if not found:
        inner = natsorted(one for one in folder.iterdir() if one.is_dir())
        found = [(path, one.name) for one in inner for path in _images(one)]
    if not found:
        msg = (
            f"{folder}: holds no images, nor do the folders in it: give one with "
            f"{', '.join(IMAGE_SUFFIXES)} files"
        )
        raise InputError(msg)
    stems = [f"{kind}_{path.stem}" if kind else path.stem for path, kind in found]
    files = [
        ImageFile(name, path, kind)
        for name, (path, kind) in zip(numbered(stems), found, strict=True)
    ]
    return tuple(files) if table is None else _classed(files, folder, table)


def _images(folder: Path) -> list[Path]:
    try:
        files = [
            path
            for path in folder.iterdir()
            if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")
        ]
    except OSError as error:
        msg = f"{folder}: may not be read ({error.strerror}): ask for permission"
        raise InputError(msg) from error
    return list(natsorted(files, key=lambda path: path.name))


def _classed(files: list[ImageFile], folder: Path, table: Path) -> tuple[ImageFile, ...]:
    """Those that a table names, with the classes that it gives them."""
    try:
        rows = pd.read_csv(table, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        msg = f"{table}: cannot be read as CSV ({error}): give a table with {_columns()}"
        raise InputError(msg) from error
    if not set(TABLE_COLUMNS) <= set(rows.columns):
        msg = f"{table}: has no columns {_columns()}: name them so in its first line"
        raise InputError(msg)
    kinds = {
        str(image).replace("\\", "/"): str(kind)
        for image, kind in zip(rows["image"], rows["class"], strict=True)
    }
    classed = [
        ImageFile(file.name, file.path, kind)
        for file in files
        if (kind := _kind_of(file, folder, kinds)) is not None
    ]
    if not classed:
        msg = f"{table}: names none of the {len(files)} images in {folder}: give their file names"
        raise InputError(msg)
    return tuple(classed)


def _kind_of(file: ImageFile, folder: Path, kinds: dict[str, str]) -> str | None:
    inside = file.path.relative_to(folder)
    names = (inside.as_posix(), inside.with_suffix("").as_posix(), file.path.name, file.path.stem)
    return next((kinds[name] for name in names if name in kinds), None)


def _columns() -> str:
    return " and ".join(TABLE_COLUMNS)
