"""Text in tables that acts on no spreadsheet and no terminal: names of files are anybody's."""

from __future__ import annotations

from typing import Any

from napari_squeakout.core.visible_text import visible

# What spreadsheets take a formula to begin with; those of East Asia the wide signs too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# What ends a cell or a line where no quotation marks may stand around it, and what no XML holds.
_SPELT_OUT = str.maketrans(
    {"\t": r"\t", "\r": r"\r", "\n": r"\n", "\ufffe": r"\ufffe", "\uffff": r"\uffff"}
)


def harmless(cell: Any) -> Any:
    """A cell as a spreadsheet and a terminal may have it.

    Text that would be taken for a formula gets an apostrophe in front, signs that would act on a
    terminal are spelt out; what is no text is left alone.
    """
    if not isinstance(cell, str):
        return cell
    return visible(f"'{cell}" if cell.startswith(_FORMULA) else cell)


def harmless_in_line(cell: Any) -> Any:
    """As `harmless`, and without tabs and line ends: for cells that nothing is put around."""
    return harmless(cell).translate(_SPELT_OUT) if isinstance(cell, str) else cell


def before_it_was_harmless(cell: str) -> str:
    """The text without the apostrophe that `harmless` put in front."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
