"""Synthetic backgrounds: what a microphone hears when no mouse calls.

Everything is made in units of the electronic floor: white noise of standard deviation 1 is the
floor at mid-band, so that levels are decibels over it. Ranges were measured on recordings from
clean and from harsh boxes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.recording import Samples
from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ

from .disturbances import LASTING, PASSING, coloured, rumble

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
    for probability, disturb in LASTING:
        often = rumbling if disturb is rumble else 1.0
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
    for probability, disturb in PASSING:
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

    return coloured(n, rng, level_db)


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
