"""What a lab noted earlier -> calls, whatever program wrote the table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from napari_squeakout.core.annotations import Annotation
from napari_squeakout.core.errors import InputError

from .cells import Row, read_rows
from .dialects import Header, Quantity, recognise_header

_NAN = float("nan")

# How programs write that something is not known, and that a call was looked at and is none.
_UNKNOWN = {"", "-", "--", "na", "n/a", "nan", "none", "<undefined>"}
_REJECTED, _ACCEPTED = {"0", "0.0", "false", "no"}, {"", "1", "1.0", "true", "yes"}

# Columns of tables without a header.
_ONSET, _OFFSET = Quantity(0), Quantity(1)

# Audacity: cells of a label with its text; how the line with a label's frequencies begins, and
# where they stand in it.
_LABELLED, _FREQUENCIES = 3, "\\"
_LOW, _HIGH = Quantity(1), Quantity(2)


class _Call(NamedTuple):
    start_s: float
    end_s: float
    low_hz: float = _NAN
    high_hz: float = _NAN
    label: str = ""


def read_annotation(path: str | Path) -> Annotation:
    """Calls noted in a table of any of the programs that `docs/annotations.md` lists.

    Parameters
    ----------
    path : str or Path
        A text table or an xlsx workbook. Which program wrote it is told by its content: by the
        names of its columns, or, without a header, by two columns of onsets and offsets or by
        tabs between onset, offset and label (Audacity). Units are those that the header states.

    Returns
    -------
    Annotation
        In order of the onsets; no calls for an empty text file or a bare header. Rows that their
        program marks as rejected or as noise are left out, and a Raven selection counts once,
        however many views it has a row for. A call that begins before 0 s begins at 0 s.

    Raises
    ------
    InputError
        If the file cannot be read, no onset and offset are recognised, a row has no such or a
        wrong value, or the calls are of several recordings.
    """
    path = Path(path)
    rows = read_rows(path)
    header = recognise_header(rows[0]) if rows else None
    if header is not None:
        calls, notes = _calls_under(header, rows[1:], path)
        return _annotation(path, calls, header.dialect.program, notes)
    if any(len(row.cells) >= _LABELLED or row.cells[0] == _FREQUENCIES for row in rows):
        return _annotation(path, _label_track(rows), "Audacity", [])
    return _annotation(path, [_only_times(row) for row in rows], "", [])


def _annotation(
    path: Path, calls: Iterable[_Call], program: str, notes: Sequence[str]
) -> Annotation:
    in_order = sorted(calls, key=lambda call: call[:2])
    numbers = np.array([call[:4] for call in in_order], np.float64).reshape(-1, 4)
    early = int((numbers[:, 0] < 0).sum())
    cut = [f"{early} of the calls begin before 0 s: cut there"] if early else []
    return Annotation(
        intervals_s=np.maximum(numbers[:, :2], 0),
        low_hz=numbers[:, 2],
        high_hz=numbers[:, 3],
        labels=tuple(call.label for call in in_order),
        source=path.name,
        program=program,
        notes=(*notes, *cut),
    )


# --- with a header ------------------------------------------------------------------------------


def _calls_under(header: Header, rows: Sequence[Row], path: Path) -> tuple[list[_Call], list[str]]:
    """Calls of a table with a header, and what the user should know of them."""
    _check_one_recording(header, rows, path)
    no_call, label = header.dialect.no_call, header.label()
    judged = [row for row in rows if _is_accepted(row, header.column("accepted"))]
    kept = [row for row in judged if not no_call or row.cell(label) != no_call]
    calls = [_call(row, header) for row in kept]
    notes = []
    if len(judged) < len(rows):
        notes.append(f"{len(rows) - len(judged)} rejected calls are left out")
    if len(kept) < len(judged):
        notes.append(f"{len(judged) - len(kept)} rows of {no_call} are no calls and left out")
    if header.low is None and header.column(header.dialect.low) is not None:
        notes.append("the header states no unit of frequency, so none are read")
    return _once(header, kept, calls), notes


def _check_one_recording(header: Header, rows: Sequence[Row], path: Path) -> None:
    column = header.file()
    files = list(dict.fromkeys(filter(None, (row.cell(column) for row in rows))))
    if len(files) > 1:
        msg = (
            f"{path}: has calls of {len(files)} files, {files[0]!r} and {files[1]!r} among them: "
            "give a table of one recording"
        )
        raise InputError(msg)


def _is_accepted(row: Row, column: int | None) -> bool:
    cell = row.cell(column).lower()
    if cell not in _ACCEPTED | _REJECTED:
        msg = f"{row.where}: {cell!r} is neither accepted nor rejected: write 1 or 0"
        raise InputError(msg)
    return cell in _ACCEPTED


def _call(row: Row, header: Header) -> _Call:
    if row.delimiter == "," and len(row.cells) > len(header.columns):
        msg = (
            f"{row.where}: has {len(row.cells)} cells under {len(header.columns)} columns: "
            "put semicolons between the cells, or quotation marks around decimal commas"
        )
        raise InputError(msg)
    start_s, end_s = _interval(row, header.start, header.end)
    low_hz, high_hz = _band(row, header.low, header.high)
    label = " ".join(row.cell(header.label()).split())
    return _Call(start_s, end_s, low_hz, high_hz, "" if label.lower() in _UNKNOWN else label)


def _once(header: Header, rows: Iterable[Row], calls: Iterable[_Call]) -> list[_Call]:
    """Each of Raven's selections once: it has a row for each view and channel shown."""
    if header.dialect.telling != "selection":
        return list(calls)
    column = header.column("selection")
    once: dict[tuple[str, float, float], _Call] = {}
    for row, call in zip(rows, calls, strict=True):
        # Tables put one behind another use a number again, for another time.
        key = (row.cell(column), call.start_s, call.end_s)
        once[key] = call if key not in once or np.isnan(once[key].low_hz) else once[key]
    return list(once.values())


