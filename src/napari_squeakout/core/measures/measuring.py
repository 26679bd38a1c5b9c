"""Pages and masks -> a table of calls with all their measures, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from napari_squeakout.core.detection.calls import finding_calls
from napari_squeakout.core.detection.numbering import telling_apart
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.layout import PAGE_PX, Grid, Layout
from napari_squeakout.core.morphology import BoolImage
from napari_squeakout.core.rendering.render import view_as
from napari_squeakout.core.settings import CleanSettings, MeasureSettings
from napari_squeakout.core.stacks import CallTable, MaskStack, ProbabilityStack, SpectrogramStack
from napari_squeakout.core.steps import Progress, Steps

from .by_hand.classes import ClassesByHand, classed, with_classes
from .catalogue import MEASURES, MeasuredCall
from .classes import class_of
from .contour import Contour, contour_of
from .peaks import (
    NO_PEAKS,
    Peaks,
    Sound,
    joined,
    on_spectrogram,
    peaks_of,
    profile_of,
    sound_of,
    sound_of_image,
)
from .pieces import Pieces

# A mask that ends within so many pixels of an edge is cut there.
_EDGE_PX = 1.5


@dataclass(kw_only=True)
class _Heard:
    """What has been seen of one call so far."""

    peaks: list[Peaks] = field(default_factory=list)
    profile: NDArray[np.float64] | float = 0.0
    pieces: Pieces = field(default_factory=Pieces)
    cut_low: bool = False
    cut_high: bool = False
    cut_in_time: bool = False
    in_decibels: bool = False
    column_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class _Edges:
    """Where a page's knowledge ends, in pixels from its top left corner."""

    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Measured:
    """Calls in numbers.

    Parameters
    ----------
    calls : DataFrame
        The table of `finding_calls`, with a column for each of `MEASURES`, the `class` and who gave
        it, `class_by`; a cell that cannot be measured is empty. Images of unknown scale have no
        measures but those of the mask.
    contours : tuple of Contour
        That of each row.
    notes : tuple of str
        What a person should know of the classes by hand.
    """

    calls: CallTable
    contours: tuple[Contour, ...] = field(repr=False)
    notes: tuple[str, ...] = ()


def measuring(
    stack: SpectrogramStack,
    masks: MaskStack,
    probabilities: ProbabilityStack | None = None,
    settings: MeasureSettings | None = None,
    *,
    classes: ClassesByHand = (),
) -> Steps[Measured]:
    """Measure every call: where it is, its contour, levels, jumps, harmonics.

    Parameters
    ----------
    stack : SpectrogramStack
        The pages. Levels are those of the recording behind them, whatever grey means on them; where
        there is none, as behind images, levels are not measured.
    masks : MaskStack
        Numbered calls. One over a page border is measured whole.
    probabilities : ProbabilityStack, optional
        As for `finding_calls`.
    settings : MeasureSettings, optional
        What counts as a jump.
    classes : tuple of ClassByHand
        What a person said of calls: it wins over the rules.

    Yields
    ------
    Progress
        After every page, three times over.

    Returns
    -------
    Measured
        A row a call, in order of time.

    Raises
    ------
    InputError
        If masks and pages are not of one source.
    """
    layout = masks.layout
    check_same_pages(stack.layout, layout)
    apart = yield from telling_apart(masks)
    table = yield from finding_calls(apart, probabilities)
    edges_hz = _band_kept(layout.grid, masks.settings)
    heard: dict[tuple[int, int], _Heard] = {}
    for index in range(layout.n_pages):
        labels = np.asarray(apart.labels[index])
        if labels.any():
            _hear_page(stack, labels, index, edges_hz, heard)
        yield Progress(index + 1, layout.n_pages, "pages")
    measured = _measured(table, heard, layout, settings or MeasureSettings())
    by_hand = classed(classes, apart)
    calls = with_classes(measured.calls, by_hand.names)
    return Measured(calls, measured.contours, by_hand.notes)


def check_same_pages(pages: Layout, masks: Layout) -> None:
    """Raise InputError if masks and pages are not of one source."""
    if pages.n_pages != masks.n_pages or pages.grid != masks.grid:
        msg = (
            f"{pages.source}: {pages.n_pages} pages and masks of {masks.n_pages}, or of another "
            "scale, are not of one source: give the masks that were made of these pages"
        )
        raise InputError(msg)


def _band_kept(grid: Grid | None, settings: CleanSettings | None) -> tuple[float, float]:
    """Lowest and highest hertz at which a mask may be: what cleaning leaves of the band."""
    if grid is None:
        return -np.inf, np.inf
    low = None if settings is None else settings.keep_low_hz
    high = None if settings is None else settings.keep_high_hz
    return max(grid.low_hz, low or 0), min(grid.hz(0), high or np.inf)


