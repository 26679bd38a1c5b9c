"""Contours that syllables are drawn with: frequency over time, and level over time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ

Curve = NDArray[np.float64]

#: Where mice call, and as high as the recording reaches.
LOWEST_HZ, HIGHEST_HZ = 18_000.0, 124_000.0
# Trills are complex calls that go up and down faster than any other.
_TRILL_SHARE, _TRILL_HZ = 0.3, (25.0, 110.0)
# How deep the level of a call swells and fades, at most: of any, and of one held steady.
_DEPTH_DB, _STEADY_DEPTH_DB = 14, 1.5


def frequency_course(kind: str, n: int, rng: np.random.Generator) -> Curve:
    """(n,) frequency course of a kind, 0..1."""
    u = np.linspace(0, 1, n)
    # Calls of adults shoot up and level off more often than they take off slowly.
    bend = np.exp(rng.normal(-0.3, 0.6))
    if kind == "up_fm":
        return np.asarray(u**bend)
    if kind == "down_fm":
        return np.asarray(1 - u**bend)
    if kind in {"chevron", "rev_chevron"}:
        top = rng.uniform(0.25, 0.75)
        distance = np.where(u < top, (top - u) / top, (u - top) / (1 - top))
        hill = 1 - distance ** (1 + bend)
        return np.asarray(hill if kind == "chevron" else 1 - hill)
    if kind == "complex":
        return _trill(u, n, rng) if rng.uniform() < _TRILL_SHARE else _winding(u, rng)
    course = np.sin(2 * np.pi * (rng.uniform(0.2, 0.9) * u + rng.uniform()))
    return 0.5 + 0.5 * course


def _trill(u: Curve, n: int, rng: np.random.Generator) -> Curve:
    """A course that goes up and down many times, at a rate that drifts."""
    rate_hz = np.exp(rng.uniform(*np.log(_TRILL_HZ)))
    turns = max(2.0, rate_hz * n / SAMPLE_RATE_HZ)
    phase = turns * (u + 0.15 * rng.uniform(-1, 1) * u * (1 - u)) + rng.uniform()
    depth = 0.5 * (1 - 0.5 * rng.uniform() * u)
    return np.asarray(0.5 + depth * np.sin(2 * np.pi * phase))


def _winding(u: Curve, rng: np.random.Generator) -> Curve:
    """A course that changes direction at least twice, at uneven times and by uneven amounts."""
    turns = int(rng.integers(2, 5))
    times = np.concatenate(
        [[0.0], np.sort(rng.dirichlet(np.full(turns + 1, 3.0)).cumsum()[:-1]), [1.0]]
    )
    signs = np.where(np.arange(turns + 2) % 2, 1, -1) * rng.choice([-1, 1])
    heights = 0.5 + 0.5 * signs * rng.uniform(0.25, 1.0, turns + 2)
    return np.asarray(PchipInterpolator(times, heights)(u))


def wobble(n: int, rng: np.random.Generator) -> Curve:
    """(n,) small smooth irregularity in Hz."""
    knots = max(4, n // 1500)
    points = np.cumsum(rng.normal(0, 350, knots))
    points -= np.linspace(points[0], points[-1], knots)
    return np.interp(np.linspace(0, knots - 1, n), np.arange(knots), points)


def envelope(
    n: int, rng: np.random.Generator, *, attack_s: float | None = None, steady: bool = False
) -> Curve:
    """(n,) amplitude: soft ends, slow modulation, now and then a notch."""
    ends_s = attack_s or rng.uniform(0.002, 0.012)
    t = np.arange(n) / SAMPLE_RATE_HZ
    rise = np.clip(t / min(ends_s, t[-1] / 3), 0, 1)
    fall = np.clip((t[-1] - t) / min(ends_s * rng.uniform(0.7, 2.5), t[-1] / 2.5), 0, 1)
    ends = np.sin(np.pi / 2 * rise) * np.sin(np.pi / 2 * fall)
    depth_db = rng.uniform(0, _STEADY_DEPTH_DB if steady else _DEPTH_DB)
    slow_hz = rng.uniform(15, 120)
    slow_db = -depth_db * (0.5 + 0.5 * np.sin(2 * np.pi * (slow_hz * t + rng.uniform())))
    tilt_db = rng.uniform(-6, 6) * (t / t[-1] - 0.5)
    level_db = slow_db + tilt_db
    for _ in range(rng.poisson(1.5 * n / SAMPLE_RATE_HZ / 0.05) if rng.uniform() < 0.3 else 0):
        width_s = rng.uniform(0.001, 0.004)
        level_db = level_db - rng.uniform(8, 30) * np.exp(
            -(((t - rng.uniform(0, t[-1])) / width_s) ** 2)
        )
    return np.asarray(ends * 10 ** ((level_db - level_db.max()) / 20))


def inside_band(hz: NDArray[Any]) -> Curve:
    """Keep a contour where mice call and the recording reaches."""
    return np.asarray(np.clip(hz, LOWEST_HZ, HIGHEST_HZ))
