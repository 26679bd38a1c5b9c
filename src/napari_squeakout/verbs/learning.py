"""Pages with masks -> models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.steps import run
from napari_squeakout.core.training_settings import (
    FineTuneSettings,
    SynthesisSettings,
    TrainSettings,
)

from .choices import PathLike, Told, model_of

if TYPE_CHECKING:
    from napari_squeakout.core.fine_tuning.approved import ApprovedPages
    from napari_squeakout.core.fine_tuning.fine_tune import FineTuned
    from napari_squeakout.core.model.model import Model
    from napari_squeakout.io.tasks.fine_tuning import FineTuning
    from napari_squeakout.io.tasks.training import Trained


def approved_pages(
    pages: NDArray[np.uint8], masks: NDArray[Any], sources: Sequence[str] | None = None
) -> ApprovedPages:
    """Pages of your own, with masks that you vouch for, to fine-tune on.

    Parameters
    ----------
    pages : NDArray
        (n, 512, 512) uint8 grey, as a model is given them.
    masks : NDArray
        (n, 512, 512), other than 0 where a call is.
    sources : sequence of str, optional
        The recording or animal of each page: whole ones are held out to judge by. By default all
        are of one, in the order of time.

    Raises
    ------
    InputError
        If the pages are no such grey.
    ValueError
        If the shapes do not fit each other.
    """
    from collections import Counter

    from napari_squeakout.core.fine_tuning.approved import ApprovedPages
    from napari_squeakout.core.fine_tuning.splits import PagePlace

    if pages.dtype != np.uint8 or pages.ndim != 3 or pages.shape[1:] != (PAGE_PX, PAGE_PX):  # noqa: PLR2004
        msg = (
            f"pages are {pages.dtype} {pages.shape}, not uint8 (n, {PAGE_PX}, {PAGE_PX}): "
            "multiply grey of 0 to 1 by 255"
        )
        raise InputError(msg)
    groups = ["pages"] * len(pages) if sources is None else list(map(str, sources))
    seen: Counter[str] = Counter()
    places = []
    for group in groups:
        places.append(
            PagePlace(
                group=group,
                start=float(seen[group]),
                length=1.0,
                name=f"{group}, page {seen[group]}",
            )
        )
        seen[group] += 1
    about = tuple({"source": name, "pages": count} for name, count in seen.items())
    return ApprovedPages(
        pages=pages, masks=np.asarray(masks) != 0, places=tuple(places), about=about
    )


def fine_tune(
    name: str,
    *,
    sessions: Sequence[PathLike] = (),
    folders: Sequence[tuple[PathLike, PathLike]] = (),
    near: Sequence[PathLike] = (),
    base: str | None = None,
    settings: FineTuneSettings | None = None,
    promote: bool = False,
    learning_curve: bool = False,
    progress: Told = None,
) -> FineTuning:
    """Teach a model approved pages, judge it on pages held out, and keep it under a name.

    Parameters
    ----------
    name : str
        What to call the new model.
    sessions, folders, near : optional
        As for `read_approved`.
    base : str, optional
        Name or file of the model to begin with; by default the bundled one.
    settings : FineTuneSettings, optional
        The recipe.
    promote : bool
        Whether it becomes the default where it is judged better than the default it began with.
    learning_curve : bool
        Whether to learn from a quarter and half of the pages too.
    progress : callable, optional
        Told of every step.

    Returns
    -------
    FineTuning
        `verdict`, `model`, and where it is kept.

    Raises
    ------
    SqueakOutError
        If the name is taken, or pages cannot be read or are too few.
    """
    from napari_squeakout.io.models.registry import check_is_free
    from napari_squeakout.io.tasks.fine_tuning import fine_tuning
    from napari_squeakout.io.training_runs.order import TrainingOrder

    check_is_free(name)
    order = TrainingOrder(
        name=name,
        sessions=tuple(Path(path) for path in sessions),
        folders=tuple((Path(images), Path(masks)) for images, masks in folders),
        near=tuple(Path(path) for path in near),
        base=base,
        settings=settings or FineTuneSettings(),
        learning_curve=learning_curve,
    )
    return run(fine_tuning(order, promote=promote), progress)


def fine_tune_on(
    approved: ApprovedPages,
    base: Model | PathLike | None = None,
    settings: FineTuneSettings | None = None,
    *,
    name: str,
    progress: Told = None,
) -> tuple[Model, FineTuned]:
    """Teach a model pages that are in memory; nothing is kept unless you save the model.

    Parameters
    ----------
    approved : ApprovedPages
        From `approved_pages` or `read_approved`.
    base : Model, str or Path, optional
        Where to start; by default the bundled model.
    settings : FineTuneSettings, optional
        The recipe.
    name : str
        What to call the new model.

    Returns
    -------
    Model
        With its card: `savemodel_of(model)` keeps it.
    FineTuned
        Course and verdict.
    """
    from napari_squeakout.core.fine_tuning.fine_tune import tuning
    from napari_squeakout.core.fine_tuning.model_cards import fine_tuned_model
    from napari_squeakout.io.models.default import BUNDLED_MODEL

    begin = model_of(BUNDLED_MODEL if base is None else base)
    tuned = run(tuning(approved, begin, settings), progress)
    return fine_tuned_model(name, begin, tuned, approved), tuned


def train(
    name: str,
    *,
    synthetic: int = 0,
    call_free: int = 0,
    images: PathLike | None = None,
    masks: PathLike | None = None,
    base: str | None = None,
    settings: TrainSettings | None = None,
    synthesis: SynthesisSettings | None = None,
    checkpoint: PathLike | None = None,
    progress: Told = None,
) -> Trained:
    """Train a network, on synthetic calls or on images with masks, and keep it under a name.

    Parameters
    ----------
    name : str
        What to call the new model.
    synthetic, call_free : int
        Pages to draw, and further ones without calls.
    images, masks : str or Path, optional
        Folders to learn from instead, matched by stem.
    base : str, optional
        Name or file of the model to go on from.
    settings, synthesis : optional
        The recipe, and what synthetic pages are made of.
    checkpoint : str or Path, optional
        File to keep the state in after each epoch, and to go on from where it exists.
    progress : callable, optional
        Told of every step.

    Raises
    ------
    SqueakOutError
        If the name is taken, or pages, base or checkpoint cannot be used.
    ValueError
        Unless either synthetic pages or a folder of images with one of masks is given.
    """
    from napari_squeakout.io.tasks.training import PagesOfFolders, SyntheticPages, training

    source: SyntheticPages | PagesOfFolders
    if images is not None and masks is not None and not synthetic:
        source = PagesOfFolders(images=Path(images), masks=Path(masks))
    elif synthetic and images is None and masks is None:
        drawing = synthesis or SynthesisSettings()
        source = SyntheticPages(n_pages=synthetic, n_call_free=call_free, settings=drawing)
    else:
        msg = "give either synthetic=N, or images= and masks="
        raise ValueError(msg)
    state = None if checkpoint is None else Path(checkpoint)
    steps = training(name, source, settings or TrainSettings(), base=base, checkpoint=state)
    trained = run(steps, progress)
    if trained is None:  # one process alone is always the first
        raise AssertionError
    return trained
