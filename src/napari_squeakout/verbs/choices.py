"""What a script may give for a model, and whom it tells of its progress."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from napari_squeakout.core.settings import SegmentSettings
from napari_squeakout.core.steps import Progress

if TYPE_CHECKING:
    from napari_squeakout.core.detection.engine import Engine
    from napari_squeakout.core.model.model import Model

Told: TypeAlias = Callable[[Progress], object] | None
PathLike: TypeAlias = str | Path


def model_of(model: Model | PathLike | None) -> Model:
    """A model, by itself, by name or file; the default where none is named."""
    from napari_squeakout.core.model.model import Model as Known
    from napari_squeakout.io.models.registry import load_model

    return model if isinstance(model, Known) else load_model(model)


def engine_of(model: Model | PathLike | Engine | None, settings: SegmentSettings | None) -> Engine:
    """A model made ready for this machine."""
    from napari_squeakout.core.detection.engine import Engine as Known
    from napari_squeakout.io.engines.making import make_engine

    return model if isinstance(model, Known) else make_engine(model_of(model), settings)
