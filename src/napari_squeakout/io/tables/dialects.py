"""How programs name the columns of their tables of calls."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from .cells import Row

# Units as headers state them, in seconds and in hertz; times of a clock say what they are.
_SECONDS = {
    "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1, "ss msec": 1,
    "ms": 1e-3, "msec": 1e-3, "millisecond": 1e-3, "milliseconds": 1e-3,
    "us": 1e-6, "\u00b5s": 1e-6, "\u03bcs": 1e-6, "min": 60, "mins": 60, "minutes": 60,
    "hh:mm:ss": 1, "h:mm:ss": 1, "mm:ss": 1, "m:ss": 1, "hh:mm:ss ms": 1, "hh:mm:ss sss": 1,
}  # fmt: skip
_HERTZ = {"hz": 1, "khz": 1e3}

_WITH_UNIT = re.compile(rf"(.+?)(?: - | ?[(\[ ]) ?({'|'.join({**_SECONDS, **_HERTZ})}) ?[)\]]?")
# StartTime, but neither kHz nor mSec.
_HUMP = re.compile(r"(?<=[a-z]{2})(?=[A-Z][a-z])")

# Words by which people name the column of call types, the likeliest first.
_LABEL_WORDS = (
    "label", "annotation", "tag", "class", "type", "cluster", "behavior", "text", "name"
)  # fmt: skip

# Columns that tell which file a call lies in.
_FILE_COLUMNS = {
    "audio", "audio file", "audio path", "audiofile", "begin file", "begin path", "file",
    "file name", "file path", "filename", "filepath", "image", "in file", "media file",
    "media file name", "media file path", "notated path", "recording", "sound file",
    "sound files", "soundfile", "source file", "wav", "wav file", "wavfile",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
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
    length : str
        Column of how long a call is, where none tells its offset.
    """

    program: str
    start: str
    end: str
    telling: str = ""
    low: str = ""
    high: str = ""
    hertz: float | None = None
    no_call: str = ""
    length: str = ""


