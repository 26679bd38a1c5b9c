"""Arrays for whole recordings."""

from __future__ import annotations

import errno
import os

import numpy as np
import pytest

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.io import scratch
from napari_squeakout.io.scratch import give_back_zeros, make_room, page_array, set_room_aside

needs_blocks = pytest.mark.skipif(
    not hasattr(os, "posix_fallocate"), reason="no telling here what room a file has"
)


@needs_blocks
def test_where_room_cannot_be_set_aside_it_is_filled(tmp_path, monkeypatch):
    def cannot(*_):
        raise OSError(errno.EOPNOTSUPP, "not here")

    monkeypatch.setattr(os, "posix_fallocate", cannot)
    with (tmp_path / "a").open("w+b") as file:
        file.write(b"head")
        file.flush()
        set_room_aside(file, 3 * 2**20 + 5)
    content = (tmp_path / "a").read_bytes()
    assert (len(content), content[:4], content.count(0)) == (3 * 2**20 + 5, b"head", 3 * 2**20 + 1)


def test_pages_without_room_are_refused_in_a_sentence(monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(scratch, "IN_MEMORY_BYTES", 0)
    monkeypatch.setattr(scratch, "set_room_aside", full)
    with pytest.raises(SqueakOutError, match=r"has no room for .*No space left.*TMPDIR"):
        page_array((4, 512, 512), np.uint8)


def test_large_arrays_are_zeros_in_a_file(monkeypatch):
    monkeypatch.setattr(scratch, "IN_MEMORY_BYTES", 0)
    array = page_array((2, 8, 8), np.int32)
    assert isinstance(array, np.memmap)
    assert array.max() == 0


def mapped(path, n_pages=4):
    np.save(path, np.zeros((n_pages, 64, 64), np.int32))
    return np.lib.format.open_memmap(path, "r+")


def test_the_room_of_a_page_is_asked_for_where_it_lies_in_the_file(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(scratch, "_set_aside", lambda name, *place: asked.append((name, *place)))
    array = mapped(tmp_path / "labels.npy")
    make_room(array, 2, 3)
    make_room(array[1:], 0, 1)  # no telling where that is
    make_room(np.zeros((2, 4, 4)), 0, 1)
    assert asked == [(str(tmp_path / "labels.npy"), 128 + 2 * 2**14, 2**14)]


@needs_blocks
def test_making_room_changes_nothing_that_is_there(tmp_path):
    array = mapped(tmp_path / "labels.npy")
    array[:] = 7
    size = (tmp_path / "labels.npy").stat().st_size
    make_room(array, 0, 4)
    assert (array == 7).all()
    assert (tmp_path / "labels.npy").stat().st_size == size


def test_a_page_without_room_is_a_sentence(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(scratch, "_set_aside", full)
    with pytest.raises(SqueakOutError, match=r"labels\.npy: there is no room for more pages"):
        make_room(mapped(tmp_path / "labels.npy"), 0, 1)


@needs_blocks
def test_what_is_zero_takes_no_disk_and_reads_as_before(tmp_path):
    path = tmp_path / "probabilities.npy"
    np.save(path, np.zeros((8, 512, 512), np.uint8))
    array = np.lib.format.open_memmap(path, "r+")
    make_room(array, 0, 8)
    array[3, 200:210] = 9
    before, size = path.stat().st_blocks, path.stat().st_size
    give_back_zeros(array, 0, 8)
    assert path.stat().st_blocks < before / 10
    assert path.stat().st_size == size
    assert sorted({int(page.any()) * number for number, page in enumerate(array)}) == [0, 3]
    assert (np.load(path)[3, 200:210] == 9).all()
    make_room(array, 0, 8)
    assert path.stat().st_blocks >= before
    array[:] = 5
    assert (np.load(path) == 5).all()


def test_where_holes_cannot_be_made_nothing_happens(tmp_path, monkeypatch):
    def cannot(*_):
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(scratch, "_make_hole", cannot)
    array = mapped(tmp_path / "labels.npy")
    array[1] = 7
    give_back_zeros(array, 0, 4)
    give_back_zeros(np.zeros((2, 4, 4)), 0, 2)
    assert (np.load(tmp_path / "labels.npy")[1] == 7).all()
