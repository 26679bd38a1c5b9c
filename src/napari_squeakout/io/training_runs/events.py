"""The events of a fine-tuning, a class a kind: what it tells, what is read, what the docs list.

A run says each as a line of JSON. A field that is added later needs a default, so that lines of
before are still read; what is not known here is passed over.
"""

from __future__ import annotations

import json
import math
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    TypeAdapter,
    ValidationError,
)


def _finite(value: float | None) -> float | None:
    """JSON has no numbers that are none."""
    return value if value is not None and math.isfinite(value) else None


#: None, in JSON null, where it is not defined.
Figure = Annotated[float | None, AfterValidator(_finite)]
# JSON knows lists alone.
_Pages = Annotated[tuple[int, ...], Field(strict=False)]
_Words = Annotated[tuple[str, ...], Field(strict=False)]
_Pair = Annotated[tuple[Figure, Figure], Field(strict=False)]


class _Frozen(BaseModel):
    # Strict: a word where a number belongs is what a disk has spoilt.
    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, strict=True)


class _Told(_Frozen):
    kind: str
    seconds: FiniteFloat = Field(default=0.0, description="Since the run began.")


class BeganEvent(_Told):
    """It has begun."""

    kind: Literal["began"] = "began"
    name: str = Field(description="Of the new model, as it was asked for.")
    base: str = Field(description="Of the model it begins with.")
    version: str = Field(description="Of this program.")
    device: str = Field(description="What it learns on.")
    why: str = Field(description="Why on that.")


class StepEvent(_Told):
    """How far it is with what it does beside learning."""

    kind: Literal["step"] = "step"
    what: str = Field(description="Pages that are read, drawn or judged, and the like.")
    done: int = Field(description="Of these so far.")
    total: int = Field(description="Of these in all.")


class PlanEvent(_Told):
    """All pages are read, and divided into those to learn from and those to judge by."""

    kind: Literal["plan"] = "plan"
    learn: _Pages = Field(description="Numbers of the pages that are learned from, from 0.")
    held_out: _Pages = Field(description="Of those that judge.")
    between: _Pages = Field(description="Of those left out, so that no two share sound.")
    held_out_by: str = Field(description="What keeps them apart.")
    replayed: int = Field(description="Synthetic pages among those of each epoch.")
    epochs: int = Field(description="At most.")
    notes: _Words = Field(description="What a person should know of pages that were left out.")
    held_out_names: _Words = Field(default=(), description="Of the pages that judge.")
    n_pages: int | None = Field(default=None, description="That are approved.")
    n_calls: int | None = Field(default=None, description="On these.")


class BatchEvent(_Told):
    """A batch is learned; said some times a second."""

    kind: Literal["batch"] = "batch"
    epoch: int = Field(description="That it belongs to, from 1.")
    epochs: int = Field(description="At most.")
    batch: int = Field(description="Of this epoch, from 1.")
    batches: int = Field(ge=1, description="In each epoch.")


class EpochEvent(_Told):
    """An epoch is learned, and measured."""

    kind: Literal["epoch"] = "epoch"
    epoch: int = Field(description="From 1.")
    epochs: int = Field(description="At most.")
    loss: Figure = Field(description="On the pages that are learned from.")
    dice: Figure = Field(description="On the same.")
    held_out_loss: Figure = Field(description="On the pages that judge.")
    held_out_dice: Figure = Field(description="On the same.")
    best_epoch: int = Field(description="So far; 0 is the model it began with.")


class PreviewEvent(_Told):
    """A held-out page is drawn as it is seen now."""

    kind: Literal["preview"] = "preview"
    file: str = Field(description="In the run's folder.")
    epoch: int = Field(description="After which it is seen so.")


class JudgedFigures(_Frozen):
    """How right a model is on the pages that judge; null where a figure is not defined."""

    threshold: FiniteFloat
    dice: Figure
    precision: Figure
    recall: Figure
    f1: Figure
    false_calls_per_minute: Figure


class VerdictEvent(_Told):
    """Both models are judged."""

    kind: Literal["verdict"] = "verdict"
    is_better: bool = Field(description="Whether the new one is, for sure.")
    certainty: Figure = Field(description="That its Dice is higher.")
    pages: int = Field(description="Judged by.")
    units: int = Field(description="Pages or recordings that were resampled.")
    before: JudgedFigures = Field(description="`threshold`, `dice`, ... of the old model.")
    after: JudgedFigures = Field(description="The same of the new one.")
    missed_before: int = Field(description="True calls that the old one misses.")
    now_found: int = Field(description="Those of them that the new one finds.")
    now_missed: int = Field(description="True calls that only the new one misses.")
    gains: dict[str, _Pair | None] = Field(
        description="Figure, and the two ends of what after minus before is with 95 %."
    )
    synthetic_dice: _Pair | None = Field(
        description="Before and after on synthetic pages: what is forgotten."
    )
    sentence: str = Field(description="All this for a person.")


class ChangesEvent(_Told):
    """The held-out pages that changed most are drawn."""

    kind: Literal["changes"] = "changes"
    file: str = Field(description="In the run's folder.")


class CurvePointTold(_Frozen):
    """What some of the pages brought."""

    pages: int
    dice: Figure
    calls_f1: Figure


class LearningCurveEvent(_Told):
    """Parts of the pages are learned from too."""

    kind: Literal["learning_curve"] = "learning_curve"
    points: Annotated[tuple[CurvePointTold, ...], Field(strict=False)] = Field(
        description="`pages`, `dice` and `calls_f1` of each part, fewest pages first."
    )
    expected: str = Field(description="What more pages are likely to bring, in a sentence.")


class SavingEvent(_Told):
    """The new model is about to be saved; with another name where that one is taken."""

    kind: Literal["saving"] = "saving"
    name: str = Field(description="Of the new model.")
    fingerprint: str = Field(description="Of its weights.")


class DoneEvent(_Told):
    """The new model is saved."""

    kind: Literal["done"] = "done"
    path: str = Field(description="Of its file.")
    name: str = Field(description="By which it can be used; a path where it has no name.")
    fingerprint: str = Field(description="Of its weights.")
    note: str = Field(description="What is not as it was asked for.")


class PromotedEvent(_Told):
    """It is settled which model is the default; the last event of a run that went well."""

    kind: Literal["promoted"] = "promoted"
    name: str = Field(description="Of the new model.")
    promoted: bool = Field(description="Whether it is the default now.")
    not_compared: bool = Field(description="Whether it is better, and the default is a third one.")


class FailedEvent(_Told):
    """It failed."""

    kind: Literal["failed"] = "failed"
    error: str = Field(description="Why.")


#: All kinds, in the order in which a run says them.
EventKinds = (
    BeganEvent | StepEvent | PlanEvent | BatchEvent | EpochEvent | PreviewEvent | VerdictEvent
    | ChangesEvent | LearningCurveEvent | SavingEvent | DoneEvent | PromotedEvent | FailedEvent
)  # fmt: skip
Event = Annotated[EventKinds, Field(discriminator="kind")]
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def line_of(event: Event) -> str:
    """The event as a line of JSON, without its end."""
    # Not pydantic's own: a file's name may hold what is no Unicode.
    return json.dumps(event.model_dump())


def event_of(told: Any) -> Event | None:
    """The event that a line of JSON holds, parsed; None of what is unknown or spoilt."""
    try:
        return _EVENT.validate_python(told)
    except ValidationError:
        return None
