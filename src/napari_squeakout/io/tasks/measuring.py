"""Kept calls -> tables of measures, and summaries over recordings, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError, SqueakOutError, one_line
from napari_squeakout.core.measures.embedding import embedding_calls
from napari_squeakout.core.measures.measuring import measuring
from napari_squeakout.core.measures.summary import RecordedCalls, Summary, check_names, summarised
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.settings import MeasureSettings, SummarySettings
from napari_squeakout.core.stacks import CallTable
from napari_squeakout.core.steps import Steps
from napari_squeakout.io.results.kept_calls import kept_calls, kept_in, kept_name
from napari_squeakout.io.tables.calls import write_calls

from .subjects import known_of_recordings


@dataclass(frozen=True, kw_only=True)
class MeasuredSource:
    """What came of one folder of results or session.

    Parameters
    ----------
    name : str
        What it is called.
    calls : DataFrame
        One row a call.
    duration_s : float or None
        How long its recording is; None of images, and where only part was looked at.
    embedding : NDArray or None
        (calls, 1280), where it was asked for.
    notes : tuple of str
        What a person should know.
    """

    name: str
    calls: CallTable
    duration_s: float | None
    embedding: NDArray[np.float32] | None = None
    notes: tuple[str, ...] = ()


def measuring_kept(
    folder: Path,
    settings: MeasureSettings | None = None,
    *,
    whole: bool = False,
    encoder: Model | None = None,
) -> Steps[MeasuredSource]:
    """Measure the calls of a folder of results or a session.

    Parameters
    ----------
    folder : Path
        It is not touched.
    settings : MeasureSettings, optional
        What counts as a jump.
    whole : bool
        Whether it has to be a recording that was looked at from end to end.
    encoder : Model, optional
        Whose embedding of each call is wanted too.

    Yields
    ------
    Progress
        After every page, three times over.

    Raises
    ------
    InputError
        If it cannot be measured.
    """
    with kept_calls(folder) as kept:
        duration_s = kept.duration_s() if whole else None
        measured = yield from measuring(
            kept.stack, kept.masks, kept.probabilities, settings, classes=kept.classes
        )
        embedding = None
        if encoder is not None:
            embedding = yield from embedding_calls(kept.stack, kept.masks, encoder)
        return MeasuredSource(
            name=kept.name,
            calls=measured.calls,
            duration_s=duration_s,
            embedding=embedding,
            notes=tuple(f"{kept.name}: {note}" for note in measured.notes),
        )


@dataclass(frozen=True, kw_only=True)
class WrittenMeasures:
    """What came of writing tables of measures.

    Parameters
    ----------
    written : tuple of (Path, int)
        Each file with its number of calls.
    notes : tuple of str
        What the user should know.
    failures : tuple of str
        Why others were not measured, a sentence each.
    """

    written: tuple[tuple[Path, int], ...] = ()
    notes: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


def check_free(paths: Sequence[Path]) -> None:
    """Raise InputError if one of the files to be written is there already, or is two of them."""
    taken: set[Path] = set()
    for path in paths:
        # However it is written; upper and lower case are one on some disks.
        place = Path(os.path.realpath(path))
        place = place.with_name(place.name.casefold()) if place.name else place
        if place in taken:
            msg = f"{path}: is named twice: give each table and plot a file of its own"
            raise InputError(msg)
        taken.add(place)
        if path.exists() or path.is_symlink():
            msg = f"{path}: exists already and stays: choose another name"
            raise InputError(msg)


def writing_measures(
    folders: Sequence[Path],
    output: Path,
    settings: MeasureSettings | None = None,
    *,
    encoder: Model | None = None,
) -> Steps[WrittenMeasures]:
    """Write a table a folder of results or session, `<name>.csv`; one that fails stops no other.

    A folder of such folders stands for those in it.

    With an encoder also `<name>_embedding.csv`, with the same calls in the same order.
    """
    written: list[tuple[Path, int]] = []
    notes: list[str] = []
    failures: list[str] = []
    for folder in (place for given in folders for place in kept_in(given)):
        try:
            source = yield from measuring_kept(folder, settings, encoder=encoder)
            path = output / f"{source.name}.csv"
            tables = {path: source.calls}
            if source.embedding is not None:
                tables[output / f"{source.name}_embedding.csv"] = _embedding_table(source)
            check_free(list(tables))
            output.mkdir(parents=True, exist_ok=True)
            for place, table in tables.items():
                write_calls(table, place)
        except SqueakOutError as error:
            failures.append(one_line(error))
            continue
        written.append((path, len(source.calls)))
        notes += source.notes
    return WrittenMeasures(written=tuple(written), notes=tuple(notes), failures=tuple(failures))


def _embedding_table(source: MeasuredSource) -> CallTable:
    """Call and page of each row, then the numbers of the encoder."""
    values = pd.DataFrame(source.embedding).add_prefix("embedding_")
    return pd.concat([source.calls[["call", "page"]], values], axis=1)


def summarising(
    folders: Sequence[Path],
    settings: SummarySettings | None = None,
    *,
    measures: MeasureSettings | None = None,
    subjects: Path | None = None,
    names: str | None = None,
) -> Steps[Summary]:
    """Sum up recordings, a row each; one that cannot be read fails all, or it would be missing.

    Parameters
    ----------
    folders : sequence of Path
        Folders of results and sessions, each of one recording, and folders of them.
    settings : SummarySettings, optional
        Time bins and bouts.
    measures : MeasureSettings, optional
        As for `measuring_kept`.
    subjects : Path, optional
        A CSV with a column `recording` and what is known of each: subject, group, litter, ...
    names : str, optional
        A pattern that reads it from their names: `{subject}_{group}`.

    Raises
    ------
    InputError
        If one cannot be measured, or is not in the table or does not fit the pattern.
    """
    folders = [place for given in folders for place in kept_in(given)]
    # First, for it takes no time, and measuring hours of sound does.
    called = [kept_name(folder) for folder in folders]
    check_names(called)
    about = known_of_recordings(called, subjects, names)
    recordings = []
    notes: list[str] = []
    for folder in folders:
        source = yield from measuring_kept(folder, measures, whole=True)
        notes += source.notes
        if source.duration_s is not None:
            recordings.append(
                RecordedCalls(
                    name=source.name,
                    duration_s=source.duration_s,
                    calls=source.calls,
                    about=about.get(source.name, {}),
                )
            )
    return replace(summarised(recordings, settings), notes=tuple(notes))


def write_summary(
    summary: Summary,
    path: Path,
    *,
    bins: Path | None = None,
    bouts: Path | None = None,
    transitions: Path | None = None,
) -> None:
    """Write the rows of the recordings, and where asked for the tables of bins, bouts, transitions.

    Raises
    ------
    SqueakOutError
        If a file is there already or named twice, or cannot be written.
    """
    tables = (
        (path, summary.recordings),
        (bins, summary.bins),
        (bouts, summary.bouts),
        (transitions, summary.transitions),
    )
    wanted = [(place, table) for place, table in tables if place is not None]
    check_free([place for place, _ in wanted])
    for place, table in wanted:
        write_calls(table, place)
