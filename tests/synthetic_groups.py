"""Recordings of animals in two groups whose difference is known, as tables of calls."""

from __future__ import annotations

import numpy as np
import pandas as pd

from napari_squeakout.core.measures.summary import RecordedCalls

MINUTES = 5.0


def recording(name, rng, *, per_min, hz, **about):
    """Five minutes of one animal that calls so often and so high."""
    n = round(per_min * MINUTES)
    start_s = np.sort(rng.uniform(0, MINUTES * 60 - 1, n))
    duration_s = rng.uniform(0.02, 0.08, n)
    calls = pd.DataFrame(
        {
            "start_s": start_s,
            "end_s": start_s + duration_s,
            "duration_s": duration_s,
            "principal_hz": rng.normal(hz, 5_000, n),
            "range_hz": rng.uniform(5e3, 20e3, n),
            "n_jumps": rng.integers(0, 3, n),
        }
    )
    return RecordedCalls(name=name, duration_s=MINUTES * 60, calls=calls, about=about)


def project(*, rate=1.5, higher_hz=4_000, shuffled=False, animals=6, seed=0):
    """Two groups of animals: B calls so many times as often as A, and so much higher.

    Shuffled, each group has as many of those that truly are of either.
    """
    rng = np.random.default_rng(seed)
    # Animals differ, the means of the groups are what is stated.
    by_nature = np.linspace(-1, 1, animals)
    often, high = (np.tile(rng.permutation(by_nature), 2) for _ in range(2))
    found = []
    for number in range(2 * animals):
        is_b = number >= animals
        named_b = bool(number % 2) if shuffled else is_b
        per_min = 40 * (rate if is_b else 1) * (1 + 0.1 * often[number])
        hz = 70e3 + (higher_hz if is_b else 0) + 1_000 * high[number]
        about = {"subject": f"m{number}", "group": "B" if named_b else "A"}
        found.append(recording(f"rec{number}", rng, per_min=per_min, hz=hz, **about))
    return found
