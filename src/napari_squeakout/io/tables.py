"""Tables of calls and of intervals, as text."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.stacks import CallTable

from .files import check_readable, written_whole

# Decimals by the unit a column's name ends in, the first that fits; a column is stored to about a
# hundredth of a pixel. Probabilities and other plain numbers get four.
_DECIMALS = {"_hz_per_s": 1, "_hz": 1, "_s": 6, "_ms": 3, "_db": 2, "_px": 2}
_DECIMALS_WITHOUT_UNIT = 4


def write_calls(table: CallTable, path: str | Path) -> None:
    """Write a table of calls as CSV: UTF-8, header first, empty cells for what is not known.

    Parameters
    ----------
    table : DataFrame
        One row a call. Times are rounded to 6 decimals, frequencies to 1, probabilities to 4.
    path : str or Path
        File to write.

    Raises
    ------
    SqueakOutError
        If it cannot be written.
    """
    rounded = table.copy()
    for name in table.columns:
        if table[name].dtype.kind == "f":
            rounded[name] = table[name].astype(np.float64).round(_decimals(str(name)))
    with written_whole(path) as draft:
        rounded.to_csv(draft, index=False, encoding="utf-8", lineterminator="\n")


def read_intervals(path: str | Path) -> NDArray[np.float64]:
    """Onsets and offsets from a text table.

    Parameters
    ----------
    path : str or Path
        Either a header with `start_s` and `end_s` among its columns, or no header and two
        columns. Comma, semicolon or tab between columns; a comma as decimal sign is understood
        where cells are quoted or separated by something else.

    Returns
    -------
    NDArray
        (n, 2) float64, seconds, in the file's order; n = 0 for an empty file or a bare header.

    Raises
    ------
    InputError
        If the file cannot be read or a line is not such an interval.
    """
    path = Path(path)
    rows = _rows(path)
    if not rows:
        return np.zeros((0, 2))
    _, header = rows[0]
    names = [cell.strip().lower() for cell in header]
    if "start_s" in names and "end_s" in names:
        columns = names.index("start_s"), names.index("end_s")
        intervals = [_interval(path, line, row, columns) for line, row in rows[1:]]
    else:
        intervals = [_only_interval(path, line, row) for line, row in rows]
    return np.array(intervals, dtype=np.float64).reshape(-1, 2)


def _decimals(column: str) -> int:
    fitting = (decimals for unit, decimals in _DECIMALS.items() if column.endswith(unit))
    return next(fitting, _DECIMALS_WITHOUT_UNIT)


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Line number and cells of each line that is not blank."""
    if not (path.is_file() and path.stat().st_size == 0):
        check_readable(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        first = text.split("\n", 1)[0]
        delimiter = next((mark for mark in ("\t", ";") if mark in first), ",")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error) as error:
        msg = f"{path}: is no text table: export the intervals as CSV with start_s,end_s"
        raise InputError(msg) from error


def _only_interval(path: Path, line: int, row: list[str]) -> tuple[float, float]:
    # More columns may be decimal commas without quotes, whose meaning would be a guess.
    if len(row) != 2:  # noqa: PLR2004 - onset and offset
        msg = (
            f"{path}, line {line}: has {len(row)} columns and no header: "
            "give two, or a header with start_s,end_s"
        )
        raise InputError(msg)
    return _interval(path, line, row, (0, 1))


def _interval(
    path: Path, line: int, row: list[str], columns: tuple[int, int]
) -> tuple[float, float]:
    try:
        start_s, end_s = (float(row[column].strip().replace(",", ".")) for column in columns)
    except (ValueError, IndexError) as error:
        shown = ",".join(row)[:80]
        msg = f"{path}, line {line}: no start and end in seconds in {shown!r}: correct this line"
        raise InputError(msg) from error
    if not (np.isfinite(start_s) and np.isfinite(end_s) and start_s <= end_s):
        msg = (
            f"{path}, line {line}: {start_s:g} to {end_s:g} s is no interval: "
            "the end must be a time after the start"
        )
        raise InputError(msg)
    return start_s, end_s
