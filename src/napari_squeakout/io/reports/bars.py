"""Calls of a recording in time bins -> a small plot, as SVG."""

from __future__ import annotations

import pandas as pd

_WIDE, _HIGH, _LEFT, _FOOT, _TOP = 320, 90, 40, 22, 8


def bars_of(bins: pd.DataFrame) -> str:
    """Calls a minute over time, a bar a bin as wide as the bin is long.

    Parameters
    ----------
    bins : DataFrame
        Those of one recording in a summary.
    """
    end_s = float(bins["end_s"].max())
    most = max(1.0, float(bins["calls_per_min"].max()))
    width, height = _LEFT + _WIDE + 8, _TOP + _HIGH + _FOOT
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    floor, ink = _TOP + _HIGH, 'fill="#555"'
    scale = _WIDE / end_s
    bars = [
        _bar(_LEFT + start_s * scale, (stop_s - start_s) * scale, _HIGH * rate / most)
        for start_s, stop_s, rate in bins[["start_s", "end_s", "calls_per_min"]].to_numpy(float)
    ]
    style = 'font-family="sans-serif" font-size="11"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>',
        *bars,
        f'<line x1="{_LEFT}" x2="{width - 8}" y1="{floor}" y2="{floor}" stroke="#222"/>',
        f'<text x="{_LEFT - 5}" y="{_TOP + 9}" text-anchor="end" {ink}>{most:.3g}</text>',
        f'<text x="{_LEFT}" y="{height - 6}" {ink}>0 s</text>',
        f'<text x="{width - 8}" y="{height - 6}" text-anchor="end" {ink}>{end_s:.4g} s</text>',
    ]
    return "".join([*parts, "</svg>"])


def _bar(left: float, wide: float, high: float) -> str:
    at = f'x="{left:.2f}" y="{_TOP + _HIGH - high:.2f}"'
    return f'<rect {at} width="{0.92 * wide:.2f}" height="{high:.2f}" fill="#0072b2"/>'
