"""Rows -> calls; those that hold none are left out and named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.numerals import are, counted

from .cell_values import NAN, has_no_times, is_short_clock
from .cells import Row
from .dialects import Quantity

# So many of the rows that hold no call are shown, with why.
_SHOWN = 3


class Call(NamedTuple):
    """What one row says."""

    start_s: float
    end_s: float
    low_hz: float = NAN
    high_hz: float = NAN
    label: str = ""


class Found(NamedTuple):
    """What the rows of a table say.

    Parameters
    ----------
    calls : list of (Row, Call)
        Each with the row it is from.
    notes : list of str
        What the user should know of the other rows.
    n_unread : int
        How many rows hold no call that can be read, though none says that there is none.
    channels : tuple of str
        Which channels of the recording they name.
    """

    calls: list[tuple[Row, Call]]
    notes: list[str]
    n_unread: int = 0
    channels: tuple[str, ...] = ()


def read_each(
    items: Sequence[tuple[Row, ...]], read: Callable[..., Call], start: Quantity, end: Quantity
) -> Found:
    """The call of each row, or of the few rows that tell of one.

    Parameters
    ----------
    items : sequence of tuple of Row
        What `read` takes at a time, the row with the times first.
    read : callable
        Raises InputError where that is no call.
    start, end : Quantity
        Where the times stand.

    Raises
    ------
    InputError
        If half of the rows fail or more: the table holds something else then.
    """
    timed = [rows for rows in items if not has_no_times(rows[0], start, end)]
    calls, failures = [], []
    for rows in timed:
        try:
            calls.append((rows[0], read(*rows)))
        except InputError as error:
            failures.append((rows[0], error))
    if failures and len(failures) >= len(calls):
        raise failures[0][1]
    timeless = [rows[0] for rows in items if has_no_times(rows[0], start, end)]
    notes = [*_told_of_timeless(timeless), *_told_of_failures(failures)]
    if any(is_short_clock(rows[0], at) for rows in timed for at in (start, end)):
        notes.append("times like 1:30 are read as minutes and seconds")
    return Found(calls, notes, len(timeless) + len(failures))


def _told_of_timeless(rows: Sequence[Row]) -> list[str]:
    if not rows:
        return []
    shown = f"{rows[0].place} for one: {rows[0].shown()}"
    return [f"{counted(len(rows), 'row')} without times {are(len(rows))} left out, {shown}"]


def _told_of_failures(failures: Sequence[tuple[Row, InputError]]) -> list[str]:
    shown = [
        f"{row.place} is left out: {str(error).removeprefix(f'{row.where}: ')}"
        for row, error in failures[:_SHOWN]
    ]
    more = len(failures) - len(shown)
    return [*shown, f"{more} more such rows are left out"] if more else shown
