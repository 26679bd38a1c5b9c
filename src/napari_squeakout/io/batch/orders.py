"""A batch on its way to another process: what can be sent, and what is made of it there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from napari_squeakout.core.errors import one_line
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.settings import SegmentSettings
from napari_squeakout.core.steps import run
from napari_squeakout.io.results.run_record import RunSettings
from napari_squeakout.io.sources.inputs import Input

from .batch import Batch, Outcome


@dataclass(frozen=True, kw_only=True)
class Order:
    """What another process needs to know to segment inputs of a batch.

    Parameters
    ----------
    name, weights, card
        The model: torch would send tensors through shared memory, of which there may be little.
    segmenting : SegmentSettings
        How it is run.
    inputs, output, settled, sha256
        As in `Batch`.
    threads : int
        Cores that it may use; 0 leaves it as it is there.
    """

    name: str
    weights: dict[str, np.ndarray[Any, Any]]
    card: ModelCard
    segmenting: SegmentSettings
    inputs: tuple[Input, ...]
    output: Path
    settled: RunSettings
    sha256: str
    threads: int

    def ready(self) -> Callable[[Input], Outcome]:
        """Make an engine here; gives what segments an input, or says of each why it cannot."""
        from napari_squeakout.io.engines.making import make_engine

        if self.threads:
            torch.set_num_threads(self.threads)
        weights = {name: torch.tensor(value) for name, value in self.weights.items()}
        try:
            engine = make_engine(Model(self.name, weights, self.card), self.segmenting)
        except Exception as error:  # noqa: BLE001 - told of each input instead
            why = one_line(error)
            return lambda source: Outcome(source, None, (f"{source.path}: {why}",))
        batch = Batch(
            inputs=self.inputs,
            output=self.output,
            engine=engine,
            settled=self.settled,
            sha256=self.sha256,
        )
        return lambda source: run(batch.segmenting(source))


def order_of(batch: Batch, *, threads: int = 0) -> Order:
    """What another process needs to know of a batch."""
    model = batch.engine.model
    return Order(
        name=model.name,
        weights={name: value.numpy() for name, value in model.weights.items()},
        card=model.card,
        segmenting=batch.engine.settings,
        inputs=batch.inputs,
        output=batch.output.absolute(),
        settled=batch.settled,
        sha256=batch.sha256,
        threads=threads,
    )
