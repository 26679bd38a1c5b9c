"""The commands: each reads its flags as whole settings and hands them on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter, validators
from rich.markup import escape

from napari_squeakout.core.batch_settings import BatchSettings
from napari_squeakout.core.numerals import counted
from napari_squeakout.core.settings import (
    CleanSettings,
    ImageSettings,
    Levels,
    RecordingSettings,
    RenderSettings,
    ResultSettings,
    SampleSettings,
    SegmentSettings,
)
from napari_squeakout.core.training_settings import SynthesisSettings, TrainSettings

from .comparing import compare
from .console import FAILED, complain, err, misuse, out, shown, told
from .evaluation import evaluate
from .exporting import export, sound
from .fine_tuning import fine_tune
from .measuring import groups, measure, report, summarise
from .models import models_app, tell_fallback
from .paper.benchmark import benchmark
from .paper.dataset import dataset_app
from .reviewing import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_squeakout.core.model.model import Model
    from napari_squeakout.io.batch.batch import Batch, Outcome

_flat = Parameter(name="*")
_count = validators.Number(gte=0)

app = App(
    name="squeakout",
    help="Find mouse ultrasonic calls in recordings and spectrogram images, pixel by pixel. "
    "With --debug, errors are shown in full, with their traceback.",
    version_flags=["--version"],
    # No --empty-images and the like: nobody asks for an empty list.
    default_parameter=Parameter(negative_iterable=()),
    suppress_keyboard_interrupt=False,  # main says what Ctrl-C left behind
)
app.command(models_app)
app.command(evaluate)
app.command(compare)
app.command(export)
app.command(fine_tune)
app.command(measure)
app.command(summarise)
app.command(groups)
app.command(report)
app.command(prepare)
app.command(sound)
app.command(dataset_app)
app.command(benchmark)


@app.command
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
    with outcome_table(table) as note:
        for outcome in _outcomes(batch, sharing):
            _tell_outcome(outcome)
            failures += outcome.failures
            note(outcome)
    for text in failures:
        complain(text)
    if failures:
        err.print(f"{len(failures)} could not be used; the rest is in {escape(str(batch.output))}")
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


@app.command
def train(
    *,
    name: Annotated[str, Parameter(help="What to call the new model.")],
    synthetic: Annotated[
        int, Parameter(help="Number of synthetic pages to draw.", validator=_count)
    ] = 0,
    empty_pages: Annotated[
        int,
        Parameter(
            help="Further synthetic pages without calls, with three times as many disturbances.",
            validator=_count,
        ),
    ] = 0,
    background: Annotated[
        tuple[Path, ...],
        Parameter(
            help="Recordings whose parts without calls serve as background.", consume_multiple=True
        ),
    ] = (),
    annotation: Annotated[
        tuple[Path, ...],
        Parameter(
            help="Table of onsets and offsets for each --background, in the same order.",
            consume_multiple=True,
        ),
    ] = (),
    images: Annotated[Path | None, Parameter(help="Folder of images to train on.")] = None,
    masks: Annotated[Path | None, Parameter(help="Folder of their masks.")] = None,
    base: Annotated[str | None, Parameter(help="Model to start from; by default none.")] = None,
    levels: Annotated[
        Levels | None,
        Parameter(
            help="What brightness means on its pages (see segment); by default as for the model "
            "started from, or noise."
        ),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        Parameter(help="File of the state after each epoch; if it is there, training resumes."),
    ] = None,
    devices: Annotated[
        int, Parameter(help="Devices (GPUs) that share the work; the command starts once for each.")
    ] = 1,
    nodes: Annotated[int, Parameter(help="Machines that share it, started by the cluster.")] = 1,
    learning: Annotated[TrainSettings, _flat] = TrainSettings(),
    drawing: Annotated[SynthesisSettings, Parameter(name="synthesis")] = SynthesisSettings(),
) -> int:
    """Train a network, on synthetic calls or on images with masks."""
    from napari_squeakout.core.training.loop import training_fabric
    from napari_squeakout.io.models.registry import check_is_free
    from napari_squeakout.io.tasks.training import PagesOfFolders, SyntheticPages, training

    wrong = {
        "give either --synthetic N, or --images DIR and --masks DIR": (
            (images is None) != (masks is None) or bool(synthetic) == (images is not None)
        ),
        "each --background needs its --annotation": len(background) != len(annotation),
        "--empty-pages goes with --synthetic N": empty_pages > 0 and not synthetic,
        "--weight-interpolation goes with --base": learning.weight_interpolation < 1
        and base is None,
    }
    for mistake, is_made in wrong.items():
        if is_made:
            return misuse(f"train: {mistake}")
    check_is_free(name)
    fabric = training_fabric(devices, nodes)
    fabric.launch()
    source: SyntheticPages | PagesOfFolders
    if images is not None and masks is not None:
        source = PagesOfFolders(images=images, masks=masks)
    else:
        source = SyntheticPages(
            n_pages=synthetic,
            n_call_free=empty_pages,
            settings=drawing,
            backgrounds=tuple(zip(background, annotation, strict=True)),
        )
    steps = training(
        name, source, learning, base=base, levels=levels, checkpoint=checkpoint, fabric=fabric
    )
    trained = shown(steps, name)
    if trained is None:
        return 0
    for note in trained.notes:
        err.print(escape(note))
    kept, result = trained.kept, trained.result
    dice = result.history[result.best_epoch].validation_dice
    out.print(f"{escape(str(kept.path))}: validation Dice {dice:.3f}")
    return complain(kept.note) if kept.note else 0


@app.command
def sample(
    folder: Annotated[Path, Parameter(help="Folder to write into.")],
    *,
    amount: Annotated[SampleSettings, _flat] = SampleSettings(),
    drawing: Annotated[SynthesisSettings, _flat] = SynthesisSettings(),
) -> int:
    """Write synthetic recordings and images, with their true calls and masks."""
    from napari_squeakout.io.samples.study import writing_study
    from napari_squeakout.io.samples.synthetic import writing_samples

    seconds, animals = amount.seconds, amount.animals
    if animals:
        shown(writing_study(folder, animals=animals, seconds=seconds, settings=drawing), "sample")
        what = f"{counted(animals, 'animal')} a group, WT and KO"
    else:
        images = amount.images
        shown(writing_samples(folder, seconds=seconds, images=images, settings=drawing), "sample")
        what = f"recording, {counted(images, 'image')}"
    out.print(f"{escape(str(folder))}: {seconds:g} s of {what}")
    return 0


@app.command
def doctor() -> int:
    """Check the installation: show versions and hardware, and segment one test page."""
    from napari_squeakout.io.diagnosis import diagnose

    # Lines, not a table: nothing is cut to the terminal's width, and what comes before a failure
    # is there to read.
    for what, value in diagnose():
        out.print(f"{what:<18}{escape(value)}")
    return 0
