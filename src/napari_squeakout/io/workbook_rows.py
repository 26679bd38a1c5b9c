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


def rows_of_workbook(path: Path, content: bytes) -> list[Row]:
    """Rows of the first sheet with anything on it.

    Raises
    ------
    InputError
        If the workbook is damaged, is none, or has no such sheet.
    """
    import openpyxl

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


def _numbered(path: Path, values: Iterable[tuple[Any, ...]]) -> Iterator[Row]:
    for number, row in enumerate(values, 1):
        cells = tuple("" if value is None else str(value) for value in row)
        yield Row(cells, str(path), f"row {number}")
