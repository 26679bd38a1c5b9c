"""A result or a session -> what was found, whichever of them it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from napari_squeakout.core.steps import Steps

from .findings import Findings, is_session
from .result_findings import findings_of_result
from .session_findings import reading_session


def reading_findings(place: Path, near: Sequence[Path] = ()) -> Steps[Findings]:
    """What a result folder or a session holds.

    Parameters
    ----------
    place : Path
        The result or session.
    near : sequence of Path
        More folders to look for its recording or images in.

    Raises
    ------
    InputError
        If it is neither, or cannot be read.
    """
    if is_session(place):
        return (yield from reading_session(place, near))
    return findings_of_result(place, near)
