"""Found calls beside annotated ones, from whatever keeps them, and the table of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.numerals import are, counted
from napari_squeakout.core.scoring.comparison import Comparison, Outcome, compare_calls
from napari_squeakout.core.scoring.event_scores import Intervals
from napari_squeakout.core.settings import CompareSettings
from napari_squeakout.core.steps import Steps
from napari_squeakout.io.exports.findings import Findings
from napari_squeakout.io.exports.reading import reading_findings
from napari_squeakout.io.tables.annotations import read_annotation
from napari_squeakout.io.tables.calls import write_calls


@dataclass(frozen=True)
class Compared:
    """What came of a comparison.

    Parameters
    ----------
    comparison : Comparison
        Call by call, and bout by bout.
    notes : tuple of str
        What the user should know about how both were read.
    """

    comparison: Comparison
    notes: tuple[str, ...] = ()


def comparing(
    found: Path,
    annotated: Path,
    *,
    settings: CompareSettings | None = None,
    table: Path | None = None,
    near: Sequence[Path] = (),
) -> Steps[Compared]:
    """Compare the calls of two tables, results or sessions.

    Parameters
    ----------
    found, annotated : Path
        Tables of any program that `read_annotation` knows, result folders, sessions. A result or
        session also says which recording of a table is meant.
    settings : CompareSettings, optional
        What parts bouts.
    table : Path, optional
        File to write all calls to, as CSV; it must not be there yet.
    near : sequence of Path
        More folders to look for the recordings of sessions in.

    Raises
    ------
    SqueakOutError
        If one cannot be read or has no times, or the table cannot be written.
    """
    if table is not None and table.exists():
        msg = f"{table}: exists already: choose another file for the table"
        raise SqueakOutError(msg)
    kept = {}
    for path in (found, annotated):
        kept[path] = (yield from reading_findings(path, near)) if path.is_dir() else None
    of = _one_recording(kept)
    sides = [_read(path, kept, of) for path in (found, annotated)]
    comparison = compare_calls(sides[1][0], sides[0][0], settings=settings)
    if table is not None:
        write_calls(comparison.calls, table)
    told = _of_moments(found, comparison) + _of_approval(annotated, kept[annotated])
    return Compared(comparison, (*sides[0][1], *sides[1][1], *told))


def _one_recording(kept: Mapping[Path, Findings | None]) -> str:
    """Name of the recording that all are of; empty where only tables are compared.

    Recordings of several days may be called alike: their hashes tell those apart.
    """
    known = [one for one in kept.values() if one is not None]
    names = sorted({one.recording for one in known})
    hashes = {one.known["input"].get("sha256") for one in known} - {None}
    if len(names) > 1 or len(hashes) > 1:
        which = " and ".join(names) if len(names) > 1 else f"two recordings called {names[0]}"
        msg = f"{' and '.join(map(str, kept))}: are of {which}: compare those of one"
        raise InputError(msg)
    read = _read_in_two_ways(known)
    if read:
        msg = f"{' and '.join(map(str, kept))}: are of {read}: compare those of one"
        raise InputError(msg)
    return "".join(names)


def _read_in_two_ways(known: Sequence[Findings]) -> str:
    """How a recording was read on either side, where that differs: the sounds are others then."""
    channels = sorted({one.channel for one in known})
    if len(channels) > 1:
        return f"channels {' and '.join(map(str, channels))} of {known[0].recording}"
    times = sorted({one.time_expansion for one in known})
    if len(times) > 1:
        return f"{known[0].recording} slowed down {' and '.join(f'{n:g}' for n in times)} times"
    return ""


def _of_channels(channels: Sequence[str], beside: Findings | None) -> list[str]:
    """Say it where a table names channels, and none is that of the result or session beside it."""
    if beside is None or not channels or str(beside.channel) in channels:
        return []
    own = f"channel{'s' * (len(channels) > 1)} {', '.join(channels)}"
    return [f"its calls are of {own}, those it is compared with of channel {beside.channel}"]


def _of_moments(path: Path, comparison: Comparison) -> list[str]:
    """Say how many found calls nothing can be matched with, for they overlap nothing."""
    calls = comparison.calls
    is_moment = calls["found_start_s"] == calls["found_end_s"]
    n_left = int((is_moment & (calls["outcome"] != Outcome.MATCHED)).sum())
    return [f"{path}: {counted(n_left, 'call')} without length: matched with none"] * bool(n_left)


def _of_approval(path: Path, annotated: Findings | None) -> list[str]:
    """Say it where what counts as true is only what a model has proposed."""
    if annotated is None:
        return []
    n_pages = annotated.n_pages
    left = n_pages - (annotated.n_approved or 0)
    if not left:
        return []
    pages = f"{left} of {counted(n_pages, 'page')} {are(left)} not approved"
    return [f"{path}: {pages}, so calls there are a proposal and nobody's annotation"]


def _read(
    path: Path, sides: Mapping[Path, Findings | None], of: str
) -> tuple[Intervals, tuple[str, ...]]:
    """Times of the calls, and what is to be known of how they were read."""
    kept = sides[path]
    if kept is None:
        noted = read_annotation(path, of=of)
        beside = next((one for one in sides.values() if one is not None), None)
        told = (*noted.notes, *_of_channels(noted.channels, beside))
        return noted.intervals_s, tuple(f"{path}: {note}" for note in told)
    if "start_s" not in kept.calls.columns or kept.is_of_images:
        msg = f"{path}: its calls are those of images, which lie on no line of time: compare masks"
        raise InputError(msg)
    times = kept.calls[["start_s", "end_s"]].to_numpy(np.float64)
    if not np.isfinite(times).all() or (times[:, 0] > times[:, 1]).any():
        msg = f"{path}: a call in its table has no time, or ends before it begins: correct it"
        raise InputError(msg)
    return times, tuple(f"{path}: {note}" for note in kept.notes)
