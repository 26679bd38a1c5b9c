"""Of the rows of a table those of one recording, with their times counted from its start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path, PureWindowsPath
from typing import TypeAlias

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.numerals import are, counted
from napari_squeakout.io.sources.audio import RECORDING_SUFFIXES

from .cell_values import UNKNOWN, checked, interval, seconds, seconds_of
from .cells import Row
from .dialects import Header, Quantity
from .safe_text import before_it_was_harmless

#: Gives onset and offset of a row in seconds, or raises InputError.
Times: TypeAlias = Callable[[Row], tuple[float, float]]

# Raven calls nothing of a file by its place in it unless it is asked to.
# Times of a few decimals, of calls soon after the start.
_ROUNDING = 0.02
_OFFSET_REMEDY = "export Raven's column File Offset (s) as well, or give a table of one recording"


def rows_of_recording(
    header: Header, rows: Sequence[Row], path: Path, of: str
) -> tuple[list[Row], list[str]]:
    """Rows of one recording, and what the user should know of that choice.

    Parameters
    ----------
    header, rows : Header, sequence of Row
        A table.
    path : Path
        Where it lies.
    of : str
        Name or path of the recording; empty where it is not known.

    Raises
    ------
    InputError
        If the rows are of several recordings and it does not follow which of them is wanted.
    """
    column, files = _files(header, rows)
    if len(files) <= 1:
        return list(rows), _other_name(next(iter(files), ""), of)
    shown = " and ".join(map(repr, list(files)[:2]))
    several = f"{path}: has calls of {len(files)} files, {shown} among them"
    wanted = {file for file in files if of and _same(file, of)}
    if len(wanted) != 1:
        why = f", and {len(wanted) or 'none'} of them called {_base(of)!r}" if of else ""
        msg = f"{several}{why}: give a table of one recording"
        raise InputError(msg)
    if header.dialect.start == "begin time" and _offset(header, rows) is None:
        msg = f"{several}, and their times may count from the first of them: {_OFFSET_REMEDY}"
        raise InputError(msg)
    kept = [row for row in rows if row.cell(column) in wanted]
    left_out = len(rows) - len(kept)
    rows_left = f"{counted(left_out, 'row')} of other files than {_base(wanted.pop())}"
    return kept, [f"{rows_left} {are(left_out)} left out"]


def times_in_file(header: Header, rows: Sequence[Row]) -> tuple[Times, list[str]]:
    """What reads the onset and offset of a row, and what the user should know of it.

    Raven counts the times of all files opened together from the start of the first; where it was
    asked to, it says beside them when a call begins in its own.
    """
    is_length = not header.dialect.end
    offset = _offset(header, rows)
    if offset is None:
        _check_samples_agree(header, rows)
        return partial(interval, start=header.start, end=header.end, is_length=is_length), []

    def in_file(row: Row) -> tuple[float, float]:
        start_s, end_s = interval(row, header.start, header.end, is_length=is_length)
        own_s = seconds_of(row, offset)
        return checked(row, own_s, own_s + end_s - start_s)

    shifted = any(row.cell(offset.column) != row.cell(header.start.column) for row in rows)
    note = "times are those in each call's own file, by File Offset"
    return in_file, [note] if shifted else []


def _offset(header: Header, rows: Iterable[Row]) -> Quantity | None:
    at = header.file_offset()
    said = at is not None and any(row.cell(at.column).lower() not in UNKNOWN for row in rows)
    return at if said else None


def _check_samples_agree(header: Header, rows: Sequence[Row]) -> None:
    """Refuse times that do not grow with the sample at which a call begins in its own file.

    Raises
    ------
    InputError
        If they do not: they count from the start of another file.
    """
    column = header.column_of_own_samples()
    if column is None:
        return
    a_second: list[tuple[float, str]] = []
    for row in rows:
        try:
            start_s, sample = (seconds(row, at) for at in (header.start, Quantity(column)))
        except ValueError:
            continue  # told where the calls are read
        if start_s > 0 and sample >= 0:
            a_second.append((sample / start_s, row.where))
    if a_second and max(a_second)[0] > min(a_second)[0] * (1 + _ROUNDING):
        msg = (
            f"{max(a_second)[1]}: begins at another sample of its own file than its time "
            f"says, so times count from the first of several files: {_OFFSET_REMEDY}"
        )
        raise InputError(msg)


def _files(header: Header, rows: Sequence[Row]) -> tuple[int | None, Counter[str]]:
    """The column that tells files apart best, and how many rows each file has.

    Of `day1/ch1.wav` and `day2/ch1.wav` only the column of paths knows that they are two.
    """
    told = [
        (column, Counter(cell for row in rows if (cell := row.cell(column)).lower() not in UNKNOWN))
        for column in dict.fromkeys((*header.files(), *_columns_of_recordings(rows)))
    ]
    return max(told, key=lambda one: len(one[1]), default=(None, Counter()))


def _columns_of_recordings(rows: Sequence[Row]) -> list[int]:
    """Columns that hold names of recordings, whatever they are called themselves."""
    width = max((len(row.cells) for row in rows), default=0)
    return [
        column
        for column in range(width)
        if 2 * sum(is_recording_name(row.cell(column)) for row in rows) > len(rows)
    ]


def is_recording_name(cell: str) -> bool:
    """Whether a cell ends as names of recordings do."""
    return cell.lower().endswith(RECORDING_SUFFIXES)


def _other_name(file: str, of: str) -> list[str]:
    """A note where the one file that is named is another than the recording."""
    if not file or not of or _akin(_stem(file), _stem(of)) or _akin(_stem(of), _stem(file)):
        return []
    return [f"the table is of {file}, not of {_base(of)}: see that it is the right one"]


def _akin(name: str, longer: str) -> bool:
    """Whether a name is another with something behind it: DeepSqueak adds when it was at work."""
    return longer.startswith(name) and not longer[len(name) :][:1].isalnum()


def _same(file: str, of: str) -> bool:
    return _base(file).casefold() == _base(of).casefold() or _stem(file) == _stem(of)


def _stem(file: str) -> str:
    name = PureWindowsPath(_base(file).casefold())
    return name.stem if name.suffix in RECORDING_SUFFIXES else name.name


def _base(file: str) -> str:
    """The name without its folders, whatever system wrote it."""
    # Cells are read without the white space around them.
    return before_it_was_harmless(PureWindowsPath(file).name.strip())
