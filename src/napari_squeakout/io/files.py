"""Files that are written whole or not at all."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from napari_squeakout.core.errors import InputError, SqueakOutError


@contextmanager
def written_whole(path: str | Path) -> Iterator[Path]:
    """Write a file so that `path` is either the finished file or what it was before.

    Parameters
    ----------
    path : str or Path
        File to write; missing parent folders are made, an existing file is replaced.

    Yields
    ------
    Path
        Where to write: a free name in the same folder and with the same suffix. It takes the place
        of `path` when the block ends well, and is removed when the block is left in any other way,
        also by Ctrl-C.

    Raises
    ------
    SqueakOutError
        If the operating system refuses (no permission, disk full).
    """
    target = Path(path)
    draft = _free_name_beside(target)
    with _refusals_told(target):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            yield draft
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)


@contextmanager
def folder_written_whole(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Write a folder so that `path` is either the finished folder or what it was before.

    Parameters
    ----------
    path : str or Path
        Folder to write. An empty one may exist already.
    overwrite : bool
        Whether a folder with content is replaced. All of its content goes, once the new folder
        stands in its place and not before.

    Yields
    ------
    Path
        A new folder beside `path` to write into.

    Raises
    ------
    SqueakOutError
        If `path` exists and may not be overwritten, or the operating system refuses.
    """
    target = Path(path)
    draft = _free_name_beside(target)
    with _refusals_told(target):
        _check_may_take_place(target, overwrite=overwrite)
        try:
            draft.mkdir(parents=True)
            yield draft
            # Asked again: somebody else may have finished the same result meanwhile.
            _check_may_take_place(target, overwrite=overwrite)
            _swap_in(draft, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def file_sha256(path: str | Path) -> str:
    """Hexadecimal SHA-256 of a file, read in blocks; InputError if it cannot be read."""
    check_readable(Path(path))
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_readable(path: Path) -> None:
    """Raise InputError unless `path` is a file with content that may be read."""
    if path.is_dir():
        msg = f"{path}: is a folder: give the files in it"
        raise InputError(msg)
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError as error:
        msg = f"{path}: there is no such file: check the path"
        raise InputError(msg) from error
    except OSError as error:
        reason = error.strerror or str(error)
        msg = f"{path}: may not be read ({reason}): ask for permission or copy it elsewhere"
        raise InputError(msg) from error
    if empty:
        msg = f"{path}: is empty (0 bytes): copy or export it again"
        raise InputError(msg)


def _free_name_beside(target: Path) -> Path:
    """A hidden name in the same folder, so that renaming stays on one file system.

    The suffix is kept because writers choose their format by it; the stem is not, because it may
    be as long as the file system allows.
    """
    return target.parent / f".{secrets.token_hex(8)}.part{target.suffix}"


@contextmanager
def _refusals_told(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        msg = f"{target}: cannot be written ({reason}): free space or choose another folder"
        raise SqueakOutError(msg) from error


def _check_may_take_place(target: Path, *, overwrite: bool) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        msg = f"{target}: is a file where a folder is to be written: choose another name"
        raise SqueakOutError(msg)
    if not overwrite and any(target.iterdir()):
        msg = f"{target}: exists already: choose another folder or allow overwriting"
        raise SqueakOutError(msg)


def _swap_in(draft: Path, target: Path) -> None:
    """Put `draft` in the place of `target`; on any failure `target` is put back."""
    if not target.exists():
        draft.rename(target)
        return
    old = _free_name_beside(target)
    try:
        target.rename(old)
        draft.rename(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
