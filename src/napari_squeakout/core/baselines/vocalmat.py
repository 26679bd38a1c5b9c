"""VocalMat's segmentation of a spectrogram image: an adaptive threshold and morphology.

The chain is that of vocalmat_identifier.m (Fonseca et al. 2021), which works on the decibels of a
minute of sound. Of an image only its own 220 ms are known, softened, so two things are told from it
otherwise. Black and white, VocalMat's 1 % and 99 % of a minute, are those of plain noise, whose
power is exponentially distributed: 20 dB below its mean and 6.6 dB above; the image's speckle says
which grey that is. And the local mean, over 41 rows and 7.5 seconds, spans 41 rows and the image,
each row by its quiet part where a call fills it.
"""

from __future__ import annotations

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray
from PIL import Image
from skimage.morphology import dilation, opening

from napari_squeakout.core.morphology import BoolImage
from napari_squeakout.core.rendering.levelled_images import image_scale

from .settings import VocalMatSettings

#: Rows and columns of the spectrogram that VocalMat's images are made of.
SPECTROGRAM = (328, 431)
# MATLAB's adaptthresh: (0.6 + 1 - sensitivity) x the mean over 2 floor(size / 16) + 1.
_SCALE_AT_NO_SENSITIVITY, _PART = 1.6, 16
# A row's quiet seventh is left alone by all but the longest calls.
_QUIET = 0.15


def vocalmat_mask(
    image: NDArray[np.floating], settings: VocalMatSettings = VocalMatSettings()
) -> BoolImage:
    """Which pixels VocalMat's segmentation takes for calls.

    Parameters
    ----------
    image : NDArray
        (h, w) grey, 0..1, calls bright, of VocalMat's 220 ms and 80 kHz. It is brought to the 328 x
        431 pixels of the spectrogram that such images are made of, in which the sizes are given.
    settings : VocalMatSettings
        By default VocalMat's own.

    Returns
    -------
    NDArray
        (h, w) bool.
    """
    stretched = Image.fromarray(_stretched(image, settings.saturated_fraction))
    grey = np.asarray(stretched.resize(SPECTROGRAM[::-1], Image.Resampling.BILINEAR))
    bright = _stands_out(grey, settings.sensitivity)
    opened = opening(bright, np.ones((settings.open_height_px, settings.open_width_px), bool))
    taller = dilation(opened, np.ones((settings.dilate_height_px, 1), bool))
    segments, count = scipy.ndimage.label(taller)  # over edges, not over corners
    is_large = np.bincount(segments.ravel(), minlength=count + 1) > settings.larger_than_px
    is_large[0] = False
    large = is_large[segments]
    mask = dilation(large, np.ones((1, settings.dilate_width_px), bool))
    size = image.shape[::-1]
    return np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.NEAREST))


def _stretched(image: NDArray[np.floating], saturated: float) -> NDArray[np.float32]:
    """From black to white, so many of plain noise's pixels beyond either."""
    grey = np.asarray(image, np.float32)
    known = image_scale(grey)
    if known is None or saturated == 0:
        low, high = (float(value) for value in np.quantile(grey, [saturated, 1 - saturated]))
    else:
        mean, db_of_grey = known
        low, high = (
            mean + 10 * np.log10(-np.log(share)) / db_of_grey
            for share in (1 - saturated, saturated)
        )
    if high <= low:
        return np.zeros_like(grey)
    stretched: NDArray[np.float32] = np.clip((grey - low) / (high - low), 0, 1).astype(np.float32)
    return stretched


def _stands_out(grey: NDArray[np.float32], sensitivity: float) -> BoolImage:
    rows = 2 * (len(grey) // _PART) + 1
    # In 7.5 s a call is a moment; in an image a long one would hide itself in its own rows' mean.
    quiet, middle = np.quantile(grey, [_QUIET, 0.5], axis=1)
    level = np.minimum(grey.mean(axis=1), quiet + np.median(middle - quiet))
    local = scipy.ndimage.uniform_filter1d(level, rows, mode="nearest")
    bright: BoolImage = grey > (_SCALE_AT_NO_SENSITIVITY - sensitivity) * local[:, None]
    return bright
