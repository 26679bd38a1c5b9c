"""Which pixels a synthetic call fills: the exact masks to learn from.

A whistle is noticed where its ridge stands well out of the local noise, for a moment or, less, for
longer; from there it is followed as far as it can just be seen, and across the short stretches
where a notch or a burst hides it. There, it fills the pixels close to its ridge that stand out
themselves, and always the core of the ridge. How far inside a pixel lies is known in decibels, so
that a border falls between the rows and columns of the spectrogram where the sound has it.
"""

from __future__ import annotations

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray
from PIL import Image

from .learning_settings import SynthesisSettings
from .settings import RenderSettings
from .spectrogram import STEP, WINDOW, power_db
from .stacks import PAGE_PX, Samples
from .syllables import Trace

BoolImage = NDArray[np.bool_]
Margin = NDArray[np.float32]

#: A pixel this far inside or outside a mask, in dB, counts as wholly so.
FAR_DB = 6.0

# The local noise floor is the mean over this many rows and columns (3.7 kHz x 4.6 ms).
_FLOOR_ROWS, _FLOOR_COLUMNS = 15, 9
# The ridge is judged over 2.6 ms, so that the noise of single columns does not fray it.
_JUDGED_COLUMNS = 5
# Single pixels of noise vary by 5.6 dB. Nobody notices a glint of 2.6 ms whose mean does not rise
# 9 dB above it, nor a whistle of 10.8 or 31 ms that does not rise 6 or 4 dB; once noticed, it is
# followed down to where it can just be seen.
_NOTICED = ((5, 9.0), (21, 6.0), (61, 4.0))
# Hidden stretches below this belong to the whistle (10 ms: VocalMat's gap between two calls).
_HIDDEN_COLUMNS = 20
# This far around the ridge a line is as bright as its middle to the eye.
_CORE_DB = 5.0
# Smaller visible parts nobody would draw (40 pixels of a page, half of what cleaning keeps).
_LEAST_PIXELS = 22
# What is in or out for another reason than its level is so by this much.
_BARELY_DB = 0.5


def noise_floor_db(noise_power: NDArray[np.floating]) -> NDArray[np.float64]:
    """(rows, columns) local level of noise, from its power at each pixel."""
    smooth = scipy.ndimage.uniform_filter(noise_power, (_FLOOR_ROWS, _FLOOR_COLUMNS))
    # In digital silence the filter's rounding can leave less than nothing.
    return np.asarray(10 * np.log10(np.maximum(smooth, 1e-30)))


def no_margin(shape: tuple[int, ...]) -> Margin:
    """The margin of a mask in which nothing is marked."""
    return np.full(shape, -FAR_DB, np.float32)


def mark(
    margin: Margin,
    trace: Trace,
    floor_db: NDArray[np.floating],
    settings: SynthesisSettings,
    render: RenderSettings,
) -> None:
    """Raise the margin, (rows, columns) dB inside the mask, where this whistle is to be seen."""
    # A column that holds less than half its window of the whistle shows the splash of its end.
    first = max(0, -((WINDOW // 2 - trace.start) // STEP))
    last = min(margin.shape[1], (trace.start + len(trace.hz) - WINDOW // 2) // STEP + 1)
    if last <= first:
        return
    span = np.zeros((last - first - 1) * STEP + WINDOW, np.float32)
    add(span, trace.wave(), trace.start - first * STEP)
    level_db = power_db(span, render)
    above_db = level_db - floor_db[:, first:last]
    below_ridge_db = level_db.max(axis=0) - level_db
    close_db = settings.mask_below_ridge_db - below_ridge_db
    seen_db = np.minimum(close_db, above_db - settings.mask_above_floor_db)
    filled_db = np.maximum(seen_db, _CORE_DB - below_ridge_db)
    inside_db = np.minimum(filled_db, _visible_db(above_db, below_ridge_db, settings))
    part = margin[:, first:last]
    np.maximum(part, np.clip(inside_db, -FAR_DB, FAR_DB), out=part)


def _visible_db(
    above_db: NDArray[np.floating],
    below_ridge_db: NDArray[np.floating],
    settings: SynthesisSettings,
) -> NDArray[np.floating]:
    """(columns,) by how much a whistle is to be seen; barely where it is hidden for a moment."""
    ridge = below_ridge_db.argmin(axis=0)
    ridge_db = above_db[ridge, np.arange(len(ridge))]
    # Silence within a whistle is bounded, or it would pull down the columns beside it.
    smooth_db = scipy.ndimage.uniform_filter1d(np.maximum(ridge_db, -30), _JUDGED_COLUMNS)
    seen = np.pad(smooth_db > settings.mask_above_floor_db, _HIDDEN_COLUMNS)
    bridged = scipy.ndimage.binary_closing(seen, np.ones(_HIDDEN_COLUMNS, bool))
    bridged = bridged[_HIDDEN_COLUMNS:-_HIDDEN_COLUMNS]
    loud_db = np.maximum(ridge_db, 0)
    noticed = [
        scipy.ndimage.uniform_filter1d(loud_db, columns, mode="constant") > level_db
        for columns, level_db in _NOTICED
    ]
    visible = scipy.ndimage.binary_propagation(np.any(noticed, axis=0) & bridged, mask=bridged)
    by_db = smooth_db - settings.mask_above_floor_db
    beside_db = np.where(by_db > 0, -FAR_DB, by_db)
    return np.where(visible, np.maximum(by_db, _BARELY_DB), beside_db)


def tidied(margin: Margin) -> Margin:
    """Pinholes closed, specks gone: the margin of what `tidy` makes of the mask."""
    inside = margin > 0
    kept = tidy(inside)
    filled = np.where(kept & ~inside, np.float32(_BARELY_DB), margin)
    return np.where(inside & ~kept, np.float32(-FAR_DB), filled)


def tidy(mask: BoolImage) -> BoolImage:
    """Close pinholes and drop specks, as a careful hand would."""
    closed = scipy.ndimage.binary_closing(np.pad(mask, 3), np.ones((3, 5), bool))[3:-3, 3:-3]
    labels, count = scipy.ndimage.label(closed, np.ones((3, 3), bool))
    big = np.bincount(labels.ravel(), minlength=count + 1) >= _LEAST_PIXELS
    big[0] = False
    kept: BoolImage = big[labels]
    return kept


def page_mask(margin: Margin) -> BoolImage:
    """The mask at page size of a margin on the spectrogram's grid."""
    image = Image.fromarray(margin)
    inside: BoolImage = np.asarray(image.resize((PAGE_PX, PAGE_PX), Image.Resampling.BILINEAR)) > 0
    return inside


def add(sound: Samples, wave: Samples, start: int) -> None:
    """Add a wave that may reach past both ends of the sound."""
    first, last = max(start, 0), min(start + len(wave), len(sound))
    if last > first:
        sound[first:last] += wave[first - start : last - start]
