"""A number is one call: pieces of one number that do not touch in time are told apart.

Brushes keep their number when the page is turned, and masks of other programs count anew on every
page; taken at its word, such a number would be a call of seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID, Layout
from napari_squeakout.core.morphology import BoolImage
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.stacks import MaskStack
from napari_squeakout.core.steps import Progress, Steps

# A call that ends this close to a page's border, and goes on this close in pitch, crosses it.
_AT_BORDER_PX, _SAME_PITCH_PX = 3, 12


def widest_gap(layout: Layout, settings: CleanSettings | None = None) -> float:
    """Columns that may lie between two pieces of one call where a page ends."""
    column_s = (layout.grid or STANDARD_GRID).seconds_per_column
    return (settings or CleanSettings()).join_gap_s / column_s


@dataclass(kw_only=True)
class _Piece:
    """A call as far as it has been seen; columns count from the stack's start."""

    number: int
    page: int
    first: int
    stop: int
    pages: list[int] = field(default_factory=list)


class Pieces:
    """Tells which call a part of a page belongs to; pages come in their order.

    On one page a number is one call, however far its pieces lie apart: there a person merged them.
    Over a page border they are one where the gap is none that ends a call. On independent pages a
    number on two pages is two calls.

    Parameters
    ----------
    layout : Layout
        Where the pages lie.
    settings : CleanSettings, optional
        What made the calls; by default the gap of the default settings counts.
    """

    def __init__(self, layout: Layout, settings: CleanSettings | None = None) -> None:
        self._contiguous = layout.contiguous
        self._gap = widest_gap(layout, settings)
        self._pieces: list[_Piece] = []
        self._last: dict[int, int] = {}

    def place(self, number: int, page: int, first: int, stop: int) -> int:
        """Index of the call that the columns first..stop of a number on a page belong to."""
        before = page * PAGE_PX
        known = self._last.get(number)
        if known is not None and self._goes_on(self._pieces[known], page, before + first):
            piece = self._pieces[known]
            piece.stop = max(piece.stop, before + stop)
            piece.pages.append(page)
            return known
        self._pieces.append(
            _Piece(number=number, page=page, first=before + first, stop=before + stop, pages=[page])
        )
        self._last[number] = len(self._pieces) - 1
        return len(self._pieces) - 1

    def _goes_on(self, piece: _Piece, page: int, first: int) -> bool:
        if piece.pages[-1] == page:
            return True
        return self._contiguous and first - piece.stop <= self._gap

    def numbers(self) -> list[int]:
        """The number of each call: of several under one number, the first in time keeps it."""
        numbers = [piece.number for piece in self._pieces]
        if not self._contiguous:
            return numbers
        free = 1 + max(numbers, default=0)
        seen: set[int] = set()
        in_time = sorted(range(len(numbers)), key=lambda i: (self._pieces[i].first, numbers[i]))
        for index in in_time:
            if numbers[index] in seen:
                numbers[index], free = free, free + 1
            seen.add(numbers[index])
        return numbers

    def changes(self) -> dict[int, dict[int, int]]:
        """Page -> number there -> the number of its call, where that is another."""
        changes: dict[int, dict[int, int]] = {}
        for piece, number in zip(self._pieces, self.numbers(), strict=True):
            if number != piece.number:
                for page in piece.pages:
                    changes.setdefault(page, {})[piece.number] = number
        return changes


