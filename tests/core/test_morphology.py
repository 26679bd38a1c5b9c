from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.morphology import stretches


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", []),
        ("....", []),
        ("####", [(0, 4)]),
        ("#..##.#", [(0, 1), (3, 5), (6, 7)]),
    ],
)
def test_stretches_are_found_also_at_both_ends_of_a_line(line, expected):
    assert stretches(np.array([mark == "#" for mark in line], bool)) == expected
