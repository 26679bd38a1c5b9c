"""What a lab noted earlier -> calls, whatever program wrote the table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.numerals import are, counted
from napari_squeakout.core.scoring.annotation import Annotation, doubts

from .call_rows import Call, Found, read_each
from .cell_values import FREQUENCIES, NAN, UNKNOWN, are_times, band, check_decimal_marks, interval
from .cells import SPACES, Row
from .dialects import Header, Quantity
from .one_recording import Times, rows_of_recording, times_in_file
from .table_files import read_rows
from .table_parts import table_parts

# How programs write that a call was looked at and is none.
_REJECTED, _ACCEPTED = {"0", "0.0", "false", "no"}, {"", "1", "1.0", "true", "yes"}

# Columns of tables without a header.
_ONSET, _OFFSET = Quantity(0), Quantity(1)

# Audacity: cells of a label with its text; where the line with its frequencies has them.
_LABELLED = 3
_LOW, _HIGH = Quantity(1), Quantity(2)


def read_annotation(path: str | Path, *, of: str | Path = "") -> Annotation:
    """Calls noted in a table of any of the programs that `docs/annotations.md` lists.

    Parameters
    ----------
    path : str or Path
        A text table or an xlsx workbook. Which program wrote it is told by its content: by the
        names of its columns, or, without a header, by two columns of onsets and offsets or by
        tabs between onset, offset and label (Audacity). Units are those that the header states.
    of : str or Path
        The recording that is wanted, where the table may name several; its name suffices.

    Returns
    -------
    Annotation
        In order of the onsets; no calls for an empty text file or a bare header. Rows that their
        program marks as rejected or as noise are left out, and a Raven selection counts once,
        however many views it has a row for. A call that begins before 0 s begins at 0 s. Rows
        that hold no call are left out and named in the notes.

    Raises
    ------
    InputError
        If the file cannot be read, no onset and offset are recognised, half of the rows or more
        hold none, or the calls are of several recordings of which none is that wanted.
    """
    path = Path(path)
    parts = table_parts(read_rows(path))
    if parts.header is not None:
        found, program = (
            _under(parts.header, parts.rows, path, str(of)),
            parts.header.dialect.program,
        )
    elif any(len(row.cells) >= _LABELLED or row.cells[0] == FREQUENCIES for row in parts.rows):
        found, program = _label_track(parts.rows), "Audacity"
    else:
        _check_no_header(parts.rows)
        found, program = read_each([(row,) for row in parts.rows], _only_times, _ONSET, _OFFSET), ""
    return _annotation(path, found, program, parts.notes)


def _annotation(path: Path, found: Found, program: str, notes: Sequence[str]) -> Annotation:
    in_order = sorted((call for _, call in found.calls), key=lambda call: call[:2])
    numbers = np.array([call[:4] for call in in_order], np.float64).reshape(-1, 4)
    early = int((numbers[:, 0] < 0).sum())
    cut = [f"{early} of the calls begin before 0 s: cut there"] if early else []
    times = np.maximum(numbers[:, :2], 0)
    return Annotation(
        intervals_s=times,
        low_hz=numbers[:, 2],
        high_hz=numbers[:, 3],
        labels=tuple(call.label for call in in_order),
        source=path.name,
        program=program,
        notes=(*notes, *found.notes, *cut, *doubts(times, numbers[:, 2], numbers[:, 3])),
        n_unread=found.n_unread,
        channels=found.channels,
    )


# --- with a header ------------------------------------------------------------------------------


def _under(header: Header, rows: Sequence[Row], path: Path, of: str) -> Found:
    """Calls of a table with a header."""
    check_decimal_marks(rows, header, str(path))
    rows, notes = rows_of_recording(header, rows, path, of)
    accepted, low = header.column("accepted"), header.column(header.dialect.low)
    judged = [row for row in rows if row.cell(accepted).lower() not in _REJECTED]
    no_call, label = header.dialect.no_call, header.label()
    kept = [row for row in judged if not no_call or row.cell(label) != no_call]
    if len(judged) < len(rows):
        n_rejected = len(rows) - len(judged)
        notes.append(f"{counted(n_rejected, 'rejected call')} {are(n_rejected)} left out")
    if len(kept) < len(judged):
        n_noise = len(judged) - len(kept)
        are_none = "is no call" if n_noise == 1 else "are no calls"
        notes.append(f"{counted(n_noise, 'row')} of {no_call} {are_none} and left out")
    if header.low is None and low is not None:
        notes.append("the header states no unit of frequency, so none are read")
    times, told = times_in_file(header, kept)
    found = read_each(
        [(row,) for row in kept], partial(_call, header, times), header.start, header.end
    )
    once = _once(header, found.calls)
    channels = _channels(header, once)
    # They may be those of several animals.
    several = [f"calls of channels {', '.join(channels)} are read together"] * (len(channels) > 1)
    return Found(once, [*notes, *told, *several, *found.notes], found.n_unread, channels)


def _call(header: Header, times: Times, row: Row) -> Call:
    if row.delimiter in {",", SPACES} and len(row.cells) > len(header.columns):
        msg = (
            f"{row.where}: has {len(row.cells)} cells under {len(header.columns)} columns: "
            "put semicolons between the cells, or quotation marks around decimal commas"
        )
        raise InputError(msg)
    accepted = row.cell(header.column("accepted")).lower()
    if accepted not in _ACCEPTED:
        msg = f"{row.where}: {accepted!r} is neither accepted nor rejected: write 1 or 0"
        raise InputError(msg)
    label = " ".join(row.cell(header.label()).split())
    known = "" if label.lower() in UNKNOWN else label
    return Call(*times(row), *band(row, header.low, header.high), known)


def _once(header: Header, calls: Iterable[tuple[Row, Call]]) -> list[tuple[Row, Call]]:
    """Each of Raven's selections once: it has a row for each view and channel shown."""
    if header.dialect.telling != "selection":
        return list(calls)
    column = header.column("selection")
    once: dict[tuple[str, float, float], tuple[Row, Call]] = {}
    for row, call in calls:
        # Tables put one behind another use a number again, for another time.
        key = (row.cell(column), call.start_s, call.end_s)
        once[key] = (row, call) if key not in once or np.isnan(once[key][1].low_hz) else once[key]
    return list(once.values())


