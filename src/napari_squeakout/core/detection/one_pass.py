"""A recording looked at once: in tiles of several pages, whose margins are thrown away.

Only where any two windows that overlap show the same pixels, as on pages levelled by the noise. The
network has no edge of its own but those of what it is given: with enough to see on both sides it
says of a column what it would say if it were given the whole recording.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.rendering.ahead import made_ahead
from napari_squeakout.core.rendering.render import View
from napari_squeakout.core.stacks import Page

#: Columns on both sides of a tile's pages that are looked at besides. A multiple of 32, the
#: network's stride, so that all tiles lie on its grid.
MARGIN_PX = 64


class Asked(Protocol):
    """What is asked: an `Engine`."""

    batch_size: int
    #: Pages that it answers for at once, side by side.
    tile_pages: int

    def __call__(self, pages: NDArray[np.float32]) -> NDArray[np.uint8]:
        """(n, 512, w) pages -> (n, 512, w) uint8 probabilities."""


@dataclass(frozen=True)
class _Tile:
    """Pages `first` to `stop` of a recording, and the columns from `left` on that show them."""

    first: int
    stop: int
    left: int
    width: int


def looked_at_once(
    look: View, pages: range, n_pages: int, engine: Asked
) -> Iterator[NDArray[np.uint8]]:
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

    Yields
    ------
    NDArray
        (512, 512) uint8 probabilities of each page.
    """
    of_tile = engine.tile_pages
    first = pages.start // of_tile * of_tile
    stop = min(n_pages, -(-pages.stop // of_tile) * of_tile)
    seen = range(max(0, first - 1), min(n_pages, stop + 1))
    made = made_ahead(look, map(float, seen), lambda: engine.batch_size)
    held: dict[int, Page] = {}
    while first < stop:
        after = min(stop, first + of_tile * max(1, engine.batch_size // of_tile))
        for page in range(max(held, default=seen.start - 1) + 1, min(after + 1, n_pages)):
            held[page] = next(made)
        starts = range(first, after, of_tile)
        tiles = [_tile(at, min(at + of_tile, after), n_pages) for at in starts]
        answers = _asked(tiles, held, engine)
        yield from (answers[page] for page in range(first, after) if page in pages)
        held = {page: value for page, value in held.items() if page >= after - 1}
        first = after


def _tile(first: int, stop: int, n_pages: int) -> _Tile:
    """The pages with a margin on both sides; at an end of the recording all of it on one."""
    width = min((stop - first) * PAGE_PX + 2 * MARGIN_PX, n_pages * PAGE_PX)
    left = min(max(0, first * PAGE_PX - MARGIN_PX), n_pages * PAGE_PX - width)
    return _Tile(first, stop, left, width)


def _asked(
    tiles: list[_Tile], held: dict[int, Page], engine: Asked
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


def _columns(held: dict[int, Page], left: int, width: int) -> Page:
    """(512, width) the recording from a column on."""
    pages = range(left // PAGE_PX, (left + width - 1) // PAGE_PX + 1)
    strip = np.concatenate([held[page] for page in pages], axis=1)
    return strip[:, left - pages[0] * PAGE_PX :][:, :width]
