"""The commands: each reads its flags as whole settings and hands them on."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter, validators
from rich.markup import escape

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

from .console import FAILED, complain, err, misuse, one_line, out, shown
from .evaluation import evaluate
from .fine_tuning import fine_tune
from .models import models_app, tell_fallback

if TYPE_CHECKING:
    from napari_squeakout.core.detection.engine import Engine
    from napari_squeakout.core.model.model import Model
    from napari_squeakout.io.results.results import Settled
    from napari_squeakout.io.sources.inputs import Input

_log = logging.getLogger(__name__)
_flat = Parameter(name="*")
_count = validators.Number(gte=0)

app = App(
    name="squeakout",
    help="Find mouse ultrasonic calls in recordings and spectrogram images, pixel by pixel.",
    version_flags=["--version"],
    suppress_keyboard_interrupt=False,  # main says what Ctrl-C left behind
)
app.command(models_app)
app.command(evaluate)
app.command(fine_tune)


@app.command
def segment(
    *inputs: Path,
    output: Annotated[Path, Parameter(help="Folder for the results, one folder an input.")],
    model: Annotated[str | None, Parameter(help="Name or file of the model.")] = None,
    segmenting: Annotated[SegmentSettings, _flat] = SegmentSettings(),
    cleaning: Annotated[CleanSettings, _flat] = CleanSettings(),
    results: Annotated[ResultSettings, _flat] = ResultSettings(),
    recording: Annotated[RecordingSettings, _flat] = RecordingSettings(),
    images: Annotated[ImageSettings, _flat] = ImageSettings(),
    rendering: Annotated[RenderSettings, _flat] = RenderSettings(),
) -> int:
    """Find the calls in recordings, images, folders of images, TIFF stacks and npy arrays.

    Writes calls.csv, masks for images (one PNG each) and run.json to a folder in OUTPUT, called
    after the input. An input that
    cannot be used is reported at the end; the others get their results.
    """
    from napari_squeakout.core.detection.engine import Engine
    from napari_squeakout.io.models.registry import load_model
    from napari_squeakout.io.results.results import Settled, output_folder
    from napari_squeakout.io.sources.inputs import plan_inputs

    if not inputs:
        return misuse("segment: nothing to segment: name recordings, images or folders")
    if model is None:
        tell_fallback()
    engine = Engine(load_model(model), segmenting)
    rendering = engine.model.rendering(rendering)
    settled = Settled(recording, images, rendering, cleaning, results)
    err.print(f"{escape(engine.model.name)} on {escape(engine.why)}")
    _tell_threshold(engine.model, cleaning)
    todo = plan_inputs(inputs)
    output_folder(output)
    failures = [text for one in todo for text in _segment_one(one, todo, output, engine, settled)]
    for text in failures:
        complain(text)
    if failures:
        err.print(f"{len(failures)} could not be used; the rest is in {escape(str(output))}")
    return FAILED if failures else 0


def _tell_threshold(model: Model, cleaning: CleanSettings) -> None:
    """Say it where a model was judged with another threshold and none was asked for."""
    judged = model.card.metrics.get("threshold", cleaning.threshold)
    if judged != cleaning.threshold and "threshold" not in cleaning.model_fields_set:
        err.print(
            f"{escape(model.name)} was judged with a threshold of {judged:g}, this is "
            f"{cleaning.threshold:g}: --threshold {judged:g} does as it was judged"
        )


def _segment_one(
    source: Input, inputs: Sequence[Input], output: Path, engine: Engine, settled: Settled
) -> list[str]:
    """Segment one input; the sentences that say what could not be used."""
    from napari_squeakout.io.results.results import write_result

    try:
        steps = write_result(source, output, engine, settled, inputs=inputs)
        result = shown(steps, source.name)
    except Exception as error:  # noqa: BLE001 - whatever is odd about one, the others go on
        _log.debug("%s", source.path, exc_info=True)
        return [one_line(error, source.path)]
    for note in result.notes:
        err.print(f"{escape(source.name)}: {escape(note)}")
    calls, pages = len(result.calls), result.n_pages
    out.print(f"{escape(str(result.folder))}: {calls} calls on {pages} pages")
    return list(result.unreadable)


@app.command
def train(
    *,
    name: Annotated[str, Parameter(help="What to call the new model.")],
    synthetic: Annotated[
        int, Parameter(help="Number of synthetic pages to draw.", validator=_count)
    ] = 0,
    call_free: Annotated[
        int,
        Parameter(
            help="Further ones without calls and with three times as many disturbances.",
            validator=_count,
        ),
    ] = 0,
    background: Annotated[
        tuple[Path, ...],
        Parameter(
            help="Recordings whose call-free parts are used as background.", consume_multiple=True
        ),
    ] = (),
    annotation: Annotated[
        tuple[Path, ...],
        Parameter(help="On/off table of each of these, in the same order.", consume_multiple=True),
    ] = (),
    images: Annotated[Path | None, Parameter(help="Folder of images to learn from.")] = None,
    masks: Annotated[Path | None, Parameter(help="Folder of their masks.")] = None,
    base: Annotated[str | None, Parameter(help="Model to go on from; by default none.")] = None,
    levels: Annotated[
        Levels | None,
        Parameter(help="What grey is to mean to it; by default as to the base, without one noise."),
    ] = None,
    checkpoint: Annotated[
        Path | None, Parameter(help="State file, written after each epoch and resumed from.")
    ] = None,
    devices: Annotated[
        int, Parameter(help="Devices that share the work; the command starts once for each.")
    ] = 1,
    nodes: Annotated[int, Parameter(help="Machines that share it, started by your cluster.")] = 1,
    training: Annotated[TrainSettings, _flat] = TrainSettings(),
    drawing: Annotated[SynthesisSettings, Parameter(name="synthesis")] = SynthesisSettings(),
) -> int:
    """Train a network, on synthetic calls or on images with masks."""
    from napari_squeakout.core.fine_tuning.model_cards import trained_model
    from napari_squeakout.core.model.card import check_name
    from napari_squeakout.core.training.batches import TrainingPages
    from napari_squeakout.core.training.loop import train as learn
    from napari_squeakout.core.training.loop import training_fabric
    from napari_squeakout.io.models.keeping import keep_model
    from napari_squeakout.io.models.registry import list_models, load_model
    from napari_squeakout.io.models.training_state import StateFile
    from napari_squeakout.io.training_pages.pages import draw_pages, read_background, reading_pairs

    wrong = {
        "give either --synthetic N, or --images DIR and --masks DIR": (
            (images is None) != (masks is None) or bool(synthetic) == (images is not None)
        ),
        "each --background needs its --annotation": len(background) != len(annotation),
        "--call-free goes with --synthetic N": call_free > 0 and not synthetic,
        "--kept-share goes with --base": training.kept_share < 1 and base is None,
    }
    for mistake, is_made in wrong.items():
        if is_made:
            return misuse(f"train: {mistake}")
    check_name(name)
    if name.lower() in {entry.name.lower() for entry in list_models() if entry.is_taken}:
        return misuse(f"train: a model is called {name} already: choose another --name")
    begin = None if base is None else load_model(base)
    rendering = RenderSettings() if begin is None else begin.card.rendering
    if levels is not None:
        rendering = rendering.model_copy(update={"levels": levels})
    fabric = training_fabric(devices, nodes)
    fabric.launch()
    if images is not None and masks is not None:
        pairs = shown(reading_pairs(images, masks, rendering.levels), "images")
        for note in pairs.notes:
            err.print(escape(note))
        data = TrainingPages(pairs.pages, pairs.masks)
        source = f"{images} with {masks}"
    else:
        real = [read_background(*pair) for pair in zip(background, annotation, strict=True)]
        steps = draw_pages(
            synthetic,
            drawing,
            backgrounds=real,
            call_free=call_free,
            levels=rendering.levels,
        )
        data = shown(steps, "synthesis")
        pages = f"{synthetic} synthetic pages" + f" and {call_free} call-free" * bool(call_free)
        source = f"{pages}, background from {len(real)} recordings"
    network = None if begin is None else begin.network()
    state = None if checkpoint is None else StateFile(checkpoint)
    learning = learn(data, training, network=network, checkpoint=state, fabric=fabric)
    result = shown(learning, name)
    if not fabric.is_global_zero:
        return 0
    recipe = {"train": training.model_dump(), "synthesis": drawing.model_dump()} | (
        {} if base is None else {"base": base}
    )
    model = trained_model(
        name, result, source, recipe, pages=data.pages, base=begin, rendering=rendering
    )
    kept = keep_model(model, () if checkpoint is None else (checkpoint.parent,))
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
    """Write a synthetic recording and synthetic images, with their true calls and masks."""
    from napari_squeakout.io.samples.synthetic import write_samples

    steps = write_samples(folder, seconds=amount.seconds, images=amount.images, settings=drawing)
    shown(steps, "sample")
    out.print(f"{escape(str(folder))}: {amount.seconds:g} s of recording, {amount.images} images")
    return 0


@app.command
def doctor() -> int:
    """Say what this installation runs on, and try it on one page."""
    from napari_squeakout.io.diagnosis import diagnose

    # Lines, not a table: nothing is cut to the terminal's width, and what comes before a failure
    # is there to read.
    for what, value in diagnose():
        out.print(f"{what:<18}{escape(value)}")
    return 0
