"""What a fine-tuning has told -> how far it is, what came of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from napari_squeakout.io.plain_files import plain_bytes

from .events import (
    BatchEvent,
    BeganEvent,
    ChangesEvent,
    DoneEvent,
    EpochEvent,
    FailedEvent,
    LearningCurveEvent,
    PlanEvent,
    PreviewEvent,
    PromotedEvent,
    StepEvent,
    VerdictEvent,
)
from .folder import (
    CANCELLED,
    CHANGES,
    ERRORS,
    ORDER,
    PREVIEW,
    STOP,
    EventsHeard,
    is_held,
    read_json,
)

# Ours begin with `error: `; Python's with the name of their class.
_ERROR = re.compile(r"error: |[\w.]*(Error|Exception)(: |$)")


class RunState(Enum):
    """How a run is: the first three are alive."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DIED = "died"

    @property
    def is_alive(self) -> bool:
        """Whether more is to come."""
        return self in (RunState.STARTING, RunState.RUNNING, RunState.STOPPING)


@dataclass(frozen=True, kw_only=True)
class Account:
    """What is known of a run; None of what it has not told yet.

    Parameters
    ----------
    state : RunState
        How it is.
    name : str
        Of the new model.
    base : str
        Name of the model it began with.
    plan, batch, step, verdict, done, learning_curve : optional
        The last event of that kind.
    epochs : tuple of EpochEvent
        All of them.
    preview, changes : Path or None
        Arrays to be shown.
    preview_epoch : int
        Of the preview; 0 before any.
    promoted : bool or None
        Whether the model became the default.
    not_compared : bool
        Whether it is better than the model it began with, and the default is a third one.
    error : str
        Why it failed or died.
    notes : tuple of str
        What the user should know about pages that were left out.
    seconds : float
        Since it began, up to the last event.
    order : dict
        What was ordered.
    """

    state: RunState
    name: str = ""
    base: str = ""
    plan: PlanEvent | None = None
    epochs: tuple[EpochEvent, ...] = ()
    batch: BatchEvent | None = None
    step: StepEvent | None = None
    preview: Path | None = None
    preview_epoch: int = 0
    verdict: VerdictEvent | None = None
    changes: Path | None = None
    done: DoneEvent | None = None
    promoted: bool | None = None
    not_compared: bool = False
    learning_curve: LearningCurveEvent | None = None
    error: str = ""
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    order: dict[str, Any] = field(default_factory=dict)


def status_on_disk(folder: Path, heard: EventsHeard | None = None) -> Account:
    """How far the run of a folder is, as far as its files tell.

    A run that was ordered and has neither begun nor is alive counts as starting: whoever started
    it knows better (`training_runs.read_account`).

    Parameters
    ----------
    folder : Path
        Of the run.
    heard : EventsHeard, optional
        Of this run, from an earlier look: makes this one cheap, however much has been told.
    """
    # Asked before its events are read: a run that ends in between has told all when it is read.
    alive = is_held(folder)
    order, heard = read_json(folder / ORDER), (heard or EventsHeard()).listen(folder)
    state = _state(folder, heard.kinds, alive=alive)
    began, plan, done = heard.latest(BeganEvent), heard.latest(PlanEvent), heard.latest(DoneEvent)
    preview, promoted = heard.latest(PreviewEvent), heard.latest(PromotedEvent)
    return Account(
        state=state,
        # Its own may have been taken by another model meanwhile.
        name=next((e.name for e in (done, began) if e and e.name), str(order.get("name") or "")),
        base=(began.base if began else "") or str(order.get("base") or ""),
        plan=plan,
        epochs=tuple(heard.epochs),
        batch=heard.latest(BatchEvent),
        step=heard.latest(StepEvent),
        preview=folder / PREVIEW if preview else None,
        preview_epoch=preview.epoch if preview else 0,
        verdict=heard.latest(VerdictEvent),
        changes=folder / CHANGES if heard.latest(ChangesEvent) else None,
        done=done,
        promoted=promoted.promoted if promoted else None,
        not_compared=promoted is not None and promoted.not_compared,
        learning_curve=heard.latest(LearningCurveEvent),
        error=_error(folder, heard.latest(FailedEvent), state),
        notes=plan.notes if plan else (),
        seconds=heard.seconds,
        order=order,
    )


def _state(folder: Path, kinds: set[str], *, alive: bool) -> RunState:
    # Which model is used from now on is the last thing it says.
    if "done" in kinds and ("promoted" in kinds or not alive):
        return RunState.DONE
    if (folder / CANCELLED).exists():
        return RunState.CANCELLED
    if "failed" in kinds:
        return RunState.FAILED
    if alive:
        return RunState.STOPPING if (folder / STOP).exists() else RunState.RUNNING
    return RunState.DIED if kinds else RunState.STARTING


def _error(folder: Path, failed: FailedEvent | None, state: RunState) -> str:
    if failed is not None:
        return failed.error
    if state is not RunState.DIED:
        return ""
    return last_words(folder)


def last_words(folder: Path) -> str:
    """The error that a run that died said last; libraries say much else that is none."""
    silent = "it ended without an error message: it was killed, or the computer ran out of memory"
    try:
        said = plain_bytes(folder / ERRORS)
    except OSError:
        return silent
    lines = said.decode("utf-8", errors="replace").split("\n")
    errors = [line.strip() for line in lines if _ERROR.match(line.strip())]
    return errors[-1].removeprefix("error: ") if errors else silent
