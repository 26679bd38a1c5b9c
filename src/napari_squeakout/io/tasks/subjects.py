"""Who is who: what a table and the names of recordings say of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from napari_squeakout.core.errors import InputError, one_line
from napari_squeakout.core.measures.subjects import about_from_names, about_from_table
from napari_squeakout.io.files import check_readable


def known_of_recordings(
    recordings: Sequence[str], subjects: Path | None, pattern: str | None
) -> Mapping[str, dict[str, object]]:
    """What is known of each; a table says more than a name and is asked where both are given."""
    if subjects is None and pattern is None:
        return {}
    read = {} if pattern is None else about_from_names(recordings, pattern)
    if subjects is None:
        return read
    stated = about_from_table(read_subjects(subjects), recordings, called=str(subjects))
    return {name: _both(read.get(name, {}), stated[name]) for name in recordings}


def _both(read: Mapping[str, object], stated: Mapping[str, object]) -> dict[str, object]:
    """What a name and a table say: an empty cell says nothing."""
    said = {what: value for what, value in stated.items() if str(value).strip()}
    return {**stated, **read, **said}


def read_subjects(path: Path) -> pd.DataFrame:
    """Read a CSV with a header; rows and unnamed columns without content are no part of it.

    Parameters
    ----------
    path : Path
        In UTF-8, cells separated by commas.

    Returns
    -------
    DataFrame
        All cells as text, for a litter 007 is not 7; names may be repeated.

    Raises
    ------
    InputError
        If it cannot be read, or a row has more or fewer cells than the header: which of them are
        wanting or too many cannot be told.
    """
    check_readable(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        reader = csv.reader(io.StringIO(text), strict=True)
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except (OSError, ValueError, csv.Error) as error:
        msg = f"{path}: cannot be read as a table ({one_line(error)}): give a CSV in UTF-8"
        raise InputError(msg) from error
    if not rows:
        msg = f"{path}: holds no table: give it a header and a row a recording"
        raise InputError(msg)
    names = [name.strip() for name in rows[0][1]]
    for line, row in rows[1:]:
        _check_row(row, names, f"{path}, line {line}")
    table = pd.DataFrame([row for _, row in rows[1:]], columns=names, dtype=object)
    return table.loc[:, [bool(name) for name in names]]


def _check_row(row: list[str], names: list[str], where: str) -> None:
    if len(row) != len(names):
        msg = f"{where}: has {len(row)} cells, the header {len(names)}: give it as many"
        raise InputError(msg)
    for cell, name in zip(row, names, strict=True):
        if cell.strip() and not name:
            msg = f"{where}: {cell!r} stands in a column without a name: give it one"
            raise InputError(msg)
