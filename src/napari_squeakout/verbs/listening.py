"""Ultrasound as sound that people hear, in files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from napari_squeakout.core.steps import run

from .choices import PathLike, Told

if TYPE_CHECKING:
    from napari_squeakout.core.listening.settings import ListenSettings
    from napari_squeakout.core.settings import RecordingSettings


def save_sound(
    source: PathLike,
    output: PathLike,
    *,
    calls: Iterable[int] = (),
    start_s: float | None = None,
    stop_s: float | None = None,
    settings: ListenSettings | None = None,
    recording: RecordingSettings | None = None,
    near: Sequence[PathLike] = (),
    overwrite: bool = False,
    progress: Told = None,
) -> list[Path]:
    """Write a stretch of a recording, or kept calls, slowed down or heterodyned.

    Parameters
    ----------
    source : str or Path
        A recording, a folder of results, or `*.squeakout`.
    output : str or Path
        File (.wav) for a stretch, or for calls one after the other; or for calls a folder, which
        gets a file for each. A file that is there stays.
    calls : iterable of int
        Numbers of calls in the result or session; by default all.
    start_s, stop_s : float, optional
        Where a stretch begins and ends, instead of calls; by default the recording's own ends.
    settings : ListenSettings, optional
        Slowed or heterodyned, by how much, and the sound around each call.
    recording : RecordingSettings, optional
        How a recording is read; not for results and sessions, which say it themselves.
    near : sequence of str or Path
        More folders to look for the recording of a result or session in.
    overwrite : bool
        Whether a folder of sound that is there may be replaced.
    progress : callable, optional
        Told of every step.

    Returns
    -------
    list of Path
        The files, in the order of time.

    Raises
    ------
    SqueakOutError
        If there is no sound, no such call, or the output is taken.
    """
    from napari_squeakout.core.listening.settings import ListenSettings
    from napari_squeakout.core.settings import RecordingSettings
    from napari_squeakout.io.tasks.saving_sound import SoundWanted, saving_sound

    wanted = SoundWanted(
        calls=tuple(int(number) for number in calls),
        start_s=start_s,
        stop_s=stop_s,
        settings=settings or ListenSettings(),
        recording=recording or RecordingSettings(),
    )
    places = [Path(folder) for folder in near]
    steps = saving_sound(Path(source), Path(output), wanted, near=places, overwrite=overwrite)
    return list(run(steps, progress).durations_s)
