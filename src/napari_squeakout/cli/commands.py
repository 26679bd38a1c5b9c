"""The commands: each reads its flags as whole settings and hands them on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter, validators
from rich.markup import escape

from napari_squeakout.core.numerals import counted
from napari_squeakout.core.settings import (
    Levels,
    SampleSettings,
)
from napari_squeakout.core.training_settings import SynthesisSettings, TrainSettings

from .comparing import compare
from .console import complain, err, misuse, out, shown
from .evaluation import evaluate
from .exporting import export, sound
from .fine_tuning import fine_tune
from .measuring import groups, measure, report, summarise
from .models import models_app
from .paper.benchmark import benchmark
from .paper.dataset import dataset_app
from .reviewing import prepare
from .segmenting import segment

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
app.command(segment)
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
