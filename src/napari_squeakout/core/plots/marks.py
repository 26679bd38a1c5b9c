"""What a plot shows, in frozen nouns: axes, dots, bars, and which calls are behind each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Keys = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One axis.

    Parameters
    ----------
    words : str
        What lies along it.
    unit : str
        In which it is counted; empty for plain numbers.
    reach : tuple of float, optional
        Lowest and highest value that it has, whatever the marks are.
    is_log : bool
        Whether each step is a multiple of the one before; values are above 0 then.
    is_whole : bool
        Whether it counts things.
    """

    words: str
    unit: str = ""
    reach: tuple[float, float] | None = None
    is_log: bool = False
    is_whole: bool = False

    @property
    def heading(self) -> str:
        """Words and unit."""
        return f"{self.words} ({self.unit})" if self.unit else self.words


@dataclass(frozen=True, kw_only=True)
class Dots:
    """A mark a call.

    Parameters
    ----------
    x, y : NDArray
        (calls,) float64 each, in the units of the axes.
    keys : NDArray
        (calls,) int64 which call each is.
    x_axis, y_axis : Axis
        What they lie on.
    """

    x: Values = field(repr=False)
    y: Values = field(repr=False)
    keys: Keys = field(repr=False)
    x_axis: Axis
    y_axis: Axis

    def within(self, x: tuple[float, float], y: tuple[float, float]) -> Keys:
        """Keys of the calls between two values of x, and of y."""
        (left, right), (low, high) = sorted(x), sorted(y)
        inside = (self.x >= left) & (self.x <= right) & (self.y >= low) & (self.y <= high)
        return self.keys[inside]

    def nearest(self, at: tuple[float, float], reach: tuple[float, float]) -> Keys:
        """Key of the call nearest to a place; none where all are farther off than the reach.

        Parameters
        ----------
        at : tuple of float
            x and y of the place.
        reach : tuple of float
            Along x and along y, what counts as one step.
        """
        if not len(self.x):
            return self.keys
        away = np.hypot((self.x - at[0]) / reach[0], (self.y - at[1]) / reach[1])
        best = int(away.argmin())
        return self.keys[best : best + 1] if away[best] <= 1 else self.keys[:0]

    def chosen(self, keys: Keys) -> NDArray[np.bool_]:
        """(calls,) which of them are among these."""
        return np.isin(self.keys, keys)


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Counts of calls, side by side.

    Parameters
    ----------
    edges : NDArray
        (bars + 1,) float64 where they begin and end, in the unit of the axis, rising.
    bar_of : NDArray
        (calls,) int64 in which bar each call is counted.
    keys : NDArray
        (calls,) int64 which call each is.
    x_axis, y_axis : Axis
        What they stand on, and are as high as.
    """

    edges: Values = field(repr=False)
    bar_of: NDArray[np.int64] = field(repr=False)
    keys: Keys = field(repr=False)
    x_axis: Axis
    y_axis: Axis

    @property
    def counts(self) -> NDArray[np.int64]:
        """(bars,) how many calls are in each."""
        return np.asarray(np.bincount(self.bar_of, minlength=len(self.edges) - 1), np.int64)

    def within(self, x: tuple[float, float]) -> Keys:
        """Keys of the calls in all bars that lie, in part or whole, between two values."""
        left, right = sorted(x)
        touched: NDArray[np.bool_] = (self.edges[:-1] < right) & (self.edges[1:] > left)
        return self.keys[touched[self.bar_of]]

    def at(self, x: float) -> Keys:
        """Keys of the calls in the bar that stands at a value."""
        bar = int(np.searchsorted(self.edges, x, side="right")) - 1
        return np.asarray(self.keys[self.bar_of == bar], np.int64)

    def chosen(self, keys: Keys) -> NDArray[np.int64]:
        """(bars,) how many calls in each are among these."""
        return replace(self, bar_of=self.bar_of[np.isin(self.keys, keys)]).counts


@dataclass(frozen=True, kw_only=True)
class Plot:
    """What is shown.

    Parameters
    ----------
    marks : Dots or Bars
        Of the calls.
    n_calls : int
        Of how many it is, with those that have no mark.
    note : str
        What is not shown, and why; empty where everything is.
    silences_s : NDArray, optional
        (calls - 1,) from each call to the next in order of time, where these are what is counted;
        not above 0 where they touch or overlap.
    """

    marks: Dots | Bars
    n_calls: int
    note: str = ""
    silences_s: Values | None = field(default=None, repr=False)

    def n_bouts(self, gap_s: float) -> int:
        """How many bouts the calls are where a silence this long parts two; 0 without calls."""
        if self.silences_s is None or not self.n_calls:
            return 0
        return int(np.count_nonzero(self.silences_s >= gap_s)) + 1
