"""The pixels of one call, wherever in the stack it lies; and the calls that lie on such pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np

from napari_squeakout.core.detection.numbering import widest_gap
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.morphology import BoolImage
from napari_squeakout.core.stacks import MaskStack

# Of all pixels of two masks; less in common and one is not the other corrected a little.
_ALIKE = 0.75


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


def call_on(masks: MaskStack, page: int, number: int) -> FoundCall | None:
    """The call that has a number on a page, with all its pages; None where it has none there."""
    pages = _pages_of(masks, page, number)
    patch = patch_of(masks.labels, pages, number)
    return None if patch is None else FoundCall(pages[0], number, patch)


def patch_of(labels: Any, pages: range, number: int) -> Patch | None:
    """The pixels of a number on some pages; None where there are none."""
    where = [np.nonzero(np.asarray(labels[page]) == number) for page in pages]
    rows = np.concatenate([rows for rows, _ in where])
    if not len(rows):
        return None
    columns = np.concatenate(
        [columns + page * PAGE_PX for page, (_, columns) in zip(pages, where, strict=True)]
    )
    top, left = int(rows.min()), int(columns.min())
    mask = np.zeros((int(rows.max()) + 1 - top, int(columns.max()) + 1 - left), bool)
    mask[rows - top, columns - left] = True
    return Patch(top, left, mask)


def calls_under(patch: Patch, masks: MaskStack) -> Iterator[FoundCall]:
    """Calls of which at least a pixel lies on those of a patch, each once."""
    found: list[FoundCall] = []
    for page in patch.pages:
        if page >= masks.layout.n_pages:
            continue
        rows, columns, mask = patch.on_page(page)
        there = np.asarray(masks.labels[page])[rows, columns][mask]
        for number in np.unique(there[there > 0]).tolist():
            if any(one.number == number and page in one.patch.pages for one in found):
                continue
            call = call_on(masks, page, number)
            if call is not None:
                found.append(call)
                yield call


def _pages_of(masks: MaskStack, page: int, number: int) -> range:
    """Pages of the call that has a number on one: where it touches in time, as tables count."""
    first, last = page, page
    if masks.layout.contiguous:
        while first > 0 and _goes_on(masks, first - 1, number):
            first -= 1
        while last + 1 < masks.layout.n_pages and _goes_on(masks, last, number):
            last += 1
    return range(first, last + 1)


def _goes_on(masks: MaskStack, page: int, number: int) -> bool:
    """Whether a number's call on a page goes on over the border behind it."""
    here, there = (
        np.flatnonzero((np.asarray(masks.labels[at]) == number).any(axis=0))
        for at in (page, page + 1)
    )
    if not len(here) or not len(there):
        return False
    gap = int(there[0]) + PAGE_PX - (int(here[-1]) + 1)
    return gap <= widest_gap(masks.layout, masks.settings)
