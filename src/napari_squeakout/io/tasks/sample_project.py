"""A project to try things on: three synthetic recordings, one of them segmented."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.home import home_folder
from napari_squeakout.io.samples.synthetic import write_recording
from napari_squeakout.io.sessions.finding import sessions_folder
from napari_squeakout.io.sessions.project import add_recordings, rows_of

from .into_sessions import IntoSessions

NAME = "Sample project"
_SECONDS = 4.4
_SEEDS = {"pup 1": 8, "pup 2": 18, "pup 3": 28}


def making_sample_project(make_engine: Callable[[], Engine]) -> Steps[Path]:
    """Make the sample project among the user's own, or what is missing of it.

    What was done on it before stays.

    Parameters
    ----------
    make_engine : callable
        Gives what segments the first recording.

    Returns
    -------
    Path
        The project's folder.

    Raises
    ------
    SqueakOutError
        If it cannot be written, or the first recording cannot be segmented.
    """
    sounds = [home_folder() / "samples" / NAME / f"{name}.wav" for name in _SEEDS]
    for done, (sound, seed) in enumerate(zip(sounds, _SEEDS.values(), strict=True)):
        yield Progress(done, len(sounds), "recordings")
        if not sound.exists():
            write_recording(sound, _SECONDS, SynthesisSettings(seed=seed))
    folder = sessions_folder() / NAME
    add_recordings(folder, sounds)
    if not rows_of(folder)[0].n_segmented:
        into = IntoSessions(engine=make_engine(), folder=folder)
        ready = yield from into.segmenting(sounds[0])
        if ready.failure:
            raise SqueakOutError(ready.failure)
    return folder