def _hear_page(
    stack: SpectrogramStack,
    labels: NDArray[np.integer],
    index: int,
    band_hz: tuple[float, float],
    heard: dict[tuple[int, int], _Heard],
) -> None:
    """Add one page's part of each call to `heard`."""
    layout = stack.layout
    sound = _sound(stack, index)
    edges = _edges(layout, index, sound, band_hz)
    for number in np.unique(labels[labels > 0]).tolist():
        call = heard.setdefault(call_key(layout, index, number), _Heard())
        mask = labels == number
        call.pieces.add(mask, page=index if layout.contiguous else None)
        _note_edges(call, mask, edges)
        if sound is not None:
            inside = on_spectrogram(mask, sound.power_db.shape)
            n_columns = inside.shape[1]
            first = index * n_columns if layout.contiguous else 0
            call.peaks.append(peaks_of(sound, inside, first))
            call.profile = call.profile + profile_of(sound, inside)
            call.in_decibels = sound.in_decibels
            call.column_s = _page_s(layout) / n_columns


def call_key(layout: Layout, page: int, number: int) -> tuple[int, int]:
    """What a call is known by: a number on two independent images is two calls."""
    return (0 if layout.contiguous else page, number)


def _sound(stack: SpectrogramStack, index: int) -> Sound | None:
    """What a page says of its sound; None where its scale is not known."""
    grid = stack.layout.grid
    if grid is None:
        return None
    if stack.decibels is not None:
        return sound_of(stack.decibels(index), low_hz=grid.low_hz, high_hz=grid.hz(0))
    grey = view_as(stack, "noise")(float(index))
    return sound_of_image(grey, low_hz=grid.low_hz, high_hz=grid.hz(0))


def _edges(layout: Layout, index: int, sound: Sound | None, band_hz: tuple[float, float]) -> _Edges:
    grid = layout.grid
    left = 0.0 if index == 0 or not layout.contiguous else -np.inf
    right = float(PAGE_PX) if index == layout.n_pages - 1 or not layout.contiguous else np.inf
    if grid is None or sound is None:
        return _Edges(left=left, right=right, top=0.0, bottom=PAGE_PX)
    low, high = (float(PAGE_PX - (hz - grid.low_hz) / grid.hz_per_row) for hz in band_hz)
    rows, columns = (np.flatnonzero(sound.known.any(axis=axis)) for axis in (1, 0))
    if len(rows):
        high = max(high, rows[0] * PAGE_PX / len(sound.known))
    if len(columns) and np.isfinite(right):
        right = (columns[-1] + 1) * PAGE_PX / sound.known.shape[1]
    return _Edges(left=left, right=right, top=high, bottom=low)


def _page_s(layout: Layout) -> float:
    """Seconds that a page spans; 1 a column where nobody knows."""
    return PAGE_PX * (1.0 if layout.grid is None else layout.grid.seconds_per_column)


def _note_edges(call: _Heard, mask: BoolImage, edges: _Edges) -> None:
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    call.cut_high |= bool(rows[0] < edges.top + _EDGE_PX)
    call.cut_low |= bool(rows[-1] + 1 > edges.bottom - _EDGE_PX)
    call.cut_in_time |= bool(columns[0] < edges.left + _EDGE_PX)
    call.cut_in_time |= bool(columns[-1] + 1 > edges.right - _EDGE_PX)


def _measured(
    table: CallTable,
    heard: dict[tuple[int, int], _Heard],
    layout: Layout,
    settings: MeasureSettings,
) -> Measured:
    """The table with a column for each measure."""
    intervals = intervals_s(table, layout)
    calls = [
        _call(heard[call_key(layout, int(page), int(number))], interval_s, settings)
        for page, number, interval_s in zip(table["page"], table["call"], intervals, strict=True)
    ]
    columns: dict[str, Any] = {}
    for one in MEASURES:
        values = np.array([one.value(call) for call in calls], np.float64)
        column = pd.Series(values)
        columns[one.name] = column.astype("Int64") if one.is_count else column
    columns["class"] = pd.Series(_classes(table, calls, settings), dtype=object)
    names = [name for name in ("image",) if name in table]
    measured = pd.concat([table.drop(columns=names), pd.DataFrame(columns)], axis=1)
    measured = measured.assign(**{name: table[name] for name in names})
    return Measured(measured, tuple(call.contour for call in calls))


def _classes(
    table: CallTable, calls: list[MeasuredCall], settings: MeasureSettings
) -> list[str | None]:
    """The class of each call; None of images of unknown scale, as no time is known there."""
    if "duration_s" not in table:
        return [None] * len(calls)
    durations_s = table["duration_s"].tolist()
    pairs = zip(calls, durations_s, strict=True)
    return [class_of(call.contour, duration_s, settings) for call, duration_s in pairs]


def intervals_s(table: CallTable, layout: Layout) -> NDArray[np.float64]:
    """(calls,) from each call's end to the next one's start; nan for the last, and on images."""
    gaps = np.full(len(table), np.nan)
    if layout.contiguous and len(table) > 1:
        start_s, end_s = (table[name].to_numpy(float) for name in ("start_s", "end_s"))
        gaps[:-1] = start_s[1:] - end_s[:-1]
    return gaps


def _call(heard: _Heard, interval_s: float, settings: MeasureSettings) -> MeasuredCall:
    peaks = joined(heard.peaks) if heard.peaks else NO_PEAKS
    return MeasuredCall(
        contour=contour_of(peaks, heard.column_s),
        profile=np.atleast_1d(heard.profile),
        n_pieces=heard.pieces.count,
        cut_low=heard.cut_low,
        cut_high=heard.cut_high,
        cut_in_time=heard.cut_in_time,
        interval_s=interval_s,
        settings=settings,
        in_decibels=heard.in_decibels,
    )
