"""The `squeakout` command: what the window does, without a window.

Flags are the settings classes of core/settings.py, not restated here. Exit codes: 0 success,
1 failure of an input or of the work, 2 wrong use.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from cyclopts import App, CycloptsError, Parameter
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table

from .core.errors import SqueakOutError
from .core.settings import (
    CleanSettings,
    ImageSettings,
    RecordingSettings,
    RenderSettings,
    ResultSettings,
    SampleSettings,
    SegmentSettings,
    SynthesisSettings,
    TrainSettings,
)
from .core.steps import Progress, Steps, run

if TYPE_CHECKING:
    from .core.engine import Engine
    from .io.results import Input, Settled

T = TypeVar("T")

FAILED, MISUSED, STOPPED = 1, 2, 130
_flat = Parameter(name="*")
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

app = App(
    name="squeakout",
    help="Find mouse ultrasonic calls in recordings and spectrogram images, pixel by pixel.",
    version_flags=["--version"],
    suppress_keyboard_interrupt=False,  # `main` says what Ctrl-C left behind
)
models_app = App(name="models", help="The networks there are: bundled, published, your own.")
app.command(models_app)


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
    from .core.engine import Engine
    from .core.models import load_model
    from .io.results import Settled, output_folder, plan_inputs

    if not inputs:
        return _misuse("segment: nothing to segment: name recordings, images or folders")
    engine = Engine(load_model(model), segmenting)
    rendering = engine.model.rendering(rendering)
    settled = Settled(recording, images, rendering, cleaning, results)
    _err.print(f"{escape(engine.model.name)} on {escape(engine.why)}")
    todo = plan_inputs(inputs)
    output_folder(output)
    failures = [text for source in todo for text in _segment_one(source, output, engine, settled)]
    for text in failures:
        _complain(text)
    if failures:
        _err.print(f"{len(failures)} could not be used; the rest is in {escape(str(output))}")
    return FAILED if failures else 0


def _segment_one(source: Input, output: Path, engine: Engine, settled: Settled) -> list[str]:
    """Segment one input; the sentences that say what could not be used."""
    from .io.results import write_result

    try:
        result = _shown(write_result(source, output, engine, settled), source.name)
    except (SqueakOutError, OSError, ValueError, RuntimeError, MemoryError) as error:
        return [_one_line(error, source.path)]
    for note in result.notes:
        _err.print(f"{escape(source.name)}: {escape(note)}")
    calls, pages = len(result.calls), result.n_pages
    _out.print(f"{escape(str(result.folder))}: {calls} calls on {pages} pages")
    return list(result.unreadable)


@app.command
def evaluate(
    *,
    truth: Annotated[Path, Parameter(help="Folder of true masks.")],
    masks: Annotated[Path, Parameter(help="Folder of found masks, matched by file stem.")],
    json_file: Annotated[
        Path | None, Parameter(name="--json", help="Also write the figures to this file.")
    ] = None,
) -> int:
    """Compare masks with the truth: pixel accuracy and Dice, as in the paper and beside."""
    from .core.metrics import evaluate as score
    from .io.files import written_whole
    from .io.masks import mask_files, paired_masks

    true_files, found_files = mask_files(truth), mask_files(masks)
    missing = [stem for stem in true_files if stem not in found_files]
    if missing:
        msg = (
            f"{masks}: has no mask for {len(missing)} of the true ones, {missing[0]} for one: "
            "segment all images first"
        )
        raise SqueakOutError(msg)
    scores = score(paired_masks(true_files, found_files)).as_dict()
    table = Table("figure", "value", box=None)
    for name, value in scores.items():
        table.add_row(name.replace("_", " "), f"{value:.4f}" if name != "images" else f"{value:g}")
    _out.print(table)
    if json_file is not None:
        with written_whole(json_file) as draft:
            # JSON has no NaN: a figure that is not defined is null.
            figures = {name: None if value != value else value for name, value in scores.items()}  # noqa: PLR0124
            draft.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


@app.command
def train(
    *,
    name: Annotated[str, Parameter(help="What to call the new model.")],
    synthetic: Annotated[int, Parameter(help="Number of synthetic pages to draw.")] = 0,
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
    checkpoint: Annotated[
        Path | None, Parameter(help="State file, written after each epoch and resumed from.")
    ] = None,
    training: Annotated[TrainSettings, _flat] = TrainSettings(),
    drawing: Annotated[SynthesisSettings, Parameter(name="synthesis")] = SynthesisSettings(),
) -> int:
    """Train a network from scratch, on synthetic calls or on images with masks."""
    from .core.models import save_model
    from .core.recipes import trained_model
    from .core.train import train as learn
    from .io.training_data import draw_pages, read_background, read_pages

    if (images is None) != (masks is None) or bool(synthetic) == (images is not None):
        return _misuse("train: give either --synthetic N, or --images DIR and --masks DIR")
    if len(background) != len(annotation):
        return _misuse("train: each --background needs its --annotation")
    if images is not None and masks is not None:
        data, source = _shown(read_pages(images, masks), "images"), f"{images} with {masks}"
    else:
        real = [read_background(*pair) for pair in zip(background, annotation, strict=True)]
        data = _shown(draw_pages(synthetic, drawing, backgrounds=real), "synthesis")
        source = f"{synthetic} synthetic pages, background from {len(real)} recordings"
    result = _shown(learn(data, training, checkpoint=checkpoint), name)
    recipe = {"train": training.model_dump(), "synthesis": drawing.model_dump()}
    path = save_model(trained_model(name, result, source, recipe))
    _out.print(f"{escape(str(path))}: validation Dice {result.history[-1].validation_dice:.3f}")
    return 0


@app.command
def sample(
    folder: Annotated[Path, Parameter(help="Folder to write into.")],
    *,
    amount: Annotated[SampleSettings, _flat] = SampleSettings(),
    drawing: Annotated[SynthesisSettings, _flat] = SynthesisSettings(),
) -> int:
    """Write a synthetic recording and synthetic images, with their true calls and masks."""
    from .io.samples import write_samples

    steps = write_samples(folder, seconds=amount.seconds, images=amount.images, settings=drawing)
    _shown(steps, "sample")
    _out.print(f"{escape(str(folder))}: {amount.seconds:g} s of recording, {amount.images} images")
    return 0


@app.command
def doctor() -> int:
    """Say what this installation runs on, and try it on one page."""
    from .io.diagnosis import diagnose

    # Lines, not a table: nothing is cut to the terminal's width, and what comes before a failure
    # is there to read.
    for what, value in diagnose():
        _out.print(f"{what:<18}{escape(value)}")
    return 0


@models_app.command(name="list")
def list_models() -> int:
    """List the models by name."""
    from .core.models import list_models as entries

    table = Table("name", "kind", "here", "title", box=None)
    for entry in entries():
        table.add_row(
            entry.name, entry.kind, "yes" if entry.installed else "no", escape(entry.title)
        )
    _out.print(table)
    return 0


@models_app.command
def show(name: str) -> int:
    """Show a model's card and fingerprint."""
    from .core.models import load_model

    model = load_model(name)
    _out.print_json(model.card.model_dump_json())
    _out.print(f"fingerprint {model.fingerprint}")
    return 0