# The first that fits counts. Names are from files these programs wrote or from the source that
# writes them: Raven Pro 1.x, DeepSqueak 3.2 (`_Stats` tables), VocalMat of 2021, MUPET 2.1,
# USVSEG 09r2 (its `maxfreq` is the loudest frequency, not the highest, so it is not used), Praat's
# tables of intervals, warbleR, Kaleidoscope, regions of Sonic Visualiser. Columns without a
# program's name: DAS, WhisperSeg, crowsetta, AMVOC with a header, BORIS, HybridMouse, ELAN.
_DIALECTS = (
    Dialect(
        program="napari-squeakout", start="start", end="end", telling="call",
        low="low", high="high",
    ),
    Dialect(
        program="DeepSqueak", start="begin time", end="end time", telling="accepted",
        low="low freq", high="high freq",
    ),
    Dialect(
        program="Raven", start="begin time", end="end time", telling="selection",
        low="low freq", high="high freq",
    ),
    Dialect(
        program="VocalMat", start="start time", end="end time", telling="names vocal",
        low="min freq main", high="max freq main", hertz=1, no_call="noise_dist",
    ),
    Dialect(
        program="MUPET", start="syllable start time", end="syllable end time",
        low="minimum frequency", high="maximum frequency",
    ),
    Dialect(program="USVSEG", start="start", end="end", telling="maxfreq"),
    Dialect(
        program="warbleR", start="start", end="end", telling="selec",
        low="bottom freq", high="top freq", hertz=1e3,
    ),
    Dialect(program="Praat", start="tmin", end="tmax", telling="text"),
    Dialect(program="", start="begin time", end="end time", low="low freq", high="high freq"),
    Dialect(program="", start="start time", end="end time", low="low freq", high="high freq"),
    Dialect(program="", start="start time", end="stop time", low="low freq", high="high freq"),
    Dialect(program="", start="onset time", end="offset time", low="low freq", high="high freq"),
    Dialect(program="", start="start", end="end", low="low", high="high"),
    Dialect(program="", start="start", end="stop", low="low", high="high"),
    Dialect(program="", start="begin", end="end", low="low", high="high"),
    Dialect(program="", start="onset", end="offset", low="low", high="high"),
    Dialect(
        program="DeepSqueak", start="begin time", end="", telling="accepted",
        low="low freq", high="high freq", length="call length",
    ),
    Dialect(
        program="Raven", start="begin time", end="", telling="selection",
        low="low freq", high="high freq", length="delta time",
    ),
    Dialect(program="Kaleidoscope", start="offset", end="", telling="in file", length="duration"),
    Dialect(program="Sonic Visualiser", start="start", end="", telling="value", length="duration"),
    Dialect(program="Sonic Visualiser", start="time", end="", telling="value", length="duration"),
    *(
        Dialect(program="", start=start, end="", low=low, high=high, length=length)
        for start, low, high in (
            ("begin time", "low freq", "high freq"), ("start time", "low freq", "high freq"),
            ("start", "low", "high"), ("begin", "low", "high"), ("onset", "low", "high"),
            ("time", "low", "high"),
        )
        for length in ("duration", "length")
    ),
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


@dataclass(frozen=True, kw_only=True)
class Header:
    """The columns of a table, and whose they are.

    Parameters
    ----------
    columns : tuple of Column
        All of them.
    dialect : Dialect
        The program that names them so.
    start : Quantity
        Where the onset stands, in seconds.
    end : Quantity
        Where the offset stands, or, where the dialect has a column of it, how long a call is.
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

    def files(self) -> tuple[int, ...]:
        """Where names of the file that a call lies in stand."""
        return tuple(column.index for column in self.columns if column.name in _FILE_COLUMNS)

    def column_of_own_samples(self) -> int | None:
        """Where Raven writes at which sample of its own file a call begins."""
        return next((c.index for c in self.columns if c.name.startswith("beg file samp")), None)

    def file_offset(self) -> Quantity | None:
        """Where it stands when a call begins in its own file: Raven's others may begin before."""
        if self.dialect.start != "begin time":
            return None
        return _quantity(self.columns, "file offset", _SECONDS, 1)


def recognise_header(row: Row) -> Header | None:
    """The columns that a first row names; None where it names no onset and offset."""
    columns = tuple(_column(index, cell) for index, cell in enumerate(row.cells))
    names = {column.name for column in columns}
    for dialect in _DIALECTS:
        if dialect.telling and dialect.telling not in names:
            continue
        times = _times(columns, dialect.start, dialect.end or dialect.length)
        if times is not None:
            return Header(
                columns=columns,
                dialect=dialect,
                start=times[0],
                end=times[1],
                low=_quantity(columns, dialect.low, _HERTZ, dialect.hertz),
                high=_quantity(columns, dialect.high, _HERTZ, dialect.hertz),
            )
    return None


def _column(index: int, cell: str) -> Column:
    # R writes a point for each sign that it does not take in a name.
    plain = _HUMP.sub(" ", cell).lower()
    name = " ".join(plain.replace("_", " ").replace(".", " ").split())
    parts = _WITH_UNIT.fullmatch(name)
    return Column(index, parts[1], parts[2]) if parts else Column(index, name, "")


def _times(columns: Iterable[Column], start: str, end: str) -> tuple[Quantity, Quantity] | None:
    """Both columns; a unit that only one of them states is that of the other as well."""
    # Of several columns of a name that with a unit: what is in the other is anyone's guess.
    timed = sorted((c for c in columns if c.unit in {"", *_SECONDS}), key=lambda c: bool(c.unit))
    named = {column.name: column for column in timed}
    if start not in named or end not in named:
        return None
    stated = [named[name].unit for name in (start, end)]
    units = [_SECONDS.get(unit or stated[1 - at] or "s") for at, unit in enumerate(stated)]
    if units[0] is None or units[1] is None:
        return None
    return Quantity(named[start].index, units[0]), Quantity(named[end].index, units[1])


def _quantity(
    columns: Iterable[Column], name: str, units: dict[str, float], unstated: float | None
) -> Quantity | None:
    """The column of that name, unless its unit is another kind's or not known."""
    for column in columns:
        unit = units.get(column.unit) if column.unit else unstated
        if column.name == name and unit is not None:
            return Quantity(column.index, unit)
    return None
