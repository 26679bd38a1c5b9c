"""Values -> bars: where these begin and end, and which value is counted in which."""

from __future__ import annotations

import numpy as np

from .marks import Axis, Bars, Keys, Values

# Of a log axis, the least that the highest value is by the lowest.
_LEAST_RATIO = 10.0
_NO_VALUES_S = (0.01, 10.0)


def bars_of(values: Values, keys: Keys, edges: Values, x_axis: Axis, y_axis: Axis) -> Bars:
    """Count values; those at the last edge and beyond are in the last bar."""
    at = np.searchsorted(edges, values, side="right") - 1
    bar_of = np.clip(at, 0, len(edges) - 2).astype(np.int64)
    return Bars(edges=edges, bar_of=bar_of, keys=keys, x_axis=x_axis, y_axis=y_axis)


def value_edges(values: Values, bins: int, *, is_whole: bool) -> Values:
    """(bars + 1,) edges from the lowest value to the highest.

    Whole numbers have a bar each, with the number in its middle, or as many to a bar as makes no
    more bars than are wanted.
    """
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    if is_whole:
        step = int(np.ceil((high - low + 1) / bins))
        return np.arange(low - 0.5, high + step, step)
    if high <= low:
        wide = abs(low) * 0.05 or 0.5
        low, high = low - wide, high + wide
    return np.linspace(low, high, bins + 1)


def log_edges(values: Values, bins: int, shown: float) -> Values:
    """(bins + 1,) edges, each as much higher by the one before, of values above 0.

    Parameters
    ----------
    values : NDArray
        What is counted.
    bins : int
        How many bars.
    shown : float
        Something that is to lie between the ends, if there are no values.
    """
    low, high = (values.min(), values.max()) if len(values) else np.multiply(_NO_VALUES_S, shown)
    if high < low * _LEAST_RATIO:
        widen = np.sqrt(_LEAST_RATIO * low / high)
        low, high = low / widen, high * widen
    edges: Values = np.geomspace(low, high, bins + 1)
    return edges


def time_edges(span_s: tuple[float, float], bin_s: float) -> Values:
    """(bars + 1,) edges from the start of a recording to its end; the last bar may be shorter."""
    start_s, end_s = span_s
    n_bars = max(1, int(np.ceil((end_s - start_s) / bin_s - 1e-9)))
    return np.append(start_s + np.arange(n_bars) * bin_s, end_s)
