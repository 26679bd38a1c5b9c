"""A person's work, read back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from napari_squeakout.core.steps import run

from .choices import PathLike, Told

if TYPE_CHECKING:
    from napari_squeakout.core.fine_tuning.approved import ApprovedPages
    from napari_squeakout.io.results.work_results import Work


def read_session(folder: PathLike, *, near: Sequence[PathLike] = (), progress: Told = None) -> Work:
    """A person's work on a source as it stands; nothing in its folder is touched.

    Parameters
    ----------
    folder : str or Path
        `*.squeakout`.
    near : sequence of str or Path
        More folders to look for its recording or images in.

    Returns
    -------
    Work
        Pages, masks, probabilities, and the review: which pages were approved.

    Raises
    ------
    InputError
        If it is no session, or its files are gone or were changed.
    """
    from napari_squeakout.core.stacks import MaskStack as Masks
    from napari_squeakout.core.stacks import ProbabilityStack as Probabilities
    from napari_squeakout.io.results.work_results import Work as Read
    from napari_squeakout.io.sessions.session import open_session
    from napari_squeakout.io.sessions.sources import reading_back

    session = open_session(Path(folder), read_only=True)
    stack = run(reading_back(session, [Path(path) for path in near]), progress)
    made_by = session.record.model
    known = session.record.sources
    asked = "" if made_by is None else made_by.fingerprint
    return Read(
        stack=stack,
        masks=Masks(session.labels, stack.layout),
        probabilities=Probabilities(session.probabilities, stack.layout, asked),
        review=session.record.review,
        stages=session.stages,
        model="" if made_by is None else made_by.name,
        known=known,
    )


def read_approved(
    sessions: Sequence[PathLike] = (),
    folders: Sequence[tuple[PathLike, PathLike]] = (),
    *,
    near: Sequence[PathLike] = (),
    progress: Told = None,
) -> ApprovedPages:
    """All pages that were approved in sessions, and all of folders of images with masks.

    Parameters
    ----------
    sessions : sequence of str or Path
        `*.squeakout`.
    folders : sequence of (str or Path, str or Path)
        Images and their masks, matched by stem; all of them count as approved.
    near : sequence of str or Path
        More folders to look for the sessions' recordings and images in.
    """
    from napari_squeakout.io.training_pages.approved import reading_approved

    steps = reading_approved(
        [Path(path) for path in sessions],
        [(Path(images), Path(masks)) for images, masks in folders],
        [Path(path) for path in near],
    )
    return run(steps, progress)