@models_app.command(name="import")
def import_model(
    file: Path,
    *,
    name: Annotated[str | None, Parameter(help="What to call it.")] = None,
    overwrite: Annotated[bool, Parameter(help="Replace a model of that name.")] = False,
) -> int:
    """Take in the authors' checkpoint, a state dict or a safetensors file; nothing in it runs."""
    from .core.models import import_model as take_in

    model = take_in(file, name, overwrite=overwrite)
    _out.print(f"imported as {model.name}: {escape(model.card.identity or 'a safetensors file')}")
    if model.card.ignored_classes:
        _out.print(
            f"mentioned in the file, not run: {escape(', '.join(model.card.ignored_classes))}"
        )
    return 0


@models_app.command
def fetch(
    name: Literal["squeakout-published"] = "squeakout-published",
    *,
    url: Annotated[str | None, Parameter(help="Another address of the same file.")] = None,
) -> int:
    """Download the authors' published weights; an interrupted download goes on where it stopped."""
    from .io.downloads import fetch_published

    with _bars() as bars:
        task = bars.add_task(name, total=None)
        model = fetch_published(
            name, url=url, on_progress=lambda p: bars.update(task, completed=p.done, total=p.total)
        )
    _out.print(f"fetched {model.name}: {escape(model.card.identity)}")
    return 0


@models_app.command(name="export")
def export_model(
    name: str,
    file: Path,
    *,
    overwrite: Annotated[bool, Parameter(help="Replace an existing file.")] = False,
) -> int:
    """Write a model and its card to a file, to take elsewhere."""
    from .core.models import export_model as write

    _out.print(f"wrote {escape(str(write(name, file, overwrite=overwrite)))}")
    return 0


@models_app.command
def remove(name: str) -> int:
    """Remove a model of your own."""
    from .core.models import remove_model

    remove_model(name)
    _out.print(f"removed {escape(name)}")
    return 0


def main(arguments: list[str] | None = None) -> None:
    """Run the command and leave with its exit code; every failure is one line on stderr."""
    try:
        code = app(arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        code = _misuse(_usage(error))
    except ValidationError as error:  # settings that are wrong together, as with a model's own
        code = _misuse(_fault(error))
    except SqueakOutError as error:
        code = _complain(str(error))
    except KeyboardInterrupt:
        _err.print("stopped: finished inputs are complete, the one in work left nothing behind")
        code = STOPPED
    sys.exit(code if isinstance(code, int) else 0)


def _usage(error: CycloptsError) -> str:
    """What was wrong with the arguments, in one line, with the way to more."""
    cause = error.__cause__ or error.__context__
    text = _fault(cause) if isinstance(cause, ValidationError) else " ".join(str(error).split())
    return f"{text} (squeakout --help lists what there is)"


def _fault(error: ValidationError) -> str:
    """The first value that settings refuse, as the flag it is."""
    fault = error.errors()[0]
    place = "-".join(str(part) for part in fault["loc"]).replace("_", "-")
    return f"--{place} {fault['input']}: {fault['msg']}" if place else str(fault["msg"])


def _misuse(text: str) -> int:
    _complain(text)
    return MISUSED


def _complain(text: str) -> int:
    _err.print(f"[red]error:[/] {escape(text)}")
    return FAILED


def _one_line(error: Exception, path: Path) -> str:
    """A failure in one sentence that names the input."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if str(path) in text else f"{path}: {text.removeprefix(f'{path.stem}: ')}"


def _shown(steps: Steps[T], name: str) -> T:
    """Drain steps behind a bar with the time that is left."""
    with _bars() as bars:
        tell = _teller(bars, name)
        return run(steps, tell)


def _teller(bars: Bars, name: str) -> Callable[[Progress], object]:
    task = bars.add_task(name, total=None)

    def tell(progress: Progress) -> None:
        bars.update(
            task,
            completed=progress.done,
            total=progress.total,
            description=f"{name}, {progress.what}",
        )

    return tell


@contextmanager
def _bars() -> Iterator[Bars]:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=_err, transient=True, disable=not _err.is_terminal) as bars:
        yield bars


if __name__ == "__main__":
    main()
