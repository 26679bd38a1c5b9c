"""How walls answer a call: the sound that arrives early and counts as the call, and the late tail.

A room runs from anechoic to all-diffuse, where the direct sound lies below its own reverberation:
the animal faces away, and a call arrives by the walls alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

from napari_squeakout.core.recording import Samples
from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ

# An exponential decay by 60 dB takes this many time constants, in power.
_TIME_CONSTANTS_IN_60_DB = 6 * np.log(10)
# Early sound passes into late over this share of the early time, before and after its end.
_SOFT = 0.25
_FADED = 1e-6
# Taps of the filter that takes high frequencies from an occluded direct sound.
_TAPS = 65
_OCCLUDED_FROM_HZ = 40_000.0
# Rooms in which an animal that faces away is heard by the walls alone: so many of those that may
# be so, the direct sound at most so loud, and reverberation long enough to make a cloud of a line.
_DIFFUSE_SHARE, _DIFFUSE_BELOW_DB = 0.4, 2.0
_DECAY_S, _DIFFUSE_DECAY_S = (0.005, 0.25), (0.04, 0.25)


class Arriving(NamedTuple):
    """What arrives of a wave, from its start on; both (n,) float32.

    Parameters
    ----------
    early : NDArray
        Directly and within the early time: what people take for the call.
    late : NDArray
        Later: heard, and never the call.
    """

    early: Samples
    late: Samples


@dataclass(frozen=True)
class Room:
    """A box whose walls give back what is called in it.

    Parameters
    ----------
    direct : NDArray
        (n,) the path straight from the animal: one sample, or a filter where its body is between.
    walls : NDArray
        (n,) what the walls answer to a pulse at time 0.
    """

    direct: Samples
    walls: Samples

    def arriving(self, wave: Samples, early_s: float) -> Arriving:
        """What of a wave arrives within `early_s` of its direct sound, and later."""
        if not len(self.walls):
            return Arriving(wave, np.zeros(0, np.float32))
        t = np.arange(len(self.walls)) / (early_s * SAMPLE_RATE_HZ)
        fading = np.cos(np.pi / 2 * np.clip((t - 1 + _SOFT) / (2 * _SOFT), 0, 1)) ** 2
        first = (self.walls * fading).astype(np.float32)[: np.count_nonzero(fading > _FADED)]
        first = np.pad(first, (0, max(0, len(self.direct) - len(first))))
        first[: len(self.direct)] += self.direct
        early = scipy.signal.oaconvolve(wave, first)
        late = scipy.signal.oaconvolve(wave, (self.walls * (1 - fading)).astype(np.float32))
        return Arriving(early.astype(np.float32), late.astype(np.float32))

    @property
    def gain(self) -> float:
        """How much louder than in the open a steady sound is."""
        return float(np.sqrt(np.sum(self.direct**2) + np.sum(self.walls**2)))


OPEN = Room(np.ones(1, np.float32), np.zeros(0, np.float32))


def draw_room(rng: np.random.Generator, *, min_direct_db: float, max_direct_db: float) -> Room:
    """A room between a padded box and one whose walls give more than the animal does.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    min_direct_db, max_direct_db : float
        Range of the direct sound's level over all that the walls answer.
    """
    diffuse = min_direct_db < _DIFFUSE_BELOW_DB and rng.uniform() < _DIFFUSE_SHARE
    decay_s = float(np.exp(rng.uniform(*np.log(_DIFFUSE_DECAY_S if diffuse else _DECAY_S))))
    highest_db = min(max_direct_db, _DIFFUSE_BELOW_DB) if diffuse else max_direct_db
    direct_db = float(rng.uniform(min_direct_db, highest_db))
    walls = _reflections(decay_s, rng)
    walls *= 10 ** (-direct_db / 20) / np.sqrt(np.sum(walls**2))
    occluded = rng.uniform() < (0.5 if direct_db < 0 else 0.15)
    return Room(_occluded(rng.uniform(3, 18)) if occluded else OPEN.direct, walls)


def _reflections(decay_s: float, rng: np.random.Generator) -> Samples:
    """(n,) a few reflections, ever denser, until they are noise; falling by 60 dB in `decay_s`."""
    n = max(int(0.7 * decay_s * SAMPLE_RATE_HZ), 64)
    t = np.arange(n) / SAMPLE_RATE_HZ
    first_s, dense_s = rng.uniform(0.0002, 0.003), rng.uniform(0.002, 0.015)
    share = np.clip(((t - first_s) / dense_s) ** 2, 2e-3, 1) * (t >= first_s)
    heard = rng.uniform(size=n) < share
    # Few reflections carry as much as many: each is the stronger the fewer there are.
    strength = rng.standard_normal(n) / np.sqrt(np.maximum(share, 2e-3))
    echoes = np.exp(-_TIME_CONSTANTS_IN_60_DB * t / decay_s / 2) * heard * strength
    if not echoes.any():
        echoes[-1] = 1.0
    return np.asarray(echoes, np.float32)


def _occluded(db_an_octave: float) -> NDArray[np.float32]:
    """(65,) filter of a body in the way: it takes high frequencies most."""
    hz = scipy.fft.rfftfreq(_TAPS, 1 / SAMPLE_RATE_HZ)
    octaves = np.log2(np.maximum(hz, _OCCLUDED_FROM_HZ) / _OCCLUDED_FROM_HZ)
    taps = scipy.fft.irfft(10 ** (-db_an_octave * octaves / 20), _TAPS)
    return np.asarray(np.roll(taps, _TAPS // 2) * np.hamming(_TAPS), np.float32)