# --- without a header ---------------------------------------------------------------------------


def _only_times(row: Row) -> _Call:
    return _Call(*_interval(row, _ONSET, _OFFSET))


def _label_track(rows: Sequence[Row]) -> list[_Call]:
    """Calls of an Audacity label track: onset, offset, label, and after some their frequencies."""
    calls: list[_Call] = []
    for row in rows:
        if row.cells[0] == _FREQUENCIES and calls:
            low_hz, high_hz = _band(row, _LOW, _HIGH)
            calls[-1] = calls[-1]._replace(low_hz=low_hz, high_hz=high_hz)
            continue
        # More columns may be decimal commas without quotes, whose meaning would be a guess.
        if len(row.cells) > _LABELLED or (len(row.cells) == _LABELLED and row.delimiter != "\t"):
            _only_times(row)
            msg = (
                f"{row.where}: has {len(row.cells)} columns and no header: "
                "give two, or a header with start_s,end_s"
            )
            raise InputError(msg)
        calls.append(_only_times(row)._replace(label=row.cell(2)))
    return calls


# --- cells --------------------------------------------------------------------------------------


def _interval(row: Row, start: Quantity, end: Quantity) -> tuple[float, float]:
    try:
        start_s, end_s = (_number(row.cell(at.column)) * at.unit for at in (start, end))
    except ValueError as error:
        msg = (
            f"{row.where}: no start and end in seconds in {row.shown()}: "
            "correct this line, or name the columns start_s and end_s"
        )
        raise InputError(msg) from error
    if not (np.isfinite(start_s) and np.isfinite(end_s) and start_s <= end_s):
        msg = (
            f"{row.where}: {start_s:g} to {end_s:g} s is no interval: "
            "the end must be a time after the start"
        )
        raise InputError(msg)
    if start_s < 0 and end_s <= 0:
        msg = (
            f"{row.where}: {start_s:g} to {end_s:g} s is before the recording: "
            "give times from its start"
        )
        raise InputError(msg)
    return start_s, end_s


def _band(row: Row, low: Quantity | None, high: Quantity | None) -> tuple[float, float]:
    """Lowest and highest frequency in hertz; NaN where not known."""
    low_hz, high_hz = _frequency(row, low), _frequency(row, high)
    if low_hz > high_hz:
        msg = f"{row.where}: low {low_hz:g} Hz is above high {high_hz:g} Hz: swap them"
        raise InputError(msg)
    return low_hz, high_hz


def _frequency(row: Row, at: Quantity | None) -> float:
    cell = "" if at is None else row.cell(at.column)
    if at is None or cell.lower() in _UNKNOWN:
        return _NAN
    try:
        hz = _number(cell) * at.unit
    except ValueError:
        hz = -np.inf
    # Audacity says -1 where a frequency is not known.
    if row.cells[0] == _FREQUENCIES and hz == -1:
        return _NAN
    if not 0 <= hz < np.inf:
        msg = f"{row.where}: {cell!r} is no frequency: correct it, or leave it empty"
        raise InputError(msg)
    return hz


def _number(cell: str) -> float:
    return float(cell.replace(",", "."))
