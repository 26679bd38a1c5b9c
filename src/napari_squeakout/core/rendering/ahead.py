"""Pages made a little ahead of whoever takes them, by other threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

P = TypeVar("P")
T = TypeVar("T")

#: Making a page takes a few ms of one core: two threads keep a CPU and most GPUs busy.
THREADS = 2


def made_ahead(
    make: Callable[[P], T], positions: Iterable[P], at_once: Callable[[], int]
) -> Iterator[T]:
    """What is made of positions, in their order.

    Parameters
    ----------
    make : callable
        Position -> what is wanted.
    positions : iterable
        Of all that are wanted.
    at_once : callable
        How many are taken at once; twice as many are being made or wait to be taken.

    Yields
    ------
    object
        Closing it ends the threads.
    """
    pending: deque[Future[T]] = deque()
    todo = iter(positions)
    with ThreadPoolExecutor(THREADS, "render") as pool:
        try:
            while True:
                free = max(0, 2 * max(at_once(), THREADS) - len(pending))
                pending.extend(pool.submit(make, position) for position in islice(todo, free))
                if not pending:
                    return
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
