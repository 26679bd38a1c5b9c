"""What a person names -> inputs, each with a name of its own for its results."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .audio import is_recording
from .decode import IMAGE_SUFFIXES
from .images import numbered


@dataclass(frozen=True)
class Input:
    """A recording, image file or folder of images, and what its results are called."""

    path: Path
    name: str


def plan_inputs(
    paths: Iterable[str | Path], *, subfolders: bool = False, share: tuple[int, int] = (1, 1)
) -> list[Input]:
    """Name the results of inputs so that no two are called the same.

    A folder of images is one input; the recordings in a folder are one input each. Results are
    called after the file's stem or the folder; equal ones get their parent's name in front.

    Parameters
    ----------
    paths : iterable of str or Path
        What a person names.
    subfolders : bool
        Whether a folder stands for the recordings in all folders below it as well.
    share : (int, int)
        Which of how many equal shares of them, counted from 1; results are called the same in any.
    """
    places: dict[Path, Path] = {}
    for path in paths:
        for folder in _with_subfolders(Path(path)) if subfolders else [Path(path)]:
            for file in expanded(folder):
                places.setdefault(_place(file), file)
    files = list(places.values())
    which, of = share
    planned = [Input(path, name) for path, name in zip(files, names_apart(files), strict=True)]
    return planned[which - 1 :: of]


def _with_subfolders(path: Path) -> list[Path]:
    """A folder that holds recordings or images, and those below it that hold recordings, in order.

    Hidden folders and links to folders are left out; of one that may not be looked into, reading
    it says so.
    """
    if not is_folder(path):
        return [path]
    found: list[Path] = []
    for folder, below, names in os.walk(
        path, onerror=lambda error: found.append(Path(error.filename))
    ):
        below[:] = sorted(name for name in below if not name.startswith("."))
        seen = [name for name in names if not name.startswith(".")]
        own = Path(folder) == path and any(Path(n).suffix.lower() in IMAGE_SUFFIXES for n in seen)
        if own or any(is_recording(name) for name in seen):
            found.append(Path(folder))
    return found or [path]


def names_apart(files: Sequence[Path]) -> list[str]:
    """What the results of files and folders are called, each otherwise than the others."""
    names = [_stem(path) for path in files]
    for parents in range(1, 4):
        counts = Counter(name.casefold() for name in names)
        names = [
            _with_parents(path, parents) if counts[name.casefold()] > 1 else name
            for path, name in zip(files, names, strict=True)
        ]
    return numbered(names)


def expanded(path: Path) -> list[Path]:
    """A folder of recordings is its recordings; everything else is itself."""
    if not is_folder(path):
        return [path]
    try:
        inside = sorted(p for p in path.iterdir() if not p.name.startswith("."))
        recordings = [p for p in inside if is_recording(p) and p.is_file()]
    except OSError:
        return [path]  # reading it will say what is wrong
    images = any(p.suffix.lower() in IMAGE_SUFFIXES for p in inside)
    return recordings if recordings and not images else [path, *recordings]


def holds_images(path: Path) -> bool:
    """Whether an input is read as images: a folder, or a file with such an ending.

    Everything else is read as sound, whatever it is called.
    """
    return is_folder(path) or path.suffix.lower() in (*IMAGE_SUFFIXES, ".npy")


def is_folder(path: Path) -> bool:
    """Whether it is one; of what the system will not look at, reading says what is wrong."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _place(path: Path) -> Path:
    """Where a path leads, whichever way it was written; a link is called as itself."""
    return Path(os.path.normpath(path.absolute()))


def _stem(path: Path) -> str:
    place = _place(path)
    return (place.name if is_folder(path) else place.stem) or "result"


def _with_parents(path: Path, parents: int) -> str:
    above = _place(path).parts[1:-1]
    return "_".join([*above[-parents:], _stem(path)])
