"""The inputs of a batch, segmented by the workers of a Dask cluster.

One task an input. Results are written by the task, whole or not at all, and kept where they are
there already, so that a task that is run twice, as after the death of a worker, does no harm. Few
tasks are handed out at a time: a worker that dies counts against all that wait for it.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path
from typing import Any

from napari_squeakout.core.errors import SqueakOutError, one_line
from napari_squeakout.core.optional_packages import needed
from napari_squeakout.io.sources.inputs import Input

from .batch import Batch, Outcome
from .orders import Order, order_of

# A task is handed out so often before its input is given up: it may be what kills the workers.
_TRIES = 3
_PATIENCE_S = "30s"

# What this worker has made ready, and that it does one input at a time: an engine is for one.
_ready: dict[str, Callable[[Input], Outcome]] = {}
_one_at_a_time = threading.Lock()


def segmented_on_cluster(batch: Batch, scheduler: str) -> Iterator[Outcome]:
    """Segment the inputs of a batch on a cluster.

    Parameters
    ----------
    batch : Batch
        What to segment. Its paths must lead to the same files on each worker.
    scheduler : str
        Address of the scheduler, or the file that it has written.

    Yields
    ------
    Outcome
        As they are finished, in any order.

    Raises
    ------
    SqueakOutError
        If Dask is missing, or no scheduler answers.
    """
    distributed = needed("distributed", "cluster", "A cluster")
    inputs = tuple(replace(one, path=one.path.absolute()) for one in batch.inputs)
    as_named = dict(zip(inputs, batch.inputs, strict=True))
    order = order_of(replace(batch, inputs=inputs))
    with _client(distributed, scheduler) as client:
        client.wait_for_workers(1)  # in the queue of a cluster that may take hours
        sent = client.scatter(order, broadcast=True)
        tries: Counter[Input] = Counter()
        waiting = deque(inputs)
        running = distributed.as_completed()
        known: dict[Any, Input] = {}

        def hand_out() -> None:
            while waiting and len(known) < 2 * max(1, len(client.nthreads())):
                source = waiting.popleft()
                tries[source] += 1
                future = client.submit(_segmented, sent, sent.key, source, pure=False)
                known[future] = source
                running.add(future)

        hand_out()
        for future in running:
            source = known.pop(future)
            outcome = _outcome(future, source, tries[source], distributed)
            future.release()  # one that is held is run again when its worker dies
            if outcome is None:
                client.wait_for_workers(1)
                sent = client.scatter(order, broadcast=True)  # those who had it may be gone
                waiting.appendleft(source)
            hand_out()
            if outcome is not None:
                yield replace(outcome, source=as_named[source])


def _client(distributed: Any, scheduler: str) -> Any:
    is_file = scheduler.endswith(".json")
    if is_file and not Path(scheduler).is_file():  # it would be waited for without end
        msg = f"{scheduler}: no scheduler answers there (no such file): check the path"
        raise SqueakOutError(msg)
    try:
        if is_file:
            return distributed.Client(scheduler_file=scheduler, timeout=_PATIENCE_S)
        return distributed.Client(scheduler, timeout=_PATIENCE_S)
    except (OSError, ValueError, TimeoutError) as error:
        msg = f"{scheduler}: no scheduler answers there ({one_line(error)}): check the address"
        raise SqueakOutError(msg) from error


def _outcome(future: Any, source: Input, tries: int, distributed: Any) -> Outcome | None:
    """What came of an input; None where it is to be tried again."""
    try:
        found: Outcome = future.result()
    except (distributed.KilledWorker, CancelledError):
        if tries < _TRIES:
            return None
        why = f"the workers it was given to have died, {tries} times: it may need more memory"
    except Exception as error:  # noqa: BLE001 - one input does not cost the others
        why = one_line(error)
    else:
        return found
    return Outcome(source, None, (f"{source.path}: {why}",))


def _segmented(order: Order, key: str, source: Input) -> Outcome:
    """What a worker does."""
    with _one_at_a_time:
        if key not in _ready:
            _ready.clear()  # one model in memory is enough
            _ready[key] = order.ready()
        return _ready[key](source)
