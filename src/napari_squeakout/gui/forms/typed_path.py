"""What is typed for a path -> the place that is meant, or why it can be none."""

from __future__ import annotations

from pathlib import Path

from magicgui.types import FileDialogMode

from napari_squeakout.core.errors import InputError


def typed_path(text: str, mode: FileDialogMode) -> Path | None:
    """Give the place that a text means; None where nothing is typed yet.

    Parameters
    ----------
    text : str
        As it stands in the line; it may begin with `~`.
    mode : FileDialogMode
        What is chosen; a folder need not be there yet.

    Raises
    ------
    InputError
        If it names no place from the root on, or a file where a folder is asked for.
    """
    if not text.strip():
        return None
    try:
        path = Path(text).expanduser()
        is_file = mode is FileDialogMode.EXISTING_DIRECTORY and _leads_through_a_file(path)
    except RuntimeError as error:  # of expanduser
        msg = f"{text}: nobody of that name has a home here: type the whole path, or choose it"
        raise InputError(msg) from error
    except OSError as error:
        msg = f"{text}: cannot be looked at ({error.strerror}): choose another"
        raise InputError(msg) from error
    # Nobody sees in which folder the program was started.
    if not path.is_absolute():
        msg = f"{text}: does not say in which folder it is: type the whole path, or choose it"
        raise InputError(msg)
    if is_file:
        msg = f"{text}: is a file, or in one, not a folder: choose a folder"
        raise InputError(msg)
    return path


def _leads_through_a_file(path: Path) -> bool:
    there = next((one for one in (path, *path.parents) if one.exists()), path)
    return there.exists() and not there.is_dir()
