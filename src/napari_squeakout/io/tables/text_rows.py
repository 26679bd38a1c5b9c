"""A text table -> rows of cells: what parts the cells, and which lines are remarks."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from napari_squeakout.core.errors import InputError

from .cells import REMARKS, REMEDY, SPACES, Row

_MARKS = "\t;,"
# Some programs write a title or what they were told above the table.
_FIRST_LINES = 20
# The line that tells Excel what parts the cells of all others.
_STATED = re.compile(r'"?sep=([\t;,|: ])"?', re.IGNORECASE)
_DECIMAL = re.compile(r"[+-]?[0-9]+(,[0-9]+)?(e[+-]?[0-9]+)?", re.IGNORECASE)


def rows_of_text(path: Path, text: str) -> Iterator[Row]:
    """Rows of a text table, remarks among them.

    Tabs part the cells where the first line that has any such mark has one, else semicolons, else
    commas; spaces where none has one; what a first line `sep=` says, if there is one.

    Raises
    ------
    InputError
        If a quotation mark stays open.
    """
    delimiter, stated_at = _delimiter(text)
    lines = _Lines(text, stated_at)
    if delimiter == SPACES:
        for line in lines:
            yield Row(
                cells=tuple(line.split()), file=str(path), place=lines.place, delimiter=SPACES
            )
        return
    # A quotation mark in a remark means nothing: those never come to the reader.
    reader = csv.reader(
        lines.without_remarks(),
        delimiter=delimiter,
        # Programs that write tabs write quotation marks as they are: a label may begin with one.
        quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL,
        strict=True,
    )
    try:
        for cells in reader:
            for place, remark in lines.remarks():
                yield Row(
                    cells=tuple(remark.split(delimiter)),
                    file=str(path),
                    place=place,
                    delimiter=delimiter,
                )
            bare = [_bare(cell) for cell in cells] if delimiter == "\t" else cells
            yield Row(cells=tuple(bare), file=str(path), place=lines.place, delimiter=delimiter)
        for place, remark in lines.remarks():
            yield Row(
                cells=tuple(remark.split(delimiter)),
                file=str(path),
                place=place,
                delimiter=delimiter,
            )
    except csv.Error as error:
        msg = (
            f"{path}, {lines.place}: is no row of a text table ({error}): "
            f"close its quotation marks, or {REMEDY}"
        )
        raise InputError(msg) from error


class _Lines:
    """The lines of a text, counted, but for the one that states what parts the cells."""

    def __init__(self, text: str, stated_at: int) -> None:
        # As csv asks for: line ends are left as they are.
        self._lines = enumerate(io.StringIO(text, newline=""), 1)
        self._stated_at = stated_at
        self._remarks: list[tuple[str, str]] = []
        self.place = "line 1"

    def __iter__(self) -> Iterator[str]:
        for number, line in self._lines:
            self.place = f"line {number}"
            if number != self._stated_at:
                yield line

    def without_remarks(self) -> Iterator[str]:
        """All lines but the remarks, which are kept."""
        for line in self:
            if line.lstrip().startswith(REMARKS):
                self._remarks.append((self.place, line))
            else:
                yield line

    def remarks(self) -> list[tuple[str, str]]:
        """Place and text of the remarks kept since this was asked last."""
        kept, self._remarks = self._remarks, []
        return kept


def _delimiter(text: str) -> tuple[str, int]:
    """What parts the cells, and the number of the line that states it; 0 where none does."""
    numbered = enumerate(io.StringIO(text, newline=None), 1)
    marked = [(number, line.strip("\n")) for number, line in numbered if line.strip()]
    plain = [one for one in marked if not one[1].lstrip().startswith(REMARKS)]
    first = (plain or marked)[:_FIRST_LINES]
    stated = _STATED.fullmatch(first[0][1].strip(" ")) if first else None
    if stated:
        return stated[1], first[0][0]
    for _, line in first:
        mark = next((mark for mark in _MARKS if mark in line), "")
        parts = line.split()
        # 0,5 0,61: decimal commas, and spaces between the cells.
        if mark == "," and len(parts) > 1 and all(map(_DECIMAL.fullmatch, parts)):
            return SPACES, 0
        if mark:
            return mark, 0
    return SPACES, 0


def _bare(cell: str) -> str:
    """A cell without the quotation marks that Excel puts around some."""
    cell = cell.strip()
    return cell[1:-1].strip() if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell
