"""The `compare` command: found calls beside annotated ones, call by call."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.markup import escape
from rich.table import Table

from napari_squeakout.core.settings import CompareSettings

from .console import err, figure_text, out, shown


def compare(
    found: Annotated[Path, Parameter(help="Table of calls, result folder or session.")],
    annotated: Annotated[Path, Parameter(help="The same, of what somebody noted.")],
    *,
    table: Annotated[
        Path | None, Parameter(help="CSV to write with a row a call; must not be there yet.")
    ] = None,
    near: Annotated[
        tuple[Path, ...],
        Parameter(help="More folders to look for recordings in.", consume_multiple=True),
    ] = (),
    settings: Annotated[CompareSettings, Parameter(name="*")] = CompareSettings(),
) -> int:
    """Say of each found and each annotated call what came of it.

    Calls are matched one to one; an annotated call that only another one's found call covers is
    merged, one that nothing overlaps is missed; a found call is split or extra likewise. The merge
    ratio is found by annotated calls, bout by bout: below 1 where calls are fused.
    """
    from napari_squeakout.io.tasks.comparing import comparing

    steps = comparing(found, annotated, settings=settings, table=table, near=near)
    compared = shown(steps, "compare")
    for note in compared.notes:
        err.print(escape(note))
    figures = Table("figure", "value", box=None)
    for name, value in compared.comparison.figures().items():
        figures.add_row(name.replace("_", " "), figure_text(value))
    out.print(figures)
    if table is not None:
        out.print(f"{escape(str(table))}: a row a call")
    return 0
