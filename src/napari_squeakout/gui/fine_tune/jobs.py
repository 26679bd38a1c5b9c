"""Work on fine-tunings that goes on beside the window: finding, beginning, ending, using them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_squeakout.core.steps import Progress, Steps

if TYPE_CHECKING:
    from napari_squeakout.io.training_runs.order import TrainingOrder

#: Name of the default model, and of the one before it.
Defaults = tuple[str, str | None]


def finding() -> Steps[Path | None]:
    """Find the run to show: one that goes on, or has ended and was not seen."""
    from napari_squeakout.io.training_runs.runs import run_to_show

    yield Progress(0, 1, "looks")
    return run_to_show()


def beginning(order: TrainingOrder) -> Steps[Path]:
    """Begin a run; gives its folder."""
    from napari_squeakout.io.training_runs.runs import start_run

    yield Progress(0, 1, "processes")
    return start_run(order)


def stopping(folder: Path) -> Steps[None]:
    """Ask a run to end and keep the best."""
    from napari_squeakout.io.training_runs.runs import stop

    yield Progress(0, 1, "processes")
    stop(folder)


def cancelling(folder: Path) -> Steps[None]:
    """End a run at once and leave nothing of it."""
    from napari_squeakout.io.training_runs.runs import cancel

    yield Progress(0, 1, "processes")
    cancel(folder)


def closing(folder: Path) -> Steps[Path | None]:
    """Remember that what came of a run has been seen; find another that is at work."""
    from napari_squeakout.io.training_runs.runs import list_runs, note_seen, read_account

    yield Progress(0, 1, "marks")
    note_seen(folder)
    return next((run for run in list_runs() if read_account(run).state.is_alive), None)


def looking_at_defaults() -> Steps[Defaults]:
    """Look which model is used when none is named, and which was before."""
    yield Progress(0, 1, "looks")
    return _defaults()


def making_default(name: str) -> Steps[Defaults]:
    """Make a model the one that is used when none is named."""
    from napari_squeakout.io.models.registry import set_default_model

    yield Progress(0, 1, "models")
    set_default_model(name)
    return _defaults()


def _defaults() -> Defaults:
    from napari_squeakout.io.models.registry import default_model, previous_default

    return default_model(), previous_default()
