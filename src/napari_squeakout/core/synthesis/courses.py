"""Synthetic calls one by one, each with the course it has: what measures are judged by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.morphology import BoolImage
from napari_squeakout.core.recording import Samples
from napari_squeakout.core.rendering.levelling import silent_columns
from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ, STEP, WINDOW, page_columns
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.training_settings import SynthesisSettings

from .contours import Curve
from .masks import page_mask
from .scenes import Call, Scene, synthesise_scene
from .syllables import Syllable, Trace, syllable

# The call begins in the second of four pages, so that the noise around it is known.
_PAGES, _FROM_S, _TO_S = 4, 0.2, 0.55
# So many are low enough for a harmonic within the band.
_CENTRE_HZ, _LOW_SHARE, _LOW_HZ = (55e3, 105e3), 0.4, (48e3, 58e3)
# Adults stretch theirs.
_STRETCH = (1.0, 1.6)
# A whistle is heard from so far above the noise on.
_HEARD_DB = 2.5
# A column shows a whistle where the mask lies within so many rows of it.
_BESIDE_ROWS = 3
_RENDER = RenderSettings()


@dataclass(frozen=True, kw_only=True)
class DrawnCall:
    """A call alone in 0.88 s of noise.

    Parameters
    ----------
    samples : NDArray
        (n,) at 250 kHz.
    masks : NDArray
        (4, 512, 512) bool, exact, a page each.
    call : Call
        What is visible of it.
    start_s, end_s : float
        Its direct sound's first and last moment within the band and above the noise.
    syllable : Syllable
        What was sung.
    column : NDArray
        (n,) int, the spectrogram's columns in which the fundamental is visible.
    hz : NDArray
        (n,) its frequency in the middle of each.
    jumps_hz : NDArray
        (m,) sizes of its sudden changes, up positive, of whatever size.
    harmonic_columns : int
        Columns in which a harmonic is visible.
    """

    samples: Samples = field(repr=False)
    masks: BoolImage = field(repr=False)
    call: Call
    start_s: float
    end_s: float
    syllable: Syllable = field(repr=False)
    column: NDArray[np.int64] = field(repr=False)
    hz: Curve = field(repr=False)
    jumps_hz: Curve
    harmonic_columns: int


def drawn_calls(n_calls: int, settings: SynthesisSettings) -> Iterator[DrawnCall]:
    """Draw calls that are to be seen; call k depends on the seed alone.

    Parameters
    ----------
    n_calls : int
        How many.
    settings : SynthesisSettings
        Levels, rooms and noises; no scene is empty, whatever they say.
    """
    rng = np.random.default_rng(settings.seed)
    always = settings.model_copy(update={"empty_fraction": 0.0})
    count = 0
    while count < n_calls:
        drawn = _drawn_call(rng, always)
        if drawn is not None:
            count += 1
            yield drawn


def _drawn_call(rng: np.random.Generator, settings: SynthesisSettings) -> DrawnCall | None:
    """One call; None where it is too faint to be seen."""
    start = int(rng.uniform(_FROM_S, _TO_S) * SAMPLE_RATE_HZ)
    low = rng.uniform() < _LOW_SHARE
    centre_hz = float(rng.uniform(*(_LOW_HZ if low else _CENTRE_HZ)))
    stretch, harsh = float(rng.uniform(*_STRETCH)), settings.harsh_fraction
    sung = syllable(start, centre_hz, rng, stretch=stretch, harsh_fraction=harsh)
    columns = page_columns(_RENDER)
    scene = synthesise_scene(
        _PAGES * columns * STEP + WINDOW - STEP, rng, settings, sing=lambda *_: [sung]
    )
    if len(scene.calls) != 1 or silent_columns(scene.samples).any():
        return None
    pages = [page_mask(scene.margin[:, k * columns : (k + 1) * columns]) for k in range(_PAGES)]
    fundamental, harmonics = told_apart(sung)
    column, hz, line = _course(fundamental, scene)
    if not len(column):
        return None
    start_s, end_s = _heard_s(fundamental, scene.calls[0], column)
    n_harmonic = len({c for trace in harmonics for c in _visible(trace, scene)[0].tolist()})
    jumps_hz = _jumps_hz(fundamental, column, line)
    return DrawnCall(
        samples=scene.samples,
        masks=np.stack(pages),
        call=scene.calls[0],
        start_s=start_s,
        end_s=end_s,
        syllable=sung,
        column=column,
        hz=hz,
        jumps_hz=jumps_hz,
        harmonic_columns=n_harmonic,
    )


def told_apart(sung: Syllable) -> tuple[list[Trace], list[Trace]]:
    """The traces of a syllable's fundamental, and those at a multiple of one of them."""
    harmonics = [
        trace
        for trace in sung.traces
        if any(
            trace.start == other.start
            and len(trace.hz) == len(other.hz)
            and np.allclose(trace.hz, 2 * other.hz)
            for other in sung.traces
        )
    ]
    return [t for t in sung.traces if not any(t is one for one in harmonics)], harmonics


