"""One stretch of synthetic sound, whose mask is exact, because call and noise are known apart.

A mask follows the sound that arrives directly and in the first milliseconds after; the later tail
of a room sounds but is never part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.morphology import BoolImage
from napari_squeakout.core.recording import Samples
from napari_squeakout.core.rendering.levelling import silent_columns
from napari_squeakout.core.rendering.spectrogram import (
    PASSBAND,
    SAMPLE_RATE_HZ,
    STEP,
    WINDOW,
    in_passband,
    page_grid,
    power_db,
)
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.training_settings import SynthesisSettings

from .backgrounds import background
from .masks import FAR_DB, Margin, add, mark, no_margin, noise_floor_db, tidied
from .reverberation import OPEN, Room, draw_room
from .syllables import Syllable, Trace, song

# Power spectral density of a sine of amplitude 1 in the Hamming window of 256 samples.
_SINE_PSD = (
    0.5 * float(np.hamming(WINDOW).sum() ** 2 / (np.hamming(WINDOW) ** 2).sum()) / SAMPLE_RATE_HZ
)

#: Draws the calls of so many samples at 250 kHz.
Sing = Callable[[int, np.random.Generator], list[Syllable]]


@dataclass(frozen=True)
class Call:
    """What is visible of one synthetic call.

    Parameters
    ----------
    kind : str
        VocalMat's type.
    start_s, end_s : float
        Seconds from the scene's start.
    low_hz, high_hz : float
        Its band.
    snr_db : float
        Decibels by which its loudest pixel of a column exceeds the noise usual in that row: the
        median over its columns (measured so on adults: 11-38 dB in nine of ten calls).
    """

    kind: str
    start_s: float
    end_s: float
    low_hz: float
    high_hz: float
    snr_db: float


@dataclass(frozen=True)
class Scene:
    """A stretch of synthetic sound.

    Parameters
    ----------
    samples : NDArray
        (n,) float32 at 250 kHz, full scale = 1.
    margin : NDArray
        (rows, columns) float32 dB by which a pixel of the spectrogram lies inside the mask of the
        calls, from -6 to 6.
    calls : tuple of Call
        The visible calls, in time order.
    unseen_s : tuple of float
        Starts of further ones that are too faint to be noticed.
    nyquist_hz : float
        Above it the recorder heard nothing.
    """

    samples: Samples
    margin: Margin
    calls: tuple[Call, ...]
    unseen_s: tuple[float, ...] = ()
    nyquist_hz: float = SAMPLE_RATE_HZ / 2

    @property
    def mask(self) -> BoolImage:
        """(rows, columns) True where a call is, on the grid of the spectrogram."""
        return self.margin > 0


def synthesise_scene(
    n_samples: int,
    rng: np.random.Generator,
    settings: SynthesisSettings,
    *,
    render: RenderSettings | None = None,
    backgrounds: Sequence[Samples] = (),
    margin: int = 0,
    sing: Sing | None = None,
) -> Scene:
    """Draw a scene.

    Parameters
    ----------
    n_samples : int
        Length at 250 kHz.
    rng : numpy.random.Generator
        Source of randomness.
    settings : SynthesisSettings
        Levels, shares and the mask's rule.
    render : RenderSettings, optional
        The band of the mask.
    backgrounds : sequence of NDArray
        Call-free stretches of real recordings at 250 kHz.
    margin : int
        Samples at both ends that stay free of calls.
    sing : callable
        Draws the calls of so many samples; by default those of mice.
    """
    render = render or RenderSettings()
    noise = background(
        n_samples,
        rng,
        real=backgrounds,
        real_share=settings.real_background_fraction,
        disturbed=settings.disturbance_rate,
        rumbling=settings.rumble_rate,
    )
    scene = sung(noise, rng, settings, render, margin, sing)
    if rng.uniform() < settings.band_limited_fraction:
        scene = _band_limited(scene, render, rng)
    samples = recorded(scene.samples, _gain(scene.samples, rng), rng)
    return _without_silence(replace(scene, samples=samples))


def sung(
    noise: Samples,
    rng: np.random.Generator,
    settings: SynthesisSettings,
    render: RenderSettings,
    margin: int,
    sing: Sing | None = None,
) -> Scene:
    """Noise with calls in it, in units of the electronic floor: no recorder has heard it yet."""
    n_samples = len(noise)
    sing = sing or partial(song, harsh_fraction=settings.harsh_fraction)
    noise_power = 10 ** (power_db(noise, render) / 10)
    floor_db = noise_floor_db(noise_power)
    room = OPEN
    if rng.uniform() < settings.reverberation_fraction:
        levels = (settings.min_direct_db, settings.max_direct_db)
        room = draw_room(rng, min_direct_db=levels[0], max_direct_db=levels[1])
    sound = noise.astype(np.float32)
    margin_db = no_margin(floor_db.shape)
    seen: list[tuple[Syllable, BoolImage]] = []
    for call, traces in _audible(n_samples, rng, settings, render, noise_power, margin, sing, room):
        visible = no_margin(floor_db.shape)
        for trace in traces:
            arriving = room.arriving(trace.wave(), settings.early_s)
            add(sound, arriving.early, trace.start)
            add(sound, arriving.late, trace.start)
            mark(visible, arriving, trace.start, floor_db, settings, render)
        np.maximum(margin_db, visible, out=margin_db)
        seen.append((call, visible > 0))
    margin_db = tidied(margin_db)
    mask = margin_db > 0
    usual_db = 10 * np.log10(np.median(noise_power, axis=1))
    parts = [(call, part & mask) for call, part in seen]
    calls = [_measure(c.kind, part, sound, usual_db, render) for c, part in parts if part.any()]
    calls.sort(key=lambda call: call.start_s)
    unseen_s = tuple(c.traces[0].start / SAMPLE_RATE_HZ for c, part in parts if not part.any())
    return Scene(sound, margin_db, tuple(calls), unseen_s)


def _audible(
    n_samples: int,
    rng: np.random.Generator,
    settings: SynthesisSettings,
    render: RenderSettings,
    noise_power: NDArray[np.floating],
    margin: int,
    sing: Sing,
    room: Room,
) -> Iterator[tuple[Syllable, list[Trace]]]:
    """The scene's calls with each trace's level brought to its distance from the noise."""
    if rng.uniform() < settings.empty_fraction:
        return
    row_floor = np.median(noise_power, axis=1)
    # Most calls of recordings are faint: nine in ten have 11-38 dB, in quiet boxes 12.
    range_db = settings.max_snr_db - settings.min_snr_db
    usual_db = settings.min_snr_db + range_db * rng.beta(1.5, 1.8)
    grid_hz = page_grid(render)
    hz_per_row = grid_hz.hz_per_row * PAGE_PX / len(row_floor)
    for call in sing(n_samples, rng):
        if margin and (call.traces[0].start < margin or call.stop > n_samples - margin):
            continue
        hz = float(np.median(call.traces[0].hz))
        row = np.clip(
            int(len(row_floor) - (hz - grid_hz.low_hz) / hz_per_row), 0, len(row_floor) - 1
        )
        snr_db = np.clip(usual_db + rng.normal(0, 4), settings.min_snr_db, settings.max_snr_db)
        gain = float(np.sqrt(row_floor[row] * 10 ** (snr_db / 10) / _SINE_PSD)) / room.gain
        yield call, [Trace(t.start, t.hz, gain * t.level) for t in call.traces]


def _band_limited(scene: Scene, render: RenderSettings, rng: np.random.Generator) -> Scene:
    """A scene as a recorder with a lower sampling rate gives it; calls end where it ends."""
    nyquist_hz = float(rng.uniform(80e3, 115e3))
    spectrum = scipy.fft.rfft(scene.samples)
    hz = scipy.fft.rfftfreq(len(scene.samples), 1 / SAMPLE_RATE_HZ)
    falling_from, falling_db = rng.uniform(0.85, 1.0), rng.uniform(0, 30)
    over = np.clip((hz / nyquist_hz - falling_from) / max(1.0 - falling_from, 1e-3), 0, 1)
    gain = np.where(hz <= nyquist_hz, 10 ** (-falling_db * over / 20), 0)
    sound = scipy.fft.irfft(spectrum * gain.astype(np.float32), len(scene.samples))
    limit_hz = PASSBAND * nyquist_hz
    known = in_passband(render, nyquist_hz)
    return replace(
        scene,
        samples=sound.astype(np.float32),
        margin=np.where(known[:, None], scene.margin, np.float32(-FAR_DB)),
        calls=tuple(
            replace(call, high_hz=min(call.high_hz, limit_hz))
            for call in scene.calls
            if call.low_hz < limit_hz
        ),
        nyquist_hz=nyquist_hz,
    )


def _without_silence(scene: Scene) -> Scene:
    """A scene whose mask leaves out what the recorder lost."""
    silent = silent_columns(scene.samples)[: scene.margin.shape[1]]
    if not silent.any():
        return scene
    return replace(scene, margin=np.where(silent, np.float32(-FAR_DB), scene.margin))


def _measure(
    kind: str,
    visible: BoolImage,
    sound: Samples,
    usual_db: NDArray[np.floating],
    render: RenderSettings,
) -> Call:
    """Extent of a call's mask in seconds and hertz, and its level over each row's usual noise."""
    grid = page_grid(render)
    hz_per_row = grid.hz_per_row * PAGE_PX / len(visible)
    columns = np.flatnonzero(visible.any(axis=0))
    rows = np.flatnonzero(visible.any(axis=1))
    edge_s = (WINDOW - STEP) / 2 / SAMPLE_RATE_HZ
    column_s = STEP / SAMPLE_RATE_HZ
    heard = sound[columns[0] * STEP : columns[-1] * STEP + WINDOW]
    above_db = power_db(heard, render)[:, columns - columns[0]] - usual_db[:, None]
    loudest_db = np.where(visible[:, columns], above_db, -np.inf).max(axis=0)
    return Call(
        kind,
        edge_s + float(columns[0]) * column_s,
        edge_s + float(columns[-1] + 1) * column_s,
        grid.low_hz + float(len(visible) - 1 - rows[-1]) * hz_per_row,
        grid.low_hz + float(len(visible) - rows[0]) * hz_per_row,
        float(np.median(loudest_db)),
    )


def _gain(sound: Samples, rng: np.random.Generator) -> float:
    """Gain of a recorder that is seldom driven beyond full scale."""
    level_db = rng.uniform(-55, -25)
    peak = float(np.abs(sound).max()) * 10 ** (level_db / 20)
    most = rng.uniform(1.0, 1.6) if rng.uniform() < 0.1 else 1.0
    return float(10 ** (level_db / 20) * min(1.0, most / peak))


def recorded(sound: Samples, gain: float, rng: np.random.Generator) -> Samples:
    """What the recorder makes of it: clipping, dropped buffers, 16 bits."""
    out = np.clip(gain * sound, -1, 1)
    if rng.uniform() < 0.06:
        for first in rng.integers(0, len(out), rng.integers(1, 5)):
            lost_s = np.exp(rng.uniform(np.log(0.001), np.log(0.1)))
            out[first : first + int(lost_s * SAMPLE_RATE_HZ)] = 0
    return np.asarray(np.rint(out * 32767) / 32767, np.float32)
