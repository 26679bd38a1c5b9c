"""Round numbers to put at a ruler, at steps of 1, 2 or 5."""

from __future__ import annotations

import math

_STEPS = (1, 2, 5, 10)
#: Ticks without a number between two with one, by the first digit of the step.
_PARTS = {1: 5, 2: 4, 5: 5}
# A value that misses an end by rounding alone is on the ruler.
_ROUNDING = 1e-9


def round_step(least: float) -> float:
    """The smallest 1, 2 or 5 times a power of ten that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in _STEPS if step * power >= least * (1 - _ROUNDING))


def multiples(low: float, high: float, step: float) -> range:
    """Which multiples of a step lie from `low` to `high`."""
    return range(math.ceil(low / step - _ROUNDING), math.floor(high / step + _ROUNDING) + 1)


def parts_of(step: float) -> int:
    """Into how many parts a step is divided by ticks without a number."""
    return _PARTS[round(step / 10.0 ** math.floor(math.log10(step) + _ROUNDING))]


def tick_text(value: float, step: float) -> str:
    """A value with as many decimals as its step has."""
    decimals = max(0, -math.floor(math.log10(step) + _ROUNDING))
    return f"{value + 0.0:.{decimals}f}"  # 0 has no sign
