"""A call's contour -> its class, by the rules that the field has published.

The names are VocalMat's eleven (Fonseca et al. 2021), the rules those of its figure and of Scattoni
et al. 2008: what is shorter than 10 ms is short, otherwise jumps say the class, and where there are
none the ways up and down of more than 5 kHz.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from napari_squeakout.core.settings import MeasureSettings

from .contour import Contour, jumps_of
from .peaks import Values

#: Each class and its rule, with the settings' usual values; the first that fits is the call's.
CLASSES = {
    "short": "Shorter than `short_s` (10 ms), whatever its shape.",
    "mult_steps": "Three jumps or more.",
    "two_steps": "Two jumps.",
    "step_up": "One jump, up.",
    "step_down": "One jump, down.",
    "flat": "No way up or down of more than `fm_hz` (5 kHz).",
    "up_fm": "One way up of more than `fm_hz`.",
    "down_fm": "One way down of more than `fm_hz`.",
    "chevron": "A way up, then one down.",
    "rev_chevron": "A way down, then one up.",
    "complex": "Three ways or more: two changes of direction at least.",
}

_BY_WAYS = {(): "flat", (1,): "up_fm", (-1,): "down_fm", (1, -1): "chevron", (-1, 1): "rev_chevron"}


def class_of(contour: Contour, duration_s: float, settings: MeasureSettings) -> str | None:
    """The class of a call; None where nothing of it is heard.

    Parameters
    ----------
    contour : Contour
        Its fundamental.
    duration_s : float
        How long its mask is.
    settings : MeasureSettings
        What counts as short, as a jump and as a way up or down.
    """
    if not len(contour):
        return None
    if duration_s < settings.short_s:
        return "short"
    jumps_hz = jumps_of(contour, settings.jump_hz)
    if len(jumps_hz) > 1:
        return "two_steps" if len(jumps_hz) == 2 else "mult_steps"  # noqa: PLR2004
    if len(jumps_hz):
        return "step_up" if jumps_hz[0] > 0 else "step_down"
    return _BY_WAYS.get(tuple(ways_of(contour.hz, settings.fm_hz)), "complex")


def ways_of(hz: Values, least_hz: float) -> list[int]:
    """The ways up (1) and down (-1) of a course, each of more than this, in their order.

    A way ends where the course has gone back by more than that from its farthest point.
    """
    ways: list[int] = []
    low = high = float(hz[0])
    for at in hz.tolist():
        low, high = min(low, at), max(high, at)
        if at - low > least_hz and ways[-1:] != [1]:
            ways.append(1)
            high = at
        elif high - at > least_hz and ways[-1:] != [-1]:
            ways.append(-1)
            low = at
    return ways


def shares_of(classes: Sequence[str | None]) -> dict[str, float]:
    """Share that each class has of the calls that have one; nan where none has."""
    known = [name for name in classes if name is not None]
    return {name: known.count(name) / len(known) if known else np.nan for name in CLASSES}
