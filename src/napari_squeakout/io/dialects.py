"""How programs name the columns of their tables of calls."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from .cells import Row

# Units as headers state them, in seconds and in hertz.
_SECONDS = {"s": 1, "sec": 1, "seconds": 1, "ms": 1e-3, "msec": 1e-3}
_HERTZ = {"hz": 1, "khz": 1e3}

_WITH_UNIT = re.compile(rf"(.+?) ?[(\[ ]({'|'.join({**_SECONDS, **_HERTZ})})[)\]]?")

# Words by which people name the column of call types, the likeliest first.
_LABEL_WORDS = ("label", "annotation", "tag", "class", "type", "cluster", "behavior", "name")

# Columns that tell which file a call lies in.
_FILE_COLUMNS = {
    "audio file", "begin file", "file", "file name", "filename", "image", "media file name",
    "notated path",
}  # fmt: skip


@dataclass(frozen=True)
class Dialect:
    """How one program names the columns that matter; lower case, without units.

    Parameters
    ----------
    program : str
        Its name; empty for names that several use.
    start, end : str
        Columns of onset and offset.
    telling : str
        A further column that tells this program from others of the same names.
    low, high : str
        Columns of the lowest and the highest frequency, where there are such.
    hertz : float or None
        What a frequency is in where the header does not say; None where it may be anything.
    no_call : str
        Label of rows that are no calls.
    """

    program: str
    start: str
    end: str
    telling: str = ""
    low: str = ""
    high: str = ""
    hertz: float | None = None
    no_call: str = ""


# The first that fits counts. Names are from files these programs wrote or from the source that
# writes them: Raven Pro 1.x, DeepSqueak 3.2 (`_Stats` tables), VocalMat of 2021, MUPET 2.1,
# USVSEG 09r2 (its `maxfreq` is the loudest frequency, not the highest, so it is not used). Columns
# without a program's name: DAS, WhisperSeg, crowsetta, AMVOC with a header, BORIS, HybridMouse.
_DIALECTS = (
    Dialect("napari-squeakout", "start", "end", telling="call", low="low", high="high"),
    Dialect(
        "DeepSqueak", "begin time", "end time", "accepted", low="low freq", high="high freq"
    ),
    Dialect("Raven", "begin time", "end time", "selection", low="low freq", high="high freq"),
    Dialect(
        "VocalMat", "start time", "end time", "names vocal",
        low="min freq main", high="max freq main", hertz=1, no_call="noise_dist",
    ),
    Dialect(
        "MUPET", "syllable start time", "syllable end time",
        low="minimum frequency", high="maximum frequency",
    ),
    Dialect("USVSEG", "start", "end", telling="maxfreq"),
    Dialect("", "begin time", "end time", low="low freq", high="high freq"),
    Dialect("", "start time", "end time", low="low freq", high="high freq"),
    Dialect("", "start", "end", low="low", high="high"),
    Dialect("", "start", "stop", low="low", high="high"),
    Dialect("", "onset", "offset", low="low", high="high"),
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column of a table with a header.

    Parameters
    ----------
    index : int
        Where it stands.
    name : str
        Lower case, words parted by single spaces, without the unit.
    unit : str
        As the header has it; empty where it states none.
    """

    index: int
    name: str
    unit: str


class Quantity(NamedTuple):
    """A column of numbers.

    Parameters
    ----------
    column : int
        Where it stands.
    unit : float
        How many seconds or hertz a 1 in it is.
    """

    column: int
    unit: float = 1


@dataclass(frozen=True)
class Header:
    """The columns of a table, and whose they are.

    Parameters
    ----------
    columns : tuple of Column
        All of them.
    dialect : Dialect
        The program that names them so.
    start, end : Quantity
        Where onset and offset stand, in seconds.
    low, high : Quantity or None
        Where the lowest and the highest frequency stand, in hertz; None where there is no such
        column or its unit is not known.
    """

    columns: tuple[Column, ...]
    dialect: Dialect
    start: Quantity
    end: Quantity
    low: Quantity | None
    high: Quantity | None

    def column(self, name: str) -> int | None:
        """Where the column of that name stands, whatever its unit."""
        return next((column.index for column in self.columns if column.name == name), None)

    def label(self) -> int | None:
        """Where the call type stands: a column of such a name, else one with such a word in it."""
        for word in _LABEL_WORDS:
            for column in self.columns:
                if column.name in {word, f"{word}s"}:
                    return column.index
        for word in _LABEL_WORDS[:-1]:
            for column in self.columns:
                if {word, f"{word}s"} & set(column.name.split()):
                    return column.index
        return None

    def file(self) -> int | None:
        """Where the name of the file that a call lies in stands."""
        return next((column.index for column in self.columns if column.name in _FILE_COLUMNS), None)


def recognise_header(row: Row) -> Header | None:
    """The columns that a first row names; None where it names no onset and offset."""
    columns = tuple(_column(index, cell) for index, cell in enumerate(row.cells))
    names = {column.name for column in columns}
    for dialect in _DIALECTS:
        start = _quantity(columns, dialect.start, _SECONDS, 1)
        end = _quantity(columns, dialect.end, _SECONDS, 1)
        if start and end and (not dialect.telling or dialect.telling in names):
            low = _quantity(columns, dialect.low, _HERTZ, dialect.hertz)
            high = _quantity(columns, dialect.high, _HERTZ, dialect.hertz)
            return Header(columns, dialect, start, end, low, high)
    return None


def _column(index: int, cell: str) -> Column:
    name = " ".join(cell.lower().replace("_", " ").split())
    parts = _WITH_UNIT.fullmatch(name)
    return Column(index, parts[1], parts[2]) if parts else Column(index, name, "")


def _quantity(
    columns: Iterable[Column], name: str, units: dict[str, float], unstated: float | None
) -> Quantity | None:
    """The column of that name, unless its unit is another kind's or not known."""
    for column in columns:
        unit = units.get(column.unit) if column.unit else unstated
        if column.name == name and unit is not None:
            return Quantity(column.index, unit)
    return None
