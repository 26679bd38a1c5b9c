"""What lies at the edges of a page's band and below it: calls that are cut, whistles not shown."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.ndimage
from numpy.typing import NDArray

from napari_squeakout.core.layout import Grid
from napari_squeakout.core.morphology import stretches
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.stacks import CallTable
from napari_squeakout.core.steps import Progress, Steps

from .spectrogram import PASSBAND, SAMPLE_RATE_HZ, WINDOW

#: Below this nothing is looked for: rats call from 18 kHz up (Portfors 2007), cages ring below.
LOWEST_HZ = 18_000.0

# Narrower bands below the page's tell a whistle from nothing.
_LEAST_BAND_HZ = 5_000.0
# A whistle stands so far above its row's usual level, and above what is 4 kHz beside it, for so
# long (13 ms), missing at most so many columns of 1 ms.
_LOUD_DB, _NARROW_DB, _BESIDE_HZ = 20.0, 12.0, 4_000.0
_LEAST_COLUMNS, _GAP_COLUMNS = 13, 3
_TAPER = np.hamming(WINDOW).astype(np.float32)
_NOTHING = 1e-9
# A mask that ends within so many rows of an edge is cut there.
_EDGE_ROWS = 1.5
# Sound looked at in one go.
_AT_ONCE_S = 10.0
# A harmonic lies this near a multiple, and shares so much of its time with the whistle.
_MULTIPLES, _NEAR, _TOGETHER = (2, 3, 4), 0.06, 0.5


@dataclass(frozen=True)
class Whistle:
    """Something loud and tonal, in seconds of the recording, and its usual frequency."""

    start_s: float
    end_s: float
    hz: float


def finding_whistles(sound: Recording, settings: RenderSettings) -> Steps[list[Whistle]]:
    """What whistles below the band that pages show, between 18 kHz and its lower edge.

    Parameters
    ----------
    sound : Recording
        At 250 kHz; read 10 s at a time.
    settings : RenderSettings
        The band.

    Yields
    ------
    Progress
        After every 10 s.
    """
    n_columns = sound.n_samples // WINDOW
    if settings.low_hz < LOWEST_HZ + _LEAST_BAND_HZ or not n_columns:
        return []
    tonal, pitch_hz = np.zeros(n_columns, bool), np.zeros(n_columns, np.float32)
    block = round(_AT_ONCE_S * SAMPLE_RATE_HZ / WINDOW)
    for first in range(0, n_columns, block):
        part = slice(first, min(first + block, n_columns))
        frames = sound.read(first * WINDOW, part.stop * WINDOW).reshape(-1, WINDOW)
        tonal[part], pitch_hz[part] = _ridge(frames, settings.low_hz)
        yield Progress(part.stop, n_columns, "steps of listening below the band")
    column_s = WINDOW / SAMPLE_RATE_HZ
    return [
        Whistle(begin * column_s, end * column_s, float(np.median(pitch_hz[begin:end])))
        for begin, end in _runs(tonal)
    ]


def cut_note(
    calls: CallTable, grid: Grid | None, nyquist_hz: float = SAMPLE_RATE_HZ / 2
) -> str | None:
    """What to say of calls that the edges of the band cut; None where they cut none.

    Parameters
    ----------
    calls : DataFrame
        From `finding_calls`.
    grid : Grid, optional
        What a pixel means; without one nothing is known of a band.
    nyquist_hz : float
        Half the recording's own rate: a little below it, what is known ends.
    """
    if grid is None or calls.empty:
        return None
    near_hz = _EDGE_ROWS * grid.hz_per_row
    known_hz = np.inf if nyquist_hz >= SAMPLE_RATE_HZ / 2 else PASSBAND * nyquist_hz
    low_hz, high_hz = grid.low_hz, min(grid.hz(0), known_hz)
    counts = {
        low_hz: int(np.count_nonzero(calls["low_hz"] < low_hz + near_hz)),
        high_hz: int(np.count_nonzero(calls["high_hz"] > high_hz - near_hz)),
    }
    cut = [f"{count} at {hz / 1e3:.4g} kHz" for hz, count in counts.items() if count]
    if not cut:
        return None
    return (
        f"of {len(calls)} calls the edge of the band cuts {' and '.join(cut)}: their lowest or "
        "highest frequency is the edge's, not their own"
    )


def below_note(
    whistles: Sequence[Whistle], settings: RenderSettings, calls: CallTable | None = None
) -> str | None:
    """What to say of whistles below the band, and of calls that are harmonics of them."""
    if not whistles:
        return None
    over = 0 if calls is None else sum(_hangs_on(call, whistles) for call in _spans(calls))
    harmonic = (
        f"; {over} of the {0 if calls is None else len(calls)} calls found are harmonics of them, "
        "measured without the lowest part"
    )
    many = f"{len(whistles)} loud whistles lie" if len(whistles) > 1 else "a loud whistle lies"
    return (
        f"{many} below the band, between {LOWEST_HZ / 1e3:g} and {settings.low_hz / 1e3:g} kHz, "
        f"where no page shows {'them' if len(whistles) > 1 else 'it'}{harmonic * bool(over)}: "
        "lower low_hz to see what lies there"
    )


def _ridge(
    frames: NDArray[np.float32], low_hz: float
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Of each frame whether it whistles below a frequency, and where; (n,) both.

    A row stands out of its own usual level, which lines that go on have, and of its surroundings.
    Frames of digital silence have no level.
    """
    hz = scipy.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE_HZ)
    rows = np.flatnonzero((hz >= LOWEST_HZ) & (hz <= low_hz))
    spectrum = np.abs(scipy.fft.rfft(frames * _TAPER, axis=1)[:, rows])
    db = 20 * np.log10(np.maximum(spectrum, _NOTHING))
    heard = np.count_nonzero(frames == 0, axis=1) < WINDOW // 2
    if not heard.any():
        return heard, np.zeros(len(frames), np.float32)
    ridge, each = db.argmax(axis=1), np.arange(len(frames))
    peak_db, usual_db = db[each, ridge], np.median(db[heard], axis=0)
    # What is loudest in the highest row comes from above it.
    tonal = heard & (peak_db - usual_db[ridge] > _LOUD_DB) & (ridge < len(rows) - 1)
    beside = round(_BESIDE_HZ / float(hz[1]))
    for row in (ridge - beside, ridge + beside):
        outside = (row < 0) | (row >= len(rows))
        level_db = db[each, np.clip(row, 0, len(rows) - 1)]
        tonal &= outside | (peak_db - level_db > _NARROW_DB)
    return np.asarray(tonal), hz[rows][ridge].astype(np.float32)


