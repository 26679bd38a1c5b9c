"""Which pages a person has looked at: proposals become truth page by page.

An approval holds the hash of the labels it was given to. Whatever changes them afterwards, seen or
unseen, withdraws it.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray


class PageState(StrEnum):
    """How far a page has come."""

    UNREVIEWED = "unreviewed"
    CORRECTED = "corrected"
    APPROVED = "approved"


@dataclass(frozen=True, kw_only=True)
class PageReview:
    """What is known of one page.

    Parameters
    ----------
    approved : str or None
        Hash of the labels that were approved.
    corrected : bool
        Whether a person changed the proposal.
    seconds : float
        Time spent on it.
    pixels_changed : int
        Pixels that corrections changed.
    note : str
        A person's words.
    blind : bool
        Whether names were hidden when it was approved.
    """

    approved: str | None = None
    corrected: bool = False
    seconds: float = 0.0
    pixels_changed: int = 0
    note: str = ""
    blind: bool = False

    @property
    def state(self) -> PageState:
        """Approved, corrected or unreviewed."""
        if self.approved is not None:
            return PageState.APPROVED
        return PageState.CORRECTED if self.corrected else PageState.UNREVIEWED


_UNTOUCHED = PageReview()


@dataclass(frozen=True)
class Review:
    """The pages of a source; every change gives a new one, so that the old one is the way back.

    Parameters
    ----------
    n_pages : int
        How many there are.
    pages : mapping
        Page number -> what is known; pages without an entry are untouched.
    """

    n_pages: int
    pages: Mapping[int, PageReview] = field(default_factory=dict)

    def __post_init__(self) -> None:
        outside = [page for page in self.pages if not 0 <= page < self.n_pages]
        if outside:
            msg = f"page {outside[0]} is not one of 0-{self.n_pages - 1}"
            raise ValueError(msg)
        object.__setattr__(self, "pages", MappingProxyType(dict(self.pages)))

    def __getitem__(self, page: int) -> PageReview:
        """What is known of a page."""
        return self.pages.get(page, _UNTOUCHED)

    def states(self) -> list[PageState]:
        """(n_pages,) state of each."""
        states = [PageState.UNREVIEWED] * self.n_pages
        for page, known in self.pages.items():
            states[page] = known.state
        return states

    def count(self, state: PageState) -> int:
        """Number of pages in a state."""
        reviewed = sum(page.state == state for page in self.pages.values())
        untouched = self.n_pages - len(self.pages)
        return reviewed + (untouched if state == PageState.UNREVIEWED else 0)

    def count_blind(self) -> int:
        """Number of approved pages that were approved while names were hidden."""
        return sum(page.approved is not None and page.blind for page in self.pages.values())

    def changed(self, page: int, **what: Any) -> Review:
        """The same with another page."""
        return self.all_changed([page], **what)

    def all_changed(self, pages: Iterable[int], **what: Any) -> Review:
        """The same with several pages changed alike; page by page each would copy all."""
        return replace(self, pages={**self.pages, **{p: replace(self[p], **what) for p in pages}})


def labels_hash(labels: NDArray[np.integer]) -> str:
    """Hash of a page's labels: the same for equal numbers, whatever their type."""
    return hashlib.sha256(np.ascontiguousarray(labels, np.int32).data).hexdigest()


def quick_hash(labels: NDArray[np.integer]) -> int:
    """A small hash of a page's labels (crc32): tells proposals from what a person made of them."""
    return zlib.crc32(np.ascontiguousarray(labels, np.int32).data)


def approve(review: Review, page: int, labels: NDArray[np.integer]) -> Review:
    """Make the labels of a page, (h, w), its truth."""
    return review.changed(page, approved=labels_hash(labels))


def approve_pages(review: Review, pages: Iterable[int], labels: Any) -> Review:
    """Make the labels of several pages, (n, h, w), their truth; those approved already stay so."""
    wanted = [page for page in pages if review[page].approved is None]
    # Some 0.7 ms a page, which Python lets go on side by side: a window waits for it.
    with ThreadPoolExecutor() as pool:
        hashes = list(pool.map(lambda page: labels_hash(labels[page]), wanted))
    now = {p: replace(review[p], approved=hash_) for p, hash_ in zip(wanted, hashes, strict=True)}
    return replace(review, pages={**review.pages, **now})


