"""Parts of a whole, where there is one."""

from __future__ import annotations

from typing import TypeVar

Undefined = TypeVar("Undefined")


def ratio(part: float, whole: float, *, undefined: Undefined) -> float | Undefined:
    """A part of a whole; of nothing there is no part, and whoever asks says what stands for that.

    Parameters
    ----------
    part, whole : float
        Counts or durations.
    undefined : any
        Given where the whole is 0: NaN among figures that are averaged, None in a file of JSON.
    """
    return float(part / whole) if whole else undefined
