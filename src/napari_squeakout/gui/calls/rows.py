"""Which rows are shown, and in which order: index arrays, no table is copied or moved."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError

from .columns import Column

Values = Mapping[str, NDArray[Any]]

_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    ">=": np.greater_equal,
    "<=": np.less_equal,
    "!=": np.not_equal,
    ">": np.greater,
    "<": np.less,
    "=": np.equal,
}
_CONDITION = re.compile(r"^\s*(?P<words>[^<>=!]+?)\s*(?P<sign>>=|<=|!=|>|<|=)\s*(?P<value>.*?)\s*$")
_BETWEEN = re.compile(r",|\band\b", re.IGNORECASE)
_EXAMPLE = "for example: duration > 20, class = flat"


@dataclass(frozen=True)
class Condition:
    """What a row must fulfil to be shown.

    Parameters
    ----------
    column : Column
        What is compared.
    sign : str
        How.
    value : float or str
        With what, in the unit that is shown; an empty text stands for cells that are empty.
    """

    column: Column
    sign: str
    value: float | str

    def holds(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """(rows,) where it is fulfilled; an empty cell is neither more nor less than anything."""
        if self.value == "":
            empty = _is_empty(values)
            return empty if self.sign == "=" else ~empty
        if isinstance(self.value, str):
            same = np.array([_folded(value) == _folded(self.value) for value in values], bool)
            return same if self.sign == "=" else ~same
        shown = values.astype(np.float64) * self.column.factor
        if self.sign in {"=", "!="}:  # as it is read
            shown, value = (
                np.round(shown, self.column.decimals),
                round(self.value, self.column.decimals),
            )
            return np.asarray(_COMPARED[self.sign](shown, value)) & ~_is_empty(values)
        return np.asarray(_COMPARED[self.sign](shown, self.value))


def conditions_of(text: str, columns: Sequence[Column]) -> tuple[Condition, ...]:
    """Conditions as a person writes them: `duration > 20, class = flat`, in the units shown.

    Parameters
    ----------
    text : str
        Conditions, parted by commas or `and`; a column goes by its heading, or by its name in
        `calls.csv`.
    columns : sequence of Column
        Those of the table.

    Raises
    ------
    InputError
        If there is no such column, or no such comparison of it.
    """
    parts = [part for part in _BETWEEN.split(text) if part.strip()]
    return tuple(_condition(part.strip(), columns) for part in parts)


def passing(values: Values, conditions: Sequence[Condition], n_rows: int) -> NDArray[np.intp]:
    """Rows that fulfil all conditions, in the table's order."""
    kept = np.ones(n_rows, bool)
    for condition in conditions:
        kept &= condition.holds(values[condition.column.name])
    return np.flatnonzero(kept)


def in_order(values: NDArray[Any], rows: NDArray[np.intp], *, descending: bool) -> NDArray[np.intp]:
    """Rows by their values, equal ones as they were; empty cells come last, either way."""
    keys = _sortable(values[rows])
    # numpy sorts what is no number to the end.
    return rows[np.argsort(-keys if descending else keys, kind="stable")]


def runs_of(rows: NDArray[np.intp]) -> list[tuple[int, int]]:
    """First and last of each run of rows that follow each other."""
    rows = np.sort(rows)
    if not len(rows):
        return []
    breaks = np.flatnonzero(np.diff(rows) != 1)
    firsts, lasts = np.r_[0, breaks + 1], np.r_[breaks, len(rows) - 1]
    pairs = zip(rows[firsts].tolist(), rows[lasts].tolist(), strict=True)
    return [(int(first), int(last)) for first, last in pairs]


def _sortable(values: NDArray[Any]) -> NDArray[np.float64]:
    if values.dtype != object:
        return values.astype(np.float64)
    empty = _is_empty(values)
    keys = np.full(len(values), np.nan)
    texts = np.array([_folded(value) for value in values[~empty]], dtype=str)
    keys[~empty] = np.unique(texts, return_inverse=True)[1]
    return keys


def _is_empty(values: NDArray[Any]) -> NDArray[np.bool_]:
    if values.dtype != object:
        return np.isnan(values.astype(np.float64))
    return np.array([not isinstance(value, str) or not value for value in values], bool)


def _folded(value: Any) -> str:
    return value.casefold() if isinstance(value, str) else ""


def _condition(text: str, columns: Sequence[Column]) -> Condition:
    found = _CONDITION.match(text)
    if found is None:
        msg = f"{text!r} compares nothing: write a column, one of < > = and a value, {_EXAMPLE}"
        raise InputError(msg)
    column = _column_called(found["words"], columns)
    sign, value = found["sign"], found["value"]
    if not value or column.is_text:
        if sign not in {"=", "!="}:
            what = "words" if column.is_text else "an empty cell"
            msg = f"{text!r}: {what} can only be = or !=, {_EXAMPLE}"
            raise InputError(msg)
        return Condition(column, sign, value)
    if column.is_flag and value.casefold() in {"yes", "no"}:
        return Condition(column, sign, float(value.casefold() == "yes"))
    try:
        number = float(value)
    except ValueError:
        number = np.nan
    if not np.isfinite(number):
        unit = f" of {column.unit}" if column.unit else ""
        msg = f"{text!r}: {value!r} is no number{unit}: write one with a point, {_EXAMPLE}"
        raise InputError(msg)
    return Condition(column, sign, number)


def _column_called(words: str, columns: Sequence[Column]) -> Column:
    wanted = words.casefold().strip()
    for column in columns:
        if wanted in {column.name, column.words.casefold(), column.heading.casefold()}:
            return column
    names = ", ".join(column.words for column in columns)
    msg = f"{words!r} is no column of the table: choose one of {names}"
    raise InputError(msg)
