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
from multiprocessing.connection import Connection, wait

from napari_squeakout.io.drafts import clear_leftovers
from napari_squeakout.io.sources.inputs import Input

from .batch import Batch, Outcome
from .orders import Order, order_of

# So long a process may take to clear up behind itself.
_PATIENCE_S = 20.0


class _Worker:
    """A process, and the input it is at."""

    def __init__(self, order: Order) -> None:
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
    order = order_of(batch, threads=max(1, _n_cores() // jobs))
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


def _work(order: Order, pipe: Connection) -> None:
    """The life of a process: an input, what came of it, and so on until the pipe ends."""
    with suppress(ValueError, OSError):
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(KeyboardInterrupt, EOFError, OSError):  # the parent has been told to end
        segmented = order.ready()
        while True:
            pipe.send(segmented(pipe.recv()))


def _n_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
