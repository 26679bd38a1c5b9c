"""One row of a table as text, whatever kind of file holds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

#: What a file that cannot be read is to be given as.
REMEDY = "export the intervals as CSV with start_s,end_s"
#: White space between the cells, however much of it, as numpy.savetxt writes it.
SPACES = " "
#: What lines begin with that programs take for remarks.
REMARKS = ("#", "%")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row that is not blank.

    Parameters
    ----------
    cells : tuple of str
        Without the white space around them; those at the end that are empty are left out.
    file : str
        Path of the table.
    place : str
        Where in it, as an error names it: `line 3`, or `row 3` of a workbook.
    delimiter : str
        What stood between the cells; empty in a workbook.
    """

    cells: tuple[str, ...]
    file: str
    place: str
    delimiter: str = ""

    @property
    def where(self) -> str:
        """File and line, as an error names them."""
        return f"{self.file}, {self.place}"

    @property
    def is_remark(self) -> bool:
        """Whether it begins as remarks do; so do the rows of who numbers calls #1, #2."""
        return self.cells[0].startswith(REMARKS)

    def without_mark(self) -> Row:
        """A remark without the mark before it: some programs write their header as one."""
        first = self.cells[0].lstrip("".join(REMARKS)).strip()
        return replace(self, cells=(first, *self.cells[1:]) if first else self.cells[1:])

    def cell(self, index: int | None) -> str:
        """One cell; empty where the row has none there."""
        return self.cells[index] if index is not None and index < len(self.cells) else ""

    def shown(self) -> str:
        """The row's beginning, for an error."""
        return repr((self.delimiter or ",").join(self.cells).replace("\t", ",")[:80])


def rows_kept(rows: Iterable[Row]) -> list[Row]:
    """Rows with their cells bare, without the blank ones."""
    return [bare for row in rows if (bare := _bare(row)).cells]


def _bare(row: Row) -> Row:
    cells = [cell.strip() for cell in row.cells]
    while cells and not cells[-1]:
        cells.pop()
    return replace(row, cells=tuple(cells))
