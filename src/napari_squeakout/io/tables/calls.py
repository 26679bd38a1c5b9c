"""Tables of calls and of intervals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.scoring.annotation import Annotation, behind_end, in_real_time
from napari_squeakout.core.stacks import CallTable
from napari_squeakout.core.visible_text import visible
from napari_squeakout.io.files import atomic_file

from .annotations import read_annotation

# Decimals by the unit a column's name ends in, the first that fits; a column is stored to about a
# hundredth of a pixel. Probabilities and other plain numbers get four.
_DECIMALS = {"_hz_per_s": 1, "_hz": 1, "_s": 6, "_ms": 3, "_db": 2, "_px": 2}
_DECIMALS_WITHOUT_UNIT = 4
# What spreadsheets take a formula to begin with; those of East Asia the wide signs too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def write_calls(table: CallTable, path: str | Path) -> None:
    """Write a table of calls as CSV: UTF-8, header first, empty cells for what is not known.

    Parameters
    ----------
    table : DataFrame
        One row a call. Times are rounded to 6 decimals, frequencies to 1, probabilities to 4. Text
        that a spreadsheet would take for a formula gets an apostrophe in front, names of columns
        too; signs that would act on a terminal are spelt out.
    path : str or Path
        File to write.

    Raises
    ------
    SqueakOutError
        If it cannot be written.
    """
    rounded = table.copy()
    for name in table.columns:
        if table[name].dtype.kind == "O":
            rounded[name] = [_harmless(cell) for cell in table[name]]
    for name in table.columns:
        if table[name].dtype.kind == "f":
            rounded[name] = table[name].astype(np.float64).round(_decimals(str(name)))
    # A table of subjects brings columns of its own.
    rounded.columns = pd.Index([_harmless(name) for name in table.columns])
    with atomic_file(path) as draft:
        # Names of files may hold what is no UTF-8.
        rounded.to_csv(
            draft, index=False, encoding="utf-8", errors="backslashreplace", lineterminator="\n"
        )


def read_intervals(path: str | Path) -> NDArray[np.float64]:
    """Onsets and offsets from a table of calls, where nothing else of it is of interest.

    Parameters
    ----------
    path : str or Path
        A table that `read_annotation` understands: of another program, of this one, or two columns
        without a header.

    Returns
    -------
    NDArray
        (n, 2) float64, seconds, in order of the onsets; n = 0 for an empty file or a bare header.

    Raises
    ------
    InputError
        If the file cannot be read or a line is not such an interval: nothing here would say so.
    """
    noted = read_annotation(path)
    check_all_read(noted, path)
    return noted.intervals_s


def check_all_read(noted: Annotation, path: str | Path) -> None:
    """Refuse a table of which rows were left out, where each call matters.

    Raises
    ------
    InputError
        If there are any.
    """
    if noted.n_unread:
        msg = f"{path}: {'; '.join(noted.notes)}: correct or delete what is left out"
        raise InputError(msg)


def read_annotation_of(recording: Recording, path: str | Path) -> Annotation:
    """What was noted of a recording, as `read_annotation`.

    Raises
    ------
    InputError
        Also where it cannot be of this recording: a call lies more than 1 s behind its end, or its
        frequencies are those of a sound slowed down.
    """
    noted = read_annotation(path, of=recording.path or recording.name)
    noted = in_real_time(noted, recording.time_expansion)
    behind = behind_end(noted, recording.duration_s, recording.name)
    if behind:
        msg = f"{path}: {behind}"
        raise InputError(msg)
    return noted


def _harmless(cell: Any) -> Any:
    """A text that acts on no spreadsheet and no terminal: names of files are anybody's."""
    if not isinstance(cell, str):
        return cell
    return visible(f"'{cell}" if cell.startswith(_FORMULA) else cell)


def _decimals(column: str) -> int:
    fitting = (decimals for unit, decimals in _DECIMALS.items() if column.endswith(unit))
    return next(fitting, _DECIMALS_WITHOUT_UNIT)
