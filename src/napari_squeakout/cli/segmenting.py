"""`segment`: recordings and images to calls, any number of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.markup import escape

from napari_squeakout.core.batch_settings import BatchSettings
from napari_squeakout.core.numerals import counted
from napari_squeakout.core.settings import (
    CleanSettings,
    ImageSettings,
    RecordingSettings,
    RenderSettings,
    ResultSettings,
    SegmentSettings,
)

from .console import FAILED, complain, err, misuse, out, shown, told
from .models import tell_fallback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_squeakout.core.model.model import Model
    from napari_squeakout.io.batch.batch import Batch, Outcome

_flat = Parameter(name="*")


def segment(
    *inputs: Annotated[Path, Parameter(help="Recordings, images, folders, TIFF or npy files.")],
    output: Annotated[Path, Parameter(help="Folder for the results; each input gets its own.")],
    model: Annotated[str | None, Parameter(help="Model to use: its name or file.")] = None,
    like: Annotated[
        Path | None,
        Parameter(
            help="run.json of a result: the same model and settings, but for flags that are given "
            "beside it; the same input too where none is named."
        ),
    ] = None,
    table: Annotated[
        Path | None,
        Parameter(help="CSV that says of every input what came of it; one that is there stays."),
    ] = None,
    sharing: Annotated[BatchSettings, _flat] = BatchSettings(),
    segmenting: Annotated[SegmentSettings, _flat] = SegmentSettings(),
    cleaning: Annotated[CleanSettings, _flat] = CleanSettings(),
    results: Annotated[ResultSettings, _flat] = ResultSettings(),
    recording: Annotated[RecordingSettings, _flat] = RecordingSettings(),
    images: Annotated[ImageSettings, _flat] = ImageSettings(),
    rendering: Annotated[RenderSettings, _flat] = RenderSettings(),
) -> int:
    """Find the calls in recordings, images, folders of images, TIFF stacks and npy arrays.

    Writes the table of calls (calls.csv), masks of images (one PNG each) and a record of all
    settings (run.json) to a folder in OUTPUT, named after the input. An input that cannot be used
    is reported at the end; the others get their results.
    """
    from napari_squeakout.io.batch.batch import batch_again, batch_of
    from napari_squeakout.io.engines.making import make_engine
    from napari_squeakout.io.models.registry import load_model
    from napari_squeakout.io.results.run_again import read_again
    from napari_squeakout.io.results.run_record import RunSettings

    if not inputs and like is None:
        return misuse("segment: nothing to segment: name recordings, images or folders")
    if not inputs and sharing.model_fields_set:
        return misuse(f"segment: --{min(sharing.model_fields_set)} is about inputs: name some")
    settled = RunSettings(
        recording=recording, images=images, render=rendering, clean=cleaning, result=results
    )
    again = None
    if like is not None:
        again = read_again(like, segmenting, settled, model=model)
        for note in again.notes:
            err.print(escape(note))
        engine, settled = make_engine(again.model, again.segmenting, told), again.settled
    else:
        if model is None:
            tell_fallback()
        engine = make_engine(load_model(model), segmenting, told)
    err.print(f"{escape(engine.model.name)} on {escape(engine.why)}")
    if again is not None and not inputs:
        batch = batch_again(again, output, engine)
    else:
        batch = batch_of(inputs, output, engine, settled, sharing)
    return _segment_all(batch, sharing, table)


def _segment_all(batch: Batch, sharing: BatchSettings, table: Path | None) -> int:
    """Segment all inputs, say what came of each, and at the end what could not be used."""
    from napari_squeakout.io.batch.outcome_table import outcome_table

    _tell_threshold(batch.engine.model, batch.settled.clean)
    failures: list[str] = []
    n_done = 0
    with outcome_table(table) as note:
        for outcome in _outcomes(batch, sharing):
            _tell_outcome(outcome)
            failures += outcome.failures
            n_done += outcome.result is not None
            note(outcome)
    for text in failures:
        complain(text)
    if failures:
        rest = f"the rest is in {escape(str(batch.output))}" if n_done else "nothing was written"
        err.print(f"{len(failures)} could not be used; {rest}")
    return FAILED if failures else 0


def _outcomes(batch: Batch, sharing: BatchSettings) -> Iterator[Outcome]:
    """What came of each input; behind a bar where one is segmented at a time."""
    if sharing.is_beside:
        yield from batch.outcomes(sharing.jobs, sharing.scheduler)
        return
    for source in batch.inputs:
        yield shown(batch.segmenting(source), source.name)


def _tell_threshold(model: Model, cleaning: CleanSettings) -> None:
    """Say it where calls are found with another threshold than usual, because the model was."""
    judged = model.card.cleaning
    if judged is None or judged.threshold == CleanSettings().threshold:
        return
    what = f"{escape(model.name)} was judged with a threshold of {judged.threshold:g}"
    if cleaning.threshold == judged.threshold:
        err.print(f"{what}, which is used; --threshold asks for another")
    else:
        err.print(f"{what}, this is {cleaning.threshold:g}")


def _tell_outcome(outcome: Outcome) -> None:
    """Say where the result is, and what should be known of it."""
    result = outcome.result
    if result is not None:
        for note in result.notes:
            err.print(f"{escape(outcome.source.name)}: {escape(note)}")
        calls, pages = counted(len(result.calls), "call"), counted(result.n_pages, "page")
        kept = ", kept as it was made before" if result.is_kept else ""
        out.print(f"{escape(str(result.folder))}: {calls} on {pages}{kept}")