class RenumberedPages:
    """Labels some of whose pages have other numbers; indexed like an array.

    Parameters
    ----------
    labels : array
        (n, 512, 512) whole numbers.
    changes : mapping
        Page -> number there -> another number.
    """

    ndim = 3

    def __init__(self, labels: Any, changes: Mapping[int, Mapping[int, int]]) -> None:
        self._labels, self.changes = labels, changes
        self.dtype, self.shape = np.dtype(np.int32), tuple(labels.shape)

    def __len__(self) -> int:
        return int(self.shape[0])

    def __getitem__(self, key: Any) -> NDArray[Any]:
        """One page by its number; anything else makes all of them."""
        if not isinstance(key, int | np.integer):
            return np.array(np.asarray(self)[key], np.int32)
        page = np.asarray(self._labels[key], np.int32)
        changes = self.changes.get(int(key) % len(self), {})
        if not changes:
            return page
        renumbered = page.copy()
        for number, other in changes.items():
            renumbered[page == number] = other
        return renumbered

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """All pages."""
        full = np.stack([self[index] for index in range(len(self))])
        return full if dtype is None else full.astype(dtype)


def telling_apart(masks: MaskStack) -> Steps[MaskStack]:
    """The same calls, each under a number of its own; the same masks where that is so already.

    Yields
    ------
    Progress
        After every page.
    """
    layout = masks.layout
    pieces = Pieces(layout, masks.settings)
    for page in range(layout.n_pages):
        for number, first, stop in columns_of_calls(np.asarray(masks.labels[page])):
            pieces.place(number, page, first, stop)
        yield Progress(page + 1, layout.n_pages, "pages")
    changes = pieces.changes()
    if not changes:
        return masks
    return MaskStack(RenumberedPages(masks.labels, changes), layout, masks.settings)


def columns_of_calls(labels: NDArray[np.integer]) -> list[tuple[int, int, int]]:
    """Number, first column and the one after the last, of each call of a page, (h, w)."""
    if not labels.any():
        return []
    rows, columns = np.nonzero(labels)
    numbers, places = np.unique(labels[rows, columns], return_inverse=True)
    first, last = np.full(len(numbers), labels.shape[1]), np.zeros(len(numbers), int)
    np.minimum.at(first, places, columns)
    np.maximum.at(last, places, columns)
    return [
        (int(number), int(left), int(right) + 1)
        for number, left, right in zip(numbers, first, last, strict=True)
    ]


def reused_text(masks: MaskStack) -> str:
    """Say which numbers `telling_apart` had to tell apart; nothing where there were none."""
    changes = getattr(masks.labels, "changes", {})
    reused = sorted({number for page in changes.values() for number in page})
    if not reused:
        return ""
    names = ", ".join(str(number) for number in reused)
    new = sorted({other for page in changes.values() for other in page.values()})
    others = f"{new[0]}" if len(new) == 1 else f"{new[0]}-{new[-1]}"
    return (
        f"the number {names} stands on pages that do not touch in time: the calls there are "
        f"counted one by one, as {others}"
    )


def columns_apart(mask: BoolImage, beside: BoolImage, *, beside_is_before: bool) -> float:
    """Columns between a call and one on the page before or after; infinite where one is empty."""
    before, after = (beside, mask) if beside_is_before else (mask, beside)
    last, first = (np.flatnonzero(page.any(axis=0)) for page in (before, after))
    if not len(last) or not len(first):
        return np.inf
    return float(before.shape[1] - 1 - last[-1] + first[0])


def number_beside(mask: BoolImage, beside: NDArray[Any], *, beside_is_before: bool) -> int:
    """The number that a call at a page's border has on the other side of it; 0 where it has none.

    Parameters
    ----------
    mask : NDArray
        (h, w) bool, the call.
    beside : NDArray
        (h, w) the calls of the page before or after.
    beside_is_before : bool
        Which of the two.
    """
    here, there = slice(None, _AT_BORDER_PX), slice(-_AT_BORDER_PX, None)
    if not beside_is_before:
        here, there = there, here
    rows = np.flatnonzero(mask[:, here].any(axis=1))
    if not len(rows):
        return 0
    near = slice(max(0, rows[0] - _SAME_PITCH_PX), rows[-1] + _SAME_PITCH_PX + 1)
    found = beside[near, there]
    numbers, sizes = np.unique(found[found > 0], return_counts=True)
    return int(numbers[sizes.argmax()]) if len(numbers) else 0
