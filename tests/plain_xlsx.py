"""A workbook read the plain way: XML in a zip. Apart from the package's own reader."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def plain_rows(path: Path) -> list[list[str | float | None]]:
    """Rows of the first sheet, cells by their columns; formulas are refused."""
    with zipfile.ZipFile(path) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        shared = []
        if "xl/sharedStrings.xml" in book.namelist():
            strings = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
            shared = ["".join(one.itertext()) for one in strings]
    assert sheet.find(f".//{_MAIN}f") is None, "a formula"
    rows = []
    for row in sheet.iter(f"{_MAIN}row"):
        cells: dict[int, str | float | None] = {}
        for at, cell in enumerate(row):
            place = _column(cell.get("r")) if cell.get("r") else at
            cells[place] = _value(cell, shared)
        rows.append([cells.get(at) for at in range(max(cells, default=-1) + 1)])
    return rows


def _column(reference: str) -> int:
    number = 0
    for letter in (sign for sign in reference if sign.isalpha()):
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def _value(cell: ElementTree.Element, shared: list[str]) -> str | float | None:
    kind, text = cell.get("t"), "".join(cell.itertext())
    if kind == "s":
        return shared[int(text)]
    if kind in {"inlineStr", "str"}:
        return text
    return float(text) if text else None
