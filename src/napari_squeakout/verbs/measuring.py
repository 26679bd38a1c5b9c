"""Calls -> numbers, and recordings -> rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from napari_squeakout.core.groups.settings import GroupSettings
from napari_squeakout.core.settings import MeasureSettings, SummarySettings
from napari_squeakout.core.steps import run

from .choices import PathLike, Told, model_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_squeakout.core.measures.by_hand.classes import ClassesByHand
    from napari_squeakout.core.measures.summary import Summary
    from napari_squeakout.core.model.model import Model
    from napari_squeakout.core.stacks import (
        CallTable,
        MaskStack,
        ProbabilityStack,
        SpectrogramStack,
    )


def measure_calls(
    pages: SpectrogramStack,
    masks: MaskStack,
    probabilities: ProbabilityStack | None = None,
    *,
    settings: MeasureSettings | None = None,
    classes: ClassesByHand = (),
    progress: Told = None,
) -> CallTable:
    """Measure each call: the table of `find_calls` with contour, jumps, harmonics and levels.

    Parameters
    ----------
    pages : SpectrogramStack
        The source; levels are those of the recording behind it, whatever it shows.
    masks : MaskStack
        Its calls.
    probabilities : ProbabilityStack, optional
        For the columns of probabilities.
    settings : MeasureSettings, optional
        What counts as a jump.
    classes : tuple of ClassByHand
        What a person said of the calls, as `read_session(...).classes`: it wins over the rules, and
        the column `class_by` says so.
    progress : callable, optional
        Told of every step.

    Raises
    ------
    InputError
        If pages and masks are not of one source.
    """
    from napari_squeakout.core.measures.measuring import measuring

    steps = measuring(pages, masks, probabilities, settings, classes=classes)
    return run(steps, progress).calls


def embed_calls(
    pages: SpectrogramStack,
    masks: MaskStack,
    model: Model | PathLike | None = None,
    *,
    progress: Told = None,
) -> NDArray[np.float32]:
    """What the network's encoder makes of each call, (calls, 1280) in the order of `measure_calls`.

    Parameters
    ----------
    pages : SpectrogramStack
        The source.
    masks : MaskStack
        Its calls.
    model : Model, str or Path, optional
        Whose encoder; the default model's where none is named. Numbers of two models cannot be
        compared.
    progress : callable, optional
        Told of every step.

    Raises
    ------
    InputError
        If pages and masks are not of one source.
    """
    from napari_squeakout.core.measures.embedding import embedding_calls

    return run(embedding_calls(pages, masks, model_of(model)), progress)


def summarise(
    folders: PathLike | Sequence[PathLike],
    *,
    settings: SummarySettings | None = None,
    measures: MeasureSettings | None = None,
    subjects: PathLike | None = None,
    names: str | None = None,
    progress: Told = None,
) -> Summary:
    """Sum up folders of results and sessions: a row a recording, silent ones too, bins and bouts.

    Parameters
    ----------
    folders : str, Path or sequence of them
        Each of one recording that was segmented whole, results with their masks; a folder of such
        folders stands for those in it.
    settings : SummarySettings, optional
        Time bins and bouts.
    measures : MeasureSettings, optional
        What counts as a jump.
    subjects : str or Path, optional
        A CSV with a column `recording` and what is known of each: subject, group, litter, ...
    names : str, optional
        A pattern that reads this from the names of the recordings: `{subject}_{group}`.
    progress : callable, optional
        Told of every step.

    Raises
    ------
    InputError
        If one of them cannot be summed up; no recording is left out without a word.
    """
    from napari_squeakout.io.tasks.measuring import summarising

    many = [folders] if isinstance(folders, str | Path) else folders
    steps = summarising(
        [Path(folder) for folder in many],
        settings,
        measures=measures,
        subjects=None if subjects is None else Path(subjects),
        names=names,
    )
    return run(steps, progress)


def report(
    folders: PathLike | Sequence[PathLike],
    output: PathLike,
    *,
    settings: SummarySettings | None = None,
    measures: MeasureSettings | None = None,
    groups: GroupSettings | None = None,
    subjects: PathLike | None = None,
    names: str | None = None,
    title: str = "Ultrasonic calls",
    pages: int = 3,
    progress: Told = None,
) -> Path:
    """Write a page of HTML on folders of results and sessions; it needs nothing beside it.

    Parameters
    ----------
    folders : str, Path or sequence of them
        Each of one recording that was segmented whole, results with their masks; a folder of such
        folders stands for those in it.
    output : str or Path
        File to write.
    settings : SummarySettings, optional
        Time bins and bouts.
    measures : MeasureSettings, optional
        What counts as a jump.
    groups : GroupSettings, optional
        How groups are compared, where they are known.
    subjects : str or Path, optional
        A CSV with a column `recording` and what is known of each: subject, group, litter, ...
    names : str, optional
        A pattern that reads this from the names of the recordings: `{subject}_{group}`.
    title : str
        Over the page.
    pages : int
        How many pages in doubt are shown of each.
    progress : callable, optional
        Told of every step.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    SqueakOutError
        If one of them cannot be measured, or the file is there already or cannot be written.
    """
    from napari_squeakout.io.tasks.measuring import check_free
    from napari_squeakout.io.tasks.reporting import reporting, write_report

    check_free([Path(output)])
    many = [folders] if isinstance(folders, str | Path) else folders
    steps = reporting(
        [Path(folder) for folder in many],
        settings,
        measures=measures,
        groups=groups,
        subjects=None if subjects is None else Path(subjects),
        names=names,
        title=title,
        pages=pages,
    )
    write_report(run(steps, progress), Path(output))
    return Path(output)
