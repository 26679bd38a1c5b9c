"""Corrections of one page of labels: page in, corrected page out; nothing is changed in place.

A call keeps its number, and no other call's pixels change. That numbers are unique in a whole
recording is up to whoever asks: new numbers come from there, for instance from `free_number`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from napari_squeakout.core.morphology import (
    EIGHT_NEIGHBOURS,
    KERNEL_COLUMNS,
    KERNEL_ROWS,
    BoolImage,
    segments_by_size,
    thin_borders,
)
from napari_squeakout.core.stacks import Page

from .tracing import above_background_db

LabelPage: TypeAlias = NDArray[Any]

_KERNEL = np.ones((KERNEL_ROWS, KERNEL_COLUMNS), bool)
# A gap in a call up to 17 ms is bridged; across more a straight line would be a guess.
BRIDGED_COLUMNS = 40
# The end of a piece is what its last 2.2 ms show, so that one frayed column does not set it.
_END_COLUMNS = 5
# A tail lies this far below the louder part of its call and stays within 1.6 kHz of where it ends.
# On synthetic calls in rooms that puts the end 2.6 ms (median) beside the dry call's, not 11.
_TAIL_BELOW_DB, _LOUDER_SHARE, _TAIL_ROWS = 8.0, 0.7, 10


def eroded(labels: LabelPage, call: int) -> LabelPage:
    """One call with its border thinned by the paper's kernel."""
    mask = labels == call
    return _painted(labels, mask & ~thin_borders(mask), 0)


def dilated(labels: LabelPage, call: int) -> LabelPage:
    """One call with its border thickened by the paper's kernel, into background only."""
    return added(labels, scipy.ndimage.binary_dilation(labels == call, _KERNEL), call)


def without_small(labels: LabelPage, smallest_px: int) -> LabelPage:
    """Segments with fewer pixels removed."""
    kept = labels.copy()
    for call in _calls(labels):
        segments, large = segments_by_size(labels == call, smallest_px)
        kept[(segments > 0) & ~large[segments]] = 0
    return kept


def filled(labels: LabelPage) -> LabelPage:
    """Holes inside each call filled, whatever their size; other calls in them stay."""
    full = labels.copy()
    for call in _calls(labels):
        inside = scipy.ndimage.binary_fill_holes(labels == call)
        full[inside & (labels == 0)] = call
    return full


def without_call(labels: LabelPage, call: int) -> LabelPage:
    """One call erased."""
    return _painted(labels, labels == call, 0)


def cleared(labels: LabelPage) -> LabelPage:
    """An empty page."""
    return np.zeros_like(labels)


def added(labels: LabelPage, mask: BoolImage, call: int) -> LabelPage:
    """A mask, (512, 512) bool, written into the background as pixels of a call, new or there."""
    return _painted(labels, mask & (labels == 0), call)


def addition(labels: LabelPage, mask: BoolImage) -> tuple[BoolImage, int]:
    """What a mask adds to the calls of a page, and the call that it is a part of.

    A mask follows one call in time. A call of the page that lies along it in most columns that the
    two share is the same one: what is marked there already is left as it is, or the mask would
    make a ring round it. One that only crosses it is another.

    Parameters
    ----------
    labels : NDArray
        (512, 512) numbers of calls.
    mask : NDArray
        (512, 512) bool.

    Returns
    -------
    NDArray
        (512, 512) bool, background only; empty where hardly 2 ms would be added to a call.
    int
        The call that the mask is a part of, of several the one with most of it; 0 where none.
    """
    near = scipy.ndimage.binary_dilation(mask, EIGHT_NEIGHBOURS)
    new, part_of, longest = mask & (labels == 0), 0, 0
    for call in _calls(labels[near]):
        there = labels == call
        along = (there & near).any(axis=0)
        shared = there.any(axis=0) & near.any(axis=0)
        if 2 * along.sum() < shared.sum():
            continue
        new &= ~along
        if along.sum() > longest:
            part_of, longest = call, int(along.sum())
    if part_of and new.any(axis=0).sum() < _END_COLUMNS:
        new = np.zeros_like(new)
    return new, part_of


def merged(labels: LabelPage, calls: Iterable[int], into: int) -> LabelPage:
    """Several calls made one, under the number `into`."""
    return _painted(labels, np.isin(labels, list(calls)) & (labels > 0), into)


def renumbered(labels: LabelPage, call: int, number: int) -> LabelPage:
    """A call under another number.

    Raises
    ------
    ValueError
        If the number is below 1, or another call of the page has it.
    """
    if number != call:
        _refuse_used(labels, number)
    return _painted(labels, labels == call, number)


def split_at_column(labels: LabelPage, call: int, column: int, new: int) -> LabelPage:
    """A call cut in time: from `column` on it gets the number `new`.

    Unchanged where one of the two parts would be empty.

    Raises
    ------
    ValueError
        If the new number is below 1, or a call of the page has it.
    """
    return _split(labels, call, np.arange(labels.shape[1]) >= column, new)


