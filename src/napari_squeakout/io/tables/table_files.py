"""A file -> the rows of its table; what it is, is told by its content."""

from __future__ import annotations

import codecs
from pathlib import Path

from napari_squeakout.core.errors import InputError
from napari_squeakout.io.files import check_readable

from .cells import REMEDY, Row, rows_kept
from .text_rows import rows_of_text
from .workbook_rows import rows_of_workbook

# What a file begins with that is no table, by what to do with it.
_NOT_TABLES = {
    b"MATLAB": f"is a MATLAB file, which only MATLAB can read: {REMEDY}",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook or has a password: save it as xlsx without one",
    b"File type": f"is a Praat TextGrid: write it as a table in Praat, or {REMEDY}",
    b"<": f"is XML or a web page: {REMEDY}",
    b"{": f"is JSON: {REMEDY}",
}
_HEAD_BYTES = 4096
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WORKBOOK, _WORKBOOK_SUFFIXES = b"PK\x03\x04", {".xlsx", ".xlsm", ".xls"}


def read_rows(path: Path) -> list[Row]:
    """Rows of a text table or of a workbook's first sheet with content.

    Text is UTF-8, UTF-16 or, where it is neither, Windows' western encoding.

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
        return rows_of_workbook(path, content)
    return rows_kept(rows_of_text(path, _decoded(path, content)))


def _check_begins_as_table(path: Path) -> None:
    """Refuse what is plainly something else before it is read whole: it may be a recording."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    plain = head.removeprefix(codecs.BOM_UTF8).lstrip()
    what = next(
        (what for beginning, what in _NOT_TABLES.items() if plain.startswith(beginning)), ""
    )
    if not what and b"\0" in head and not head.startswith((_WORKBOOK, *_WIDE)):
        what = f"is no text table: {REMEDY}"
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
    msg = f"{path}: is no text table: {REMEDY}"
    raise InputError(msg)