def _runs(tonal: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Stretches (first, stop) that are long enough, small gaps closed."""
    padded = np.pad(tonal, _GAP_COLUMNS)
    closed = scipy.ndimage.binary_closing(padded, np.ones(_GAP_COLUMNS, bool))
    return [
        (first - _GAP_COLUMNS, stop - _GAP_COLUMNS)
        for first, stop in stretches(closed)
        if stop - first >= _LEAST_COLUMNS
    ]


def _spans(calls: CallTable) -> list[tuple[float, float, float]]:
    """Onset, offset and mean frequency of each call."""
    values = calls[["start_s", "end_s", "mean_hz"]].to_numpy(float).tolist()
    return [(start_s, end_s, hz) for start_s, end_s, hz in values]


def _hangs_on(call: tuple[float, float, float], whistles: Sequence[Whistle]) -> bool:
    """Whether a call sounds together with a whistle, at a multiple of its frequency.

    Whistles are in order of time and apart.
    """
    start_s, end_s, hz = call
    first = bisect.bisect_right(whistles, start_s, key=lambda one: one.end_s)
    stop = bisect.bisect_left(whistles, end_s, key=lambda one: one.start_s)
    return any(
        min(end_s, one.end_s) - max(start_s, one.start_s) > _TOGETHER * (end_s - start_s)
        and any(abs(hz / (multiple * one.hz) - 1) < _NEAR for multiple in _MULTIPLES)
        for one in whistles[first:stop]
    )
