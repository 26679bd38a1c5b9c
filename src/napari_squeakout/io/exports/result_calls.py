"""The calls of a result, with what was measured of them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from napari_squeakout.core.detection.calls import PIXEL_COLUMNS, SCALED_COLUMNS
from napari_squeakout.core.stacks import CallTable
from napari_squeakout.io.results.results import MEASURES_TABLE
from napari_squeakout.io.tables.calls import read_calls

#: The table of calls that each result has.
TABLE = "calls.csv"
# What tells a call from another; a person may have added to it.
_OF_A_CALL = {*SCALED_COLUMNS, *PIXEL_COLUMNS, "image"}


def calls_of(
    folder: Path, files: Collection[str], changed: Collection[str]
) -> tuple[CallTable, list[str]]:
    """The table of a result; behind its columns the measures, where they are of the same calls.

    Parameters
    ----------
    folder : Path
        The result.
    files : collection of str
        What was written into it.
    changed : collection of str
        What of that was changed since.

    Returns
    -------
    DataFrame, list of str
        One row a call, and what the user should know.

    Raises
    ------
    InputError
        If a table cannot be read.
    """
    calls = read_calls(folder / TABLE)
    told = {name: f"{name} has been changed since it was written" for name in changed}
    if MEASURES_TABLE in changed:
        told[MEASURES_TABLE] += ": left out, with all classes and measures"
    elif MEASURES_TABLE in files:
        measured = read_calls(folder / MEASURES_TABLE)
        if _are_of_the_same(calls, measured):
            added = [name for name in measured if name not in calls]
            calls = calls.join(measured[added])
        else:
            told[MEASURES_TABLE] = (
                f"{MEASURES_TABLE} is not of the calls in {TABLE}: left out, with all classes and "
                "measures"
            )
    return calls, list(told.values())


def _are_of_the_same(calls: CallTable, measured: CallTable) -> bool:
    """Whether both are of the same calls, in the same order."""
    names = [name for name in calls if name in _OF_A_CALL]
    if not set(names) <= set(measured):
        return False
    # Whoever saves a table again may write 12.0 as 12.
    one, other = (table[names].astype(object) for table in (calls, measured))
    return bool(one.equals(other))
