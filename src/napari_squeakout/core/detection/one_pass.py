"""A recording looked at once: in tiles of several pages, whose margins are thrown away.

Only where any two windows that overlap show the same pixels, as on pages levelled by the noise. The
network has no edge of its own but those of what it is given: with enough to see on both sides it
says of a column what it would say if it were given the whole recording.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.rendering.ahead import made_ahead
from napari_squeakout.core.rendering.render import View
from napari_squeakout.core.stacks import Page

from .silence import LoudColumns

#: Columns on both sides of a tile's pages that are looked at besides. A multiple of 32, the
#: network's stride, so that all tiles lie on its grid.
MARGIN_PX = 64
#: A page is looked at where a call may be on it or so near beside it (55 ms): the faint end of one
#: may lie there.
NEAR_PX = 128


class Asked(Protocol):
    """What is asked: an `Engine`."""

    batch_size: int
    #: Pages that it answers for at once, side by side.
    tile_pages: int

    def __call__(self, pages: NDArray[np.float32]) -> NDArray[np.uint8]:
        """(n, 512, w) pages -> (n, 512, w) uint8 probabilities."""


@dataclass(frozen=True)
class _Seen:
    """A page, and which of its columns may hold a call."""

    page: Page
    loud: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class _Tile:
    """Pages `first` to `stop` of a recording, and the columns from `left` on that show them."""

    first: int
    stop: int
    left: int
    width: int


def looked_at_once(
    look: View, pages: range, n_pages: int, engine: Asked, *, loud: LoudColumns | None
) -> Iterator[NDArray[np.uint8] | None]:
    """Ask the network about pages of a recording.

    Tiles are counted from the recording's first page, whichever is asked for: any part of a
    recording gets the answers that it gets within the whole, to the last bit.

    Parameters
    ----------
    look : callable
        Position, in pages of the recording -> (512, 512) float32, 0..1.
    pages : range
        Those wanted, one after the other.
    n_pages : int
        How many the recording has.
    engine : Engine
        What computes.
    loud : callable, optional
        Says in which columns of a page a call may be; pages without any are left out. None leaves
        none out.

    Yields
    ------
    NDArray or None
        (512, 512) uint8 probabilities of each page; None of one that was left out.
    """
    of_tile = engine.tile_pages
    first = pages.start // of_tile * of_tile
    stop = min(n_pages, -(-pages.stop // of_tile) * of_tile)
    seen = range(max(0, first - 1), min(n_pages, stop + 1))
    see = partial(_seen, look, loud=loud)
    made = made_ahead(see, map(float, seen), lambda: engine.batch_size)
    held: dict[int, _Seen] = {}
    while first < stop:
        after = min(stop, first + of_tile * max(1, engine.batch_size // of_tile))
        for page in range(max(held, default=seen.start - 1) + 1, min(after + 1, n_pages)):
            held[page] = next(made)
        wanted = [page for page in range(first, after) if _is_loud(page, held)]
        tiles = [_tile(run, n_pages) for run in _runs(wanted, of_tile)]
        answers = _asked(tiles, held, engine)
        yield from (answers.get(page) for page in range(first, after) if page in pages)
        held = {page: value for page, value in held.items() if page >= after - 1}
        first = after


def _seen(look: View, position: float, *, loud: LoudColumns | None) -> _Seen:
    page = look(position)
    return _Seen(page, np.ones(PAGE_PX, bool) if loud is None else loud(page))


def _is_loud(page: int, held: Mapping[int, _Seen]) -> bool:
    """Whether there may be a call on a page, or the end of one that is on the pages beside it."""
    before, after = held.get(page - 1), held.get(page + 1)
    return bool(
        held[page].loud.any()
        or (before is not None and before.loud[-NEAR_PX:].any())
        or (after is not None and after.loud[:NEAR_PX].any())
    )


def _runs(pages: list[int], of_tile: int) -> Iterator[range]:
    """Pages in a row that share a tile's place in the recording."""
    at = 0
    while at < len(pages):
        first, stop = pages[at], pages[at] + 1
        while stop in pages and stop // of_tile == first // of_tile:
            stop += 1
        yield range(first, stop)
        at += stop - first


def _tile(pages: range, n_pages: int) -> _Tile:
    """The pages with a margin on both sides; at an end of the recording all of it on one."""
    width = min(len(pages) * PAGE_PX + 2 * MARGIN_PX, n_pages * PAGE_PX)
    left = min(max(0, pages.start * PAGE_PX - MARGIN_PX), n_pages * PAGE_PX - width)
    return _Tile(first=pages.start, stop=pages.stop, left=left, width=width)


def _asked(
    tiles: list[_Tile], held: Mapping[int, _Seen], engine: Asked
) -> dict[int, NDArray[np.uint8]]:
    """The answers by page; tiles of one width together, as many as the engine takes."""
    alike = defaultdict[int, list[_Tile]](list)
    for tile in tiles:
        alike[tile.width].append(tile)
    answers = {}
    for width, same in alike.items():
        while same:
            count = max(1, engine.batch_size * PAGE_PX // width)
            taken, same = same[:count], same[count:]  # noqa: PLW2901 (those that are left)
            given = np.stack([_columns(held, tile.left, width) for tile in taken])
            for tile, answer in zip(taken, engine(given), strict=True):
                for page in range(tile.first, tile.stop):
                    at = page * PAGE_PX - tile.left
                    answers[page] = answer[:, at : at + PAGE_PX]
    return answers


def _columns(held: Mapping[int, _Seen], left: int, width: int) -> Page:
    """(512, width) the recording from a column on."""
    pages = range(left // PAGE_PX, (left + width - 1) // PAGE_PX + 1)
    strip = np.concatenate([held[page].page for page in pages], axis=1)
    return strip[:, left - pages[0] * PAGE_PX :][:, :width]
