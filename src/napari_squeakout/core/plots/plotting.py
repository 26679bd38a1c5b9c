"""The table of calls -> the marks of one plot."""

from __future__ import annotations

import numpy as np

from napari_squeakout.core.numerals import are, counted
from napari_squeakout.core.stacks import CallTable

from .binning import bars_of, log_edges, time_edges, value_edges
from .marks import Axis, Dots, Keys, Plot, Values
from .quantities import Quantity, quantity_of
from .settings import PlotSettings

_CALLS = Axis(words="calls", is_whole=True)
# What is less is none: times are sums of steps of some hundred microseconds.
_NO_SILENCE_S = 1e-6
#: Where images stand side by side nothing lies before or after anything.
_NO_TIME = "Images have no time in common: choose another plot."


def plot_of(calls: CallTable, settings: PlotSettings, span_s: tuple[float, float] | None) -> Plot:
    """What is plotted of some calls.

    Parameters
    ----------
    calls : DataFrame
        Rows of `measuring`, in any order; the index tells each call from the others, int64.
    settings : PlotSettings
        Which plot, and how.
    span_s : tuple of float or None
        Where the recording begins and ends, in seconds; None for images.

    Returns
    -------
    Plot
        A call whose cell is empty has no mark; the note says how many those are.
    """
    if settings.plot == "frequency by duration":
        return _dots(calls, "duration_s", settings.frequency, None)
    if settings.plot == "histogram":
        return _histogram(calls, settings)
    if span_s is None or "start_s" not in calls:
        return Plot(marks=_no_dots(Axis(words="")), n_calls=len(calls), note=_NO_TIME)
    if settings.plot == "raster":
        return _dots(calls, "start_s", settings.frequency, span_s)
    if settings.plot == "silences":
        return _silences(calls, settings)
    return _over_time(calls, settings.bin_s, span_s)


def _dots(calls: CallTable, along: str, heading: str, span_s: tuple[float, float] | None) -> Plot:
    x_of, y_of = _quantity(calls, quantity_of(along).heading), _quantity(calls, heading)
    x, y = _values(calls, x_of), _values(calls, y_of)
    known = np.isfinite(x) & np.isfinite(y)
    x_axis = Axis(words="time" if span_s else x_of.words, unit=x_of.unit, reach=span_s)
    marks = Dots(
        x=x[known],
        y=y[known],
        keys=_keys(calls)[known],
        x_axis=x_axis,
        y_axis=Axis(words=_frequency_words(y_of), unit=y_of.unit),
    )
    return Plot(marks=marks, n_calls=len(calls), note=_left_out(known, y_of.heading))


def _histogram(calls: CallTable, settings: PlotSettings) -> Plot:
    of = _quantity(calls, settings.measure)
    values = _values(calls, of)
    known = np.isfinite(values)
    edges = value_edges(values[known], settings.bins, is_whole=of.decimals == 0)
    marks = bars_of(
        values[known], _keys(calls)[known], edges, Axis(words=of.words, unit=of.unit), _CALLS
    )
    return Plot(marks=marks, n_calls=len(calls), note=_left_out(known, of.heading))


def _silences(calls: CallTable, settings: PlotSettings) -> Plot:
    """Each silence belongs to the call that it follows, as `interval_s` does."""
    start_s, end_s = (calls[name].to_numpy(np.float64) for name in ("start_s", "end_s"))
    in_time = np.argsort(start_s, kind="stable")
    # A call may end within the one before.
    silences_s = start_s[in_time][1:] - np.maximum.accumulate(end_s[in_time])[:-1]
    heard = silences_s > _NO_SILENCE_S
    edges = log_edges(silences_s[heard], settings.bins, settings.bout_gap_s)
    axis = Axis(words="silence after a call", unit="s", is_log=True)
    marks = bars_of(silences_s[heard], _keys(calls)[in_time][:-1][heard], edges, axis, _CALLS)
    n_none = int(np.count_nonzero(~heard))
    note = f"{counted(n_none, 'call')} run into the next: no silence." if n_none > 1 else ""
    note = "1 call runs into the next: no silence." if n_none == 1 else note
    return Plot(marks=marks, n_calls=len(calls), note=note, silences_s=silences_s)


def _over_time(calls: CallTable, bin_s: float, span_s: tuple[float, float]) -> Plot:
    start_s = calls["start_s"].to_numpy(np.float64)
    edges = time_edges(span_s, bin_s)
    y_axis = Axis(words=f"calls per {bin_s:g} s", is_whole=True)
    marks = bars_of(
        start_s, _keys(calls), edges, Axis(words="time", unit="s", reach=span_s), y_axis
    )
    rest_s = edges[-1] - edges[-2]
    note = f"The last bar counts {rest_s:.3g} s only." if rest_s < bin_s * 0.999 else ""
    return Plot(marks=marks, n_calls=len(calls), note=note)


def _quantity(calls: CallTable, heading: str) -> Quantity:
    """The column under a heading; in pixels where the scale is not known."""
    all_ = [
        quantity_of(str(name), is_whole=calls[name].dtype.kind in "iu")
        for name in calls.columns
        if calls[name].dtype.kind in "iuf"
    ]
    words, _, unit = heading.removesuffix(")").partition(" (")
    found = [one for one in all_ if one.heading == heading]
    found += [one for one in all_ if one.name.endswith("_px") and one.words == words]
    return found[0] if found else Quantity(name="", words=words, unit=unit, factor=1.0, decimals=2)


def _values(calls: CallTable, of: Quantity) -> Values:
    if not of.name:
        return np.full(len(calls), np.nan)
    return np.asarray(calls[of.name].to_numpy(np.float64, na_value=np.nan) * of.factor)


def _keys(calls: CallTable) -> Keys:
    return calls.index.to_numpy(np.int64)


def _frequency_words(of: Quantity) -> str:
    return f"{of.words} frequency" if of.unit == "kHz" else of.words


def _left_out(known: np.ndarray[tuple[int], np.dtype[np.bool_]], heading: str) -> str:
    n_calls, n_out = len(known), int(np.count_nonzero(~known))
    if not n_out:
        return ""
    if n_out == n_calls:
        return f"{heading} is known of no call here."
    return f"{n_out} of {counted(n_calls, 'call')} {are(n_out)} left out: no {heading}."


def _no_dots(axis: Axis) -> Dots:
    none = np.zeros(0)
    return Dots(x=none, y=none, keys=np.zeros(0, np.int64), x_axis=axis, y_axis=axis)
