"""Files that are written whole or not at all, and whether files can be read."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from napari_squeakout.core.errors import InputError, SqueakOutError, is_disk_full

from .drafts import Draft, drafting, is_hidden

#: Looks into a folder that is to be replaced: all that is in it, by names relative to it. Raises
#: SqueakOutError unless all of it may go.
Replaced = Callable[[Path], Sequence[str]]


@contextmanager
def atomic_file(path: str | Path) -> Iterator[Path]:
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
        also by Ctrl-C. What a kill leaves is removed by whoever writes in that folder next.

    Raises
    ------
    SqueakOutError
        If the operating system refuses (no permission, disk full).
    """
    target = Path(path)
    with _refusals_told(target), drafting(target) as draft:
        yield draft.path
        draft.take_place()


@contextmanager
def atomic_folder(path: str | Path, *, replaced: Replaced | None = None) -> Iterator[Path]:
    """Write a folder so that `path` is either the finished folder or what it was before.

    Parameters
    ----------
    path : str or Path
        Folder to write. An empty one may exist already.
    replaced : callable, optional
        Looks into a folder with content, and allows it to be replaced; by default none is. Asked
        before anything is done, again when the new folder is finished, and last when the old one
        is out of reach, so that nothing goes that it has not seen.

    Yields
    ------
    Path
        A new folder beside `path` to write into.

    Raises
    ------
    SqueakOutError
        If `path` exists and may not be replaced, or the operating system refuses.
    """
    target = Path(path)
    with _refusals_told(target):
        _check_may_take_place(target, replaced)
        with drafting(target) as draft:
            draft.path.mkdir()
            yield draft.path
            # Asked again: somebody else may have finished the same result meanwhile.
            _take_place(draft, _check_may_take_place(target, replaced), replaced)


def remove_own(folder: Path, names: Iterable[str]) -> None:
    """Remove files of these names from a folder, and it if nothing else is in it; never complains.

    Parameters
    ----------
    folder : Path
        One that this program has made; a person may have put something into it since.
    names : iterable of str
        What this program writes there.
    """
    for name in names:
        with suppress(OSError):
            (folder / name).unlink()
    with suppress(OSError):
        folder.rmdir()


def file_sha256(path: str | Path) -> str:
    """Hexadecimal SHA-256 of a file, read in blocks; InputError if it cannot be read."""
    check_readable(Path(path))
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_readable(path: Path) -> None:
    """Raise InputError unless `path` is a plain file with content that may be read."""
    try:
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            msg = f"{path}: is a folder: give the files in it"
            raise InputError(msg)
        if not stat.S_ISREG(kind):  # one may wait for ever, or never end
            msg = f"{path}: is no file but a pipe or a device: copy what it gives into a file"
            raise InputError(msg)
        with path.open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError as error:
        msg = f"{path}: there is no such file: check the path"
        raise InputError(msg) from error
    except (OSError, ValueError) as error:  # a name that no file can have
        reason = getattr(error, "strerror", None) or str(error)
        msg = f"{path}: may not be read ({reason}): ask for permission or copy it elsewhere"
        raise InputError(msg) from error
    if empty:
        msg = f"{path}: is empty (0 bytes): copy or export it again"
        raise InputError(msg)


@contextmanager
def _refusals_told(target: Path) -> Iterator[None]:
    if is_hidden(target.parent):  # told by whoever writes the folder that it is in, by its name
        yield
        return
    try:
        yield
    except OSError as error:
        if not (is_disk_full(error) or _is_about(error, target)):
            raise  # something that was read meanwhile
        reason = error.strerror or str(error)
        msg = f"{target}: cannot be written ({reason}): free space or choose another folder"
        raise SqueakOutError(msg) from error


def _is_about(error: OSError, target: Path) -> bool:
    """Whether an error is one of writing, and not of a file that was read for it."""
    if not isinstance(error.filename, str | bytes):
        return True
    place = Path(os.fsdecode(error.filename))
    return is_hidden(place) or place in (target, *target.parents)


def _check_may_take_place(target: Path, replaced: Replaced | None) -> Sequence[str]:
    """All that is in the folder of that name and may go; nothing where there is none."""
    if target.is_symlink():
        msg = f"{target}: is a link where a folder is to be written: choose another name"
        raise SqueakOutError(msg)
    if not target.exists():
        return ()
    if not target.is_dir():
        msg = f"{target}: is a file where a folder is to be written: choose another name"
        raise SqueakOutError(msg)
    if not any(target.iterdir()):
        return ()
    if replaced is None:
        msg = f"{target}: exists already: choose another folder"
        raise SqueakOutError(msg)
    return replaced(target)


def _take_place(draft: Draft, parts: Sequence[str], replaced: Replaced | None) -> None:
    if not parts or replaced is None:
        draft.take_place()
        return
    old = draft.take_place_of(parts)
    try:
        is_same = set(replaced(old)) == set(parts)
    except SqueakOutError:
        is_same = False
    except BaseException:
        draft.put_back()
        raise
    if not is_same:
        draft.put_back()
        msg = f"{draft.target}: was changed just now, so it stays: look into it and try again"
        raise SqueakOutError(msg)
