"""Masks that were learned -> a session, the most doubtful pages first, for a person to correct."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.morphology import BoolImage, stretches
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import quick_hash
from napari_squeakout.core.review.uncertainty import page_uncertainty
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.io.files import file_sha256
from napari_squeakout.io.scratch import make_room
from napari_squeakout.io.sessions.record import MadeBy
from napari_squeakout.io.sessions.session import Session
from napari_squeakout.io.sessions.sources import begin_session, discard_session
from napari_squeakout.io.sources.images import reading_images

from .building import Build
from .learning import Kept
from .progress_file import Done


def making_session(build: Build, done: Sequence[Done], folder: Path) -> Steps[Path]:
    """Make a session of the pages in most doubt, in order of their doubt.

    Parameters
    ----------
    build : Build
        The data set.
    done : sequence of Done
        Steps that are over; one of them is an (e).
    folder : Path
        Where to make it; its name ends in `.squeakout`.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    SqueakOutError
        If images have changed since they were read, or the session cannot be written.
    """
    last = next(one.label for one in reversed(done) if one.label[0] == "e")
    values = np.load(build.progress.doubts_path(last), mmap_mode="r")
    masks = build.last_masks(list(done))
    cleaning = CleanSettings().at_threshold(build.recipe.dataset.learned_threshold)
    doubt = np.zeros(len(values))
    for index in range(len(values)):
        doubt[index] = page_uncertainty(np.asarray(values[index]), cleaning)
        yield Progress(index + 1, len(values), "images (g: doubt)")
    wanted = max(1, round(build.recipe.dataset.review_fraction * len(values)))
    order = np.argsort(-doubt, kind="stable")[:wanted]
    files = [Path(build.stored.files[index]) for index in order]
    _check_unchanged(build, order, files)
    stack = yield from reading_images(files)
    session = begin_session(stack, folder)
    try:
        yield from _filling(session, [masks[index] for index in order], values, order)
        name = MadeBy(name=f"U-Net, step {last}", fingerprint=_fingerprint(build, last))
        known = {**session.record.settings, "clean": cleaning.model_dump()}
        n_calls = int(session.labels.max(initial=0))
        update = {"model": name, "settings": known, "n_calls": n_calls}
        session.save(session.record.model_copy(update=update))
    except BaseException:
        discard_session(session)
        raise
    session.close()
    return folder


def _filling(
    session: Session,
    masks: Sequence[BoolImage],
    values: NDArray[np.uint8],
    order: NDArray[np.int64],
) -> Steps[None]:
    last = 0
    for page, (mask, index) in enumerate(zip(masks, order, strict=True)):
        labels = numbered_calls(mask, last)
        last = max(last, int(labels.max(initial=0)))
        make_room(session.probabilities, page, page + 1)
        session.probabilities[page] = values[index]
        if labels.any():
            make_room(session.labels, page, page + 1)
            session.labels[page] = labels
        session.proposed[page] = quick_hash(labels)
        session.stages[page] = PageStage.CLEANED
        yield Progress(page + 1, len(masks), "images (g: session)")


def numbered_calls(mask: BoolImage, last: int) -> NDArray[np.int32]:
    """(h, w) labels: what overlaps in time is one call; numbers follow `last`."""
    numbers = np.zeros(mask.shape[1], np.int32)
    for number, (first, stop) in enumerate(stretches(np.asarray(mask.any(axis=0))), start=last + 1):
        numbers[first:stop] = number
    return np.where(mask, numbers, np.int32(0)).astype(np.int32)


def _check_unchanged(build: Build, order: NDArray[np.int64], files: Sequence[Path]) -> None:
    for index, file in zip(order, files, strict=True):
        if file_sha256(file) != build.stored.sha256[index]:
            msg = f"{file}: has changed since its mask was made: build the data set again"
            raise InputError(msg)


def _fingerprint(build: Build, last: str) -> str:
    weights = Kept(build.progress.folder, f"d{last[1:]}").weights
    return file_sha256(weights)
