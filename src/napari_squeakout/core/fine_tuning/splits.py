"""Which approved pages a network learns from and which it is judged by, without leaks.

Whole recordings are held out where there are several; otherwise a stretch of time, with at least a
page's length between both sides, because neighbouring pages share calls, animals and noise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.numerals import are, counted

#: A third of five pages held out, one given up between the sides, leaves two to learn from.
MIN_PAGES = 5
#: One page with calls to learn from, one to be judged by.
MIN_WITH_CALLS = 2
#: With fewer pages held out no verdict can be sure (see core/fine_tuning/verdict.py).
_ENOUGH_TO_JUDGE = 5
# All ways to choose among more recordings are too many to look at: some are drawn.
_ALL_CHOICES, _DRAWN_CHOICES = 10, 2000
_ALMOST = 1e-6

Indices = NDArray[np.int64]
BoolTable = NDArray[np.bool_]
By = Literal["recordings", "time"]


@dataclass(frozen=True, kw_only=True)
class PagePlace:
    """Where a page comes from.

    Parameters
    ----------
    group : str
        The recording or folder of images, the same word for all of its pages.
    start, length : float
        Left edge and width, in seconds; for images without time, their number in the folder and 1.
    name : str
        What people call the page.
    """

    group: str
    start: float
    length: float = 1.0
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Split:
    """Page numbers by what they are for; none is in two.

    Parameters
    ----------
    learn, held_out : NDArray
        To learn from, and to be judged by.
    between : NDArray
        Used for neither, because they lie beside held-out ones.
    by : {"recordings", "time"}
        Whether whole recordings are held out or a stretch of time.
    """

    learn: Indices
    held_out: Indices
    between: Indices
    by: By


def split_places(
    places: Sequence[PagePlace],
    with_calls: NDArray[np.bool_],
    *,
    held_out_fraction: float,
    seed: int,
) -> Split:
    """Choose the pages to learn from and those to be judged by.

    Of all splits that give both sides a page with calls, the one that holds out nearest to as many
    pages as wanted, loses the fewest between the sides and holds out calls as often as they come;
    the seed decides among equals.

    Parameters
    ----------
    places : sequence of PagePlace
        Of each page.
    with_calls : NDArray
        (n,) bool, whether a page has any call.
    held_out_fraction : float
        Share of the pages to hold out; at least five where there are fifteen, so that a verdict
        can be sure.
    seed : int
        The same gives the same split.

    Raises
    ------
    InputError
        If there are too few pages, or those with calls lie too close together.
    """
    _check_enough(len(places), int(with_calls.sum()))
    wanted = _wanted(len(places), held_out_fraction)
    rng = np.random.default_rng(seed)
    near = _near(places)
    recordings = _whole_recordings(places, rng)
    split = _best(recordings, near, with_calls, wanted, "recordings")
    size = wanted
    while split is None and size > 0:
        split = _best(_stretches(places, size, rng), near, with_calls, wanted, "time")
        size -= 1
    if split is None:
        msg = (
            "the approved pages with calls lie side by side, so that none can be held out: approve "
            "one with calls at least two pages away from them, or of another recording"
        )
        raise InputError(msg)
    return split


def _check_enough(n_pages: int, n_with_calls: int) -> None:
    missing, without = max(0, MIN_PAGES - n_pages), max(0, MIN_WITH_CALLS - n_with_calls)
    if missing or without:
        msg = (
            f"{counted(n_pages, 'approved page')}, {n_with_calls} with calls, {are(n_pages)} too "
            f"few to fine-tune on (at least {MIN_PAGES}, {MIN_WITH_CALLS} with calls): approve "
            f"{_more(missing, without)}"
        )
        raise InputError(msg)


def _more(pages: int, with_calls: int) -> str:
    """So many pages, of which so many have to hold calls; those are pages too."""
    n_pages = max(pages, with_calls)
    more = counted(n_pages, "more page")
    if not with_calls:
        return more
    if with_calls == n_pages:
        return f"{more} with calls"
    return f"{more}, at least {with_calls} of them with calls"


def _wanted(n_pages: int, share: float) -> int:
    enough = min(_ENOUGH_TO_JUDGE, n_pages // 3)
    return min(max(round(share * n_pages), enough, 1), n_pages - 2)


def _whole_recordings(places: Sequence[PagePlace], rng: np.random.Generator) -> Iterator[Indices]:
    """Pages of one or more recordings, never of all."""
    groups = np.array([place.group for place in places])
    names = rng.permutation(np.unique(groups))
    n = len(names)
    if n <= _ALL_CHOICES:
        chosen = np.arange(1, 2**n - 1)[:, None] >> np.arange(n) & 1 > 0
    else:
        chosen = rng.uniform(size=(_DRAWN_CHOICES, n)) < rng.uniform(size=(_DRAWN_CHOICES, 1))
    for choice in chosen:
        yield np.flatnonzero(np.isin(groups, names[choice]))


def _stretches(places: Sequence[PagePlace], size: int, rng: np.random.Generator) -> list[Indices]:
    """So many pages that follow each other, beginning anywhere."""
    order = np.array(
        sorted(range(len(places)), key=lambda i: (places[i].group, places[i].start)), np.int64
    )
    firsts = rng.permutation(len(places) - size + 1)
    return [np.sort(order[first : first + size]) for first in firsts]


def _near(places: Sequence[PagePlace]) -> BoolTable:
    """(n, n) whether less than a page lies between two pages, as between one and itself."""
    group = np.unique([place.group for place in places], return_inverse=True)[1]
    start = np.array([place.start for place in places])
    length = np.array([place.length for place in places])
    end = start + length
    gap = np.maximum(start[:, None], start) - np.minimum(end[:, None], end)
    too_close: BoolTable = gap < np.maximum(length[:, None], length) * (1 - _ALMOST)
    too_close &= group[:, None] == group
    return too_close


def _best(
    choices: Iterable[Indices], near: BoolTable, with_calls: BoolTable, wanted: int, by: By
) -> Split | None:
    """The split that costs least; the first of equals."""
    splits = (_split(held_out, near, by) for held_out in choices)
    usable = [split for split in splits if _is_usable(split, with_calls, wanted)]
    return min(usable, key=lambda split: _cost(split, with_calls, wanted), default=None)


def _split(held_out: Indices, near: BoolTable, by: By) -> Split:
    lost = near[:, held_out].any(axis=1)
    learn = np.flatnonzero(~lost)
    return Split(
        learn=learn, held_out=held_out, between=np.setdiff1d(np.flatnonzero(lost), held_out), by=by
    )


def _is_usable(split: Split, with_calls: BoolTable, wanted: int) -> bool:
    """Both sides have calls; recordings with far too few or too many pages are no choice."""
    sides = bool(with_calls[split.learn].any() and with_calls[split.held_out].any())
    if split.by == "time":
        return sides
    return sides and 2 * len(split.held_out) >= wanted and 3 * len(split.learn) >= len(with_calls)


def _cost(split: Split, with_calls: BoolTable, wanted: int) -> tuple[float, float]:
    off = abs(len(split.held_out) - wanted) + len(split.between)
    return off, abs(float(with_calls[split.held_out].mean() - with_calls.mean()))
