"""The `measure`, `summarise`, `groups` and `report` commands: kept calls in numbers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.markup import escape

from napari_squeakout.core.groups.settings import GroupSettings
from napari_squeakout.core.numerals import counted
from napari_squeakout.core.settings import MeasureSettings, SummarySettings

from .console import FAILED, complain, misuse, out, shown

_flat = Parameter(name="*")

Kept = Annotated[Path, Parameter(help="Folders of results, sessions, and folders of them.")]
Subjects = Annotated[
    Path | None,
    Parameter(help="CSV with a column recording, and subject, group, litter, ... of each."),
]
Names = Annotated[
    str | None,
    Parameter(help="Pattern that reads these from the recordings' names: {subject}_{group}."),
]


def measure(
    *inputs: Kept,
    output: Annotated[Path, Parameter(help="Folder for the tables, NAME.csv of each.")],
    embedding: Annotated[
        str | None,
        Parameter(
            help="Name or file of a model: also write NAME_embedding.csv, 1280 numbers of its "
            "encoder for each call."
        ),
    ] = None,
    measures: Annotated[MeasureSettings, _flat] = MeasureSettings(),
) -> int:
    """Measure the calls of folders of results (segmented with --masks) and of sessions.

    Nothing that is there is replaced. An input that cannot be measured is reported at the end; the
    others get their tables.
    """
    from napari_squeakout.io.models.registry import load_model
    from napari_squeakout.io.tasks.measuring import writing_measures

    if not inputs:
        return misuse("measure: nothing to measure: name folders of results or sessions")
    encoder = None if embedding is None else load_model(embedding)
    steps = writing_measures(inputs, output, measures, encoder=encoder)
    made = shown(steps, "measure")
    for path, n_calls in made.written:
        out.print(f"{escape(str(path))}: {counted(n_calls, 'call')}")
    _print_notes(made.notes)
    for text in made.failures:
        complain(text)
    return FAILED if made.failures else 0


def summarise(
    *inputs: Kept,
    output: Annotated[Path, Parameter(help="CSV to write, a row a recording.")],
    bins: Annotated[
        Path | None, Parameter(help="CSV to write the calls of each time bin to.")
    ] = None,
    bouts: Annotated[Path | None, Parameter(help="CSV to write the bouts to.")] = None,
    transitions: Annotated[
        Path | None,
        Parameter(help="CSV to write to how often each class of call follows each within a bout."),
    ] = None,
    subjects: Subjects = None,
    names: Names = None,
    settings: Annotated[SummarySettings, _flat] = SummarySettings(),
    measures: Annotated[MeasureSettings, _flat] = MeasureSettings(),
) -> int:
    """Sum up recordings, a row each: counts, rates, bouts and the usual measures.

    Of folders of results (segmented with --masks) and sessions. A silent recording is a row of
    zeros; one that cannot be summed up ends the command, so that no row is missing. Nothing that
    is there is replaced.
    """
    from napari_squeakout.core.measures.transitions import WARNING
    from napari_squeakout.io.tasks.measuring import check_free, summarising, write_summary

    if not inputs:
        return misuse("summarise: nothing to sum up: name folders of results or sessions")
    check_free([path for path in (output, bins, bouts, transitions) if path is not None])
    steps = summarising(inputs, settings, measures=measures, subjects=subjects, names=names)
    summary = shown(steps, "summarise")
    write_summary(summary, output, bins=bins, bouts=bouts, transitions=transitions)
    n, gap_s = len(summary.recordings), summary.bout_gap_s
    bouts_text = counted(len(summary.bouts), "bout")
    out.print(
        f"{escape(str(output))}: {counted(n, 'recording')}, {bouts_text} ended by {gap_s:.3g} s"
    )
    _print_notes(summary.notes)
    if transitions is not None:
        out.print(f"note: {WARNING}")
    return 0


def groups(
    *inputs: Kept,
    output: Annotated[Path, Parameter(help="CSV to write, a row a measure and pair of groups.")],
    animals: Annotated[
        Path | None, Parameter(help="CSV to write the rows of the animals, or litters, to.")
    ] = None,
    plot: Annotated[Path | None, Parameter(help="SVG to write, with a dot an animal.")] = None,
    subjects: Subjects = None,
    names: Names = None,
    comparing: Annotated[GroupSettings, _flat] = GroupSettings(),
    settings: Annotated[SummarySettings, _flat] = SummarySettings(),
    measures: Annotated[MeasureSettings, _flat] = MeasureSettings(),
) -> int:
    """Compare groups of animals, measure by measure: difference, interval, size and p.

    An animal counts once, however many recordings it has. Who is who has to be known of each
    recording; an animal in two groups ends the command. Nothing that is there is replaced.
    """
    from napari_squeakout.core.groups.comparing import compare_groups
    from napari_squeakout.core.groups.wording import difference_text
    from napari_squeakout.io.tasks.grouping import write_groups
    from napari_squeakout.io.tasks.measuring import check_free, summarising

    if not inputs:
        return misuse("groups: nothing to compare: name folders of results or sessions")
    if subjects is None and names is None:
        return misuse("groups: which animal is of which group says --subjects or --names")
    check_free([path for path in (output, animals, plot) if path is not None])
    steps = summarising(inputs, settings, measures=measures, subjects=subjects, names=names)
    summary = shown(steps, "groups")
    comparison = compare_groups(summary.recordings, comparing)
    write_groups(comparison, output, animals=animals, plot=plot)
    for row in comparison.differences.to_dict("records"):
        out.print(escape(difference_text(row)))
    _print_notes((*summary.notes, *comparison.notes))
    return 0


def report(
    *inputs: Kept,
    output: Annotated[Path, Parameter(help="HTML file to write; it needs nothing beside it.")],
    title: Annotated[str, Parameter(help="What to write over it.")] = "Ultrasonic calls",
    pages: Annotated[
        int,
        Parameter(
            help="Pages in most doubt to show of each recording.", validator=Number(gte=0, lte=50)
        ),
    ] = 3,
    subjects: Subjects = None,
    names: Names = None,
    comparing: Annotated[GroupSettings, _flat] = GroupSettings(),
    settings: Annotated[SummarySettings, _flat] = SummarySettings(),
    measures: Annotated[MeasureSettings, _flat] = MeasureSettings(),
) -> int:
    """Report on recordings as one page of HTML: summary, groups, doubts, settings and methods.

    Of folders of results (segmented with --masks) and sessions. Where groups are known they are
    compared, animal by animal. The paragraph on methods is ready to be pasted. One that cannot be
    read ends the command; nothing that is there is replaced.
    """
    from napari_squeakout.io.tasks.measuring import check_free
    from napari_squeakout.io.tasks.reporting import reporting, write_report

    if not inputs:
        return misuse("report: nothing to report on: name folders of results or sessions")
    check_free([output])
    steps = reporting(
        inputs,
        settings,
        measures=measures,
        groups=comparing,
        subjects=subjects,
        names=names,
        title=title,
        pages=pages,
    )
    made = shown(steps, "report")
    write_report(made, output)
    count = counted(len(made.recordings), "recording")
    out.print(f"{escape(str(output))}: {count}")
    _print_notes(made.summary.notes)
    if made.no_groups:
        out.print(f"note: groups are not compared: {escape(made.no_groups)}")
    return 0


def _print_notes(notes: Iterable[str]) -> None:
    for note in notes:
        out.print(f"note: {escape(note)}")
