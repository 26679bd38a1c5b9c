"""How long work speaks: a generator that yields its progress and returns its result.

A function that gives one is called after what is being done (`segmenting_pages`), for nothing
happens until it is drained; the plain verb (`segment`) has done its work when it returns.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True)
class Progress:
    """How far a piece of work has come.

    Parameters
    ----------
    done, total : int
        Units finished and units in all; `total` is at least `done`.
    what : str
        What is being counted, for a person to read ("pages").
    """

    done: int
    total: int
    what: str

    @property
    def fraction(self) -> float:
        """Share done, 0..1; work without units is done from the start."""
        return self.done / self.total if self.total else 1.0


#: Work in steps: iterate for the progress; the generator's return value is the result.
#: Closing the generator cancels the work.
Steps = Generator[Progress, None, T]


class Looped(Generic[S, T]):
    """Work that a loop goes through step by step; its result is there after the last one.

    Parameters
    ----------
    steps : generator
        The work.
    """

    result: T

    def __init__(self, steps: Generator[S, None, T]) -> None:
        self._steps = steps

    def __iter__(self) -> Iterator[S]:
        self.result = yield from self._steps


def passing_on(steps: Steps[T], each: Callable[[Progress], Progress | None]) -> Steps[T]:
    """The same work, told otherwise: what `each` makes of a step, nothing where it makes None.

    What `each` raises ends the work.
    """
    try:
        while True:
            told = each(next(steps))
            if told is not None:
                yield told
    except StopIteration as finished:
        result: T = finished.value
        return result
    finally:
        steps.close()


def run(steps: Steps[T], on_progress: Callable[[Progress], object] | None = None) -> T:
    """Drain `steps` and return its result, telling `on_progress` of every step."""
    while True:
        try:
            progress = next(steps)
        except StopIteration as finished:
            result: T = finished.value
            return result
        if on_progress is not None:
            on_progress(progress)
