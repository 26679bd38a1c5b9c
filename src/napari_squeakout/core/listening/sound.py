"""Stretches of a recording -> sound that people hear, slowed down or heterodyned."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.recording import Recording, Samples
from napari_squeakout.core.steps import Progress, Steps, run

from .settings import ListenSettings
from .stretches import Stretch, inside

# Handling, fans and footsteps are below it, calls of rats (18 kHz) and mice above; of recordings
# that hold no ultrasound a tenth of the sampling rate.
_RUMBLE_HZ, _RUMBLE_SHARE = 15_000.0, 0.1
# What a heterodyne detector lets through around its carrier; what is nearer to it than the first
# is not heard but as thumps.
_HEARD_HZ = (100.0, 10_000.0)
_FADE_S = 0.005
#: Silence between two stretches, as played.
_PAUSE_S = 0.15
_LARGEST = 32_767


class Part(NamedTuple):
    """Where a stretch is in the sound: from sample `first`, and what it is of, in seconds."""

    first: int
    start_s: float
    stop_s: float


@dataclass(frozen=True, kw_only=True)
class AudibleSound:
    """Sound made audible, and where it is in the recording.

    Parameters
    ----------
    samples : NDArray
        (n,) float32, full scale = 1.
    sample_rate_hz : int
        At which they are to be played.
    parts : tuple of Part
        The stretches of the recording that follow each other in it.
    times_slower : float
        How many seconds of it one second of the recording lasts.
    """

    samples: Samples = field(repr=False)
    sample_rate_hz: int
    parts: tuple[Part, ...]
    times_slower: float = 1.0

    @property
    def duration_s(self) -> float:
        """How long it plays, in seconds."""
        return len(self.samples) / self.sample_rate_hz

    def pcm16(self) -> NDArray[np.int16]:
        """(n,) int16, as sound cards take them."""
        return np.rint(np.clip(self.samples, -1, 1) * _LARGEST).astype(np.int16)

    def place_at(self, played_s: float) -> float:
        """Seconds from the recording's start of what is heard after a while.

        Between two stretches, and after the last, the end of the one before.
        """
        firsts = [part.first for part in self.parts]
        part = self.parts[max(0, bisect_right(firsts, played_s * self.sample_rate_hz) - 1)]
        since_s = max(0.0, played_s - part.first / self.sample_rate_hz)
        return min(part.start_s + since_s / self.times_slower, part.stop_s)


def sound_of(
    recording: Recording, start_s: float, stop_s: float, settings: ListenSettings | None = None
) -> AudibleSound:
    """Make a stretch of a recording audible.

    Slowed down, its samples are played so many times slower, without low rumble; heterodyned, they
    are multiplied with a cosine of the carrier's frequency, and what lies up to 10 kHz from it is
    heard, from above and from below alike. Both fade in and out within 5 ms and are brought to the
    same peak.

    Parameters
    ----------
    recording : Recording
        Of ultrasound.
    start_s, stop_s : float
        Where the stretch lies, in seconds from the recording's start; what is outside is left out.
    settings : ListenSettings, optional
        Slowed or heterodyned, and by how much. `margin_s` does not count: it is for calls.

    Returns
    -------
    AudibleSound
        float32 samples and the rate to play them at.

    Raises
    ------
    InputError
        If nothing of the recording lies there, it is longer than a minute, or the recording does
        not reach the carrier.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 70_000 * np.arange(25_000) / 250_000)
    >>> heard = sound_of(Recording.from_array(tone, sample_rate_hz=250_000), 0, 0.1)
    >>> heard.sample_rate_hz, heard.duration_s
    (48000, 1.0)
    """
    return run(sounding(recording, [Stretch(start_s, stop_s)], settings))


def sounding(
    recording: Recording, stretches: Sequence[Stretch], settings: ListenSettings | None = None
) -> Steps[AudibleSound]:
    """Make stretches of a recording audible one after the other, as loud to each other as they are.

    Parameters
    ----------
    recording : Recording
        Of ultrasound.
    stretches : sequence of Stretch
        At least one; between two is a short silence.
    settings : ListenSettings, optional
        As for `sound_of`.

    Yields
    ------
    Progress
        After every stretch.

    Raises
    ------
    InputError
        As `sound_of`.
    """
    settings = settings or ListenSettings()
    _check_carrier(recording, settings)
    places = inside(recording, stretches)
    rate = recording.sample_rate_hz
    pause = np.zeros(round(_PAUSE_S * settings.output_hz), np.float32)
    pieces: list[Samples] = []
    parts: list[Part] = []
    for done, (first, stop) in enumerate(places):
        yield Progress(done, len(places), "stretches")
        if pieces:
            pieces.append(pause)
        parts.append(Part(sum(len(piece) for piece in pieces), first / rate, stop / rate))
        pieces.append(_audible(recording.read(first, stop), first / rate, rate, settings))
    yield Progress(len(places), len(places), "stretches")
    return AudibleSound(
        samples=_at_level(np.concatenate(pieces), settings.level_db),
        sample_rate_hz=settings.output_hz,
        parts=tuple(parts),
        times_slower=settings.times_slower,
    )


def _check_carrier(recording: Recording, settings: ListenSettings) -> None:
    most_hz = recording.sample_rate_hz / 2
    if settings.way == "heterodyned" and settings.carrier_hz >= most_hz:
        msg = (
            f"{recording.name}: holds sound up to {most_hz / 1e3:g} kHz, so nothing is heard with "
            f"a carrier of {settings.carrier_hz / 1e3:g} kHz: choose a lower one"
        )
        raise InputError(msg)


def _audible(samples: Samples, start_s: float, rate: int, settings: ListenSettings) -> Samples:
    """One stretch at the output's rate, faded in and out."""
    rumble_hz = min(_RUMBLE_HZ, _RUMBLE_SHARE * rate)
    heard = _filtered(samples, "highpass", rumble_hz, rate, order=1)
    if settings.way == "slowed":
        heard = _resampled(heard, rate / settings.slow_down, settings.output_hz)
    else:
        times_s = start_s + np.arange(len(heard)) / rate
        heard *= 2 * np.cos(2 * np.pi * settings.carrier_hz * times_s)
        heard = _resampled(heard, rate, settings.output_hz)
        heard = _filtered(heard, "bandpass", _HEARD_HZ, settings.output_hz, order=4)
    return _faded(heard, settings.output_hz).astype(np.float32)


