"""Model cards: where a model came from, what it was made for, how well it does."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from napari_squeakout.core.errors import ModelError
from napari_squeakout.core.setting import first_fault
from napari_squeakout.core.settings import CleanSettings, RenderSettings

from .checkpoint import Checkpoint
from .domain import Domain
from .published import PUBLISHED_CARD, PUBLISHED_MODEL

#: Under this name a file that is to travel alone carries its card.
CARD_INSIDE = "squeakout_card"

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}")


def is_name(name: str) -> bool:
    """Whether a model can be called that."""
    return _NAME.fullmatch(name) is not None


def check_name(name: str) -> str:
    """The name itself, if a model can be called that.

    Raises
    ------
    ModelError
        If it is anything but 1 to 64 letters, digits, '-', '_' and '.', or begins with '.'.
    """
    if not _NAME.fullmatch(name):
        msg = (
            f"{name!r} cannot be a model's name: use 1 to 64 letters, digits, '-', '_' and '.', "
            "not beginning with '.'"
        )
        raise ModelError(msg)
    return name


class PagesUsed(BaseModel):
    """How many pages a fine-tuning had, by what they were for."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="ignore")

    learned: int
    held_out: int
    between: int = 0
    replayed: int = 0


class FineTuningRecord(BaseModel):
    """What a fine-tuned model learned from, what it was judged by, and the verdict."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="ignore", ser_json_inf_nan="constants"
    )

    sources: tuple[dict[str, Any], ...] = ()
    held_out: tuple[str, ...] = Field((), description="Names of the pages it was judged by.")
    held_out_by: str = ""
    pages: PagesUsed
    best_epoch: int
    verdict: dict[str, Any]
    learning_curve: dict[str, Any] | None = None
    software: dict[str, str] = Field(default_factory=dict, description="Versions it was made with.")


class ModelCard(BaseModel):
    """What is known of a model: where it came from, what it was made for, how well it does."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", ser_json_inf_nan="constants"
    )

    schema_version: Literal[1] = 1
    name: str
    title: str = ""
    description: str = ""
    parent: str | None = Field(None, description="Fingerprint of the model it was trained from.")
    data: str = Field("", description="What it was trained on.")
    rendering: RenderSettings = Field(
        default_factory=lambda: RenderSettings(levels="page"),
        description="What it is made for; foreign models know VocalMat's images.",
    )
    recipe: dict[str, Any] = Field(
        default_factory=dict, description="Settings it was trained with."
    )
    cleaning: CleanSettings | None = Field(
        None,
        description="What its calls were judged with, and are found with where nothing else is "
        "asked for.",
    )
    fine_tuning: FineTuningRecord | None = Field(
        None,
        description="What a fine-tuned model learned from, what it was judged by, and the verdict.",
    )
    domain: Domain | None = Field(None, description="What kind of pages it learned from.")
    metrics: dict[str, float] = Field(default_factory=dict)
    limits: tuple[str, ...] = Field((), description="Known failures.")
    date: str = Field("", description="When it was made or imported, ISO 8601.")
    licence: str = ""
    reference: str = ""
    source_file: str = ""
    source_sha256: str = ""
    source_git_blob_id: str = ""
    source_bytes: int | None = None
    identity: str = Field(
        "", description="Whether the source is the authors' file, in one sentence."
    )
    ignored_classes: tuple[str, ...] = Field((), description="Mentioned by the source, not run.")

    @field_validator("rendering", mode="before")
    @classmethod
    def _levels_of_old(cls, rendering: Any) -> Any:
        """Cards from before there was a choice are of models that know VocalMat's images."""
        return {"levels": "page", **rendering} if isinstance(rendering, dict) else rendering

    @model_validator(mode="before")
    @classmethod
    def _written_before(cls, values: Any) -> Any:
        """Cards from before had the threshold among the figures, and an empty fine-tuning."""
        if not isinstance(values, dict):
            return values
        values = {k: v for k, v in values.items() if k != "fine_tuning" or v}
        metrics = values.get("metrics")
        judged = metrics.get("threshold") if isinstance(metrics, dict) else None
        if isinstance(judged, int | float):
            values["metrics"] = {k: v for k, v in metrics.items() if k != "threshold"}
            if values.get("cleaning") is None:
                values["cleaning"] = CleanSettings().at_threshold(judged)
        return values

    @field_validator("name")
    @classmethod
    def _name_is_allowed(cls, name: str) -> str:
        return check_name(name)


def card_from_json(text: str, source: str) -> ModelCard:
    """The card that a text is; ModelError, naming the source, if it is something else."""
    try:
        return ModelCard.model_validate_json(text)
    except ValidationError as error:
        msg = f"{source}: not a model card ({first_fault(error)}): correct or remove it"
        raise ModelError(msg) from error


def new_card(path: Path, checkpoint: Checkpoint) -> ModelCard:
    """A card for a file that has none."""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", path.stem).lstrip(".")[:64] or "model"
    return ModelCard(
        name=PUBLISHED_MODEL if checkpoint.known else name,
        date=datetime.now(UTC).date().isoformat(),
        source_file=path.name,
        source_sha256=checkpoint.sha256,
        source_git_blob_id=checkpoint.git_blob_id,
        source_bytes=checkpoint.size,
        identity=checkpoint.identity,
        ignored_classes=checkpoint.ignored_classes,
        **(PUBLISHED_CARD if checkpoint.known else {"title": name}),
    )
