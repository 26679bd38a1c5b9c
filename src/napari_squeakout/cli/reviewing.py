"""`squeakout prepare`: recordings become sessions that the window opens, ready to be reviewed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.markup import escape

from napari_squeakout.core.numerals import counted
from napari_squeakout.core.settings import (
    CleanSettings,
    RecordingSettings,
    RenderSettings,
    SegmentSettings,
)

from .console import FAILED, complain, err, misuse, out, shown, told
from .models import tell_fallback

_flat = Parameter(name="*")


def prepare(
    *inputs: Annotated[Path, Parameter(help="Recordings, or folders of them.")],
    project: Annotated[Path, Parameter(help="Folder of the project: its list and sessions.")],
    model: Annotated[str | None, Parameter(help="Model to use: its name or file.")] = None,
    segmenting: Annotated[SegmentSettings, _flat] = SegmentSettings(),
    cleaning: Annotated[CleanSettings, _flat] = CleanSettings(),
    recording: Annotated[RecordingSettings, _flat] = RecordingSettings(),
    rendering: Annotated[RenderSettings, _flat] = RenderSettings(),
) -> int:
    """Segment recordings into a project, ready to be reviewed in napari.

    Run again, it continues the project: pages that are segmented, and all reviews and corrections,
    stay as they are. In napari, the part Recordings of the dock opens the project.
    """
    from napari_squeakout.io.engines.making import make_engine
    from napari_squeakout.io.models.registry import load_model
    from napari_squeakout.io.sessions.project import add_recordings, rows_of
    from napari_squeakout.io.tasks.into_sessions import IntoSessions

    if inputs:
        add_recordings(project, inputs)
    rows = rows_of(project)
    if not rows:
        return misuse("prepare: nothing to segment: name recordings or folders of them")
    if model is None:
        tell_fallback()
    engine = make_engine(load_model(model), segmenting, told)
    err.print(f"{escape(engine.model.name)} on {escape(engine.why)}")
    into = IntoSessions(
        engine=engine, folder=project, cleaning=cleaning, recording=recording, rendering=rendering
    )
    failures = []
    for row in rows:
        ready = shown(into.segmenting(row.path), row.path.name)
        for note in ready.notes:
            err.print(f"{escape(row.path.name)}: {escape(note)}")
        if ready.failure:
            failures.append(ready.failure)
            continue
        calls, pages = counted(ready.n_calls, "call"), counted(ready.n_pages, "page")
        out.print(f"{escape(str(ready.session))}: {calls} on {pages}")
    for text in failures:
        complain(text)
    return FAILED if failures else 0
