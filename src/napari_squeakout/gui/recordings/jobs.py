"""Work on a project that goes on beside the window: adding, looking over, segmenting in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_squeakout.core.steps import Progress, Steps, passing_on

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from napari_squeakout.core.detection.engine import Engine
    from napari_squeakout.core.settings import CleanSettings
    from napari_squeakout.io.sessions.project import RecordingRow
    from napari_squeakout.io.tasks.doubtful_pages import Doubtful
    from napari_squeakout.io.tasks.into_sessions import Ready


def adding(folder: Path, paths: Sequence[Path]) -> Steps[list[RecordingRow]]:
    """Put recordings on the list of a project, and look it over."""
    from napari_squeakout.io.sessions.project import add_recordings

    yield Progress(0, 1, "lists")
    add_recordings(folder, paths)
    return (yield from looking_over(folder))


def removing(folder: Path, paths: Sequence[Path]) -> Steps[list[RecordingRow]]:
    """Take recordings off the list of a project; their sessions stay."""
    from napari_squeakout.io.sessions.project import remove_recordings

    yield Progress(0, 1, "lists")
    remove_recordings(folder, paths)
    return (yield from looking_over(folder))


def hiding(folder: Path, held: Collection[Path]) -> Steps[tuple[list[RecordingRow], int]]:
    """Hide the names of a project's recordings; gives in how many sessions it is not taken down."""
    from napari_squeakout.io.sessions.finding import sessions_folder
    from napari_squeakout.io.sessions.hiding import hide_names
    from napari_squeakout.io.sessions.project import rows_of

    yield Progress(0, 1, "lists")
    failed = hide_names(folder, [sessions_folder()], held=held)
    # No step more: cancelled there, the window would go on as if nothing were written.
    return rows_of(folder, [sessions_folder()]), failed


def showing(folder: Path, held: Collection[Path]) -> Steps[tuple[list[RecordingRow], int]]:
    """Show the names of a project's recordings; likewise."""
    from napari_squeakout.io.sessions.finding import sessions_folder
    from napari_squeakout.io.sessions.hiding import show_names
    from napari_squeakout.io.sessions.project import rows_of

    yield Progress(0, 1, "lists")
    failed = show_names(folder, [sessions_folder()], held=held)
    # No step more: cancelled there, the window would go on as if nothing were written.
    return rows_of(folder, [sessions_folder()]), failed


def looking_over(folder: Path) -> Steps[list[RecordingRow]]:
    """Find out how far the recordings of a project are."""
    from napari_squeakout.io.sessions.finding import sessions_folder
    from napari_squeakout.io.sessions.project import rows_of

    yield Progress(0, 1, "lists")
    return rows_of(folder, [sessions_folder()])


def gathering(rows: Sequence[RecordingRow]) -> Steps[Doubtful]:
    """Find the pages of all recordings that a person should look at first."""
    from napari_squeakout.io.tasks.doubtful_pages import gathering_doubtful

    return (yield from gathering_doubtful(rows))


def segmenting_all(
    folder: Path,
    paths: Sequence[Path],
    make_engine: Callable[[], Engine],
    cleaning: CleanSettings,
    *,
    why_not: Callable[[Path], str],
) -> Steps[list[Ready]]:
    """Segment recordings into sessions of a project, one after another.

    Parameters
    ----------
    why_not : callable
        Why a recording must be left out once its turn comes; empty where it need not.
    """
    from napari_squeakout.io.tasks.into_sessions import IntoSessions, Ready

    yield Progress(0, len(paths), "recordings")
    into = IntoSessions(engine=make_engine(), folder=folder, cleaning=cleaning)
    done = []
    for index, path in enumerate(paths):
        if why := why_not(path):
            done.append(Ready(path=path, failure=why))
            continue
        here = _always(Progress(index, len(paths), "recordings"))
        done.append((yield from passing_on(into.segmenting(path), here)))
        yield Progress(index + 1, len(paths), "recordings")
    return done


def _always(progress: Progress) -> Callable[[Progress], Progress]:
    """How far the list has come, whatever step of one recording is done."""
    return lambda _step: progress
