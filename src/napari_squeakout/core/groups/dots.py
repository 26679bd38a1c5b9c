"""A comparison of groups -> a plot with a dot an animal, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from napari_squeakout.core.visible_text import visible

from .chance import Values
from .comparing import GroupComparison
from .wording import shown_as

# Seen apart by eyes that do not tell red from green (Okabe & Ito).
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_PLOT, _GROUP, _LEFT, _TOP, _FOOT = 180, 90, 64, 30, 40
_APART = 9
_MOST_LETTERS = 14
_COLUMNS = 3
_STEPS = (1, 2, 2.5, 5, 10)


def dots_of(comparison: GroupComparison, measure: str) -> str:
    """One measure: a dot an animal or litter, a bar at the mean of each group.

    Parameters
    ----------
    comparison : GroupComparison
        Of which `measure` is part.
    measure : str
        Column of its units.

    Returns
    -------
    str
        A whole SVG picture; what anybody wrote in names is text in it.
    """
    width = _LEFT + _GROUP * comparison.units["group"].nunique() + 10
    return _picture(_plot(comparison, measure, width), width, _TOP + _PLOT + _FOOT)


def sheet_of(comparison: GroupComparison) -> str:
    """All measures that were compared, three in a row, as one SVG picture."""
    measures = comparison.settings.compared
    wide = _LEFT + _GROUP * comparison.units["group"].nunique() + 30
    high, columns = _TOP + _PLOT + _FOOT + 20, min(_COLUMNS, len(measures))
    width, height = columns * wide, -(-len(measures) // columns) * high
    # Groups of marks, not pictures in a picture, which not every program draws.
    plots = [
        f'<g transform="translate({place % columns * wide},{place // columns * high})">'
        + _plot(comparison, measure, wide - 20)
        + "</g>"
        for place, measure in enumerate(measures)
    ]
    return _picture("".join(plots), width, height) + "\n"


def _picture(drawn: str, width: int, height: int) -> str:
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    style = 'role="img" font-family="sans-serif" font-size="12"'
    paper = '<rect width="100%" height="100%" fill="#fff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{paper}{drawn}</svg>'


def _plot(comparison: GroupComparison, measure: str, width: int) -> str:
    """The marks of one measure."""
    rows = comparison.differences
    order = dict.fromkeys([*rows["group"], *rows["other"]])
    units, shown = comparison.units, shown_as(measure)
    scaled = units[measure].to_numpy(float) * shown.scale
    groups = {name: scaled[(units["group"] == name).to_numpy()] for name in order}
    found = np.concatenate([values[np.isfinite(values)] for values in groups.values()])
    ticks = _ticks(found)
    parts = [
        f'<text x="4" y="16" font-weight="bold">{text(shown.label)}</text>',
        *(_tick(value, ticks, width) for value in ticks),
    ]
    for place, (name, values) in enumerate(groups.items()):
        middle = _LEFT + _GROUP * (place + 0.5)
        parts += _group(name, values[np.isfinite(values)], ticks, middle, place)
    return "".join(parts)


def text(words: object) -> str:
    """Words of anybody as text in SVG and HTML, where none of it is markup."""
    return escape(visible(str(words)).replace("\ufffe", "").replace("\uffff", ""))


def _group(
    name: str, values: Values, ticks: Sequence[float], middle: float, place: int
) -> list[str]:
    colour = _COLOURS[place % len(_COLOURS)]
    shown = name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 1]}…"
    foot, at = _TOP + _PLOT + 18, f'x="{middle:g}" text-anchor="middle"'
    parts = [
        f'<text {at} y="{foot}">{text(shown)}</text>',
        f'<text {at} y="{foot + 15}" fill="#555">n = {len(values)}</text>',
    ]
    parts += [
        f'<circle cx="{x:.1f}" cy="{_y(value, ticks):.1f}" r="4" fill="{colour}" '
        f'fill-opacity=".75"><title>{value:.6g}</title></circle>'
        for x, value in zip(_beside(values, ticks, middle), values, strict=True)
    ]
    if len(values):
        y = _y(float(values.mean()), ticks)
        parts.append(
            f'<line x1="{middle - 24:g}" x2="{middle + 24:g}" y1="{y:.1f}" y2="{y:.1f}" '
            'stroke="#222" stroke-width="2"/>'
        )
    return parts


def _beside(values: Values, ticks: Sequence[float], middle: float) -> list[float]:
    """Where across each dot lies, so that none hides another of its height."""
    taken: dict[int, int] = {}
    places = []
    for value in values:
        row = round(_y(float(value), ticks) / _APART)
        count = taken.get(row, 0)
        taken[row] = count + 1
        places.append(middle + (count + 1) // 2 * _APART * (-1 if count % 2 else 1))
    return places


def _tick(value: float, ticks: Sequence[float], width: int) -> str:
    y = _y(value, ticks)
    return (
        f'<line x1="{_LEFT}" x2="{width - 6}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#555">{value:g}</text>'
    )


def _y(value: float, ticks: Sequence[float]) -> float:
    return _TOP + _PLOT * (1 - (value - ticks[0]) / (ticks[-1] - ticks[0]))


def _ticks(values: Values) -> list[float]:
    """Round numbers around all values, from 0 where that lies near."""
    if not len(values):
        return [0.0, 1.0]
    low, high = float(values.min()), float(values.max())
    low = 0.0 if 0 <= low <= high / 2 else low
    span = (high - low) or abs(high) or 1.0
    power = 10 ** np.floor(np.log10(span / 4))
    step = next(one * power for one in _STEPS if one * power * 5 >= span)
    first, last = np.floor(low / step), np.ceil(high / step)
    return [float(f"{step * place:.10g}") for place in np.arange(first, max(last, first + 1) + 1)]
