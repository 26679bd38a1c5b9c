"""That files stay what they were while they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from napari_squeakout.core.errors import InputError

from .files import file_sha256


@dataclass(frozen=True)
class Seal:
    """What a file was.

    Parameters
    ----------
    sha256 : str
        Of its bytes, hexadecimal.
    state : tuple of int
        What changes whenever somebody writes to it or puts another in its place.
    """

    sha256: str
    state: tuple[int, ...]


def seal(files: Iterable[Path]) -> dict[Path, Seal]:
    """Take down what files are; those that cannot be read are left out."""
    sealed = {}
    for path in files:
        try:
            state = _state(path)
            sealed[path] = Seal(file_sha256(path), state)
        except (InputError, OSError):
            continue  # whoever reads it says what is wrong
    return sealed


def check_unchanged(seals: Mapping[Path, Seal]) -> None:
    """Raise InputError if one of the files is no longer what it was."""
    for path, was in seals.items():
        try:
            is_same = _state(path) == was.state or file_sha256(path) == was.sha256
        except OSError:
            is_same = False
        if not is_same:
            msg = f"{path}: was changed while it was being read: wait until it is whole, and again"
            raise InputError(msg)


def sha256_of(seals: Mapping[Path, Seal], *, together: bool) -> str:
    """The hash of one file, or of the names and hashes of several."""
    if not together:
        return next((known.sha256 for known in seals.values()), "")
    digest = hashlib.sha256()
    for path in sorted(seals):
        digest.update(f"{path.name}\0{seals[path].sha256}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _state(path: Path) -> tuple[int, ...]:
    known = path.stat()
    return (known.st_size, known.st_mtime_ns, known.st_ctime_ns, known.st_ino, known.st_dev)
