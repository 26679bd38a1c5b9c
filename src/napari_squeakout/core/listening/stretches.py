"""Stretches of a recording that are heard: around calls, each moment once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.recording import Recording

#: Longer sound would take gigabytes: a minute slowed 32 times lasts half an hour.
MOST_S = 60.0


class Stretch(NamedTuple):
    """Part of a recording, in seconds from its start."""

    start_s: float
    stop_s: float


def stretches_around(calls: Iterable[tuple[float, float]], margin_s: float = 0.0) -> list[Stretch]:
    """What is heard of calls, in the order of time; calls whose margins meet are one stretch.

    Parameters
    ----------
    calls : iterable of (float, float)
        Onset and offset of each, in seconds from the recording's start, in any order.
    margin_s : float
        Sound on both sides of each.
    """
    found: list[Stretch] = []
    for start_s, stop_s in sorted(calls):
        wide = Stretch(start_s - margin_s, stop_s + margin_s)
        if found and wide.start_s <= found[-1].stop_s:
            wide = Stretch(found[-1].start_s, max(found.pop().stop_s, wide.stop_s))
        found.append(wide)
    return found


def inside(recording: Recording, stretches: Sequence[Stretch]) -> list[tuple[int, int]]:
    """First sample and that after the last of each stretch, as far as it lies in a recording.

    Raises
    ------
    InputError
        If one lies outside or has no length, or all together are longer than `MOST_S`.
    """
    if not stretches:
        msg = f"{recording.name}: nothing to listen to: name calls or a stretch of time"
        raise InputError(msg)
    rate = recording.sample_rate_hz
    found = []
    for one in stretches:
        if not np.isfinite(one).all() or one.stop_s <= one.start_s:
            msg = (
                f"{recording.name}: no time lies between {one.start_s:g} s and {one.stop_s:g} s: "
                "give a start and a later end"
            )
            raise InputError(msg)
        first = max(0, round(one.start_s * rate))
        stop = min(recording.n_samples, round(one.stop_s * rate))
        if stop <= first:
            msg = (
                f"{recording.name}: {one.start_s:g}-{one.stop_s:g} s is no part of it, it lasts "
                f"{recording.duration_s:.6g} s: choose times within that"
            )
            raise InputError(msg)
        found.append((first, stop))
    total_s = sum(stop - first for first, stop in found) / rate
    if total_s > MOST_S:
        msg = (
            f"{recording.name}: {total_s:.1f} s of recording are more than the {MOST_S:g} s that "
            "are made heard at once: choose fewer calls or a shorter stretch"
        )
        raise InputError(msg)
    return found
