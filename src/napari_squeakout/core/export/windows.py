"""Where windows lie that show calls: each around calls, none over another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.detection.numbering import columns_of_calls
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.stacks import MaskStack


class Stretch(NamedTuple):
    """Columns of a stack, `stop` not among them."""

    first: int
    stop: int


def windows_of(masks: MaskStack, pages: Collection[int]) -> list[int]:
    """First columns, from the stack's start, of page-sized windows around the calls.

    Windows never overlap, so that no sound is both learned from and judged on. Calls that fit into
    one window share it; it is centred on them where its neighbours allow. A call that is longer
    than a window, or too near to one before, goes on in the next. Windows lie on whole pages where
    pages do not continue each other.

    Parameters
    ----------
    masks : MaskStack
        The calls.
    pages : collection of int
        Pages that may be shown; windows lie on these alone.
    """
    allowed = sorted(pages)
    if not masks.layout.contiguous:
        return [page * PAGE_PX for page in allowed if np.any(masks.labels[page])]
    windows: list[int] = []
    for run in _runs(allowed):
        calls = _stretches(masks, range(run.first, run.stop))
        room = Stretch(run.first * PAGE_PX, run.stop * PAGE_PX)
        windows += windows_around(calls, room)
    return windows


def windows_around(calls: Sequence[Stretch], room: Stretch) -> list[int]:
    """First columns of windows that hold these calls and lie in that room.

    Parameters
    ----------
    calls : sequence of Stretch
        In that room, in order of their beginnings.
    room : Stretch
        At least a page long.
    """
    windows: list[int] = []
    free = room.first
    left = list(calls)
    while left:
        begin = max(left[0].first, free)
        if left[0].stop <= free:  # the window before holds all of it
            left.pop(0)
            continue
        shared = [call for call in left if call.stop <= begin + PAGE_PX] or [
            Stretch(begin, begin + PAGE_PX)
        ]
        stop = max(call.stop for call in shared)
        after = next((call.first for call in left if call.stop > begin + PAGE_PX), room.stop)
        start = (begin + stop - PAGE_PX) // 2
        start = min(start, after - PAGE_PX) if after >= stop else start
        start = min(max(start, free, stop - PAGE_PX), begin)
        windows.append(start)
        free = start + PAGE_PX
    return _within(windows, room.stop)


def window_labels(labels: Any, first: int) -> NDArray[np.int32]:
    """(512, 512) labels of the window that begins at a column of a stack.

    Parameters
    ----------
    labels : array
        (n, 512, 512), pages that continue each other where the window lies between two.
    first : int
        0..(n - 1) * 512.
    """
    page, shift = divmod(first, PAGE_PX)
    here = np.asarray(labels[page])
    if not shift:
        return here.astype(np.int32)
    beside = np.asarray(labels[page + 1])
    return np.concatenate([here[:, shift:], beside[:, :shift]], axis=1).astype(np.int32)


def _within(windows: Sequence[int], stop: int) -> list[int]:
    """The same, moved to the left as far as it takes for the last one to end there.

    There are never more than fit: each begins a page or more behind the one before.
    """
    moved: list[int] = []
    for start in reversed(windows):
        stop = min(start, stop - PAGE_PX)
        moved.append(stop)
    return moved[::-1]


def _runs(pages: Sequence[int]) -> list[Stretch]:
    """Stretches of pages that follow each other."""
    runs: list[Stretch] = []
    for page in pages:
        if runs and runs[-1].stop == page:
            runs[-1] = Stretch(runs[-1].first, page + 1)
        else:
            runs.append(Stretch(page, page + 1))
    return runs


def _stretches(masks: MaskStack, pages: range) -> list[Stretch]:
    """Columns of each call on these pages, a call over a border once, in order."""
    spans: dict[int, Stretch] = {}
    for page in pages:
        for number, left, right in columns_of_calls(np.asarray(masks.labels[page])):
            first, stop = page * PAGE_PX + left, page * PAGE_PX + right
            known = spans.get(number, Stretch(first, stop))
            spans[number] = Stretch(min(first, known.first), max(stop, known.stop))
    return sorted(spans.values())
