"""Rows -> a text table parted by tabs or commas, or an Excel workbook."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from napari_squeakout.core.errors import InputError
from napari_squeakout.io.files import atomic_file

from .safe_text import harmless
from .written_forms import Cell, Written

_WORKBOOK = ".xlsx"
# What a sheet of Excel holds.
_MOST_ROWS = 1_048_576
_DECIMALS = 9


def write_rows(table: Written, path: Path) -> None:
    """Write a table, as a workbook where its name ends in `.xlsx`, else as text parted by tabs.

    Parameters
    ----------
    table : Written
        Its rows.
    path : Path
        File to write.

    Raises
    ------
    SqueakOutError
        If there are more rows than a workbook can have, or it cannot be written.
    """
    with atomic_file(path) as draft:
        if path.suffix == _WORKBOOK:
            _write_workbook(table.rows, path, draft)
        else:
            lines = ["\t".join(map(_text, row)) + "\n" for row in table.rows]
            draft.write_text("".join(lines), encoding="utf-8", newline="\n")


def write_frame(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, numbers as they are, text so that no spreadsheet runs it.

    Parameters
    ----------
    table : DataFrame
        Its rows; what is not known is an empty cell. Names of columns may be anybody's too.
    path : Path
        File to write.

    Raises
    ------
    SqueakOutError
        If it cannot be written.
    """
    safe = table.copy()
    for name in table.columns:
        if table[name].dtype.kind == "O":
            safe[name] = pd.Series(table[name].map(harmless), table.index, dtype=object)
    write_cells(safe, path)


def write_cells(table: pd.DataFrame, path: str | Path) -> None:
    """Write cells that are harmless already, under names that are made so."""
    named = table.set_axis([harmless(name) for name in table.columns], axis="columns")
    with atomic_file(path) as draft:
        # Names of files may hold what is no UTF-8.
        named.to_csv(
            draft, index=False, encoding="utf-8", errors="backslashreplace", lineterminator="\n"
        )


def _text(cell: Cell) -> str:
    """A cell as text; no number in it has an exponent, which not every program reads."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        whole, _, fraction = f"{cell:.{_DECIMALS}f}".partition(".")
        return f"{whole}.{fraction.rstrip('0') or '0'}"
    return str(cell)


def _write_workbook(rows: Iterable[tuple[Cell, ...]], path: Path, draft: Path) -> None:
    import openpyxl

    rows = list(rows)
    if len(rows) > _MOST_ROWS:
        msg = (
            f"{path}: {len(rows) - 1} calls are more than a workbook has rows ({_MOST_ROWS}): "
            "export them as csv or raven"
        )
        raise InputError(msg)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Calls")
    for row in rows:
        sheet.append([_stated(sheet, cell) for cell in row])
    book.save(draft)


def _stated(sheet: Any, value: Cell) -> Any:
    """A cell that says itself what it is: openpyxl takes some texts for formulas and errors."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell
