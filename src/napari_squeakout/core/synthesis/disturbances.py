"""What disturbs a synthetic background: clicks, cage, lines, sensors, motors.

In units of the electronic floor: white noise of standard deviation 1 is 0 dB. Ranges were measured
on recordings from clean and from harsh boxes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from napari_squeakout.core.recording import Samples
from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ

Rng = np.random.Generator


def coloured(
    n: int, rng: Rng, level_db: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> Samples:
    """(n,) Gaussian noise with a spectrum given in dB over the floor, as a function of kHz."""
    size = scipy.fft.next_fast_len(n, real=True)
    khz = np.arange(size // 2 + 1) * (SAMPLE_RATE_HZ / 1e3 / size)
    gain = (10 ** (level_db(khz) / 20)).astype(np.float32)
    spectrum = scipy.fft.rfft(rng.standard_normal(size, dtype=np.float32)) * gain
    shaped: Samples = scipy.fft.irfft(spectrum, size)[:n]
    return shaped


def _band(n: int, rng: Rng, *, centre_khz: float, width_khz: float) -> Samples:
    """(n,) noise with a soft band."""
    return coloured(
        n, rng, lambda khz: -6.0 * np.minimum(((khz - centre_khz) / (width_khz / 2)) ** 2, 20)
    )


def _low_weighted(n: int, rng: Rng) -> Samples:
    """(n,) broadband noise, stronger towards low frequencies, as scratches and knocks are."""
    slope = rng.uniform(0, 14)
    return coloured(n, rng, lambda khz: np.minimum(-slope * np.log2(np.maximum(khz, 8) / 60), 30))


def _pulses(
    n: int,
    rng: Rng,
    *,
    starts: NDArray[np.int64],
    width_s: tuple[float, float],
    decibels: tuple[float, float],
) -> Samples:
    """(n,) envelope of pulses: sharp rise, exponential decay, each with its own level."""
    envelope = np.zeros(n, np.float32)
    for start in starts[(starts >= 0) & (starts < n)]:
        width = max(int(rng.uniform(*width_s) * SAMPLE_RATE_HZ), 8)
        tail = np.exp(-np.arange(min(4 * width, n - start)) / width).astype(np.float32)
        part = envelope[start : start + len(tail)]
        np.maximum(part, 10 ** (rng.uniform(*decibels) / 20) * tail, out=part)
    return envelope


def _clicks(n: int, rng: Rng) -> Samples:
    """Clicks and scratches: one to three columns, alone or in trains."""
    if rng.uniform() < 0.5:
        starts = rng.integers(0, n, rng.integers(1, 12))
    else:
        span = int(rng.uniform(0.005, 0.2) * SAMPLE_RATE_HZ)
        starts = rng.integers(0, n) + np.sort(rng.integers(0, span, rng.integers(2, 31)))
    envelope = _pulses(n, rng, starts=starts, width_s=(0.0001, 0.0006), decibels=(3, 34))
    return envelope * _low_weighted(n, rng)


def _bursts(n: int, rng: Rng) -> Samples:
    """Clusters of broadband bursts, 20-400 ms, as cage bedding and saturated microphones give."""
    envelope = np.zeros(n, np.float32)
    for _ in range(rng.integers(1, 4)):
        span = int(rng.uniform(0.02, 0.4) * SAMPLE_RATE_HZ)
        starts = rng.integers(-span // 2, n) + rng.integers(0, span, rng.integers(3, 60))
        envelope = np.maximum(
            envelope, _pulses(n, rng, starts=starts, width_s=(0.0004, 0.006), decibels=(0, 28))
        )
    return envelope * _low_weighted(n, rng)


def _swell(n: int, rng: Rng) -> Samples:
    """Broadband noise that comes and goes slowly (movement, air)."""
    centre, width = rng.uniform(0, n), rng.uniform(0.01, 0.15) * SAMPLE_RATE_HZ
    hill = np.exp(-(((np.arange(n) - centre) / width) ** 2)).astype(np.float32)
    swell: Samples = 10 ** (rng.uniform(0, 20) / 20) * hill * _low_weighted(n, rng)
    return swell


def _smudges(n: int, rng: Rng) -> Samples:
    """Blurred patches, wide in frequency and short in time: echoes of knocks, never a whistle."""
    sound = np.zeros(n, np.float32)
    for _ in range(rng.integers(1, 5)):
        starts = rng.integers(0, n, 1)
        envelope = _pulses(n, rng, starts=starts, width_s=(0.0008, 0.006), decibels=(5, 26))
        sound += envelope * _band(
            n, rng, centre_khz=rng.uniform(30, 110), width_khz=rng.uniform(10, 45)
        )
    return sound


def _specks(n: int, rng: Rng) -> Samples:
    """Low specks at the lower edge of the band, 1-20 ms."""
    starts = rng.integers(0, n, rng.integers(1, 8))
    envelope = _pulses(n, rng, starts=starts, width_s=(0.0005, 0.005), decibels=(5, 22))
    return envelope * _band(n, rng, centre_khz=rng.uniform(38, 56), width_khz=rng.uniform(3, 14))


def _lines(n: int, rng: Rng) -> Samples:
    """Horizontal lines: sensors and power supplies, constant or pulsed with the mains."""
    t = np.arange(n) / SAMPLE_RATE_HZ
    sound = np.zeros(n, np.float32)
    base_khz = rng.choice([40.0, 50.0, rng.uniform(20, 124), rng.uniform(45, 124)])
    for multiple in range(1, int(rng.integers(2, 4))):
        khz = base_khz * multiple
        if khz > 124.5:
            break
        if rng.uniform() < 0.6:
            drift = rng.uniform(0, 150) * np.sin(
                2 * np.pi * (rng.uniform(1, 8) * t + rng.uniform())
            )
            tone = np.sin(2 * np.pi * np.cumsum(1e3 * khz + drift) / SAMPLE_RATE_HZ)
            # A tone this strong stands 0 dB over white noise of 1 in this window.
            part: NDArray[np.floating] = 0.1 * tone
        else:
            part = _band(n, rng, centre_khz=khz, width_khz=rng.uniform(0.2, 1.2))
        sound += (10 ** (rng.uniform(3, 18) / 20) * part).astype(np.float32)
    if rng.uniform() < 0.5:
        duty, mains_hz = rng.uniform(0.15, 0.85), rng.choice([50, 60, 100, 120])
        sound *= ((t * mains_hz + rng.uniform()) % 1) < duty
    return sound


def rumble(n: int, rng: Rng) -> Samples:
    """Loud low sound whose harmonics reach into the band, as squeaks and motors give.

    They go on upwards, each a little weaker than the one below, so that several are seen or none.
    """
    t = np.arange(n) / SAMPLE_RATE_HZ
    glide = np.sin(2 * np.pi * (rng.uniform(0.5, 4) * t + rng.uniform()))
    base_hz = rng.uniform(3e3, 12e3) * (1 + 0.1 * rng.uniform() * glide)
    phase = 2 * np.pi * np.cumsum(base_hz) / SAMPLE_RATE_HZ
    decay_db = rng.uniform(0.5, 3)
    sound = sum(
        10 ** (-decay_db * k / 20) * np.sin((k + 1) * phase + rng.uniform(0, 6))
        for k in range(int(12e4 / base_hz.max()))
    )
    return np.asarray(10 ** (rng.uniform(0, 30) / 20) * 0.1 * sound, np.float32)


def _sensor(n: int, rng: Rng) -> Samples:
    """Bursts of one tone, all alike, at one rhythm, some with a partner: light sensors."""
    hz = float(rng.choice([40e3, rng.uniform(25e3, 62e3), rng.uniform(45e3, 120e3)]))
    period = int(np.exp(rng.uniform(np.log(0.012), np.log(0.1))) * SAMPLE_RATE_HZ)
    lasting = int(min(rng.uniform(0.002, 0.03), 0.6 * period / SAMPLE_RATE_HZ) * SAMPLE_RATE_HZ)
    t = np.arange(lasting) / SAMPLE_RATE_HZ
    partner = 10 ** (-rng.uniform(0, 15) / 20) * (rng.uniform() < 0.6) * (2 * hz < 124e3)
    burst = np.sin(2 * np.pi * hz * t) + partner * np.sin(4 * np.pi * hz * t)
    edge = min(lasting // 2, int(rng.uniform(0, 0.001) * SAMPLE_RATE_HZ) + 1)
    burst[:edge] *= np.linspace(0, 1, edge)
    burst[-edge:] *= np.linspace(1, 0, edge)
    sound = np.zeros(n + lasting, np.float32)
    # A tone of 0.1 stands 0 dB over white noise of 1 in this window.
    strength = 0.1 * 10 ** (rng.uniform(4, 38) / 20)
    for start in range(int(rng.integers(0, period)), n, period):
        sound[start : start + lasting] += (strength * burst).astype(np.float32)
    return sound[:n]


def _tone(n: int, rng: Rng) -> Samples:
    """A steady tone that begins or ends here and goes on beyond: longer than any call."""
    hz = rng.uniform(30e3, 123e3) + rng.normal(0, 400) * np.linspace(0, 1, n)
    tone = (
        0.1 * 10 ** (rng.uniform(4, 30) / 20) * np.sin(2 * np.pi * np.cumsum(hz) / SAMPLE_RATE_HZ)
    )
    edge = int(n * rng.uniform(0, 0.45))
    soft = np.clip((np.arange(n) - edge) / (rng.uniform(0.0002, 0.01) * SAMPLE_RATE_HZ), 0, 1)
    return np.asarray(tone * (soft if rng.uniform() < 0.5 else soft[::-1]), np.float32)


#: What goes on throughout, and what passes, with how often each comes.
LASTING: tuple[tuple[float, Callable[[int, Rng], Samples]], ...] = (
    (0.45, _lines),
    (0.14, rumble),
    (0.14, _sensor),
    (0.04, _tone),
)
PASSING: tuple[tuple[float, Callable[[int, Rng], Samples]], ...] = (
    (0.30, _clicks),
    (0.20, _bursts),
    (0.12, _swell),
    (0.15, _smudges),
    (0.20, _specks),
)
