"""Recording -> a stack of pages, each made when it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import dask.array as da
import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.settings import Levels, RenderSettings
from napari_squeakout.core.stacks import Page, SpectrogramStack

from .levelled_images import levelled_image
from .levelling import Levelled
from .resample import at_rate
from .spectrogram import (
    SAMPLE_RATE_HZ,
    STEP,
    WINDOW,
    in_passband,
    page_columns,
    page_from_db,
    page_grid,
    power_db,
)

View = Callable[[float], Page]

#: Share of the band that a recording must reach to be worth looking at.
_MIN_BAND_SHARE = 0.25
# Slowed down as usual, ten times, a recording of ultrasound has no higher rate than this.
_SLOWED_HZ = 100_000


def render(recording: Recording, settings: RenderSettings | None = None) -> SpectrogramStack:
    """Cut a recording into contiguous pages, each rendered when it is looked at.

    Parameters
    ----------
    recording : Recording
        At any sampling rate; brought to 250 kHz.
    settings : RenderSettings, optional
        Band, page length and what grey means.

    Returns
    -------
    SpectrogramStack
        Pages (n, 512, 512) as a lazy dask array, and `views` for windows between pages. The last
        page is filled up with noise, or, levelled by itself, with its own median level.

    Raises
    ------
    InputError
        If the recording is shorter than a spectrogram window or does not reach the band.
    """
    settings = settings or RenderSettings()
    notes = (*recording.notes, *check_band(recording, settings))
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
    nyquist_hz = recording.sample_rate_hz / 2
    levelled = Levelled(sound, settings, nyquist_hz)
    views: dict[Levels, View] = {
        "noise": levelled.window,
        "page": partial(_page_view, sound, settings, nyquist_hz),
    }
    pages = da.map_blocks(
        _page_block,
        view=views[settings.levels],
        chunks=((1,) * n_pages, PAGE_PX, PAGE_PX),
        dtype=np.float32,
        meta=np.zeros((0, 0, 0), np.float32),
    )
    # A column stands for its window's middle; its left edge lies half a step before that.
    first_s = (WINDOW - STEP) / 2 / SAMPLE_RATE_HZ
    starts_s = first_s + columns * STEP / SAMPLE_RATE_HZ * np.arange(n_pages, dtype=np.float64)
    layout = Layout(
        source=recording.name,
        n_pages=n_pages,
        grid=page_grid(settings),
        starts_s=starts_s,
        contiguous=True,
    )
    return SpectrogramStack(
        pages=pages,
        layout=layout,
        view=views[settings.levels],
        notes=notes,
        levels=settings.levels,
        views=views,
        decibels=levelled.decibels,
        sample_rate_hz=recording.sample_rate_hz,
        recording=recording,
        rendering=settings,
        known=levelled.known,
    )


def check_band(recording: Recording, settings: RenderSettings) -> tuple[str, ...]:
    """Say what part of the band is missing.

    Raises
    ------
    InputError
        If hardly any of it is there.
    """
    nyquist_hz = recording.sample_rate_hz / 2
    if nyquist_hz >= settings.high_hz:
        return ()
    wanted_hz = settings.low_hz + _MIN_BAND_SHARE * (settings.high_hz - settings.low_hz)
    if nyquist_hz < wanted_hz:
        may_be_slowed = recording.sample_rate_hz <= _SLOWED_HZ and recording.time_expansion == 1
        slowed = ", or state time_expansion where it plays slowed down" if may_be_slowed else ""
        msg = (
            f"{recording.name}: a sampling rate of {recording.sample_rate_hz} Hz holds sound up to "
            f"{nyquist_hz / 1e3:g} kHz, too low for ultrasound from {settings.low_hz / 1e3:g} kHz: "
            f"record at {2 * wanted_hz / 1e3:g} kHz or more, or lower low_hz{slowed}"
        )
        raise InputError(msg)
    note = (
        f"sampled at {recording.sample_rate_hz / 1e3:g} kHz: nothing is known above "
        f"{nyquist_hz / 1e3:g} kHz, that part of each page is filled at the noise floor"
    )
    return (note,)


def _page_view(
    sound: Recording, settings: RenderSettings, nyquist_hz: float, position: float
) -> Page:
    """Render the page-sized window that begins `position` pages into the recording."""
    columns = page_columns(settings)
    start = round(position * columns * STEP)
    stop = start + columns * STEP + WINDOW - STEP
    db = power_db(sound.read(start, stop), settings)
    first_sample = start + np.arange(db.shape[1]) * STEP
    in_time = (first_sample >= 0) & (first_sample + WINDOW <= sound.n_samples)
    known = in_passband(settings, nyquist_hz)[:, None] & in_time[None, :]
    return page_from_db(np.where(known, db, np.median(db[known])) if known.any() else db, settings)


def _page_block(view: Any, block_info: Any = None) -> NDArray[np.float32]:
    index = block_info[None]["chunk-location"][0]
    page: NDArray[np.float32] = view(float(index))[None]
    return page


def view_as(stack: SpectrogramStack, levels: Levels) -> View:
    """Pages of a stack as a model wants them, whatever is shown.

    Parameters
    ----------
    stack : SpectrogramStack
        Pages of a recording, or images: these are brought to levels above the noise by their own
        speckle, and have no other way back.
    levels : {"noise", "page"}
        What grey is to mean.

    Returns
    -------
    callable
        Position, in pages -> (512, 512) float32, 0..1; between two pages only where the stack has a
        `view` and its pages continue each other.
    """
    if levels in stack.views:
        return stack.views[levels]
    shown: View = stack.view or (lambda position: stack.page(int(position)))
    if levels in {stack.levels, "page"}:
        return shown
    return lambda position: levelled_image(shown(position))
