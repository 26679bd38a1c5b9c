"""Synthetic backgrounds: what a microphone hears when no mouse calls.

Everything is made in units of the electronic floor: white noise of standard deviation 1 is the
floor at mid-band, so that levels are decibels over it. Ranges were measured on recordings from
clean and from harsh boxes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from .spectrogram import SAMPLE_RATE_HZ
from .stacks import Samples

Rng = np.random.Generator

# Samples over which one background becomes the next.
_CHANGE = SAMPLE_RATE_HZ // 2
# What passes is drawn for each so many samples (a page), its cut ends faded over 8 ms.
_STRETCH, _FADE = 55_168, 2_000


def background(
    n: int,
    rng: Rng,
    *,
    real: Sequence[Samples] = (),
    real_share: float = 0.0,
    disturbed: float = 1.0,
    rumbling: float = 1.0,
) -> Samples:
    """A stretch of background with whatever disturbs it.

    Parameters
    ----------
    n : int
        Samples at 250 kHz.
    rng : numpy.random.Generator
        Source of randomness.
    real : sequence of NDArray
        Stretches of call-free recording to build on.
    real_share : float
        How often to build on them.
    disturbed : float
        How often each disturbance comes, as a multiple of its usual share.
    rumbling : float
        How often rumble comes, as a further multiple.
    """
    if real and rng.uniform() < real_share:
        sound = _patchwork(n, rng, real)
        scale = 0.4 * disturbed  # real background brings its own disturbances
    else:
        sound = floor(n, rng)
        scale = disturbed
    for probability, disturb in _LASTING:
        often = rumbling if disturb is _rumble else 1.0
        if rng.uniform() < probability * scale * often:
            sound = sound + disturb(n, rng)
    for start in range(0, n, _STRETCH):
        _disturb(sound, start, scale, rng)
    if rng.uniform() < 0.1:
        sound = sound * _gain_steps(n, rng)
    return sound.astype(np.float32)


def _disturb(sound: Samples, start: int, scale: float, rng: Rng) -> None:
    """Add what passes within a stretch from here on, or a little beyond."""
    length = min(_STRETCH + _STRETCH // 4, len(sound) - start)
    if length < _FADE:
        return
    for probability, disturb in _PASSING:
        if rng.uniform() < probability * scale:
            passing = disturb(length, rng)
            if start + length < len(sound):
                passing[-_FADE:] *= np.linspace(1, 0, _FADE, dtype=np.float32)
            if start:
                passing[:_FADE] *= np.linspace(0, 1, _FADE, dtype=np.float32)
            sound[start : start + length] += passing


def flowing_background(
    block: int, more: int, rng: Rng, *, disturbed: float = 1.0, rumbling: float = 1.0
) -> Iterator[Samples]:
    """Stretches of one long background, (block + more,) each, begun a block after the last one.

    What disturbs it changes from block to block, over 0.5 s: a tone that ended within milliseconds
    would be a call.
    """
    rise = np.sin(np.linspace(0, np.pi / 2, _CHANGE, dtype=np.float32))
    draw = partial(background, block + _CHANGE, rng, disturbed=disturbed, rumbling=rumbling)
    now = draw()
    while True:
        following = draw()
        following[:_CHANGE] = rise * following[:_CHANGE] + rise[::-1] * now[block:]
        yield np.concatenate([now[:block], following[:more]])
        now = following


def floor(n: int, rng: Rng) -> Samples:
    """Electronic noise: flat in a clean box, sloped in a harsh one, the microphone's roll-off."""

    def level_db(khz: NDArray[np.float64]) -> NDArray[np.float64]:
        slope = rng.uniform(3, 16) if rng.uniform() < 0.35 else rng.uniform(0, 2)
        level = -slope * np.log2(np.maximum(khz, 5) / 70)
        level -= rng.uniform(0, 15) * (rng.uniform() < 0.4) * np.clip((khz - 95) / 30, 0, 1)
        level += rng.uniform(0, 10) * (rng.uniform() < 0.2) * np.clip((khz - 120) / 4, 0, 1)
        for _ in range(rng.integers(0, 4)):
            centre, width = rng.uniform(45, 125), rng.uniform(2, 25)
            level += rng.uniform(-4, 7) * np.exp(-(((khz - centre) / width) ** 2))
        return np.minimum(level, 35)

    return _coloured(n, rng, level_db)


def _coloured(
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
    return _coloured(
        n, rng, lambda khz: -6.0 * np.minimum(((khz - centre_khz) / (width_khz / 2)) ** 2, 20)
    )


def _low_weighted(n: int, rng: Rng) -> Samples:
    """(n,) broadband noise, stronger towards low frequencies, as scratches and knocks are."""
    slope = rng.uniform(0, 14)
    return _coloured(n, rng, lambda khz: np.minimum(-slope * np.log2(np.maximum(khz, 8) / 60), 30))


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


def _rumble(n: int, rng: Rng) -> Samples:
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


def _gain_steps(n: int, rng: Rng) -> Samples:
    """(n,) gain that jumps by 3-12 dB once or twice."""
    gain_db = np.zeros(n, np.float32)
    for _ in range(rng.integers(1, 3)):
        gain_db[rng.integers(0, n) :] += rng.uniform(3, 12) * rng.choice([-1, 1])
    return np.asarray(10 ** (gain_db / 20), np.float32)


def _patchwork(n: int, rng: Rng, real: Sequence[Samples]) -> Samples:
    """Real background: stretches of one recording faded into each other, brought to floor 1."""
    fade = 256
    source = real[int(rng.integers(len(real)))]
    sound = np.zeros(n + fade, np.float32)
    ramp = np.sin(np.linspace(0, np.pi / 2, fade, dtype=np.float32))
    at = 0
    while at < n:
        length = min(len(source), int(rng.uniform(0.05, 0.3) * SAMPLE_RATE_HZ), n + fade - at)
        first = int(rng.integers(0, len(source) - length + 1))
        piece = source[first : first + length].copy()
        if at:
            piece[:fade] *= ramp[:length]
        piece[-fade:] *= ramp[::-1][-length:]
        sound[at : at + length] += piece
        at += max(length - fade, 1)
    # The floor is what the quiet middle of the band holds: differences weigh high frequencies.
    quiet = np.median(np.abs(np.diff(sound, 2))) / 0.6745 / np.sqrt(6)
    # Where most of it is digital silence, what is left of the sound sets the level.
    return sound[:n] / max(float(quiet), 1e-3 * float(np.abs(sound).max()), 1e-9)


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
_LASTING: tuple[tuple[float, Callable[[int, Rng], Samples]], ...] = (
    (0.45, _lines),
    (0.14, _rumble),
    (0.14, _sensor),
    (0.04, _tone),
)
_PASSING: tuple[tuple[float, Callable[[int, Rng], Samples]], ...] = (
    (0.30, _clicks),
    (0.20, _bursts),
    (0.12, _swell),
    (0.15, _smudges),
    (0.20, _specks),
)
