"""Cells -> times and frequencies; what is no such value is named with its row."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from napari_squeakout.core.errors import InputError

from .cells import Row
from .dialects import Header, Quantity

NAN = float("nan")

#: How programs write that something is not known.
UNKNOWN = {"", "-", "--", "?", "na", "n/a", "#n/a", "nan", "none", "null", "<na>", "<undefined>"}

# Plain digits: Python itself would take 1_000 and the digits of other scripts.
_NUMBER = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
_MARKED = re.compile(r"[+-]?[0-9.,]+")
_CLOCK = re.compile(r"(?:([0-9]+):)?([0-9]{1,4}):([0-5]?[0-9](?:[.,][0-9]*)?)")
_MINUTES_A_HOUR = 60
# Audacity: how the line with a label's frequencies begins.
FREQUENCIES = "\\"


def interval(row: Row, start: Quantity, end: Quantity, *, is_length: bool) -> tuple[float, float]:
    """Onset and offset in seconds; the second cell may hold how long the call is.

    Raises
    ------
    InputError
        If one is no time, the offset comes before the onset, or both before 0 s.
    """
    start_s, end_s = (seconds_of(row, at) for at in (start, end))
    return checked(row, start_s, start_s + end_s if is_length else end_s)


def seconds_of(row: Row, at: Quantity) -> float:
    """As `seconds`, but InputError, with the remedy, where a cell holds none."""
    try:
        return seconds(row, at)
    except ValueError as error:
        msg = (
            f"{row.where}: no start and end in seconds in {row.shown()}: "
            "correct this line, or name the columns start_s and end_s"
        )
        raise InputError(msg) from error


def checked(row: Row, start_s: float, end_s: float) -> tuple[float, float]:
    """The same, where it is an interval of a recording; InputError where not."""
    if not (np.isfinite(start_s) and np.isfinite(end_s) and start_s <= end_s):
        msg = (
            f"{row.where}: {start_s:g} to {end_s:g} s is no interval: "
            "the end must be a time after the start"
        )
        raise InputError(msg)
    if start_s < 0 and end_s <= 0:
        msg = (
            f"{row.where}: {start_s:g} to {end_s:g} s is before the recording: "
            "give times from its start"
        )
        raise InputError(msg)
    return start_s, end_s


def band(row: Row, low: Quantity | None, high: Quantity | None) -> tuple[float, float]:
    """Lowest and highest frequency in hertz; NaN where not known.

    Raises
    ------
    InputError
        If a cell holds no frequency, or the lowest is above the highest.
    """
    low_hz, high_hz = _frequency(row, low), _frequency(row, high)
    if low_hz > high_hz:
        msg = f"{row.where}: low {low_hz:g} Hz is above high {high_hz:g} Hz: swap them"
        raise InputError(msg)
    return low_hz, high_hz


def seconds(row: Row, at: Quantity) -> float:
    """A time or a length of time; NaN where the cell says that it is not known.

    Raises
    ------
    ValueError
        If the cell is empty or holds no time.
    """
    cell = row.cell(at.column)
    clock = _CLOCK.fullmatch(cell)
    if clock is None:
        return _number(cell) * at.unit
    hours, minutes = int(clock[1] or 0), int(clock[2])
    if clock[1] is not None and minutes >= _MINUTES_A_HOUR:
        raise ValueError(cell)
    return (hours * 60 + minutes) * 60 + _number(clock[3])


def has_no_times(row: Row, start: Quantity, end: Quantity) -> bool:
    """Whether a row tells nothing of when: some programs write one for a type without calls."""
    return all(row.cell(at.column).lower() in UNKNOWN for at in (start, end))


def are_times(row: Row, start: Quantity, end: Quantity) -> bool:
    """Whether both cells hold a time, or say that it is not known."""
    try:
        seconds(row, start), seconds(row, end)
    except ValueError:
        return has_no_times(row, start, end)
    return True


def is_short_clock(row: Row, at: Quantity) -> bool:
    """Whether a time is written with one colon, which may stand behind hours or minutes."""
    clock = _CLOCK.fullmatch(row.cell(at.column))
    return clock is not None and clock[1] is None


def check_decimal_marks(rows: Iterable[Row], header: Header, table: str) -> None:
    """Refuse a table whose times have decimal points and commas: 1,250 may mean 1250 there.

    Raises
    ------
    InputError
        If it is one.
    """
    with_mark: dict[str, str] = {}
    for row in rows:
        for at in (header.start, header.end):
            cell = row.cell(at.column)
            with_mark |= {mark: cell for mark in ".," if mark in cell and _is_number(cell)}
            if "." in cell and "," in cell and _MARKED.fullmatch(cell):
                with_mark |= dict.fromkeys(".,", cell)
    if len(with_mark) > 1:
        msg = (
            f"{table}: its times have decimal points and commas, {with_mark['.']!r} and "
            f"{with_mark[',']!r}: write all with points and without separators of thousands"
        )
        raise InputError(msg)


def _frequency(row: Row, at: Quantity | None) -> float:
    cell = "" if at is None else row.cell(at.column)
    if at is None or cell.lower() in UNKNOWN:
        return NAN
    try:
        hz = _number(cell) * at.unit
    except ValueError:
        hz = -np.inf
    # Audacity says -1 where a frequency is not known.
    if row.cells[0] == FREQUENCIES and hz == -1:
        return NAN
    if not 0 <= hz < np.inf:
        msg = f"{row.where}: {cell!r} is no frequency: correct it, or leave it empty"
        raise InputError(msg)
    return hz


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell) is not None


def _number(cell: str) -> float:
    if cell.lower() in {"nan", "inf", "-inf"}:
        return float(cell)
    if not _is_number(cell):
        raise ValueError(cell)
    return float(cell.replace(",", "."))
