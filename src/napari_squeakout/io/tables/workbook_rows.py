"""An Excel workbook -> rows of cells."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from napari_squeakout.core.errors import InputError

from .cells import REMEDY, Row, rows_kept

# What openpyxl raises on workbooks that are damaged or none.
_ERRORS = (
    OSError, EOFError, RuntimeError, SyntaxError, KeyError, IndexError, ValueError, TypeError,
    AttributeError, ArithmeticError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
# Rows that a sheet of Excel can have, and what a workbook may say of empty ones in a few bytes.
_MOST_ROWS, _MOST_CELLS = 1_048_576, 20_000_000
_LARGEST_BYTES = 2**28


def rows_of_workbook(path: Path, content: bytes) -> list[Row]:
    """Rows of the first sheet with anything on it.

    Raises
    ------
    InputError
        If the workbook is damaged, is none, has no such sheet, or is larger than a table of calls
        ever is.
    """
    import openpyxl

    _check_unpacks_to_a_table(path, content)
    try:
        # It remarks on styles and extensions, which say nothing about the cells.
        with warnings.catch_warnings(action="ignore"):
            # Out of memory, so that no open file is left behind where it fails.
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            for sheet in book.worksheets:
                # Some programs state a size that is not that of the sheet.
                sheet.reset_dimensions()
                rows = rows_kept(_numbered(path, sheet.iter_rows(values_only=True)))
                if rows:
                    return rows
    except _ERRORS as error:
        msg = f"{path}: is damaged or no Excel workbook: save it again as xlsx or as CSV"
        raise InputError(msg) from error
    msg = f"{path}: has no sheet with anything on it: {REMEDY}"
    raise InputError(msg)


def _check_unpacks_to_a_table(path: Path, content: bytes) -> None:
    """Refuse a workbook that unpacks to more than a table of calls ever is."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            n_bytes = sum(entry.file_size for entry in archive.infolist())
    except _ERRORS:
        return  # reading it says what is wrong
    if n_bytes > _LARGEST_BYTES:
        limit = f"{n_bytes / 1e6:.0f} MB, more than {_LARGEST_BYTES / 1e6:.0f} MB"
        msg = f"{path}: unpacks to {limit}: {REMEDY}"
        raise InputError(msg)


def _numbered(path: Path, values: Iterable[tuple[Any, ...]]) -> Iterator[Row]:
    n_cells = 0
    for number, row in enumerate(values, 1):
        n_cells += len(row)
        if number > _MOST_ROWS or n_cells > _MOST_CELLS:
            msg = f"{path}: has more rows or cells than a table of calls: {REMEDY}"
            raise InputError(msg)
        cells = tuple("" if value is None else str(value) for value in row)
        yield Row(cells=cells, file=str(path), place=f"row {number}")