def _channels(header: Header, calls: Iterable[tuple[Row, Call]]) -> tuple[str, ...]:
    """The channels that Raven's selections are of; none of other tables."""
    if header.dialect.program != "Raven":
        return ()
    column = header.column("channel")
    return tuple(sorted({row.cell(column) for row, _ in calls} - {""}))


# --- without a header ---------------------------------------------------------------------------


def _check_no_header(rows: Sequence[Row]) -> None:
    """Refuse a first row that may name columns: their units would be a guess."""
    if rows and not are_times(rows[0], _ONSET, _OFFSET):
        _only_times(rows[0])


def _only_times(row: Row) -> Call:
    return Call(*interval(row, _ONSET, _OFFSET, is_length=False))


def _label_track(rows: Sequence[Row]) -> Found:
    """Calls of an Audacity label track: onset, offset, label, and after some their frequencies."""
    _check_no_header(rows)
    labels: list[tuple[Row, ...]] = []
    for row in rows:
        if row.cells[0] == FREQUENCIES and labels:
            labels[-1] = (labels[-1][0], row)
            continue
        # More columns may be decimal commas without quotes, whose meaning would be a guess.
        if len(row.cells) > _LABELLED or (len(row.cells) == _LABELLED and row.delimiter != "\t"):
            msg = (
                f"{row.where}: has {len(row.cells)} columns and no header: "
                "give two, or a header with start_s,end_s"
            )
            raise InputError(msg)
        labels.append((row,))
    return read_each(labels, _labelled, _ONSET, _OFFSET)


def _labelled(row: Row, frequencies: Row | None = None) -> Call:
    known = (NAN, NAN) if frequencies is None else band(frequencies, _LOW, _HIGH)
    return Call(*_only_times(row)[:2], *known, row.cell(2))
