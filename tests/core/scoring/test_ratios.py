"""Parts of a whole, where there is one."""

from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.scoring.ratios import ratio


def test_a_part_of_nothing_is_what_the_asker_says_and_never_a_number_of_its_own():
    assert ratio(0, 0, undefined=None) is None
    assert ratio(3, np.float64(0), undefined="unknown") == "unknown"


@pytest.mark.parametrize("kind", [int, float, np.float64, np.int64])
def test_a_part_of_something_is_a_plain_number(kind):
    share = ratio(kind(1), kind(4), undefined=None)
    assert (share, type(share)) == (0.25, float)
