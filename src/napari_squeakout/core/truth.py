"""Which pixels a synthetic call fills: the exact masks to learn from.

A whistle is noticed where its ridge stands well out of the local noise; from there it is followed
as far as it can just be seen, and across the short stretches where a notch or a burst hides it.
There, it fills the pixels close to its ridge that stand out themselves, and always the core of the
ridge.
"""

from __future__ import annotations

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray
from PIL import Image

from .settings import RenderSettings, SynthesisSettings
from .spectrogram import STEP, WINDOW, power_db
from .stacks import PAGE_PX, Samples
from .syllables import Trace

BoolImage = NDArray[np.bool_]

# The local noise floor is the mean over this many rows and columns (3.7 kHz x 4.6 ms).
_FLOOR_ROWS, _FLOOR_COLUMNS = 15, 9
# The ridge is judged over 2.6 ms, so that the noise of single columns does not fray it.
_JUDGED_COLUMNS = 5
# Nobody notices a whistle that nowhere rises this far above the noise, where single pixels of noise
# vary by 5.6 dB; once noticed, it is followed down to where it can just be seen.
_NOTICED_DB = 6.0
# Hidden stretches below this belong to the whistle (10 ms: VocalMat's gap between two calls).
_HIDDEN_COLUMNS = 20
# This far around the ridge a line is as bright as its middle to the eye.
_CORE_DB = 5.0
# Smaller visible parts nobody would draw (40 pixels of a page, half of what cleaning keeps).
_LEAST_PIXELS = 22


def noise_floor_db(noise_power: NDArray[np.floating]) -> NDArray[np.float64]:
    """(rows, columns) local level of noise, from its power at each pixel."""
    smooth = scipy.ndimage.uniform_filter(noise_power, (_FLOOR_ROWS, _FLOOR_COLUMNS))
    # In digital silence the filter's rounding can leave less than nothing.
    return np.asarray(10 * np.log10(np.maximum(smooth, 1e-30)))


def mark(
    mask: BoolImage,
    trace: Trace,
    floor_db: NDArray[np.floating],
    settings: SynthesisSettings,
    render: RenderSettings,
) -> None:
    """Set the mask, (rows, columns), where this whistle is to be seen."""
    # A column that holds less than half its window of the whistle shows the splash of its end.
    first = max(0, -((WINDOW // 2 - trace.start) // STEP))
    last = min(mask.shape[1], (trace.start + len(trace.hz) - WINDOW // 2) // STEP + 1)
    if last <= first:
        return
    span = np.zeros((last - first - 1) * STEP + WINDOW, np.float32)
    add(span, trace.wave(), trace.start - first * STEP)
    level_db = power_db(span, render)
    above_db = level_db - floor_db[:, first:last]
    below_ridge_db = level_db.max(axis=0) - level_db
    columns = _visible(above_db, below_ridge_db, settings)
    close = below_ridge_db < settings.mask_below_ridge_db
    filled = (close & (above_db > settings.mask_above_floor_db)) | (below_ridge_db < _CORE_DB)
    mask[:, first:last] |= filled & columns


def _visible(
    above_db: NDArray[np.floating],
    below_ridge_db: NDArray[np.floating],
    settings: SynthesisSettings,
) -> NDArray[np.bool_]:
    """(columns,) where a whistle is to be seen, or hidden for a moment only."""
    ridge = below_ridge_db.argmin(axis=0)
    ridge_db = above_db[ridge, np.arange(len(ridge))]
    # Silence within a whistle is bounded, or it would pull down the columns beside it.
    smooth_db = scipy.ndimage.uniform_filter1d(np.maximum(ridge_db, -30), _JUDGED_COLUMNS)
    seen = np.pad(smooth_db > settings.mask_above_floor_db, _HIDDEN_COLUMNS)
    bridged = scipy.ndimage.binary_closing(seen, np.ones(_HIDDEN_COLUMNS, bool))
    bridged = bridged[_HIDDEN_COLUMNS:-_HIDDEN_COLUMNS]
    noticed = bridged & (smooth_db > _NOTICED_DB)
    return np.asarray(scipy.ndimage.binary_propagation(noticed, mask=bridged))


def tidy(mask: BoolImage) -> BoolImage:
    """Close pinholes and drop specks, as a careful hand would."""
    closed = scipy.ndimage.binary_closing(np.pad(mask, 3), np.ones((3, 5), bool))[3:-3, 3:-3]
    labels, count = scipy.ndimage.label(closed, np.ones((3, 3), bool))
    big = np.bincount(labels.ravel(), minlength=count + 1) >= _LEAST_PIXELS
    big[0] = False
    kept: BoolImage = big[labels]
    return kept


def page_mask(mask: BoolImage) -> BoolImage:
    """A mask on the spectrogram's grid, brought to page size."""
    image = Image.fromarray(mask.astype(np.float32))
    resized = image.resize((PAGE_PX, PAGE_PX), Image.Resampling.BILINEAR)
    inside: BoolImage = np.asarray(resized) >= 0.5  # noqa: PLR2004 - more in than out
    return inside


def add(sound: Samples, wave: Samples, start: int) -> None:
    """Add a wave that may reach past both ends of the sound."""
    first, last = max(start, 0), min(start + len(wave), len(sound))
    if last > first:
        sound[first:last] += wave[first - start : last - start]
