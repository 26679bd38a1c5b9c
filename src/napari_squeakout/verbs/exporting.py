"""Calls for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from napari_squeakout.core.steps import run

from .choices import PathLike, Told

if TYPE_CHECKING:
    from napari_squeakout.core.export.forms import Form
    from napari_squeakout.io.tasks.exporting import Exported


def export_calls(
    sources: PathLike | Iterable[PathLike],
    output: PathLike,
    *,
    form: Form,
    near: Sequence[PathLike] = (),
    overwrite: bool = False,
    progress: Told = None,
) -> Exported:
    """Write the calls of results and sessions as other programs read them.

    Parameters
    ----------
    sources : str, Path or iterable of them
        Folders of results, `*.squeakout`, and folders of them.
    output : str or Path
        Folder to write, whole or not at all: new or empty.
    form : {"csv", "raven", "audacity", "deepsqueak", "vocalmat", "coco", "windows"}
        What to write.
    near : sequence of str or Path
        More folders to look for recordings and images in.
    overwrite : bool
        Whether an export that is there may be replaced.
    progress : callable, optional
        Told of every step.

    Returns
    -------
    Exported
        The calls of each source, and which sources could not be exported, with the reason.

    Raises
    ------
    SqueakOutError
        If there is no such form, a folder holds neither result nor session, or the output is taken.
    """
    from napari_squeakout.io.tasks.exporting import exporting

    many = [sources] if isinstance(sources, str | Path) else list(sources)
    steps = exporting(
        [Path(path) for path in many],
        form,
        Path(output),
        near=[Path(path) for path in near],
        overwrite=overwrite,
    )
    return run(steps, progress)
