"""The `fine-tune` command: approved pages in, a new model and a verdict out."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from napari_squeakout.core.errors import ModelError
from napari_squeakout.core.training_settings import FineTuneSettings
from napari_squeakout.io.training_runs.events import FailedEvent
from napari_squeakout.io.training_runs.folder import STOP, held
from napari_squeakout.io.training_runs.order import TrainingOrder

from .console import FAILED, misuse
from .reporting import Reporter

_flat = Parameter(name="*")
_STDIN = 0
_CHUNK_BYTES = 4096


def fine_tune(
    *,
    name: Annotated[str, Parameter(help="What to call the new model.")],
    session: Annotated[
        tuple[Path, ...],
        Parameter(help="Sessions whose approved pages are used.", consume_multiple=True),
    ] = (),
    images: Annotated[
        tuple[Path, ...],
        Parameter(help="Folders of images to train on.", consume_multiple=True),
    ] = (),
    masks: Annotated[
        tuple[Path, ...],
        Parameter(help="Folders of their masks, in the same order.", consume_multiple=True),
    ] = (),
    search_folder: Annotated[
        tuple[Path, ...],
        Parameter(help="More folders to look for the sessions' files in.", consume_multiple=True),
    ] = (),
    base: Annotated[
        str | None,
        Parameter(help="Model to start from: its name or file; by default the bundled one."),
    ] = None,
    set_default: Annotated[
        bool, Parameter(help="Make the new model the default if it is judged better.")
    ] = True,
    learning_curve: Annotated[
        bool,
        Parameter(
            help="Also train on a quarter and on half of the pages, to estimate what more pages "
            "would bring."
        ),
    ] = False,
    json_lines: Annotated[
        bool,
        Parameter(
            help="Report in lines of JSON, for programs; the line `stop` on standard input ends "
            "training early, keeping the best epoch."
        ),
    ] = False,
    stop_file: Annotated[
        Path | None,
        Parameter(help="End training early, keeping the best epoch, once this file is there."),
    ] = None,
    run_folder: Annotated[
        Path | None,
        Parameter(
            help="Keep the record of this run in this new folder; a file `stop` in it ends "
            "training early, keeping the best epoch."
        ),
    ] = None,
    tuning: Annotated[FineTuneSettings, _flat] = FineTuneSettings(),
) -> int:
    """Fine-tune a model on approved pages and on images with masks, and test if it is better.

    The new model is saved at the end, whatever the verdict. It becomes the default only if it is
    judged better than the model it started from, and that one is the default.
    """
    from napari_squeakout.core.model.card import check_name
    from napari_squeakout.io.models.registry import check_is_free

    if not session and not images and not masks:
        return misuse("fine-tune: give --session DIR..., or --images DIR... and --masks DIR...")
    if len(images) != len(masks):
        return misuse(
            f"fine-tune: {len(images)} folders of --images have {len(masks)} of --masks: give "
            "each its own, in the same order"
        )
    check_name(name)
    folders = tuple(zip(images, masks, strict=True))
    order = TrainingOrder(
        name=name,
        sessions=session,
        folders=folders,
        near=search_folder,
        base=base,
        settings=tuning,
        learning_curve=learning_curve,
    )
    with held(run_folder) if run_folder else nullcontext():
        reporter = Reporter(name, json_lines=json_lines, folder=run_folder)
        try:
            check_is_free(name)
        except ModelError as error:
            reporter.say(FailedEvent(error=str(error)))
            return misuse(f"fine-tune: {error}")
        stop = run_folder / STOP if run_folder else None
        enough = stop_asked(stop_file, stop, stdin=json_lines)
        with reporter.failures():
            return _work(order, enough, reporter, promote=set_default)


def _work(
    order: TrainingOrder, enough: Callable[[], bool], reporter: Reporter, *, promote: bool
) -> int:
    from napari_squeakout.io.tasks.fine_tuning import fine_tuning

    folder = reporter.folder
    steps = fine_tuning(
        order,
        promote=promote,
        enough=enough,
        watch=folder is not None,
        places=() if folder is None else (folder,),
        about_to_save=reporter.saving,
    )
    done = reporter.drain(steps)
    reporter.promoted(done.is_default, done.default, not_compared=done.not_compared)
    return FAILED if done.kept.note else 0


def stop_asked(*files: Path | None, stdin: bool) -> Callable[[], bool]:
    """A function that says whether one of the files is there, or stdin had the line `stop`."""
    heard = threading.Event()
    if stdin:
        threading.Thread(target=_listen, args=(heard,), daemon=True).start()

    def asked() -> bool:
        return heard.is_set() or any(file is not None and file.exists() for file in files)

    return asked


def _listen(heard: threading.Event) -> None:
    """Wait for the line `stop`; the end of the input is no reason to stop."""
    text = b""
    # Past sys.stdin, whose lock a thread that still waits would hold when Python ends.
    while chunk := os.read(_STDIN, _CHUNK_BYTES):
        text += chunk
        *lines, text = text.split(b"\n")
        if any(line.strip() == b"stop" for line in lines):
            heard.set()
            return
