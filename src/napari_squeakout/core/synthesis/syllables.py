"""Synthetic syllables: contours in hertz and level, after measured mouse calls.

Ranges of duration, bandwidth, jumps and envelopes: Fonseca et al. 2021 (VocalMat, eleven types),
Table 2 of Front. Zool. s12983-020-00353-1, and measurements on the AMVOC recordings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ

from .contours import HIGHEST_HZ, LOWEST_HZ, Curve, envelope, frequency_course, inside_band, wobble

#: VocalMat's types with the share of each that is drawn.
KINDS = {
    "short": 0.16, "flat": 0.12, "up_fm": 0.14, "down_fm": 0.12, "chevron": 0.08,
    "rev_chevron": 0.06, "complex": 0.10, "step_up": 0.07, "step_down": 0.07, "two_steps": 0.05,
    "mult_steps": 0.03,
}  # fmt: skip

# Shortest, median and longest duration in s, and bandwidth range in kHz.
_RANGES: dict[str, tuple[float, float, float, float, float]] = {
    "short": (0.004, 0.007, 0.0125, 0.0, 8.0),
    "flat": (0.012, 0.030, 0.090, 0.0, 5.0),
    "up_fm": (0.008, 0.030, 0.090, 5.0, 40.0),
    "down_fm": (0.012, 0.030, 0.090, 5.0, 28.0),
    "chevron": (0.015, 0.045, 0.120, 5.0, 35.0),
    "rev_chevron": (0.015, 0.040, 0.100, 5.0, 35.0),
    "complex": (0.035, 0.075, 0.180, 8.0, 35.0),
    "step_up": (0.012, 0.035, 0.090, 0.0, 14.0),
    "step_down": (0.012, 0.035, 0.090, 0.0, 14.0),
    "two_steps": (0.025, 0.050, 0.120, 0.0, 14.0),
    "mult_steps": (0.040, 0.085, 0.180, 0.0, 14.0),
}
_JUMPS = {"step_up": 1, "step_down": 1, "two_steps": 2, "mult_steps": 3}
# How differently adults stretch theirs.
_SPREAD = 0.4
# Now and then a call of any type but the shortest is drawn out so long, a flat one more often: a
# network that hardly ever hears one takes its middle for a sensor's tone.
_LONG_SHARE, _LONG_FLAT_SHARE, _LONG_S = 0.04, 0.18, (0.1, 0.4)
# So many calls hold their pitch and their level as a tuning fork does.
_STEADY_SHARE, _STEADY_WOBBLE = 0.15, 0.1
# Subharmonics and what they leave between the harmonics.
_HALVES = (0.5, 1.5)
# Some animals call below the band, and only their harmonics reach into it.
_LOW_SHARE, _LOW_HZ = 0.06, (21e3, 43e3)


@dataclass(frozen=True)
class Trace:
    """One unbroken whistle of a syllable.

    Parameters
    ----------
    start : int
        Its first sample, at 250 kHz; may lie before the scene.
    hz, level : NDArray
        (n,) frequency and linear amplitude (1 = the syllable's loudest) at each sample.
    """

    start: int
    hz: Curve
    level: Curve

    def wave(self) -> NDArray[np.float32]:
        """Samples (n,) of the whistle."""
        # The start gives the phase: another for whistles that begin apart, and none to be drawn.
        phase = 2 * np.pi * np.cumsum(self.hz) / SAMPLE_RATE_HZ + self.start % 628 / 100
        return (self.level * np.sin(phase)).astype(np.float32)


@dataclass(frozen=True)
class Syllable:
    """A call: one or more traces that belong together (steps, harmonics).

    Parameters
    ----------
    kind : str
        VocalMat's type.
    traces : tuple of Trace
        Its parts.
    """

    kind: str
    traces: tuple[Trace, ...]

    @property
    def stop(self) -> int:
        """Sample after its last."""
        return max(trace.start + len(trace.hz) for trace in self.traces)


def syllable(
    start: int,
    centre_hz: float,
    rng: np.random.Generator,
    *,
    stretch: float = 1.0,
    harsh_fraction: float = 0.0,
) -> Syllable:
    """Draw a syllable that begins at sample `start` around `centre_hz`; adults stretch theirs."""
    kind = str(rng.choice(list(KINDS), p=np.fromiter(KINDS.values(), float)))
    shortest, median, longest, low_khz, high_khz = _RANGES[kind]
    longest *= max(1.0, stretch)
    duration_s = float(np.clip(stretch * median * np.exp(rng.normal(0, 0.45)), shortest, longest))
    long_share = _LONG_FLAT_SHARE if kind == "flat" else _LONG_SHARE
    if kind != "short" and rng.uniform() < long_share:
        duration_s = float(rng.uniform(*_LONG_S))
    n = int(duration_s * SAMPLE_RATE_HZ)
    bandwidth_hz = 1e3 * (low_khz + (high_khz - low_khz) * rng.beta(1.2, 2.2))
    if kind in _JUMPS:
        traces = _stepped(kind, start, n, centre_hz, bandwidth_hz, rng)
    else:
        steady = rng.uniform() < _STEADY_SHARE
        wobble_hz = (_STEADY_WOBBLE if steady else 1.0) * wobble(n, rng)
        hz = centre_hz + bandwidth_hz * (frequency_course(kind, n, rng) - 0.5) + wobble_hz
        traces = [Trace(start, inside_band(hz), envelope(n, rng, steady=steady))]
    low = float(np.median(traces[0].hz)) < _LOW_HZ[1]
    every = [*traces, *_harmonics(traces, rng, likely=0.9 if low else 0.4)]
    if rng.uniform() < harsh_fraction:
        every = harsh(every, rng)
    return Syllable(kind, tuple(every))


def harsh(traces: list[Trace], rng: np.random.Generator) -> list[Trace]:
    """The same traces in a rough voice: chaotic, with subharmonics, or with a noisy onset."""
    way = rng.choice(["chaos", "subharmonics", "onset"], p=[0.6, 0.25, 0.15])
    if way == "subharmonics":
        gain = 10 ** (-rng.uniform(0, 14) / 20)
        parts = [Trace(t.start, share * t.hz, gain * t.level) for t in traces for share in _HALVES]
        return [*traces, *(p for p in parts if p.hz.max() < HIGHEST_HZ)]
    lasting = 1.0 if way == "chaos" else rng.uniform(0.05, 0.25)
    return [_jittered(trace, lasting, rng) for trace in traces]


def _jittered(trace: Trace, lasting: float, rng: np.random.Generator) -> Trace:
    """A trace whose frequency and level jump about, over this share of it from the start on."""
    n = len(trace.hz)
    every = int(SAMPLE_RATE_HZ / np.exp(rng.uniform(np.log(400), np.log(6000))))
    knots = np.arange(0, n + every, every)
    depth_hz = np.exp(rng.uniform(np.log(600), np.log(6000)))
    here = np.clip((lasting * n - np.arange(n)) / (0.1 * n + 1) + 1, 0, 1) * (lasting < 1) + (
        lasting >= 1
    )
    jitter = np.interp(np.arange(n), knots, rng.normal(0, depth_hz, len(knots)))
    level_db = np.interp(np.arange(n), knots, rng.normal(0, 4, len(knots)))
    hz = np.clip(trace.hz + here * jitter, LOWEST_HZ, HIGHEST_HZ)
    return Trace(trace.start, hz, trace.level * 10 ** (here * level_db / 20))


def _stepped(
    kind: str, start: int, n: int, centre_hz: float, bandwidth_hz: float, rng: np.random.Generator
) -> list[Trace]:
    """Elements with instantaneous jumps between them; they may overlap by a few ms."""
    jumps = _JUMPS[kind] + (int(rng.integers(0, 3)) if kind == "mult_steps" else 0)
    direction = {"step_up": 1, "step_down": -1}.get(kind, int(rng.choice([-1, 1])))
    borders = np.concatenate(
        [[0.0], np.sort(rng.dirichlet(np.full(jumps + 1, 4.0)).cumsum()[:-1]), [1.0]]
    )
    offset_hz = -direction * rng.uniform(0, 10e3)
    traces = []
    for index in range(jumps + 1):
        overlap = (
            int(rng.uniform(0, 0.004) * SAMPLE_RATE_HZ) if index and rng.uniform() < 0.5 else 0
        )
        first = max(0, int(borders[index] * n) - overlap)
        length = max(int(borders[index + 1] * n) - first, int(0.003 * SAMPLE_RATE_HZ))
        course = str(rng.choice(["flat", "up_fm", "down_fm", "chevron"]))
        hz = centre_hz + offset_hz + bandwidth_hz * (frequency_course(course, length, rng) - 0.5)
        loudness = 10 ** (rng.uniform(-10, 0) / 20) if index else 1.0
        level = loudness * envelope(length, rng, attack_s=0.002)
        traces.append(Trace(start + first, inside_band(hz + wobble(length, rng)), level))
        offset_hz += direction * float(np.clip(14e3 * np.exp(rng.normal(0, 0.55)), 5e3, 50e3))
        direction = -direction if rng.uniform() < 0.8 else direction
    return traces


def _harmonics(
    traces: list[Trace], rng: np.random.Generator, *, likely: float = 0.4
) -> list[Trace]:
    """Second harmonics, 13-38 dB down, of the parts that are low enough."""
    if rng.uniform() > likely:
        return []
    gain = 10 ** (-rng.uniform(10, 36) / 20)
    return [Trace(t.start, 2 * t.hz, gain * t.level) for t in traces if 2 * t.hz.max() < HIGHEST_HZ]


def song(
    n_samples: int, rng: np.random.Generator, *, harsh_fraction: float = 0.0
) -> list[Syllable]:
    """Draw the calls of a stretch of sound, sung by a pup or an adult, at times by two animals.

    Parameters
    ----------
    n_samples : int
        Length of the stretch at 250 kHz; calls may begin before it and end after it.
    rng : numpy.random.Generator
        Source of randomness.
    harsh_fraction : float
        How many of the calls are rough.
    """
    voices = 2 if rng.uniform() < 0.12 else 1
    return [call for _ in range(voices) for call in _one_voice(n_samples, rng, harsh_fraction)]


def _one_voice(n_samples: int, rng: np.random.Generator, harsh_fraction: float) -> list[Syllable]:
    adult = rng.uniform() < 0.6
    low = rng.uniform() < _LOW_SHARE
    usual_hz = rng.normal(65e3, 9e3) if adult else rng.normal(82e3, 9e3)
    usual_hz = rng.uniform(*_LOW_HZ) if low else usual_hz
    gap_s = rng.choice([0.045, 0.09, 0.18], p=[0.4, 0.35, 0.25])
    calls = []
    at = int(rng.uniform(-0.12, 0.12) * SAMPLE_RATE_HZ)
    while at < n_samples:
        centre_hz = float(np.clip(usual_hz + rng.normal(0, 7e3), 22e3 if low else 34e3, 115e3))
        # 5, 25, 50, 75 and 95 % of adults' calls last 6, 23, 43, 69 and 164 ms in the AMVOC set.
        stretch = 1.35 * float(np.exp(rng.normal(0, _SPREAD))) if adult else 1.0
        calls.append(syllable(at, centre_hz, rng, stretch=stretch, harsh_fraction=harsh_fraction))
        pause_s = float(np.clip(gap_s * np.exp(rng.normal(0, 0.6)), 0.015, 0.8))
        at = calls[-1].stop + int(pause_s * SAMPLE_RATE_HZ)
    return calls
