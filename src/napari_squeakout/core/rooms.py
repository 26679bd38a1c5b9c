"""How walls answer a call: what of it still counts as the call, and the tail that does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from .spectrogram import SAMPLE_RATE_HZ
from .stacks import Samples
from .syllables import Trace

# An exponential decay by 60 dB takes this many time constants, in power.
_TIME_CONSTANTS_IN_60_DB = 6 * np.log(10)
# Echoes of a sweep lie at the frequencies it had: only those this close to its last count there.
# A narrower line (600 Hz, what the window resolves) ended masks 5 ms before people's offsets.
_SAME_HZ = 1_500.0
# A call's last 20 ms are what its ring is seen beside.
_OF_LATE = int(0.02 * SAMPLE_RATE_HZ)


@dataclass(frozen=True)
class Room:
    """A box whose walls give back what is called in it.

    Parameters
    ----------
    decay_s : float
        Time in which the tail falls by 60 dB.
    direct_db : float
        How far the tail of a steady tone lies below the tone.
    delay_s : float
        When the first echo comes.
    """

    decay_s: float
    direct_db: float
    delay_s: float

    def tail(self, dry: Samples, rng: np.random.Generator) -> Samples:
        """(n,) what the walls add to `dry`: decaying noise in the call's frequencies."""
        n = int(0.7 * self.decay_s * SAMPLE_RATE_HZ)
        echoes = rng.standard_normal(n) * np.sqrt(self._decay(n))
        echoes[: int(self.delay_s * SAMPLE_RATE_HZ)] = 0
        echoes *= 10 ** (-self.direct_db / 20) / np.sqrt(np.sum(echoes**2))
        wet: Samples = scipy.signal.oaconvolve(dry, echoes.astype(np.float32))[: len(dry)]
        return wet

    def rung(self, trace: Trace, seconds: float, below_db: float) -> Trace:
        """A whistle that rings on at its last frequency, as loud as its tail.

        It does so for `seconds` at most, and until it has fallen `below_db` under the whistle's
        loudest of late: the eye takes as much for the call, whatever the room.
        """
        n = int(seconds * SAMPLE_RATE_HZ)
        if n == 0:
            return trace
        level = np.concatenate([trace.level, np.zeros(n)])
        hz = np.concatenate([trace.hz, np.full(n, trace.hz[-1])])
        heard = (level * np.exp(-(((hz - hz[-1]) / _SAME_HZ) ** 2) / 2)) ** 2
        fall = float(self._decay(2)[1])
        gain = (1 - fall) * 10 ** (-self.direct_db / 10)
        ring = scipy.signal.lfilter([gain], [1, -fall], heard)
        dry = len(trace.level)
        loudest = float(trace.level[-_OF_LATE:].max(initial=0.0))
        lasting = np.count_nonzero(ring[dry:] > loudest**2 * 10 ** (-below_db / 10))
        kept = slice(dry + int(lasting))
        return Trace(trace.start, hz[kept], np.sqrt(level**2 + ring)[kept])

    def _decay(self, n: int) -> NDArray[np.float64]:
        """(n,) power of the tail, 1 at its start."""
        t = np.arange(n) / SAMPLE_RATE_HZ
        return np.asarray(np.exp(-_TIME_CONSTANTS_IN_60_DB * t / self.decay_s))


def draw_room(rng: np.random.Generator) -> Room:
    """A room between a padded box and a bare plastic one.

    Decay 20-200 ms, as measured on adult calls; its tail 3-22 dB below the call.
    """
    return Room(
        decay_s=float(np.exp(rng.uniform(np.log(0.02), np.log(0.2)))),
        direct_db=float(rng.uniform(3, 22)),
        delay_s=float(rng.uniform(0.0002, 0.003)),
    )
