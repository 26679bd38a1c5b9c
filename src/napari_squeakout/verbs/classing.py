"""Classes that a person gives to calls: read and set without the window."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from napari_squeakout.core.steps import run

from .choices import PathLike, Told

if TYPE_CHECKING:
    from napari_squeakout.io.tasks.classing import CallKey


def set_classes(
    folder: PathLike, classes: Mapping[CallKey, str | None], *, progress: Told = None
) -> dict[CallKey, str]:
    """Give calls of a session or a result their class by hand: it wins over the rules.

    Parameters
    ----------
    folder : str or Path
        `*.squeakout`, or a folder of results; changed whole or not at all.
    classes : mapping
        The number of a call, as in the tables of `measure` and of the result, -> one of the eleven
        classes; None takes it back, and the call has its class by rules again. Of images, whose
        numbers begin anew on each, (page, number).
    progress : callable, optional
        Told of every step.

    Returns
    -------
    dict
        All classes by hand that it has now.

    Raises
    ------
    SqueakOutError
        If there is no such class or call, a window has the session, or the result has been changed
        since it was written.
    """
    from napari_squeakout.io.tasks.classing import classing

    return run(classing(Path(folder), classes), progress)


def read_classes(folder: PathLike, *, progress: Told = None) -> dict[CallKey, str]:
    """The classes that a person gave to calls of a session or a result; nothing is changed.

    Parameters
    ----------
    folder : str or Path
        `*.squeakout`, or a folder of results.
    progress : callable, optional
        Told of every step.

    Returns
    -------
    dict
        As `set_classes`; of calls that are there.

    Raises
    ------
    InputError
        If it is neither, or what it was made of is gone.
    """
    from napari_squeakout.io.tasks.classing import reading_classes

    return run(reading_classes(Path(folder)), progress)