def with_blind(review: Review, before: Review, *, is_blind: bool) -> Review:
    """Take down of pages approved since `before` whether names were hidden then.

    One that was approved otherwise before, or brought back by undo, counts as approved now.
    """
    given = {
        page: replace(known, blind=is_blind)
        for page, known in review.pages.items()
        if known.approved is not None
        and known.blind is not is_blind
        and known.approved != before[page].approved
    }
    return replace(review, pages={**review.pages, **given}) if given else review


def withdraw(review: Review, page: int) -> Review:
    """Take an approval back; what was spent and noted stays."""
    return review.changed(page, approved=None) if review[page].approved else review


def checked(
    review: Review, labels: Any, pages: Iterable[int] | None = None
) -> tuple[Review, tuple[int, ...]]:
    """Withdraw the approvals of pages whose labels are not those that were approved.

    Parameters
    ----------
    review : Review
        What was approved.
    labels : array
        (n, h, w) the labels as they are.
    pages : iterable of int, optional
        Where to look; by default at every approved page.

    Returns
    -------
    review, withdrawn : Review, tuple of int
        A page that a person has changed after its approval counts as corrected.
    """
    wanted = range(review.n_pages) if pages is None else pages
    withdrawn = tuple(
        page
        for page in wanted
        if (hash_ := review[page].approved) is not None and labels_hash(labels[page]) != hash_
    )
    if withdrawn:
        review = review.all_changed(withdrawn, approved=None, corrected=True)
    return review, withdrawn


def worked_on(
    review: Review, page: int, *, seconds: float = 0.0, pixels_changed: int = 0
) -> Review:
    """Add to what a page has cost; pixels that changed make it a corrected one."""
    known = review[page]
    return review.changed(
        page,
        seconds=known.seconds + seconds,
        pixels_changed=known.pixels_changed + pixels_changed,
        corrected=known.corrected or pixels_changed > 0,
    )


def mean_seconds(review: Review, pages: Iterable[int]) -> tuple[float, int] | None:
    """Mean time spent on those of these pages where it was counted, and how many they are."""
    spent = [review[page].seconds for page in pages if review[page].seconds > 0]
    return (sum(spent) / len(spent), len(spent)) if spent else None


def approve_empty(
    review: Review,
    labels: Any,
    highest: NDArray[np.uint8],
    below: float,
    *,
    spare: Collection[int] = (),
) -> tuple[Review, tuple[int, ...]]:
    """Approve pages without calls in which the network was nowhere as sure as `below`.

    Parameters
    ----------
    review : Review
        The way back is to keep it.
    labels : array
        (n, h, w) the labels as they are.
    highest : NDArray
        (n,) uint8, each page's highest probability; 255 = certain.
    below : float
        Probability, 0..1.
    spare : collection of int
        Pages left to a person: those of the random sample, which tell how right the proposals are.
    """
    candidates = np.flatnonzero(highest < below * 255)
    pages = tuple(
        int(page)
        for page in candidates
        if int(page) not in spare
        and review[int(page)].state == PageState.UNREVIEWED
        and not np.any(labels[page])
    )
    if not pages:
        return review, ()
    empty = labels_hash(np.zeros_like(labels[pages[0]]))
    approved = {page: replace(review[page], approved=empty) for page in pages}
    return replace(review, pages={**review.pages, **approved}), pages


def next_page(wanted: NDArray[np.bool_], page: int, step: int = 1) -> int | None:
    """The nearest page after (step 1) or before (step -1) this one that is wanted.

    Parameters
    ----------
    wanted : NDArray
        (n,) bool.
    page : int
        Where to start; it is not looked at itself.
    step : int
        1 or -1. There is no going around: past the end there is None.
    """
    found = np.flatnonzero(wanted)
    found = found[found > page] if step > 0 else found[found < page][::-1]
    return int(found[0]) if len(found) else None
