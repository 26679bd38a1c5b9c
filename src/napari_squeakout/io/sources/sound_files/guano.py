"""The metadata that bat detectors write into WAV files (GUANO): lines of `field: value`."""

from __future__ import annotations

import math
from pathlib import Path

from .wave_header import chunk_body

_CHUNK, _MOST_BYTES = b"guan", 2**16
_FIELD = "te"


def stated_expansion(path: Path) -> float | None:
    """How many times slower than life a WAV file plays; None where it does not say.

    Parameters
    ----------
    path : Path
        Any file.
    """
    text = chunk_body(path, _CHUNK, _MOST_BYTES).decode("utf-8", errors="replace")
    for line in text.splitlines():
        field, _, value = line.partition(":")
        if field.strip().lower() == _FIELD:
            try:
                times = float(value.strip().strip("\0"))
            except ValueError:
                return None
            return times if math.isfinite(times) and times >= 1 else None
    return None
