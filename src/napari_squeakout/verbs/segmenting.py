"""Recordings and images -> calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from napari_squeakout.core.batch_settings import BatchSettings
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.settings import (
    CleanSettings,
    ImageSettings,
    RecordingSettings,
    RenderSettings,
    ResultSettings,
    SegmentSettings,
)
from napari_squeakout.core.steps import Progress, run

from .choices import PathLike, Told, engine_of

if TYPE_CHECKING:
    from napari_squeakout.core.model.model import Model
    from napari_squeakout.core.stacks import (
        CallTable,
        MaskStack,
        ProbabilityStack,
        SpectrogramStack,
    )
    from napari_squeakout.io.batch.batch import Outcome
    from napari_squeakout.io.sources.inputs import Input


@dataclass(frozen=True, kw_only=True)
class Segmented:
    """What was found in one input.

    Parameters
    ----------
    pages : SpectrogramStack
        What was looked at.
    probabilities : ProbabilityStack
        What the network said.
    masks : MaskStack
        The calls, pixel by pixel.
    calls : DataFrame
        One row a call.
    notes : tuple of str
        What should be known of how it was read.
    """

    pages: SpectrogramStack
    probabilities: ProbabilityStack
    masks: MaskStack
    calls: CallTable
    notes: tuple[str, ...] = ()


def open_source(
    path: PathLike,
    *,
    recording: RecordingSettings | None = None,
    rendering: RenderSettings | None = None,
    images: ImageSettings | None = None,
    progress: Told = None,
) -> SpectrogramStack:
    """Open a recording, an image or a folder of images as pages, made when they are looked at.

    Raises
    ------
    InputError
        If it cannot be read, or is a folder with more than one source.
    """
    from napari_squeakout.io.sources.opening import opening

    settings = (
        recording or RecordingSettings(),
        rendering or RenderSettings(),
        images or ImageSettings(),
    )
    stacks = run(opening([Path(path)], *settings), progress)
    if len(stacks) != 1:
        msg = f"{path}: holds {len(stacks)} sources: open them one by one, or use segment_files"
        raise InputError(msg)
    return stacks[0]


def segment_file(
    path: PathLike,
    *,
    model: Model | PathLike | None = None,
    cleaning: CleanSettings | None = None,
    segmenting: SegmentSettings | None = None,
    recording: RecordingSettings | None = None,
    rendering: RenderSettings | None = None,
    images: ImageSettings | None = None,
    progress: Told = None,
) -> Segmented:
    """Find the calls of one recording, image or folder of images; nothing is written.

    Parameters
    ----------
    path : str or Path
        What to look at.
    model : Model, str or Path, optional
        A model, or its name or file; by default the one that is the default here. Pages are
        rendered as it was made for and calls found with what it was judged with, unless settings
        state otherwise.
    cleaning, segmenting, recording, rendering, images : optional
        Settings; what they leave open is the model's, or the default.
    progress : callable, optional
        Told of every step.

    Returns
    -------
    Segmented
        All of it in memory; for recordings of hours use `segment_files`, which keeps what is large
        on the disk.

    Raises
    ------
    SqueakOutError
        If the input or the model cannot be used.

    Examples
    --------
    >>> found = segment_file("recording.wav")  # doctest: +SKIP
    >>> found.calls[["start_s", "end_s", "low_hz", "high_hz"]]  # doctest: +SKIP
    """
    from napari_squeakout.core.detection.finding import finding
    from napari_squeakout.io.sources.stack_domain import model_notes, noting_band

    engine = engine_of(model, segmenting)
    pages = open_source(
        path,
        recording=recording,
        rendering=engine.model.rendering(rendering or RenderSettings()),
        images=images,
        progress=progress,
    )
    found = run(finding(pages, engine, cleaning), progress)
    apart = model_notes(pages, engine.model)
    edges = run(noting_band(pages, found.calls), progress)
    notes = (*pages.notes, *pages.unreadable, *engine.notes, *apart, *edges)
    return Segmented(
        pages=pages,
        probabilities=found.probabilities,
        masks=found.masks,
        calls=found.calls,
        notes=notes,
    )


def segment_files(
    paths: PathLike | Iterable[PathLike],
    output: PathLike,
    *,
    model: Model | PathLike | None = None,
    cleaning: CleanSettings | None = None,
    results: ResultSettings | None = None,
    segmenting: SegmentSettings | None = None,
    recording: RecordingSettings | None = None,
    rendering: RenderSettings | None = None,
    images: ImageSettings | None = None,
    sharing: BatchSettings | None = None,
    progress: Told = None,
) -> list[Outcome]:
    """Segment any number of inputs into folders of results, as `squeakout segment` does.

    Parameters
    ----------
    paths : str, Path or iterable of them
        Recordings, images, folders.
    output : str or Path
        Folder of the results: one folder an input, with calls.csv, run.json and what `results`
        asks for. It is whole or not there.
    results : ResultSettings, optional
        What is written beside the tables, and whether results that are there may be replaced.
    sharing : BatchSettings, optional
        Folders below folders, a share of the inputs, and how many processes work at once: with more
        than one, a script does it under `if __name__ == "__main__":`, as with all that starts
        processes.
    model, cleaning, segmenting, recording, rendering, images : optional
        As for `segment_file`.
    progress : callable, optional
        Told of every step; with several processes, of every input.

    Returns
    -------
    list of Outcome
        In the order of the inputs; one that could not be used has no result, and says why.

    Raises
    ------
    SqueakOutError
        If the model or the folder for the results cannot be used.
    """
    from napari_squeakout.io.batch.batch import batch_of
    from napari_squeakout.io.results.run_record import RunSettings

    many = [paths] if isinstance(paths, str | Path) else list(paths)
    settled = RunSettings(
        recording=recording or RecordingSettings(),
        images=images or ImageSettings(),
        render=rendering or RenderSettings(),
        clean=cleaning or CleanSettings(),
        result=results or ResultSettings(),
    )
    sharing = sharing or BatchSettings()
    batch = batch_of(many, output, engine_of(model, segmenting), settled, sharing)
    if not sharing.is_beside:
        return [run(batch.segmenting(source), progress) for source in batch.inputs]
    found: dict[Input, Outcome] = {}
    for outcome in batch.outcomes(sharing.jobs, sharing.scheduler):
        found[outcome.source] = outcome
        if progress is not None:
            progress(Progress(len(found), len(batch.inputs), "inputs"))
    return [found[source] for source in batch.inputs]


def segment(
    pages: SpectrogramStack,
    model: Model | PathLike | None = None,
    *,
    settings: SegmentSettings | None = None,
    progress: Told = None,
) -> ProbabilityStack:
    """Ask a network about every page; the probability that each pixel belongs to a call."""
    from napari_squeakout.core.detection.segment import segmenting_pages

    return run(segmenting_pages(pages, engine_of(model, settings)), progress)


def clean(
    probabilities: ProbabilityStack,
    settings: CleanSettings | None = None,
    *,
    progress: Told = None,
) -> MaskStack:
    """Turn probabilities into numbered calls: threshold, thinning, sizes, gaps, band.

    Probabilities do not know what their model was judged with: without settings the usual ones are
    used, and `load_model(name).cleaning(CleanSettings())` gives the model's.

    Raises
    ------
    ValueError
        If a band is asked for and the pages have no frequency scale.
    """
    from napari_squeakout.core.detection.clean import cleaning_pages

    return run(cleaning_pages(probabilities, settings), progress)


def find_calls(
    masks: MaskStack, probabilities: ProbabilityStack | None = None, *, progress: Told = None
) -> CallTable:
    """Measure the calls of masks: one row a call, in seconds and hertz where a scale is known."""
    from napari_squeakout.core.detection.calls import finding_calls

    return run(finding_calls(masks, probabilities), progress)
