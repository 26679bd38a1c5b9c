"""The cells of a table as text, whatever kind of file holds them."""

from __future__ import annotations

import codecs
import csv
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_squeakout.core.errors import InputError

from .files import check_readable

#: What a file that cannot be read is to be given as.
_REMEDY = "export the intervals as CSV with start_s,end_s"

# What a file begins with that is no table, by what to do with it.
_NOT_TABLES = {
    b"MATLAB": f"is a MATLAB file, which only MATLAB can read: {_REMEDY}",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook or has a password: save it as xlsx without one",
}
_HEAD_BYTES = 4096
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Rows that a sheet of Excel can have, and what a workbook may say of empty ones in a few bytes.
_MOST_ROWS, _MOST_CELLS = 1_048_576, 20_000_000
_LARGEST_WORKBOOK_BYTES = 2**28
_WORKBOOK, _WORKBOOK_SUFFIXES = b"PK\x03\x04", {".xlsx", ".xlsm", ".xls"}

# What openpyxl raises on workbooks that are damaged or none.
_WORKBOOK_ERRORS = (
    OSError, EOFError, RuntimeError, SyntaxError, KeyError, IndexError, ValueError, TypeError,
    AttributeError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row that is not blank.

    Parameters
    ----------
    cells : tuple of str
        Without the white space around them; those at the end that are empty are left out.
    where : str
        File and line, as an error names them.
    delimiter : str
        What stood between the cells; empty in a workbook.
    """

    cells: tuple[str, ...]
    where: str
    delimiter: str = ""

    def cell(self, index: int | None) -> str:
        """One cell; empty where the row has none there."""
        return self.cells[index] if index is not None and index < len(self.cells) else ""

    def shown(self) -> str:
        """The row's beginning, for an error."""
        return repr(",".join(self.cells)[:80])


def read_rows(path: Path) -> list[Row]:
    """Rows of a text table or of a workbook's first sheet with content.

    Text is UTF-8, UTF-16 or, where it is neither, Windows' western encoding. Tabs part the cells
    where the first row has one, else semicolons, else commas.

    Parameters
    ----------
    path : Path
        What it is is told by its content.

    Returns
    -------
    list of Row
        Empty for a text file without content.

    Raises
    ------
    InputError
        If the file cannot be read or is no table.
    """
    may_be_empty = path.suffix.lower() not in _WORKBOOK_SUFFIXES
    if not (may_be_empty and path.is_file() and path.stat().st_size == 0):
        check_readable(path)
    _check_begins_as_table(path)
    content = path.read_bytes()
    if content.startswith(_WORKBOOK):
        return _rows_of_workbook(path, content)
    return _rows_of_text(path, _decoded(path, content))


def _check_begins_as_table(path: Path) -> None:
    """Refuse what is plainly something else before it is read whole: it may be a recording."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    what = next((what for beginning, what in _NOT_TABLES.items() if head.startswith(beginning)), "")
    if not what and b"\0" in head and not head.startswith((_WORKBOOK, *_WIDE)):
        what = f"is no text table: {_REMEDY}"
    if what:
        msg = f"{path}: {what}"
        raise InputError(msg)


def _decoded(path: Path, content: bytes) -> str:
    for encoding in ["utf-16"] if content.startswith(_WIDE) else ["utf-8-sig", "cp1252"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if all(sign >= " " or sign.isspace() for sign in set(text)):
            return text
    msg = f"{path}: is no text table: {_REMEDY}"
    raise InputError(msg)


def _rows_of_text(path: Path, text: str) -> list[Row]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = next((mark for mark in "\t;" if mark in first), ",")
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        # Programs that write tabs write quotation marks as they are: a label may begin with one.
        quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL,
        strict=True,
    )
    try:
        numbered = ((f"{path}, line {reader.line_num}", cells) for cells in reader)
        return list(_rows(numbered, delimiter))
    except csv.Error as error:
        msg = (
            f"{path}, line {reader.line_num}: is no row of a text table ({error}): "
            f"close its quotation marks, or {_REMEDY}"
        )
        raise InputError(msg) from error


def _rows_of_workbook(path: Path, content: bytes) -> list[Row]:
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
                rows = list(_rows(_numbered(path, sheet.iter_rows(values_only=True)), ""))
                if rows:
                    return rows
    except _WORKBOOK_ERRORS as error:
        msg = f"{path}: is damaged or no Excel workbook: save it again as xlsx or as CSV"
        raise InputError(msg) from error
    msg = f"{path}: has no sheet with anything on it: {_REMEDY}"
    raise InputError(msg)


def _check_unpacks_to_a_table(path: Path, content: bytes) -> None:
    """Refuse a workbook that unpacks to more than a table of calls ever is."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            n_bytes = sum(entry.file_size for entry in archive.infolist())
    except _WORKBOOK_ERRORS:
        return  # reading it says what is wrong
    if n_bytes > _LARGEST_WORKBOOK_BYTES:
        limit = f"{n_bytes / 1e6:.0f} MB, more than {_LARGEST_WORKBOOK_BYTES / 1e6:.0f} MB"
        msg = f"{path}: unpacks to {limit}: {_REMEDY}"
        raise InputError(msg)


def _numbered(path: Path, values: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, list[str]]]:
    n_cells = 0
    for number, row in enumerate(values, 1):
        n_cells += len(row)
        if number > _MOST_ROWS or n_cells > _MOST_CELLS:
            msg = f"{path}: has more rows or cells than a table of calls: {_REMEDY}"
            raise InputError(msg)
        yield f"{path}, row {number}", ["" if value is None else str(value) for value in row]


def _rows(numbered: Iterable[tuple[str, list[str]]], delimiter: str) -> Iterator[Row]:
    for where, cells in numbered:
        stripped = [_bare(cell) if delimiter == "\t" else cell.strip() for cell in cells]
        while stripped and not stripped[-1]:
            stripped.pop()
        if stripped:
            yield Row(tuple(stripped), where, delimiter)


def _bare(cell: str) -> str:
    """A cell without the quotation marks that Excel puts around some."""
    cell = cell.strip()
    return cell[1:-1].strip() if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell
