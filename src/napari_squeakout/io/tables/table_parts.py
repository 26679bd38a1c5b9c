"""Rows of a table -> its header, its rows of calls, and what else stands between them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from .cell_values import are_times
from .cells import REMARKS, SPACES, Row
from .dialects import Header, Quantity, recognise_header
from .one_recording import is_recording_name

# Above its table a program may write what it was told, and a person a title.
_FIRST_ROWS = 30


class Parts(NamedTuple):
    """A table taken apart.

    Parameters
    ----------
    header : Header or None
        None where no row names an onset and an offset.
    rows : list of Row
        Those that hold calls.
    notes : list of str
        What the user should know of the others.
    """

    header: Header | None
    rows: list[Row]
    notes: list[str]


def table_parts(rows: Sequence[Row]) -> Parts:
    """Find the header, and tell rows from remarks."""
    at, header = _header(rows)
    above, below = (rows[:at], rows[at + 1 :]) if header else ([], rows)
    title = [row for row in above if not row.is_remark]
    calls = _calls_among(below, header)
    kept = set(calls)
    remarks = [row for row in (*above, *below) if row.is_remark and row not in kept]
    return Parts(header, calls, [*_told_of(title, "above the header"), *_told_of(remarks, "")])


def _calls_among(below: Sequence[Row], header: Header | None) -> list[Row]:
    """Rows that are no remarks, or only begin like some."""
    plain = [row for row in below if not row.is_remark]
    if header is None:
        return plain
    if not plain:
        # Who numbers calls #1, #2 begins each row as others begin a remark.
        return list(below)
    if 0 not in header.files():
        return plain
    files = {row.cell(0).casefold() for row in plain}
    return [row for row in below if not row.is_remark or _is_of_file(row, header, files)]


def _is_of_file(row: Row, header: Header, others: Collection[str]) -> bool:
    """Whether a row is of a recording called `#1.wav`, and no remark.

    A row that somebody has put out of use is of a file that other rows are of too.
    """
    bare = row.without_mark().cell(0).casefold()
    is_whole = len(row.cells) > max(header.start.column, header.end.column)
    return is_whole and is_recording_name(row.cell(0)) and bare not in others


def _header(rows: Sequence[Row]) -> tuple[int, Header | None]:
    """Where the header stands, and what it names; nothing where calls come first."""
    for at, row in enumerate(rows[:_FIRST_ROWS]):
        header = _of_remark(row, rows[at + 1 :]) if row.is_remark else recognise_header(row)
        if header is not None:
            return at, header
        if not row.is_remark and are_times(row, Quantity(0), Quantity(1)):
            return 0, None
    return 0, None


def _of_remark(row: Row, below: Sequence[Row]) -> Header | None:
    """The columns that a row names which begins as a remark, if it has as many as the others.

    `#` alone may be the name of a column, that of the calls' numbers.
    """
    width = max((len(other.cells) for other in below if not other.is_remark), default=0)
    is_column = row.cells[0] in REMARKS
    if is_column and row.delimiter != SPACES:
        return recognise_header(row)
    for candidate in [row.without_mark(), *[row] * is_column]:
        if candidate.cells and len(candidate.cells) == (width or len(candidate.cells)):
            header = recognise_header(candidate)
            if header is not None:
                return header
    return None


def _told_of(rows: Sequence[Row], where: str) -> list[str]:
    if not rows:
        return []
    what = f"lines {where}" if where else "lines that begin with # or %"
    return [f"{len(rows)} {what} are left out, {rows[0].place} for one: {rows[0].shown()}"]
