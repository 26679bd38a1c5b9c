"""Tables of calls as other programs have them: their columns, declared once, and the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.export.forms import Program
from napari_squeakout.core.stacks import CallTable

from .cell_values import FREQUENCIES
from .safe_text import harmless_in_line

Cell: TypeAlias = str | int | float | None

# A calls.csv has microseconds; three of these numbers may be added where a table is read.
_TIME, _HZ, _KHZ, _SHARE = 9, 3, 6, 6
# Audacity: a frequency that is not known.
_UNKNOWN_HZ = "-1"
_NO_CLASS = "USV"


@dataclass(frozen=True)
class Heard:
    """Where the calls of a table were heard.

    Parameters
    ----------
    recording : str
        Name of the file.
    channel : int
        Which of its channels, counted from 1.
    """

    recording: str
    channel: int = 1


class Column(NamedTuple):
    """One column of another program's table.

    Parameters
    ----------
    header : str
        What that program calls it.
    measure : str
        The column of ours that it is made of; empty where nothing of ours is that.
    scale : float
        What a number of ours is multiplied by.
    decimals : int
        How many are kept.
    otherwise : str or int or None
        What stands there where ours is not known; None leaves it empty.
    """

    header: str
    measure: str = ""
    scale: float = 1.0
    decimals: int = 0
    otherwise: str | int | None = None


# Headers are from files these programs wrote. What stands under `_since_s` and the like is made
# below; the others are columns of a table of calls, empty in tables that do not have them.
_COLUMNS: dict[Program, tuple[Column, ...]] = {
    "raven": (
        Column("Selection", "call"),
        Column("View", otherwise="Spectrogram 1"),
        Column("Channel", "_channel"),
        Column("Begin Time (s)", "start_s", decimals=_TIME),
        Column("End Time (s)", "end_s", decimals=_TIME),
        Column("Low Freq (Hz)", "low_hz", decimals=_HZ),
        Column("High Freq (Hz)", "high_hz", decimals=_HZ),
        Column("Begin File", "_recording"),
        Column("File Offset (s)", "start_s", decimals=_TIME),
        Column("Annotation", "class"),
    ),
    "audacity": (
        Column("", "start_s", decimals=_TIME),
        Column("", "end_s", decimals=_TIME),
        Column("", "class"),
    ),
    "deepsqueak": (
        Column("File", "_recording"),
        Column("ID", "call"),
        Column("Label", "class", otherwise=_NO_CLASS),
        Column("Accepted", otherwise=1),
        Column("Score", "mean_probability", decimals=_SHARE),
        Column("Begin Time (s)", "start_s", decimals=_TIME),
        Column("End Time (s)", "end_s", decimals=_TIME),
        Column("Call Length (s)", "duration_s", decimals=_TIME),
        Column("Principal Frequency (kHz)", "principal_hz", 1e-3, _KHZ),
        Column("Low Freq (kHz)", "low_hz", 1e-3, _KHZ),
        Column("High Freq (kHz)", "high_hz", 1e-3, _KHZ),
        Column("Delta Freq (kHz)", "bandwidth_hz", 1e-3, _KHZ),
        Column("Frequency Standard Deviation (kHz)", "sd_hz", 1e-3, _KHZ),
        Column("Slope (kHz/s)", "slope_hz_per_s", 1e-3, _KHZ),
        Column("Sinuosity", "sinuosity", decimals=_SHARE),
        # Ours are counted from another level.
        Column("Mean Power (dB/Hz)"),
        Column("Tonality", "tonality", decimals=_SHARE),
        Column("Peak Freq (kHz)", "peak_hz", 1e-3, _KHZ),
    ),
    "vocalmat": (
        Column("Names_vocal", "call"),
        Column("Start_time", "start_s", decimals=_TIME),
        Column("End_time", "end_s", decimals=_TIME),
        Column("Inter_vocal_interval", "_since_s", decimals=_TIME),
        Column("Inter_real_vocal_interval", "_since_s", decimals=_TIME),
        Column("Duration", "duration_s", decimals=_TIME),
        Column("min_freq_main", "low_hz", decimals=_HZ),
        Column("max_freq_main", "high_hz", decimals=_HZ),
        Column("mean_freq_main", "mean_hz", decimals=_HZ),
        Column("Bandwidth", "bandwidth_hz", decimals=_HZ),
        Column("min_freq_total", "low_hz", decimals=_HZ),
        Column("max_freq_total", "high_hz", decimals=_HZ),
        Column("mean_freq_total", "mean_hz", decimals=_HZ),
        # Intensities are VocalMat's own, of its own spectrogram.
        Column("min_intens_total"),
        Column("max_intens_total"),
        Column("corrected_max_intens_total"),
        Column("Background_intens"),
        Column("mean_intens_total"),
        Column("Class", "class"),
        Column("Harmonic"),
        Column("Noisy"),
    ),
}
# How the names of their files end.
_ENDINGS: dict[Program, str] = {
    "raven": ".selections.txt",
    "audacity": ".labels.txt",
    "deepsqueak": ".deepsqueak.xlsx",
    "vocalmat": ".vocalmat.xlsx",
}


@dataclass(frozen=True)
class Written:
    """A table as another program has it, ready to be written.

    Parameters
    ----------
    ending : str
        How the name of its file ends.
    rows : tuple of tuple
        Its rows, the header first where it has one; None is an empty cell.
    notes : tuple of str
        What of the calls could not be put into it.
    """

    ending: str
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


def table_for(program: Program, calls: CallTable, heard: Heard) -> Written:
    """The calls of one recording as a program's own table; no call is left out but as noted.

    Parameters
    ----------
    program : {"raven", "audacity", "deepsqueak", "vocalmat"}
        Whose table.
    calls : DataFrame
        In seconds and hertz; what is not finite gives an empty cell.
    heard : Heard
        The recording.

    Raises
    ------
    InputError
        If the calls have no time in a recording: they are in pixels, or of independent images.
    """
    _check_timed(calls, heard.recording, program)
    columns, ready = _COLUMNS[program], _with_what_is_made(calls, heard)
    rows = [
        tuple(_cell(column, call.get(column.measure)) for column in columns)
        for call in ready.to_dict("records")
    ]
    if program == "audacity":
        return _label_track(rows, ready)
    return Written(_ENDINGS[program], (tuple(column.header for column in columns), *rows))


def _check_timed(calls: CallTable, recording: str, program: str) -> None:
    what = "in seconds" if not {"start_s", "end_s"} <= set(calls.columns) else ""
    if not what and "image" in calls.columns:
        what = "in the time of one recording, each image has its own"
    if what:
        msg = (
            f"{recording}: its calls are not {what}, so there is no {program} table of them: "
            "export them as csv or coco"
        )
        raise InputError(msg)


def _with_what_is_made(calls: CallTable, heard: Heard) -> CallTable:
    """The calls in order of time, beside what follows from them and from where they were heard."""
    ready = calls.sort_values("start_s", kind="stable", na_position="last").reset_index(drop=True)
    # Of calls side by side, the one that ends last may not be the one that began last.
    since_s = ready["start_s"] - ready["end_s"].cummax().shift(1)
    return ready.assign(
        _recording=heard.recording, _channel=heard.channel, _since_s=since_s.where(since_s >= 0)
    )


def _cell(column: Column, value: Any) -> Cell:
    if isinstance(value, str):
        return harmless_in_line(value) or column.otherwise
    if value is None or pd.isna(value) or not np.isfinite(value):
        return column.otherwise
    if not column.decimals:
        return int(value)
    return round(float(value) * column.scale, column.decimals)


def _label_track(rows: Sequence[tuple[Cell, ...]], calls: CallTable) -> Written:
    """Lines of a label and of its frequencies; a label without times is none."""
    empty = pd.Series(np.nan, calls.index)
    low, high = calls.get("low_hz", empty), calls.get("high_hz", empty)
    lines: list[tuple[Cell, ...]] = []
    lost = 0
    for (start, end, label), *edges in zip(rows, low, high, strict=True):
        if start is None or end is None:
            lost += 1
            continue
        lines.append((start, end, label))
        known = [_cell(Column("", decimals=_HZ), edge) for edge in edges]
        if known != [None, None]:
            lines.append((FREQUENCIES, *(_UNKNOWN_HZ if hz is None else hz for hz in known)))
    notes = (f"calls without onset or offset are no labels: {lost} left out",) if lost else ()
    return Written(_ENDINGS["audacity"], tuple(lines), notes)
