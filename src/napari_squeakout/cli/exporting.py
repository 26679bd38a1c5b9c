"""The `export` command: calls for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.markup import escape

from napari_squeakout.core.export.forms import Form
from napari_squeakout.core.numerals import counted

from .console import FAILED, complain, err, misuse, out, shown


def export(
    *sources: Annotated[Path, Parameter(help="Folders of results, sessions, and folders of them.")],
    to: Annotated[Form, Parameter(help="What to write.")],
    output: Annotated[Path, Parameter(help="Folder to write: new or empty.")],
    near: Annotated[
        tuple[Path, ...],
        Parameter(help="More folders to look for recordings and images in.", consume_multiple=True),
    ] = (),
    overwrite: Annotated[
        bool, Parameter(help="Replace an export that is already there.", negative="")
    ] = False,
) -> int:
    """Write the calls of results and sessions as other programs read them.

    SOURCES are folders that `segment` has written, sessions (*.squeakout), or folders of them. Each
    gets files of its name in OUTPUT, and beside them how its calls were made. One that cannot be
    exported is reported at the end; the others get their files.
    """
    from napari_squeakout.io.tasks.exporting import exporting

    if not sources:
        return misuse("export: nothing to export: name result folders or sessions")
    done = shown(exporting(sources, to, output, near=near, overwrite=overwrite), "export")
    for note in done.notes:
        err.print(escape(note))
    for name, n_calls in done.calls.items():
        out.print(f"{escape(str(output))}: {counted(n_calls, 'call')} of {escape(name)}")
    for text in done.failures:
        complain(text)
    return FAILED if done.failures else 0
