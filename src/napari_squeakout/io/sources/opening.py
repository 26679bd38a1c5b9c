"""What a person chose -> stacks of pages: recordings one by one, images together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.settings import ImageSettings, RecordingSettings, RenderSettings
from napari_squeakout.core.stacks import Origin, SpectrogramStack
from napari_squeakout.core.steps import Progress, Steps

from .audio import is_recording, read_recording
from .images import reading_images
from .inputs import expanded, holds_images


def open_recording(
    path: str | Path,
    recording: RecordingSettings | None = None,
    rendering: RenderSettings | None = None,
) -> SpectrogramStack:
    """Pages of a recording, rendered when they are looked at.

    Raises
    ------
    InputError
        If it cannot be read or rendered.
    """
    recording, rendering = recording or RecordingSettings(), rendering or RenderSettings()
    sound = read_recording(path, recording)
    stack = render(sound, rendering)
    settings = {"recording": recording.model_dump(), "render": rendering.model_dump()}
    return replace(stack, origin=Origin("recording", (Path(path),), settings))


def opening(
    paths: Sequence[Path],
    recording: RecordingSettings,
    rendering: RenderSettings,
    images: ImageSettings,
) -> Steps[list[SpectrogramStack]]:
    """Open recordings one by one, and images together as one source.

    Of a folder its recordings, and its images where it has any.

    Raises
    ------
    InputError
        If one cannot be read.
    """
    stacks = []
    paths = [inside for path in paths for inside in expanded(path)]
    pictures = [path for path in paths if holds_images(path)]
    if pictures:  # beside images, what has no known ending costs no other: it is told as unreadable
        pictures = [path for path in paths if holds_images(path) or not is_recording(path)]
    among = set(pictures)
    sounds = [path for path in paths if path not in among]
    for done, path in enumerate(sounds):
        yield Progress(done, len(sounds), "recordings")
        stacks.append(open_recording(path, recording, rendering))
    if pictures:
        chosen: Any = pictures[0] if len(pictures) == 1 else pictures
        stacks.append((yield from reading_images(chosen, images)))
    return stacks


def opening_again(origin: Origin, name: str) -> Steps[SpectrogramStack]:
    """Read the files of a stack again, as they were read then.

    Parameters
    ----------
    origin : Origin
        Where the files are now.
    name : str
        What the source is called.

    Raises
    ------
    InputError
        If one cannot be read.
    """
    known = origin.settings
    try:
        settings = (
            RecordingSettings.model_validate(known.get("recording", {})),
            # Sessions from before there was a choice show pages as VocalMat's images.
            RenderSettings.model_validate({"levels": "page", **known.get("render", {})}),
            ImageSettings.model_validate(known.get("images", {})),
        )
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        msg = (
            f"{name}: its session was kept with settings that cannot be used ({place}: "
            f"{fault['msg']}): restore its session.json from a copy, or begin a new session"
        )
        raise InputError(msg) from error
    recording, rendering, images = settings
    if origin.kind == "recording":
        yield Progress(0, 1, "recordings")
        stack = open_recording(origin.files[0], recording, rendering)
    else:
        chosen: Any = origin.files[0] if len(origin.files) == 1 else list(origin.files)
        stack = yield from reading_images(chosen, images)
    return replace(stack, layout=replace(stack.layout, source=name))
