"""Bring a recording to another sampling rate, block by block."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from math import gcd

import numpy as np
import soxr

from napari_squeakout.core.recording import Recording, Samples

# soxr's longest filter at "HQ" for the ratios met here is well inside this many source samples;
# reading that much more on both sides makes a block equal to the same part of the whole.
_MARGIN = 4096


def at_rate(recording: Recording, sample_rate_hz: int) -> Recording:
    """The same recording at another rate; itself where the rate is the same already.

    Blocks are cut where source and target samples coincide, so that reading in blocks gives what
    resampling the whole would give.
    """
    if recording.sample_rate_hz == sample_rate_hz:
        return recording
    n_samples = max(1, recording.n_samples * sample_rate_hz // recording.sample_rate_hz)
    reader = partial(_read, recording, sample_rate_hz)
    return replace(recording, sample_rate_hz=sample_rate_hz, n_samples=n_samples, reader=reader)


def _read(source: Recording, rate: int, start: int, stop: int) -> Samples:
    common = gcd(rate, source.sample_rate_hz)
    target_beat, source_beat = rate // common, source.sample_rate_hz // common
    margin_beats = -(-_MARGIN // source_beat)
    first = start // target_beat - margin_beats
    last = -(-stop // target_beat) + margin_beats
    block = source.read(first * source_beat, last * source_beat)
    resampled = soxr.resample(block, source.sample_rate_hz, rate, quality="HQ")
    offset = start - first * target_beat
    return np.asarray(resampled[offset : offset + stop - start], dtype=np.float32)
