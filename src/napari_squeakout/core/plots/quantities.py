"""In which unit a column of the table of calls is shown to people, and what it is called there."""

from __future__ import annotations

from dataclasses import dataclass

#: Ending of a column's name -> unit, how much of it one of the table's own is, decimals.
_UNITS = {
    "_hz_per_s": ("kHz/s", 1e-3, 1),
    "_hz": ("kHz", 1e-3, 2),
    "_s": ("s", 1.0, 4),
    "_db": ("dB", 1.0, 1),
    "_bits": ("bit", 1.0, 2),
    "_px": ("px", 1.0, 0),
}
#: Times that are read as milliseconds.
_SHORT = ("duration_s", "interval_s")
_MS = ("ms", 1e3, 1)
_PLAIN = ("", 1.0, 2)
_WHOLE = ("call", "page")


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """What a column holds, as people read it.

    Parameters
    ----------
    name : str
        That of the column.
    words : str
        What it is called, without its unit.
    unit : str
        As it is shown; empty for plain numbers and text.
    factor : float
        Shown number by that in the table.
    decimals : int
        How many are written.
    """

    name: str
    words: str
    unit: str
    factor: float
    decimals: int

    @property
    def heading(self) -> str:
        """Words and unit."""
        return f"{self.words} ({self.unit})" if self.unit else self.words


def quantity_of(name: str, *, is_whole: bool = False) -> Quantity:
    """How a column of the table of calls is read.

    Parameters
    ----------
    name : str
        Of the column.
    is_whole : bool
        Whether it holds whole numbers.
    """
    ending = next((ending for ending in _UNITS if name.endswith(ending)), "")
    unit, factor, decimals = _MS if name in _SHORT else _UNITS.get(ending, _PLAIN)
    is_plain = not ending and (is_whole or name in _WHOLE)
    return Quantity(
        name=name,
        words=name.removesuffix(ending).replace("_", " "),
        unit=unit,
        factor=factor,
        decimals=0 if is_plain else decimals,
    )
