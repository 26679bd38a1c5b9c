"""Arrays of numbers in .npy files, mapped."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from napari_squeakout.core.errors import InputError
from napari_squeakout.io.sources.arrays import mapped_array


def npy(header: str) -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(64)


ODD = {
    "an open bracket": npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 4"),
    "deeply nested": npy("(" * 3000 + ")" * 3000),
    "a length beyond all": npy(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 4), }"
    ),
    "numbers of no size": npy(
        "{'descr': '|V0', 'fortran_order': False, 'shape': (1000000000, 4, 4), }"
    ),
    "text": npy("{'descr': '<U4', 'fortran_order': False, 'shape': (2, 2), }"),
    "objects": npy("{'descr': '|O', 'fortran_order': False, 'shape': (2, 2), }"),
    "longer than it is": npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4000, 4), }"),
    "several arrays": b"PK\x03\x04" + bytes(64),
    "no header": b"\x93NUMPY",
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_an_odd_file_is_refused_in_a_sentence(tmp_path, content):
    (tmp_path / "odd.npy").write_bytes(content)
    with pytest.raises(InputError, match=r"odd\.npy: .*: save it again"):
        mapped_array(tmp_path / "odd.npy", remedy="save it again")
    assert (tmp_path / "odd.npy").read_bytes() == content


def test_what_is_written_to_a_mapped_array_is_in_the_file(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((2, 3), np.int32))
    mapped_array(tmp_path / "a.npy", "r+", remedy="")[1, 2] = 7
    assert np.load(tmp_path / "a.npy")[1, 2] == 7
