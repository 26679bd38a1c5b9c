"""A clicked point -> the call there, as a careful hand would outline it.

The call is followed along its ridge, the line of its highest levels, column by column in both
directions; then the ridge gets the thickness of what stands out beside it.
"""

from __future__ import annotations

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from napari_squeakout.core.morphology import BoolImage, tidy
from napari_squeakout.core.stacks import Page

Levels = NDArray[np.float32]
Rows = NDArray[np.intp]

# A page does not say how many decibels its grey spans (58-128 in recordings), but its noise does:
# that spreads by 3.2-4.4 dB on pages of any recorder. The bounds are for pages without noise.
_NOISE_SPREAD_DB = 3.5
_LEAST_SPAN_DB, _LARGEST_SPAN_DB = 20.0, 130.0
# A normal distribution spreads by so many times its median absolute deviation.
_NORMAL_SPREAD = 1.4826
# Rows are compared by their quiet moments: a lamp that whistles all the time is background, a call
# that is as long as half the page is not.
_QUIET_SHARE = 0.3
# The call that is meant lies this close to the click; of two, the nearer one.
_REACH_PX = 8
_NEARER_DB = 0.4
# The ridge is sought in levels smoothed over (rows, columns), so that single pixels do not lead it.
_RIDGE_BLUR = (1.5, 2.0)
# A ridge lies this far above the background; the best way through mere noise does not.
_RIDGE_DB = 5.0
# No column counts for more: a loud part must not pay for a long way through noise.
_MOST_FOR_DB, _MOST_AGAINST_DB = 12.0, 4.0
# A network's certainty counts for a call. Its doubt does not count against one: people click where
# the network found nothing.
_CERTAIN_DB = 4.0
# The ridge is the highest within 4.8 kHz to each side; without a cost for lying beside it (so much
# per dB, up to so many dB) the way would cut through the echoes inside a bend.
_CREST_ROWS = 61
_BESIDE_COST, _BESIDE_DB = 0.6, 12.0
# The steepest sweep followed, 2.9 kHz/ms, and what each row costs, so that the way does not zigzag.
_STEEPEST_ROWS = 8
_ROW_COST_DB = 0.2
# Past a loss of so much no call goes on: hidden stretches are shorter.
_GIVEN_UP_DB = 140.0
# A stretch hidden for 10 ms belongs to the call (VocalMat's gap between two calls), but not a leap
# of more than 3.1 kHz meanwhile.
_HIDDEN_COLUMNS, _HIDDEN_ROWS = 23, 20
# The ridge is judged over 2.2 ms, so that the noise of single columns does not fray it.
_JUDGED_COLUMNS = 5
# Decibels times columns; less is a speck of noise.
_LEAST_EVIDENCE = 30.0
# The outline follows the rule of the masks that models learn from, but for the floor: 2.5 dB there,
# where call and noise are known apart, and more here, where noise itself reaches that far.
_BELOW_RIDGE_DB, _ABOVE_FLOOR_DB = 14.0, 3.0
_OUTLINE_BLUR = (2.0, 2.0)
# A tone, as smoothed, reaches 1.9 kHz to each side of its ridge, and a sweep as far as it gets in
# half a window.
_CORE_ROWS, _THICKEST_ROWS = 2, 12
_HALF_WINDOW_COLUMNS = 1.2


def grown_call(
    spectrogram: Page, probabilities: NDArray[np.uint8] | None = None, *, seed: tuple[int, int]
) -> BoolImage:
    """The call at a clicked point.

    Its ridge is followed for as long as it stands out, also across stretches of 10 ms in which it
    is hidden. Clicks of the recorder, bright in most rows, and lines through the whole page count
    as background. A leap in frequency ends it: each part of a stepped call takes a click.

    Parameters
    ----------
    spectrogram : NDArray
        (512, 512) float32, 0..1, row 0 the highest frequency.
    probabilities : NDArray, optional
        (512, 512) uint8, 255 = certain; what the network said of the page.
    seed : tuple of int
        Row and column of the click, at most 8 pixels off the call.

    Returns
    -------
    NDArray
        (512, 512) bool; empty where nothing near the click stands out.

    Raises
    ------
    ValueError
        If the click is outside the page.
    """
    above_db = above_background_db(spectrogram)
    for_call = _evidence(above_db, probabilities)
    row, middle = _nearby_peak(for_call, seed)
    before = _followed(for_call[:, middle::-1], row)[:0:-1]
    ridge = np.concatenate([before, _followed(for_call[:, middle:], row)])
    columns = middle - len(before) + np.arange(len(ridge))
    along = for_call[ridge, columns]
    seen = _unbroken(along, ridge, len(before))
    mask = np.zeros(spectrogram.shape, bool)
    if along[seen].sum() >= _LEAST_EVIDENCE:
        mask[:, columns[seen]] = _outlined(above_db[:, columns[seen]], ridge[seen])
    mask = tidy(mask)
    # A path may lead through a click's surroundings and be seen only far from it.
    rows, columns = np.nonzero(mask)
    is_near = np.hypot(rows - seed[0], columns - seed[1]).min(initial=np.inf) <= _REACH_PX
    return mask if is_near else np.zeros_like(mask)


def above_background_db(spectrogram: Page) -> Levels:
    """How far each pixel lies above the usual level of its column and its row.

    Parameters
    ----------
    spectrogram : NDArray
        (512, 512) float32, 0..1.

    Returns
    -------
    NDArray
        (512, 512) float32, roughly dB; 0 is the middle of the noise.
    """
    flat = spectrogram - np.median(spectrogram[::2], axis=0)
    flat -= np.quantile(flat[:, ::2], _QUIET_SHARE, axis=1)[:, None]
    sample = flat[::2, ::2]
    middle = np.median(sample)
    spread = _NORMAL_SPREAD * float(np.median(np.abs(sample - middle)))
    span_db = _NOISE_SPREAD_DB / max(spread, _NOISE_SPREAD_DB / _LARGEST_SPAN_DB)
    return np.asarray((flat - middle) * max(span_db, _LEAST_SPAN_DB), np.float32)