def _heard_s(traces: list[Trace], call: Call, column: NDArray[np.int64]) -> tuple[float, float]:
    """First and last moment at which a call's direct sound stands above the noise."""
    first = min(trace.start for trace in traces)
    level = np.zeros(max(trace.start + len(trace.hz) for trace in traces) - first)
    for trace in traces:
        part = slice(trace.start - first, trace.start - first + len(trace.hz))
        in_band = (trace.hz > _RENDER.low_hz) & (trace.hz < _RENDER.high_hz)
        level[part] = np.maximum(level[part], trace.level * in_band)
    visible = level[np.clip(column * STEP + WINDOW // 2 - first, 0, len(level) - 1)]
    above_db = call.snr_db + 20 * np.log10(np.maximum(level, 1e-9) / np.median(visible))
    heard = first + np.flatnonzero(above_db > _HEARD_DB)
    return float(heard[0]) / SAMPLE_RATE_HZ, float(heard[-1] + 1) / SAMPLE_RATE_HZ


def _visible(trace: Trace, scene: Scene) -> tuple[NDArray[np.int64], Curve]:
    """Columns in which a whistle is in the mask, and its frequency there."""
    first = max(0, -(-(trace.start - WINDOW // 2) // STEP))
    stop = min(scene.margin.shape[1], (trace.start + len(trace.hz) - WINDOW // 2) // STEP + 1)
    column = np.arange(first, max(first, stop))
    hz = trace.hz[np.clip(column * STEP + WINDOW // 2 - trace.start, 0, len(trace.hz) - 1)]
    rows, mask = len(scene.margin), scene.mask
    highest = _RENDER.high_hz
    row = ((highest - hz) / (_RENDER.high_hz - _RENDER.low_hz) * rows).astype(int)
    near = np.clip(row[:, None] + np.arange(-_BESIDE_ROWS, _BESIDE_ROWS + 1), 0, rows - 1)
    seen = mask[near, column[:, None]].any(axis=1) & (row >= 0) & (row < rows)
    return column[seen], hz[seen]


def _course(
    traces: list[Trace], scene: Scene
) -> tuple[NDArray[np.int64], Curve, NDArray[np.int64]]:
    """In each column the loudest visible whistle of several: column, frequency, which one."""
    best: dict[int, tuple[float, float, int]] = {}
    for number, trace in enumerate(traces):
        column, hz = _visible(trace, scene)
        at = np.clip(column * STEP + WINDOW // 2 - trace.start, 0, len(trace.hz) - 1)
        for c, f, level in zip(column.tolist(), hz.tolist(), trace.level[at].tolist(), strict=True):
            best[c] = max(best.get(c, (-1.0, 0.0, 0)), (level, f, number))
    order = sorted(best)
    hz_of = np.array([best[c][1] for c in order])
    return np.array(order, np.int64), hz_of, np.array([best[c][2] for c in order], np.int64)


def _jumps_hz(traces: list[Trace], column: NDArray[np.int64], line: NDArray[np.int64]) -> Curve:
    """Sizes of the changes from one whistle to the next, in the middle between the two."""
    sizes = []
    for at in np.flatnonzero(np.diff(line)).tolist():
        middle = int((column[at] + column[at + 1]) / 2 * STEP + WINDOW // 2)
        before, after = (
            float(t.hz[np.clip(middle - t.start, 0, len(t.hz) - 1)])
            for t in (traces[line[at]], traces[line[at + 1]])
        )
        sizes.append(after - before)
    return np.array(sizes, np.float64)
