"""Samples -> decibels -> VocalMat's spectrogram image, the kind SqueakOut was trained on.

The chain is that of vocalmat_identifier.m and vocalmat_classifier.m (Fonseca et al. 2021):
symmetric Hamming window of 256 samples, step 128, 1024-point transform, decibels, rows above
45 kHz, min-max per page, high frequency on top, bicubic to 227 x 227 in 8 bits; then SqueakOut's
own LANCZOS to 512 x 512.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from PIL import Image

from napari_squeakout.core.layout import PAGE_PX, Grid
from napari_squeakout.core.recording import Samples
from napari_squeakout.core.settings import ImageSettings, RenderSettings
from napari_squeakout.core.stacks import Page

#: Every page is computed at this rate, so that it always means the same time and band.
SAMPLE_RATE_HZ = 250_000
WINDOW = 256
STEP = 128
TRANSFORM = 1024
#: Side of VocalMat's image; going through it makes pages as soft as those trained on.
VOCALMAT_PX = 227
#: The passband of a resampler ends a little below the old Nyquist.
PASSBAND = 0.96

_HZ_PER_BIN = SAMPLE_RATE_HZ / TRANSFORM
_TAPER = np.hamming(WINDOW).astype(np.float32)
# One-sided density: negative frequencies are folded in, but for 0 Hz and Nyquist, which have none.
_SIDES = np.r_[1.0, np.full(TRANSFORM // 2 - 1, 2.0), 1.0]
_SCALE = (_SIDES / (SAMPLE_RATE_HZ * np.sum(np.hamming(WINDOW) ** 2))).astype(np.float32)
# Power below any real recording's, so that digital silence has a level.
_NO_POWER = 1e-30


def page_columns(settings: RenderSettings) -> int:
    """Spectrogram columns in a page (431 by default)."""
    return round(settings.page_length_s * SAMPLE_RATE_HZ / STEP)


def page_grid(settings: RenderSettings) -> Grid:
    """What a pixel of such a page means."""
    bins = _band_bins(settings)
    page_s = page_columns(settings) * STEP / SAMPLE_RATE_HZ
    return Grid(page_s / PAGE_PX, len(bins) * _HZ_PER_BIN / PAGE_PX, (bins[0] - 0.5) * _HZ_PER_BIN)


def image_grid(settings: ImageSettings) -> Grid | None:
    """What a pixel of a page made from an image means; None where its scale is not known."""
    span_s, low_hz, high_hz = settings.image_span_s, settings.image_low_hz, settings.image_high_hz
    if span_s is None or low_hz is None or high_hz is None:
        return None
    return Grid(span_s / PAGE_PX, (high_hz - low_hz) / PAGE_PX, low_hz)


def power_db(samples: Samples, settings: RenderSettings, *, every: int = 1) -> NDArray[np.float32]:
    """Spectrogram of samples at 250 kHz.

    Parameters
    ----------
    samples : NDArray
        (n,) with n >= 256.
    settings : RenderSettings
        The band.
    every : int
        Only the first of so many columns.

    Returns
    -------
    NDArray
        (rows, columns) float32, dB re full scale^2 / Hz, highest frequency first.
    """
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)
    frames = windows[:: every * STEP] * _TAPER
    bins = _band_bins(settings)[::-1]
    spectrum = scipy.fft.rfft(frames, TRANSFORM, axis=1)[:, bins].T
    power = (spectrum.real**2 + spectrum.imag**2) * _SCALE[bins, None]
    db: NDArray[np.float32] = 10 * np.log10(np.maximum(power, _NO_POWER))
    return db


def page_from_db(db: NDArray[np.floating[Any]], settings: RenderSettings) -> Page:
    """Scale a spectrogram to grey and to page size.

    Parameters
    ----------
    db : NDArray
        (rows, columns) levels, highest frequency first.
    settings : RenderSettings
        The clamp against nulls.

    Returns
    -------
    NDArray
        (512, 512) float32, 0..1; a page without any contrast is black.
    """
    if settings.clamp_below_median_db:
        db = np.maximum(db, np.median(db) - settings.clamp_below_median_db)
    low, high = float(db.min()), float(db.max())
    grey = (db - low) / (high - low) if high > low else np.zeros_like(db)
    sharp = Image.fromarray(grey.astype(np.float32))
    soft = sharp.resize((VOCALMAT_PX, VOCALMAT_PX), Image.Resampling.BICUBIC)
    eight_bit = np.clip(np.rint(np.asarray(soft) * 255), 0, 255).astype(np.uint8)
    return network_input(Image.fromarray(eight_bit))


def network_input(image: Image.Image) -> Page:
    """Any image as upstream feeds it to SqueakOut: grey, LANCZOS to 512 x 512, / 255."""
    grey = image.convert("L").resize((PAGE_PX, PAGE_PX), Image.Resampling.LANCZOS)
    return np.asarray(grey, dtype=np.float32) / np.float32(255)


def _band_bins(settings: RenderSettings) -> NDArray[np.int64]:
    """Transform bins inside the band, lowest first; VocalMat keeps those above the lower limit."""
    centres = np.arange(TRANSFORM // 2 + 1) * _HZ_PER_BIN
    return np.flatnonzero((centres > settings.low_hz) & (centres <= settings.high_hz))


def in_passband(settings: RenderSettings, nyquist_hz: float) -> NDArray[np.bool_]:
    """(rows,) True where a recording with this Nyquist frequency is known, highest row first."""
    whole = nyquist_hz >= SAMPLE_RATE_HZ / 2
    return band_centres_hz(settings) <= (np.inf if whole else PASSBAND * nyquist_hz)


def band_centres_hz(settings: RenderSettings) -> NDArray[np.float64]:
    """(rows,) frequency of each row of the spectrogram, highest first."""
    return np.asarray(_band_bins(settings)[::-1] * _HZ_PER_BIN)
