"""Where calls are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from napari_squeakout.core.measures.edited import LAST_PAGE, PAINTED
from napari_squeakout.gui.calls.places import call_on, centre_of, numbers_by_page

CALLS = pd.DataFrame({"page": [0, 0, 4], LAST_PAGE: [0, 1, 4], PAINTED: [1, 2, 2]})


def test_a_call_over_a_border_is_on_both_pages_and_another_of_its_number_is_not():
    assert numbers_by_page(CALLS) == {0: {1, 2}, 1: {2}, 4: {2}}
    assert numbers_by_page(CALLS.iloc[[2]]) == {4: {2}}
    assert [call_on(CALLS, page, 2) for page in (0, 1, 2, 4)] == [1, 1, None, 2]


def test_the_middle_of_a_call_is_that_of_its_extent():
    labels = np.zeros((8, 8), int)
    labels[1, 2:7], labels[5, 2] = 3, 3
    assert centre_of(labels, 3) == (3.0, 4.0)
    assert centre_of(labels, 4) is None
