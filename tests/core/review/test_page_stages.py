from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.review.page_stages import (
    PageStage,
    count_segmented,
    new_stages,
    pages_text,
    stages_from,
)


def test_nothing_is_known_of_new_pages():
    assert new_stages(3).tolist() == [PageStage.UNSEGMENTED] * 3
    assert count_segmented(new_stages(3)) == 0


def test_pages_of_which_nobody_took_it_down_count_as_segmented_only_with_an_answer():
    values, labels = np.zeros((3, 4, 4), np.uint8), np.zeros((3, 4, 4), np.int32)
    values[1:, 0, 0] = 200
    labels[2, 0, 0] = labels[0, 0, 0] = 1
    stages = stages_from(values, labels)
    assert stages.tolist() == [PageStage.UNSEGMENTED, PageStage.SEGMENTED, PageStage.CLEANED]
    assert count_segmented(stages) == 2


@pytest.mark.parametrize(
    ("pages", "text"),
    [([3], "3"), ([9, 5, 6, 7], "5-7 and 9"), (range(0, 40, 2), "0, 2, 4, 6, 8, 10 and more")],
)
def test_pages_are_named_in_ranges(pages, text):
    assert pages_text(list(pages)) == text
