"""The noun Recording: one channel of sound, frozen and checked at birth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One channel of sound, readable in blocks.

    Parameters
    ----------
    name : str
        What the recording is called in results.
    sample_rate_hz : int
        Samples per second.
    n_samples : int
        Length in samples.
    reader : callable
        `reader(start, stop)` gives float32 samples, full scale = 1. Must be safe to call from
        several threads.
    path : Path, optional
        File it came from.
    notes : tuple of str
        What the user should know about how it was read.
    time_expansion : float
        How many times slower than life its file plays; all else is as in life.
    """

    name: str
    sample_rate_hz: int
    n_samples: int
    reader: Callable[[int, int], Samples] = field(repr=False)
    path: Path | None = None
    notes: tuple[str, ...] = ()
    time_expansion: float = 1.0

    def __post_init__(self) -> None:
        if self.sample_rate_hz <= 0 or self.n_samples <= 0:
            msg = f"{self.name}: {self.n_samples} samples at {self.sample_rate_hz} Hz are no sound"
            raise ValueError(msg)

    @classmethod
    def from_array(
        cls, samples: NDArray[Any], *, sample_rate_hz: int, name: str = "array"
    ) -> Recording:
        """Wrap samples in memory, (n,), full scale = 1."""
        if samples.ndim != 1:
            msg = f"{name}: shape (n,) wanted, one channel, got {samples.shape}: choose a channel"
            raise ValueError(msg)
        sound = np.ascontiguousarray(samples, dtype=np.float32)
        return cls(
            name=name,
            sample_rate_hz=sample_rate_hz,
            n_samples=len(sound),
            reader=lambda start, stop: sound[start:stop],
        )

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.sample_rate_hz

    def read(self, start: int, stop: int) -> Samples:
        """Samples `start` to `stop`, float32; silence where that lies outside the recording."""
        overlaps = start < self.n_samples and stop > 0
        first, last = (max(start, 0), min(stop, self.n_samples)) if overlaps else (0, 0)
        inside = self.reader(first, last) if overlaps else np.zeros(0, np.float32)
        if len(inside) == stop - start:  # nothing to fill up, as nearly always
            return inside
        before = min(max(0, -start), stop - start)
        return np.pad(inside, (before, stop - start - before - len(inside)))
