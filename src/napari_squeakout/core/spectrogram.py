"""Recording -> pages: VocalMat's spectrogram image, the kind SqueakOut was trained on.

The chain is that of vocalmat_identifier.m and vocalmat_classifier.m (Fonseca et al. 2021):
symmetric Hamming window of 256 samples, step 128, 1024-point transform, decibels, rows above
45 kHz, min-max per page, high frequency on top, bicubic to 227 x 227 in 8 bits; then SqueakOut's
own LANCZOS to 512 x 512.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import dask.array as da
import numpy as np
import scipy.fft
from numpy.typing import NDArray
from PIL import Image

from .errors import InputError
from .resample import at_rate
from .settings import RenderSettings
from .stacks import PAGE_PX, Grid, Layout, Page, Recording, Samples, SpectrogramStack

#: Every page is computed at this rate, so that it always means the same time and band.
SAMPLE_RATE_HZ = 250_000
WINDOW = 256
STEP = 128
TRANSFORM = 1024
#: Side of VocalMat's image; going through it makes pages as soft as those trained on.
VOCALMAT_PX = 227
#: Share of the band that a recording must reach to be worth looking at.
MIN_BAND_SHARE = 0.25

_HZ_PER_BIN = SAMPLE_RATE_HZ / TRANSFORM
_TAPER = np.hamming(WINDOW).astype(np.float32)
# One-sided density: negative frequencies are folded in, but for 0 Hz and Nyquist, which have none.
_SIDES = np.r_[1.0, np.full(TRANSFORM // 2 - 1, 2.0), 1.0]
_SCALE = (_SIDES / (SAMPLE_RATE_HZ * np.sum(np.hamming(WINDOW) ** 2))).astype(np.float32)
# Power below any real recording's, so that digital silence has a level.
_NO_POWER = 1e-30


def render(recording: Recording, settings: RenderSettings | None = None) -> SpectrogramStack:
    """Cut a recording into contiguous pages, each rendered when it is looked at.

    Parameters
    ----------
    recording : Recording
        At any sampling rate; brought to 250 kHz.
    settings : RenderSettings, optional
        Band, page length and contrast.

    Returns
    -------
    SpectrogramStack
        Pages (n, 512, 512) as a lazy dask array, and `view` for windows between pages. The last
        page is filled up with its own median level.

    Raises
    ------
    InputError
        If the recording is shorter than a spectrogram window or does not reach the band.
    """
    settings = settings or RenderSettings()
    notes = (*recording.notes, *_check_band(recording, settings))
    sound = at_rate(recording, SAMPLE_RATE_HZ)
    if sound.n_samples < WINDOW:
        msg = (
            f"{recording.name}: {recording.duration_s * 1e3:.3g} ms is shorter than one "
            f"spectrogram window ({WINDOW / SAMPLE_RATE_HZ * 1e3:g} ms): use a longer recording"
        )
        raise InputError(msg)
    columns = page_columns(settings)
    n_columns = (sound.n_samples - WINDOW) // STEP + 1
    n_pages = -(-n_columns // columns)
    view = partial(_view, sound, settings, recording.sample_rate_hz / 2)
    pages = da.map_blocks(
        _page_block,
        view=view,
        chunks=((1,) * n_pages, PAGE_PX, PAGE_PX),
        dtype=np.float32,
        meta=np.zeros((0, 0, 0), np.float32),
    )
    # A column stands for its window's middle; its left edge lies half a step before that.
    first_s = (WINDOW - STEP) / 2 / SAMPLE_RATE_HZ
    starts_s = first_s + columns * STEP / SAMPLE_RATE_HZ * np.arange(n_pages, dtype=np.float64)
    layout = Layout(recording.name, n_pages, page_grid(settings), starts_s, contiguous=True)
    return SpectrogramStack(pages, layout, view, notes)


def page_columns(settings: RenderSettings) -> int:
    """Spectrogram columns in a page (431 by default)."""
    return round(settings.page_length_s * SAMPLE_RATE_HZ / STEP)


def page_grid(settings: RenderSettings) -> Grid:
    """What a pixel of such a page means."""
    bins = _band_bins(settings)
    page_s = page_columns(settings) * STEP / SAMPLE_RATE_HZ
    return Grid(page_s / PAGE_PX, len(bins) * _HZ_PER_BIN / PAGE_PX, (bins[0] - 0.5) * _HZ_PER_BIN)


def power_db(samples: Samples, settings: RenderSettings) -> NDArray[np.float32]:
    """Spectrogram of samples at 250 kHz.

    Parameters
    ----------
    samples : NDArray
        (n,) with n >= 256.
    settings : RenderSettings
        The band.

    Returns
    -------
    NDArray
        (rows, columns) float32, dB re full scale^2 / Hz, highest frequency first.
    """
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::STEP] * _TAPER
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
    if settings.floor_below_median_db:
        db = np.maximum(db, np.median(db) - settings.floor_below_median_db)
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


def _check_band(recording: Recording, settings: RenderSettings) -> tuple[str, ...]:
    """Say what part of the band is missing; refuse where hardly any of it is there."""
    nyquist_hz = recording.sample_rate_hz / 2
    if nyquist_hz >= settings.high_hz:
        return ()
    wanted_hz = settings.low_hz + MIN_BAND_SHARE * (settings.high_hz - settings.low_hz)
    if nyquist_hz < wanted_hz:
        msg = (
            f"{recording.name}: a sampling rate of {recording.sample_rate_hz} Hz holds sound up to "
            f"{nyquist_hz / 1e3:g} kHz, too low for ultrasound from {settings.low_hz / 1e3:g} kHz: "
            f"record at {2 * wanted_hz / 1e3:g} kHz or more, or lower low_hz"
        )
        raise InputError(msg)
    note = (
        f"sampled at {recording.sample_rate_hz / 1e3:g} kHz: nothing is known above "
        f"{nyquist_hz / 1e3:g} kHz, that part of each page is filled at the noise floor"
    )
    return (note,)


def _view(sound: Recording, settings: RenderSettings, nyquist_hz: float, position: float) -> Page:
    """Render the page-sized window that begins `position` pages into the recording."""
    columns = page_columns(settings)
    start = round(position * columns * STEP)
    stop = start + columns * STEP + WINDOW - STEP
    db = power_db(sound.read(start, stop), settings)
    known = _known_part(db, start, sound.n_samples, nyquist_hz, settings)
    return page_from_db(np.where(known, db, np.median(db[known])) if known.any() else db, settings)


def _known_part(
    db: NDArray[np.float32], start: int, n_samples: int, nyquist_hz: float, settings: RenderSettings
) -> NDArray[np.bool_]:
    """(rows, columns) True where the recording reaches: inside its length and below its Nyquist."""
    first_sample = start + np.arange(db.shape[1]) * STEP
    in_time = (first_sample >= 0) & (first_sample + WINDOW <= n_samples)
    centres_hz = _band_bins(settings)[::-1] * _HZ_PER_BIN
    # The resampler's passband ends a little below the old Nyquist.
    in_band = centres_hz <= (nyquist_hz if nyquist_hz >= SAMPLE_RATE_HZ / 2 else 0.96 * nyquist_hz)
    return in_band[:, None] & in_time[None, :]


def _page_block(view: Any, block_info: Any = None) -> NDArray[np.float32]:
    index = block_info[None]["chunk-location"][0]
    page: NDArray[np.float32] = view(float(index))[None]
    return page
