"""Tables of calls and of intervals."""

from __future__ import annotations

import csv
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from napari_squeakout.core.detection.calls import PIXEL_COLUMNS, SCALED_COLUMNS
from napari_squeakout.core.errors import InputError, one_line
from napari_squeakout.core.measures.catalogue import MEASURES
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.scoring.annotation import Annotation, behind_end, in_real_time
from napari_squeakout.core.stacks import CallTable
from napari_squeakout.io.files import check_readable

from .annotations import read_annotation
from .safe_text import before_it_was_harmless, harmless
from .writing import write_cells

# Decimals by the unit a column's name ends in, the first that fits; a column is stored to about a
# hundredth of a pixel. Probabilities and other plain numbers get four.
_DECIMALS = {"_hz_per_s": 1, "_hz": 1, "_s": 6, "_ms": 3, "_db": 2, "_px": 2}
_DECIMALS_WITHOUT_UNIT = 4
# Columns of names, of whole numbers that no call is without, and what a table of ours has one of.
_NAMES, _WHOLE = ("image", "class", "class_by"), ("call", "page")
_WANTED = (("call", "page", "start_s", "end_s"), ("call", "page", "start_px", "end_px"))
# Beyond it not every whole number is a float: such a cell is a slip.
_LARGEST = 2.0**53
# Columns of numbers; what else there is was added by somebody, whose 007 is not 7.
_NUMBERS = {*SCALED_COLUMNS, *PIXEL_COLUMNS, *(one.name for one in MEASURES)}
_COUNTS = {one.name for one in MEASURES if one.is_count}
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_REMEDY = "segment again, or take it from a copy"


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
            rounded[name] = [_harmless_in(str(name), cell) for cell in table[name]]
    for name in table.columns:
        if table[name].dtype.kind == "f":
            rounded[name] = table[name].astype(np.float64).round(_decimals(str(name)))
    write_cells(rounded, path)


def read_calls(path: str | Path) -> CallTable:
    """Read back a table that `write_calls` wrote, all its columns.

    Parameters
    ----------
    path : str or Path
        A `calls.csv` of this program; tables of others are for `read_annotation`.

    Returns
    -------
    DataFrame
        Numbers as they were rounded, NaN for empty cells, in columns of this program; all others as
        they stand, as text. Text is without the apostrophe that was put in front.

    Raises
    ------
    InputError
        If it cannot be read, or is no such table.
    """
    check_readable(Path(path))
    try:
        # What pandas only warns of moves cells under other columns. As text: a name may look like a
        # number, or like what says that a number is not known.
        with warnings.catch_warnings(action="error"):
            text = pd.read_csv(
                path, dtype=str, keep_default_na=False, encoding="utf-8", index_col=False
            )
    except (ValueError, OSError, csv.Error, Warning) as error:
        msg = f"{path}: is no table of calls of this program ({one_line(error)}): {_REMEDY}"
        raise InputError(msg) from error
    if not any(set(names) <= set(text.columns) for names in _WANTED):
        msg = f"{path}: lacks columns that each of our tables has, such as call: {_REMEDY}"
        raise InputError(msg)
    return pd.DataFrame({name: _read_column(text[name], path) for name in text.columns})


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


def _read_column(cells: pd.Series, path: str | Path) -> pd.Series:
    """One column as numbers, or as text where it is none that this program writes numbers in."""
    name = str(cells.name)
    if name not in _NUMBERS:
        return cells.map(before_it_was_harmless)
    numbers = pd.to_numeric(cells.replace("", np.nan), errors="coerce")
    wrong = (numbers.isna() & (cells != "")) | (numbers.abs() > _LARGEST)
    if wrong.any():
        row = int(np.argmax(wrong))
        msg = f"{path}, line {row + 2}: {cells[row]!r} is no {name}: correct it, or leave it empty"
        raise InputError(msg)
    if name not in _WHOLE:
        may_be_whole = len(cells) > 0 and (name.endswith("_px") or name in _COUNTS)
        is_whole = may_be_whole and cells.str.fullmatch("[0-9]+").all()
        return numbers.astype(np.int64 if is_whole else np.float64)
    whole = numbers.fillna(-1)
    if (whole < 0).any() or (whole % 1 != 0).any():
        row = int(np.argmax((whole < 0) | (whole % 1 != 0)))
        msg = f"{path}, line {row + 2}: {cells[row]!r} is no {name}: {_REMEDY}"
        raise InputError(msg)
    return whole.astype(np.int64)


def _harmless_in(column: str, cell: Any) -> Any:
    """A cell that a spreadsheet may have; a number of somebody's is no formula, a name may be."""
    is_number = column not in _NAMES and isinstance(cell, str) and _PLAIN_NUMBER.fullmatch(cell)
    return cell if is_number else harmless(cell)


def _decimals(column: str) -> int:
    fitting = (decimals for unit, decimals in _DECIMALS.items() if column.endswith(unit))
    return next(fitting, _DECIMALS_WITHOUT_UNIT)