def split_at_row(labels: LabelPage, call: int, row: int, new: int) -> LabelPage:
    """A call cut in frequency: from `row` on downwards it gets the number `new`.

    Unchanged where one of the two parts would be empty.

    Raises
    ------
    ValueError
        If the new number is below 1, or a call of the page has it.
    """
    return _split(labels, call, np.arange(labels.shape[0])[:, None] >= row, new)


def bridged(labels: LabelPage, call: int) -> LabelPage:
    """The pieces of a call joined across gaps in time of up to 40 columns (17 ms).

    A straight band leads from the end of one piece to the start of the next, as thick as the two
    ends are on average, into background only.
    """
    mask = labels == call
    columns = np.flatnonzero(mask.any(axis=0))
    band = np.zeros(mask.shape, bool)
    for last, first in pairwise(columns.tolist()):
        if 1 < first - last <= BRIDGED_COLUMNS + 1:
            start, start_rows = _end(mask[:, last::-1])
            stop, stop_rows = _end(mask[:, first:])
            ridge = np.linspace(start, stop, first - last + 1)[1:-1]
            away = np.abs(np.arange(len(mask))[:, None] - ridge)
            # Steep bands are thicker, or they would fall apart, or off the rows they lead between.
            steep = abs(stop - start) / (first - last)
            thickness = max((start_rows + stop_rows) / 2, steep + 1, 2 * steep - 1)
            band[:, last + 1 : first] = away < thickness / 2
    return added(labels, band, call)


def without_tail(labels: LabelPage, call: int, spectrogram: Page) -> LabelPage:
    """A call without the echo at its end.

    The tail begins after the last column in which the ridge is within 8 dB of the call's louder
    part or elsewhere than at its last frequency. At most half of the call's columns go.

    Parameters
    ----------
    labels : NDArray
        (512, 512) numbers of calls.
    call : int
        The one to trim.
    spectrogram : NDArray
        (512, 512) float32, 0..1.
    """
    mask = labels == call
    columns = np.flatnonzero(mask.any(axis=0))
    if not len(columns):
        return labels.copy()
    smooth_db = scipy.ndimage.gaussian_filter(above_background_db(spectrogram), 1)
    in_call_db = np.where(mask, smooth_db, -np.inf)[:, columns]
    row = scipy.ndimage.median_filter(in_call_db.argmax(axis=0), _END_COLUMNS, mode="nearest")
    level_db = scipy.ndimage.uniform_filter1d(in_call_db.max(axis=0), _END_COLUMNS)
    loud = level_db >= np.quantile(level_db, _LOUDER_SHARE) - _TAIL_BELOW_DB
    elsewhere = np.abs(row - np.median(row[-2 * _END_COLUMNS :])) > _TAIL_ROWS
    last = max(np.flatnonzero(loud | elsewhere)[-1], (len(columns) - 1) // 2)
    return _painted(labels, mask & (np.arange(mask.shape[1]) > columns[last]), 0)


def free_number(labels: Any) -> int:
    """A number that no call of a stack, (n, 512, 512), has; looks at one page after the other."""
    return 1 + max((int(np.max(labels[page])) for page in range(len(labels))), default=0)


def _end(mask: BoolImage) -> tuple[float, float]:
    """Middle row and thickness of the first column, (rows, columns), as those after it show them.

    Of several parts above each other, as of a step or a harmonic, the thickest counts.
    """
    parts, _ = scipy.ndimage.label(mask[:, :_END_COLUMNS], EIGHT_NEIGHBOURS)
    at_end = np.bincount(parts[:, 0])
    at_end[0] = 0
    part = parts == at_end.argmax()
    rows = np.flatnonzero(part[:, 0])
    thickness = part.sum(axis=0)
    return float(rows.mean()), float(thickness[thickness > 0].mean())


def _split(labels: LabelPage, call: int, side: BoolImage, new: int) -> LabelPage:
    _refuse_used(labels, new)
    mask = labels == call
    part = mask & side
    if (part == mask).all() or not part.any():
        return labels.copy()
    return _painted(labels, part, new)


def _refuse_used(labels: LabelPage, number: int) -> None:
    """Two calls under one number would be one for good."""
    if number < 1:
        msg = f"a call cannot have the number {number}: numbers count from 1, 0 is background"
        raise ValueError(msg)
    if (labels == number).any():
        free = free_number(labels[None])
        msg = f"the number {number} belongs to another call of this page: {free} is free here"
        raise ValueError(msg)


def _painted(labels: LabelPage, where: BoolImage, number: int) -> LabelPage:
    painted = labels.copy()
    painted[where] = number
    return painted


def _calls(labels: LabelPage) -> list[int]:
    numbers = np.unique(labels)
    return [int(number) for number in numbers[numbers > 0]]
