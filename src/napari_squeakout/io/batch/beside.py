"""The inputs of a batch, segmented by several processes beside each other.

Each process has an engine of its own and asks for one input after the other, so that a long one
holds up nobody. One that dies, as where memory runs out, costs the input it was at.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import numpy as np
import torch

from napari_squeakout.core.errors import one_line
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.settings import SegmentSettings
from napari_squeakout.core.steps import run
from napari_squeakout.io.drafts import clear_leftovers
from napari_squeakout.io.results.run_record import RunSettings
from napari_squeakout.io.sources.inputs import Input

from .batch import Batch, Outcome

# So long a process may take to clear up behind itself.
_PATIENCE_S = 20.0


@dataclass(frozen=True, kw_only=True)
class _Order:
    """What a process needs to know; all of it can be sent.

    Parameters
    ----------
    name, weights, card
        The model: torch would send tensors through shared memory, of which there may be little.
    segmenting : SegmentSettings
        How it is run.
    inputs, output, settled, sha256
        As in `Batch`.
    threads : int
        Cores that it may use.
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


class _Worker:
    """A process, and the input it is at."""

    def __init__(self, order: _Order) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.ours, theirs = spawn.Pipe()
        self.source: Input | None = None
        self.process = spawn.Process(target=_work, args=(order, theirs), daemon=True)
        self.process.start()
        theirs.close()  # so that its death ends the pipe

    def begin(self, source: Input) -> None:
        """Hand it an input."""
        self.source = source
        with suppress(OSError):  # it has died: whoever waits for it hears of it
            self.ours.send(source)

    def outcome(self, source: Input) -> Outcome:
        """What came of the input it is at; also where it died."""
        try:
            found: Outcome = self.ours.recv()
        except (EOFError, OSError):
            self.process.join(_PATIENCE_S)
            why = _how_it_ended(self.process.exitcode)
            found = Outcome(source, None, (f"{source.path}: {why}",))
        self.source = None
        return found

    @property
    def is_alive(self) -> bool:
        """Whether it can be handed another."""
        return self.process.is_alive() and not self.ours.closed

    def end(self) -> None:
        """Let it go: at once where it waits, else when it has cleared up behind itself."""
        self.ours.close()
        if self.source is not None:
            self.process.terminate()
        self.process.join(_PATIENCE_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def segmented_beside(batch: Batch, jobs: int) -> Iterator[Outcome]:
    """Segment the inputs of a batch by several processes.

    Parameters
    ----------
    batch : Batch
        What to segment; its engine is made anew in each process.
    jobs : int
        How many processes; never more than inputs.

    Yields
    ------
    Outcome
        As they are finished, in any order.
    """
    jobs = min(jobs, len(batch.inputs))
    order = _order_of(batch, jobs)
    waiting = deque(batch.inputs)
    workers = [_Worker(order) for _ in range(jobs)]
    try:
        for worker in workers:
            worker.begin(waiting.popleft())
        while busy := {one.ours: (one, one.source) for one in workers if one.source is not None}:
            for ready in wait(list(busy)):
                worker, source = busy[ready]  # type: ignore[index]
                yield worker.outcome(source)
                if not waiting:
                    continue
                if not worker.is_alive:
                    workers.remove(worker)
                    worker.end()
                    worker = _Worker(order)
                    workers.append(worker)
                worker.begin(waiting.popleft())
    finally:
        for worker in workers:
            worker.end()
        clear_leftovers(batch.output, again=True)


def _order_of(batch: Batch, jobs: int) -> _Order:
    model = batch.engine.model
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return _Order(
        name=model.name,
        weights={name: value.numpy() for name, value in model.weights.items()},
        card=model.card,
        segmenting=batch.engine.settings,
        inputs=batch.inputs,
        output=batch.output,
        settled=batch.settled,
        sha256=batch.sha256,
        threads=max(1, (cores or 1) // jobs),
    )


def _work(order: _Order, pipe: Connection) -> None:
    """The life of a process: an input, what came of it, and so on until the pipe ends."""
    with suppress(ValueError, OSError):
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(KeyboardInterrupt, EOFError, OSError):  # the parent has been told to end
        batch, why = _batch_of(order)
        while True:
            source: Input = pipe.recv()
            if batch is None:
                pipe.send(Outcome(source, None, (f"{source.path}: {why}",)))
            else:
                pipe.send(run(batch.segmenting(source)))


def _batch_of(order: _Order) -> tuple[Batch | None, str]:
    """What is to be done, with an engine of this process; or why there is none."""
    from napari_squeakout.io.engines.making import make_engine

    torch.set_num_threads(order.threads)
    weights = {name: torch.from_numpy(value) for name, value in order.weights.items()}
    try:
        engine = make_engine(Model(order.name, weights, order.card), order.segmenting)
    except Exception as error:  # noqa: BLE001 - told of each input instead
        return None, one_line(error)
    batch = Batch(inputs=order.inputs, output=order.output, engine=engine, settled=order.settled)
    return replace(batch, sha256=order.sha256), ""


def _end_with_parent() -> None:
    """Leave at once when the parent is killed: results are whole or not there."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _how_it_ended(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        why = f"its process was ended by the system ({name})"
    else:
        why = f"its process ended without a word (exit code {code})"
    return f"{why}: where memory ran out, take fewer --jobs; the same command tries it again"
