"""The pixels of one call, wherever in the stack it lies; and the calls that lie on such pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.detection.numbering import widest_gap
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.morphology import BoolImage
from napari_squeakout.core.stacks import MaskStack

# Of all pixels of two masks; less in common and one is not the other corrected a little.
_ALIKE = 0.75
# Whose pixels are known at once: a call's, and those that come next.
_MOST_PAGES = 16
_NONE = np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False)
class Patch:
    """A call's mask in its box; over page borders too.

    Parameters
    ----------
    top : int
        First row of the box, from the top of the page.
    left : int
        First column of the box, from the start of the stack.
    mask : NDArray
        (h, w) bool, at least one of them True.
    """

    top: int
    left: int
    mask: BoolImage = field(repr=False)

    def __post_init__(self) -> None:
        is_inside = self.top >= 0 and self.left >= 0 and self.top + self.mask.shape[0] <= PAGE_PX
        if self.mask.ndim != 2 or not is_inside or not self.mask.any():  # noqa: PLR2004 - an image
            msg = (
                f"a mask of shape {self.mask.shape} at row {self.top}, column {self.left} lies on "
                f"no page of {PAGE_PX} rows, or is empty"
            )
            raise ValueError(msg)

    @property
    def area(self) -> int:
        """Pixels."""
        return int(np.count_nonzero(self.mask))

    @property
    def pages(self) -> range:
        """Pages that the box reaches."""
        last = self.left + self.mask.shape[1] - 1
        return range(self.left // PAGE_PX, last // PAGE_PX + 1)

    @property
    def key(self) -> tuple[int, int, tuple[int, ...], bytes]:
        """The same for the same pixels only."""
        return self.top, self.left, self.mask.shape, np.packbits(self.mask).tobytes()

    @cached_property
    def fingerprint(self) -> str:
        """Short, and the same for the same pixels only."""
        return blake2b(repr(self.key).encode(), digest_size=12).hexdigest()

    def on_page(self, page: int) -> tuple[slice, slice, BoolImage]:
        """Rows and columns of the box on one of its pages, and the mask there."""
        before = page * PAGE_PX
        first = max(self.left, before)
        stop = min(self.left + self.mask.shape[1], before + PAGE_PX)
        rows = slice(self.top, self.top + self.mask.shape[0])
        mask = self.mask[:, first - self.left : stop - self.left]
        return rows, slice(first - before, stop - before), mask

    def shared_with(self, other: Patch) -> int:
        """Pixels that are of both."""
        top, left = max(self.top, other.top), max(self.left, other.left)
        bottom = min(one.top + one.mask.shape[0] for one in (self, other))
        right = min(one.left + one.mask.shape[1] for one in (self, other))
        if top >= bottom or left >= right:
            return 0
        mine, others = (
            one.mask[top - one.top : bottom - one.top, left - one.left : right - one.left]
            for one in (self, other)
        )
        return int(np.count_nonzero(mine & others))

    def is_mostly(self, other: Patch) -> bool:
        """Whether at least half of the smaller of both is of the larger too."""
        return 2 * self.shared_with(other) >= min(self.area, other.area)

    def goes_on_in(self, other: Patch) -> bool:
        """Whether another has all these pixels, as a merged call, or both are nearly the same."""
        shared = self.shared_with(other)
        return shared == self.area or shared >= _ALIKE * (self.area + other.area - shared)


@dataclass(frozen=True, eq=False)
class FoundCall:
    """A call in masks.

    Parameters
    ----------
    page : int
        Where it begins.
    number : int
        Its number in the masks.
    patch : Patch
        Its pixels.
    """

    page: int
    number: int
    patch: Patch

    @property
    def key(self) -> tuple[int, int]:
        """What tells it from the others of these masks."""
        return self.page, self.number


class CallsIn:
    """The calls of some masks, for one look: pages and calls are gone through once, then known.

    Parameters
    ----------
    masks : MaskStack
        Not to be changed while they are looked at.
    """

    def __init__(self, masks: MaskStack) -> None:
        self._masks = masks
        self._found: dict[tuple[int, int], FoundCall | None] = {}
        self._pixels: dict[int, dict[int, NDArray[np.int64]]] = {}

    def on(self, page: int, number: int) -> FoundCall | None:
        """The call that has a number on a page, with all its pages; None where there is none."""
        if (page, number) not in self._found:
            pages = self._pages_of(page, number)
            parts = [self._pixels_on(at).get(number, _NONE) + at * PAGE_PX**2 for at in pages]
            patch = _patch_of(np.concatenate(parts))
            call = None if patch is None else FoundCall(pages[0], number, patch)
            self._found.update({(at, number): call for at in pages})
        return self._found[page, number]

    def under(self, patch: Patch) -> Iterator[FoundCall]:
        """Calls of which at least a pixel lies on those of a patch, each once."""
        found: set[tuple[int, int]] = set()
        for page in patch.pages:
            if page >= self._masks.layout.n_pages:
                continue
            rows, columns, mask = patch.on_page(page)
            there = np.asarray(self._masks.labels[page])[rows, columns][mask]
            for number in np.unique(there[there > 0]).tolist():
                call = self.on(page, number)
                if call is not None and call.key not in found:
                    found.add(call.key)
                    yield call

    def _pixels_on(self, page: int) -> dict[int, NDArray[np.int64]]:
        """Number -> places of its pixels on a page, row by row."""
        if page not in self._pixels:
            if len(self._pixels) >= _MOST_PAGES:
                self._pixels.clear()
            labels = np.asarray(self._masks.labels[page]).ravel()
            at = np.flatnonzero(labels != 0)  # of bits it is faster
            at = at[np.argsort(labels[at], kind="stable")]
            numbers, starts = np.unique(labels[at], return_index=True)
            parts = np.split(at, starts[1:]) if len(at) else []
            self._pixels[page] = dict(zip(numbers.tolist(), parts, strict=True))
        return self._pixels[page]

    def _pages_of(self, page: int, number: int) -> range:
        """Pages of the call that has a number on one: where it touches in time, as tables count."""
        first, last, layout = page, page, self._masks.layout
        if layout.contiguous:
            while first > 0 and self._goes_on(first - 1, number):
                first -= 1
            while last + 1 < layout.n_pages and self._goes_on(last, number):
                last += 1
        return range(first, last + 1)

    def _goes_on(self, page: int, number: int) -> bool:
        """Whether a number's call on a page goes on over the border behind it."""
        here, there = (self._pixels_on(at).get(number, _NONE) % PAGE_PX for at in (page, page + 1))
        if not len(here) or not len(there):
            return False
        gap = int(there.min()) + PAGE_PX - (int(here.max()) + 1)
        return gap <= widest_gap(self._masks.layout, self._masks.settings)


def call_on(masks: MaskStack, page: int, number: int) -> FoundCall | None:
    """The call that has a number on a page, with all its pages; None where it has none there."""
    return CallsIn(masks).on(page, number)


def patch_of(labels: Any, pages: range, number: int) -> Patch | None:
    """The pixels of a number on some pages; None where there are none."""
    where = [np.flatnonzero(np.asarray(labels[at]) == number) + at * PAGE_PX**2 for at in pages]
    return _patch_of(np.concatenate(where))


def _patch_of(pixels: NDArray[np.int64]) -> Patch | None:
    """Of places in the stack, counted page by page and row by row."""
    if not len(pixels):
        return None
    pages, places = np.divmod(pixels, PAGE_PX**2)
    rows, columns = np.divmod(places, PAGE_PX)
    columns += pages * PAGE_PX
    top, left = int(rows.min()), int(columns.min())
    mask = np.zeros((int(rows.max()) + 1 - top, int(columns.max()) + 1 - left), bool)
    mask[rows - top, columns - left] = True
    return Patch(top, left, mask)