def _filtered(
    samples: NDArray[np.floating],
    kind: str,
    edges_hz: float | tuple[float, float],
    rate: float,
    *,
    order: int,
) -> NDArray[np.float64]:
    """Filtered forth and back, so that nothing is shifted in time."""
    if not len(samples):  # less than one of the output's
        return samples.astype(np.float64)
    sections = butter(order, edges_hz, kind, fs=rate, output="sos")
    usual = 3 * (2 * len(sections) + 1)
    padding = min(usual, len(samples) - 1)
    filtered: NDArray[np.float64] = sosfiltfilt(sections, samples, padlen=max(0, padding))
    return filtered


def _resampled(samples: NDArray[np.float64], rate: float, output_hz: int) -> NDArray[np.float64]:
    return np.asarray(soxr.resample(samples, rate, output_hz, quality="HQ"))


def _faded(samples: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    n_faded = min(round(_FADE_S * rate), len(samples) // 2)
    ramp = np.sin(np.linspace(0, np.pi / 2, n_faded)) ** 2
    faded = samples.copy()
    faded[:n_faded] *= ramp
    faded[len(faded) - n_faded :] *= ramp[::-1]
    return faded


def _at_level(samples: Samples, level_db: float) -> Samples:
    """With its peak at a level; silence stays silence."""
    peak = float(np.max(np.abs(samples), initial=0))
    if not peak:
        return samples
    return np.asarray(samples * (10 ** (level_db / 20) / peak), np.float32)
