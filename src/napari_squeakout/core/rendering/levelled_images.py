"""Spectrogram images, whose grey is any affine of decibels: what it means, by their own speckle."""

from __future__ import annotations

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from napari_squeakout.core.stacks import Page

from .levelling import QUIET_SHARE, page_of_levels

# What white noise has on VocalMat's images, softened to 227 px: the range in dB between these
# shares of all pixels, and the level of the quiet share of a row over the mean power.
_SPECKLE_BETWEEN, _IMAGE_SPECKLE_DB, _IMAGE_QUIET_DB = (0.1, 0.4), 4.1, -6.2
_AROUND_IMAGE_ROWS = 95
# Less than a quarter of a grey value between those shares is no speckle.
_NO_SPECKLE = 1e-3


def levelled_image(page: Page) -> Page:
    """A spectrogram image, whose grey is any affine of decibels, on the scale of levelled pages.

    The noise's own speckle says how many decibels a grey value is, for Gaussian noise has the same
    spread whatever the gain; the quiet share of each row is its floor.

    Parameters
    ----------
    page : NDArray
        (512, 512), 0..1, as SqueakOut takes images.

    Returns
    -------
    NDArray
        (512, 512) float32, 0..1, as `page_of_levels` gives; the image as it is where it has no
        speckle to go by.
    """
    quiet, db_of_grey = _floor_and_scale(page)
    if db_of_grey is None:
        return np.asarray(page, np.float32)
    db = (page - quiet[:, None]) * db_of_grey + _IMAGE_QUIET_DB
    return page_of_levels(np.asarray(db, np.float32))


def image_scale(page: Page) -> tuple[float, float] | None:
    """What grey means on a spectrogram image, told by the noise's speckle as in `levelled_image`.

    Returns
    -------
    tuple of float or None
        Grey of the noise's mean power, and decibels a unit of grey; None where there is no speckle.
    """
    quiet, db_of_grey = _floor_and_scale(page)
    if db_of_grey is None:
        return None
    scale = float(db_of_grey)
    return float(np.median(quiet)) - _IMAGE_QUIET_DB / scale, scale


def _floor_and_scale(page: Page) -> tuple[NDArray[np.float32], np.floating | None]:
    """Grey of each row's floor, and decibels a unit of grey; None where there is no speckle."""
    quiet = np.quantile(page, QUIET_SHARE, axis=1).astype(np.float32)
    around = scipy.ndimage.median_filter(quiet, _AROUND_IMAGE_ROWS, mode="nearest")
    quiet = np.minimum(scipy.ndimage.median_filter(quiet, 5, mode="nearest"), around)
    low, high = np.quantile(page - quiet[:, None], _SPECKLE_BETWEEN)
    return quiet, None if high - low < _NO_SPECKLE else _IMAGE_SPECKLE_DB / (high - low)
