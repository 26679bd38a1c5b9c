"""Whether two sources are the same files, read in the same way."""

from __future__ import annotations

from pathlib import Path

from napari_squeakout.core.stacks import Origin, SpectrogramStack

#: Path -> what changes whenever somebody writes to the file or puts another in its place.
FileStates = dict[Path, tuple[int, ...]]


def file_states(origin: Origin | None) -> FileStates:
    """Take down what the files of a source are now; those that are away are left out."""
    states: FileStates = {}
    for path in () if origin is None else origin.files:
        try:
            known = path.stat()
        except OSError:
            continue
        place = (known.st_dev, known.st_ino)
        states[path.resolve()] = (*place, known.st_size, known.st_mtime_ns, known.st_ctime_ns)
    return states


def is_same_source(
    opened: SpectrogramStack, stack: SpectrogramStack, *, states: FileStates
) -> bool:
    """Whether a stack shows what one that is open shows.

    Parameters
    ----------
    opened : SpectrogramStack
        The one that is open.
    stack : SpectrogramStack
        Another one, read just now.
    states : dict
        From `file_states`, of the first when it was opened: a file that was changed since has other
        pages.
    """
    one, other = opened.origin, stack.origin
    if one is None or other is None or one.kind != other.kind:
        return False
    if [path.resolve() for path in one.files] != [path.resolve() for path in other.files]:
        return False
    same_pages = opened.layout.n_pages == stack.layout.n_pages
    if not same_pages or opened.unreadable != stack.unreadable:
        return False
    return one.settings == other.settings and file_states(other) == states
