from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from napari_squeakout.core.detection.calls import finding_calls
from napari_squeakout.core.detection.numbering import reused_text, telling_apart
from napari_squeakout.core.layout import STANDARD_GRID, Layout
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.stacks import MaskStack
from napari_squeakout.core.steps import run

STARTS_S = STANDARD_GRID.seconds_per_column * 512


def masks_of(n_pages, *boxes, contiguous=True, settings=None):
    """Boxes (number, page, left, right)."""
    starts_s = np.arange(n_pages) * STARTS_S if contiguous else None
    names = () if contiguous else tuple("abcdefgh"[:n_pages])
    layout = Layout(
        source="rec",
        n_pages=n_pages,
        grid=STANDARD_GRID,
        starts_s=starts_s,
        contiguous=contiguous,
        page_names=names,
    )
    labels = np.zeros(layout.shape, np.int32)
    for number, page, left, right in boxes:
        labels[page, 200:210, left:right] = number
    return MaskStack(labels, layout, settings)


def table_of(masks):
    return run(finding_calls(masks))


@pytest.mark.parametrize(
    "boxes",
    [
        [(1, 0, 100, 120), (1, 4, 100, 120)],  # a brush that kept its number
        [(1, 0, 100, 120), (1, 1, 300, 330)],  # on the next page, but not at its border
        [(1, 0, 0, 20), (1, 1, 500, 512)],
    ],
)
def test_a_number_on_pages_that_do_not_touch_in_time_is_two_calls(boxes):
    table = table_of(masks_of(6, *boxes))
    assert table["call"].tolist() == [1, 2]
    assert (table["duration_s"] < 0.02).all()
    assert table["page"].tolist() == [boxes[0][1], boxes[1][1]]


def test_pieces_that_a_person_merged_on_one_page_stay_one_call():
    assert len(table_of(masks_of(2, (3, 0, 10, 30), (3, 0, 400, 420)))) == 1


def test_a_call_over_two_borders_stays_one_and_a_later_one_of_its_number_does_not():
    boxes = [(2, 0, 500, 512), (2, 1, 0, 512), (2, 2, 0, 9), (2, 4, 30, 40)]
    table = table_of(masks_of(5, *boxes))
    assert table["call"].tolist() == [2, 3]
    assert table["duration_s"].iloc[0] == pytest.approx(533 * STANDARD_GRID.seconds_per_column)


def test_the_gap_that_joins_is_that_of_the_settings_that_made_the_calls():
    boxes = [(1, 0, 400, 480), (1, 1, 20, 40)]  # 52 columns, 22 ms
    assert len(table_of(masks_of(2, *boxes))) == 1
    strict = CleanSettings(join_gap_s=0.010)
    assert len(table_of(masks_of(2, *boxes, settings=strict))) == 2


def test_a_gap_that_joins_may_be_longer_than_a_short_page():
    column_s = 0.05 / 512
    grid = replace(STANDARD_GRID, seconds_per_column=column_s)
    starts_s = 0.05 * np.arange(6)
    layout = Layout(source="rec", n_pages=6, grid=grid, starts_s=starts_s, contiguous=True)
    labels = np.zeros(layout.shape, np.int32)
    labels[0, 200:210, 400:480] = labels[2, 200:210, 100:200] = 1  # 0.064 s apart, page 1 between
    labels[5, 200:210, 100:200] = 1  # 0.14 s later
    masks = MaskStack(labels, layout, CleanSettings(join_gap_s=0.1))
    assert table_of(masks)["call"].tolist() == [1, 2]


def test_the_masks_that_are_saved_have_the_numbers_of_the_table():
    masks = masks_of(6, (1, 0, 9, 20), (1, 4, 9, 20), (7, 4, 40, 60), (7, 0, 40, 60))
    apart = run(telling_apart(masks))
    table = table_of(masks)
    assert table["call"].tolist() == table_of(apart)["call"].tolist() == [1, 7, 8, 9]
    for row in table.itertuples():
        found = [page for page in range(6) if (apart.labels[page] == row.call).any()]
        assert found == [row.page]
    np.testing.assert_array_equal(np.asarray(apart.labels) > 0, masks.labels > 0)
    assert "the number 1, 7 stands on pages that do not touch" in reused_text(apart)
    assert masks.labels.max() == 7  # nobody's own labels are changed


def test_masks_whose_numbers_are_right_stay_as_they_are():
    masks = masks_of(3, (1, 0, 500, 512), (1, 1, 0, 20), (2, 2, 9, 20))
    assert run(telling_apart(masks)) is masks
    assert not reused_text(masks)


def test_on_independent_images_a_number_on_two_pages_is_two_calls():
    masks = masks_of(2, (1, 0, 500, 512), (1, 1, 0, 20), contiguous=False)
    assert table_of(masks)["call"].tolist() == [1, 1]
    assert run(telling_apart(masks)) is masks
