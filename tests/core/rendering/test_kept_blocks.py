"""Values of blocks, made once each."""

from __future__ import annotations

import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from napari_squeakout.core.rendering.kept_blocks import KeptBlocks


def doubled(block):
    return 2 * block


def test_a_block_is_made_once_until_others_push_it_out():
    made = []
    kept = KeptBlocks(lambda block: made.append(block) or -block, most=2)
    assert [kept[1], kept[2], kept[1], kept[3], kept[1]] == [-1, -2, -1, -3, -1]
    assert made == [1, 2, 3]
    assert kept[2] == -2
    assert made == [1, 2, 3, 2]


def test_threads_that_want_the_same_block_get_what_one_of_them_makes():
    made, begun = [], threading.Barrier(4)

    def make(block):
        made.append(block)
        return object()

    kept = KeptBlocks(make, most=4)

    def asks(_):
        begun.wait()
        return kept[7]

    with ThreadPoolExecutor(4) as pool:
        values = list(pool.map(asks, range(4)))
    assert made == [7]
    assert len(set(map(id, values))) == 1


def test_what_could_not_be_made_is_tried_again():
    failures = [OSError("gone")]

    def make(block):
        if failures:
            raise failures.pop()
        return block

    kept = KeptBlocks(make, most=1)
    with pytest.raises(OSError, match="gone"):
        kept[3]
    assert kept[3] == 3


def test_it_goes_to_another_process_without_what_is_kept():
    kept = KeptBlocks(doubled, most=3)
    assert kept[4] == 8
    assert pickle.loads(pickle.dumps(kept))[5] == 10
