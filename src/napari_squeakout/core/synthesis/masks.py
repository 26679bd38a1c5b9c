"""Which pixels a synthetic call fills: the exact masks to learn from.

One rule for all calls, from a thin line to a cloud that arrives by the walls: what a careful person
would outline in the arriving sound. That is the direct sound and the echo of its first
milliseconds; the later tail is heard and never marked. A whistle is noticed where it stands well
out of the local noise, for a moment or, less, for longer; from there it is followed as far as it
can just be seen, and across the short stretches where a notch or a burst hides it. There, it fills
the pixels whose sound, smoothed as the eye smooths speckle, stands out of noise and late tail and
lies close to the loudest nearby. How far inside a pixel lies is known in decibels, so that a border
falls between the rows and columns of the spectrogram where the sound has it.
"""

from __future__ import annotations

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray
from PIL import Image

from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.morphology import BoolImage, tidy
from napari_squeakout.core.recording import Samples
from napari_squeakout.core.rendering.spectrogram import STEP, WINDOW, power_db
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.training_settings import SynthesisSettings

from .reverberation import Arriving

Margin = NDArray[np.float32]

#: A pixel this far inside or outside a mask, in dB, counts as wholly so.
FAR_DB = 6.0

# The local noise floor is the mean over this many rows and columns (3.7 kHz x 4.6 ms).
_FLOOR_ROWS, _FLOOR_COLUMNS = 15, 9
# Arriving sound is smoothed over so much (1.2 kHz x 2.6 ms): echoes are speckled as noise is.
_SMOOTH_ROWS, _SMOOTH_COLUMNS = 5, 5
# Nearby: 6 kHz up and down, so that a step or a harmonic is beside itself alone; and, of late and
# soon, 20 ms.
_NEAR_ROWS, _NEAR_COLUMNS = 49, 79
# Where a tail of earlier sound is so much louder, the eye sees nothing but the tail.
_UNDER_TAIL_DB = 6.0
# Loudness is judged over 2.6 ms, so that the noise of single columns does not fray it.
_JUDGED_COLUMNS = 5
# Single pixels of noise vary by 5.6 dB. Nobody notices a glint of 2.6 ms whose mean does not rise
# 7.5 dB above it, nor a whistle of 10.8 or 31 ms that does not rise 4.5 or 2.8 dB; once noticed, it
# is followed down to where it can just be seen.
_NOTICED = ((5, 7.5), (21, 4.5), (61, 2.8))
# Hidden stretches below this belong to the whistle (10 ms: VocalMat's gap between two calls).
_HIDDEN_COLUMNS = 20
# This far around the ridge a line is as bright as its middle to the eye.
_CORE_DB = 5.0
# What is in or out for another reason than its level is so by this much.
_BARELY_DB = 0.5
_NO_POWER = 1e-30


def noise_floor_db(noise_power: NDArray[np.floating]) -> NDArray[np.float64]:
    """(rows, columns) local level of noise, from its power at each pixel."""
    smooth = scipy.ndimage.uniform_filter(noise_power, (_FLOOR_ROWS, _FLOOR_COLUMNS))
    # In digital silence the filter's rounding can leave less than nothing.
    return np.asarray(10 * np.log10(np.maximum(smooth, _NO_POWER)))


def no_margin(shape: tuple[int, ...]) -> Margin:
    """The margin of a mask in which nothing is marked."""
    return np.full(shape, -FAR_DB, np.float32)


def mark(
    margin: Margin,
    arriving: Arriving,
    start: int,
    floor_db: NDArray[np.floating],
    settings: SynthesisSettings,
    render: RenderSettings,
) -> None:
    """Raise the margin, (rows, columns) dB inside the mask, where a whistle is to be seen.

    Parameters
    ----------
    margin : NDArray
        (rows, columns), changed in place.
    arriving : Arriving
        What arrives of the whistle.
    start : int
        Sample at which it begins to arrive; may lie before the scene.
    floor_db : NDArray
        (rows, columns) local level of the noise.
    settings : SynthesisSettings
        The rule's limits.
    render : RenderSettings
        The band.
    """
    # A column that holds less than half its window of the whistle shows the splash of its end.
    first = max(0, -((WINDOW // 2 - start) // STEP))
    last = min(margin.shape[1], (start + len(arriving.early) - WINDOW // 2) // STEP + 1)
    if last <= first:
        return
    early_db, late_db = (
        _smooth_db(wave, start, first, last, render) for wave in (arriving.early, arriving.late)
    )
    above_db = early_db - floor_db[:, first:last]
    near_db = scipy.ndimage.maximum_filter1d(early_db, _NEAR_ROWS, axis=0)
    lately_db = scipy.ndimage.maximum_filter1d(near_db, _NEAR_COLUMNS, axis=1)
    close_db = np.minimum(
        settings.mask_below_near_db - (near_db - early_db),
        settings.mask_below_lately_db - (lately_db - early_db),
    )
    stands_db = np.minimum(
        above_db - settings.mask_above_floor_db, early_db - late_db + _UNDER_TAIL_DB
    )
    below_ridge_db = early_db.max(axis=0) - early_db
    filled_db = np.maximum(np.minimum(close_db, stands_db), _CORE_DB - below_ridge_db)
    inside_db = np.minimum(filled_db, _visible_db(above_db, below_ridge_db, settings))
    part = margin[:, first:last]
    np.maximum(part, np.clip(inside_db, -FAR_DB, FAR_DB), out=part)


def _smooth_db(
    wave: Samples, start: int, first: int, last: int, render: RenderSettings
) -> NDArray[np.float64]:
    """(rows, columns) level of a wave in these columns, smoothed in power."""
    span = np.zeros((last - first - 1) * STEP + WINDOW, np.float32)
    add(span, wave, start - first * STEP)
    power = 10 ** (power_db(span, render).astype(np.float64) / 10)
    smooth = scipy.ndimage.uniform_filter(power, (_SMOOTH_ROWS, _SMOOTH_COLUMNS))
    return np.asarray(10 * np.log10(np.maximum(smooth, _NO_POWER)))


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
