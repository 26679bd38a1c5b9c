"""The `export` and `sound` commands: calls for other programs, and for ears."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.markup import escape

from napari_squeakout.core.export.forms import Form
from napari_squeakout.core.listening.settings import ListenSettings
from napari_squeakout.core.numerals import counted
from napari_squeakout.core.settings import RecordingSettings

from .console import FAILED, complain, err, misuse, out, shown

_flat = Parameter(name="*")


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


def sound(
    source: Annotated[Path, Parameter(help="A recording, a folder of results or a session.")],
    *,
    output: Annotated[
        Path,
        Parameter(help="File (.wav) to write; for calls also a folder, with a file for each."),
    ],
    calls: Annotated[
        tuple[int, ...],
        Parameter(help="Numbers of calls; by default all.", consume_multiple=True),
    ] = (),
    start_s: Annotated[
        float | None,
        Parameter(name="--from", help="Where a stretch begins, in seconds from the start."),
    ] = None,
    stop_s: Annotated[
        float | None, Parameter(name="--to", help="Where a stretch ends, in seconds.")
    ] = None,
    near: Annotated[
        tuple[Path, ...],
        Parameter(help="More folders to look for the recording in.", consume_multiple=True),
    ] = (),
    overwrite: Annotated[
        bool,
        Parameter(help="Replace a folder of sound that is already there.", negative=""),
    ] = False,
    listening: Annotated[ListenSettings, _flat] = ListenSettings(),
    recording: Annotated[RecordingSettings, _flat] = RecordingSettings(),
) -> int:
    """Write ultrasound as sound that people hear: slowed down, or as a bat detector gives it.

    Of a recording the stretch from --from to --to, by default all of it, up to a minute. Of a
    folder of results or a session its calls, a file each or one after the other in one file, or a
    stretch. A file that is there is never replaced.
    """
    from napari_squeakout.io.tasks.saving_sound import SoundWanted, saving_sound

    if calls and (start_s is not None or stop_s is not None):
        return misuse("sound: give either --calls, or --from and --to")
    wanted = SoundWanted(
        calls=calls, start_s=start_s, stop_s=stop_s, settings=listening, recording=recording
    )
    steps = saving_sound(source, output, wanted, near=near, overwrite=overwrite)
    saved = shown(steps, source.name)
    for note in saved.notes:
        err.print(f"{escape(source.name)}: {escape(note)}")
    for path, duration_s in saved.durations_s.items():
        out.print(f"{escape(str(path))}: {duration_s:.2f} s, {listening.words}")
    return 0
