"""How many parts a mask has."""

from __future__ import annotations

import numpy as np

from napari_squeakout.core.measures.pieces import Pieces


def page(*boxes):
    mask = np.zeros((20, 20), bool)
    for top, bottom, left, right in boxes:
        mask[top:bottom, left:right] = True
    return mask


def count(*pages, contiguous=True):
    pieces = Pieces()
    for index, mask in enumerate(pages):
        pieces.add(mask, page=index if contiguous else None)
    return pieces.count


def test_parts_that_touch_over_a_corner_are_one():
    assert count(page((0, 5, 0, 5), (5, 9, 5, 9), (12, 14, 0, 20))) == 2


def test_a_part_over_a_page_border_is_counted_once():
    assert count(page((3, 6, 10, 20)), page((6, 9, 0, 10))) == 1
    assert count(page((3, 6, 10, 20)), page((8, 9, 0, 10))) == 2


def test_two_parts_that_meet_on_the_next_page_are_one():
    fork = page((3, 6, 10, 20), (12, 15, 10, 20))
    assert count(fork, page((2, 16, 0, 10))) == 1
    # And the other way round, on a third page too.
    assert (
        count(page((2, 16, 10, 20)), page((3, 6, 0, 20), (12, 15, 0, 20)), page((3, 6, 0, 9))) == 1
    )


def test_nothing_touches_over_the_edge_of_an_image_or_a_page_between():
    assert count(page((3, 6, 10, 20)), page((3, 6, 0, 10)), contiguous=False) == 2
    pieces = Pieces()
    pieces.add(page((3, 6, 10, 20)), page=0)
    pieces.add(page((3, 6, 0, 10)), page=2)
    assert pieces.count == 2