def _evidence(above_db: Levels, probabilities: NDArray[np.uint8] | None) -> Levels:
    """How much each pixel speaks for being on the ridge of a call, dB; negative is against."""
    smooth_db = scipy.ndimage.gaussian_filter(above_db, _RIDGE_BLUR)
    crest_db = scipy.ndimage.maximum_filter1d(smooth_db, _CREST_ROWS, axis=0)
    for_call = smooth_db - np.float32(_RIDGE_DB)
    if probabilities is not None:
        for_call += probabilities * np.float32(_CERTAIN_DB / 255)
    evidence: Levels = np.clip(for_call, -_MOST_AGAINST_DB, _MOST_FOR_DB)
    evidence -= _BESIDE_COST * np.minimum(crest_db - smooth_db, _BESIDE_DB)
    return evidence


def _nearby_peak(for_call: Levels, seed: tuple[int, int]) -> tuple[int, int]:
    """Row and column of the best pixel near the click."""
    height, width = for_call.shape
    if not (0 <= seed[0] < height and 0 <= seed[1] < width):
        msg = f"the point {seed} is outside the page of {height} x {width} pixels: click inside it"
        raise ValueError(msg)
    top, left = (max(0, at - _REACH_PX) for at in seed)
    near = for_call[top : seed[0] + _REACH_PX + 1, left : seed[1] + _REACH_PX + 1]
    rows, columns = (np.arange(size) for size in near.shape)
    away_px = np.hypot(rows[:, None] + top - seed[0], columns + left - seed[1])
    worth = np.where(away_px <= _REACH_PX, near - _NEARER_DB * away_px, -np.inf)
    row, column = divmod(int(worth.argmax()), worth.shape[1])
    return top + row, left + column


def _followed(for_call: Levels, row: int) -> Rows:
    """Rows of the best way from the first column's `row` through the columns it is worth to go."""
    height = len(for_call)
    steps = np.arange(-_STEEPEST_ROWS, _STEEPEST_ROWS + 1)
    cost = np.abs(steps)[:, None] * np.float32(_ROW_COST_DB)
    # Behind each row a margin, so that all ways into a row are one view of the totals before.
    totals = np.full(height + 2 * _STEEPEST_ROWS, -np.inf, np.float32)
    inside = totals[_STEEPEST_ROWS:-_STEEPEST_ROWS]
    ways = np.lib.stride_tricks.sliding_window_view(totals, height)
    inside[row] = for_call[row, 0]
    best, best_at, ends = inside[row], 0, [row]
    came_by = [np.zeros(height, np.intp)]
    for column in for_call.T[1:]:
        worth = ways - cost
        came_by.append(worth.argmax(axis=0))
        inside[:] = worth.max(axis=0) + column
        ends.append(int(inside.argmax()))
        highest = inside[ends[-1]]
        if highest > best:
            best, best_at = highest, len(ends) - 1
        elif highest < best - _GIVEN_UP_DB:
            break
    way = [ends[best_at]]
    for choice in came_by[best_at:0:-1]:
        way.append(way[-1] + int(steps[choice[way[-1]]]))
    return np.array(way[::-1], np.intp)


def _unbroken(along: Levels, ridge: Rows, start: int) -> slice:
    """The stretch of the ridge around `start` that is not hidden for long."""
    seen = scipy.ndimage.uniform_filter1d(along, _JUDGED_COLUMNS) > 0
    seen[start] = True
    columns = np.flatnonzero(seen)
    hidden, leap = np.diff(columns) - 1, np.abs(np.diff(ridge[columns]))
    ends = (hidden > _HIDDEN_COLUMNS) | ((hidden > 0) & (leap > _HIDDEN_ROWS))
    part = np.concatenate([[0], np.cumsum(ends)])
    own = columns[part == part[np.searchsorted(columns, start)]]
    return slice(int(own[0]), int(own[-1]) + 1)


def _outlined(above_db: Levels, ridge: Rows) -> BoolImage:
    """(rows, columns) what stands out beside the ridge and hangs together with it."""
    soft_db = scipy.ndimage.gaussian_filter(above_db, _OUTLINE_BLUR)
    ridge_db = np.take_along_axis(soft_db, ridge[None], axis=0)[0]
    least_db = scipy.ndimage.uniform_filter1d(ridge_db, _JUDGED_COLUMNS) - _BELOW_RIDGE_DB
    steepness = np.abs(np.gradient(scipy.ndimage.gaussian_filter1d(ridge.astype(float), 1.5)))
    away = np.abs(np.arange(len(above_db))[:, None] - ridge)
    close = away <= _THICKEST_ROWS + _HALF_WINDOW_COLUMNS * steepness
    fits = (soft_db > np.maximum(least_db, _ABOVE_FLOOR_DB)) & close | (away <= _CORE_ROWS)
    # As many gaps above a pixel as above the ridge: none between the two.
    gaps = np.cumsum(~fits, axis=0)
    connected = fits & (gaps == np.take_along_axis(gaps, ridge[None], axis=0))
    # Spikes of a single column are noise; the page's edge is none.
    padded = np.pad(connected, ((0, 0), (3, 3)), mode="edge")
    return np.asarray(scipy.ndimage.binary_opening(padded, np.ones((1, 3), bool))[:, 3:-3])
