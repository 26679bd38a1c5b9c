"""The paper's table: its convention, its figures in words, CSV and bars."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from napari_squeakout.core.baselines.table import (
    as_chart,
    as_frame,
    as_markdown,
    order_text,
    row_of,
)


@pytest.fixture
def truth():
    """Eight masks, three of them empty."""
    masks = np.zeros((8, 32, 32), bool)
    for index in range(5):
        masks[index, 4 : 6 + index, 4:20] = True
    return masks


@pytest.fixture
def rows(truth):
    half = truth.copy()
    half[:, :, :12] = False
    return [
        row_of("Null", zip(truth, np.zeros_like(truth), strict=True)),
        row_of("half & half", zip(truth, half, strict=True)),
        row_of("Right", zip(truth, truth, strict=True)),
    ]


def test_the_null_rows_dice_is_the_share_of_empty_images_with_its_binomial_error(rows):
    """As the paper's 4.95 +- 0.74 is: 42 of 849."""
    known = rows[0].figures()
    assert known["dice"] == 3 / 8
    assert known["empty_images"] == 3
    assert known["dice_sem"] == pytest.approx(np.sqrt(3 / 8 * 5 / 8 / 7))
    assert known["dice_non_empty"] == 0


def test_figures_are_means_over_images(rows):
    half, right = rows[1].figures(), rows[2].figures()
    # Half of a mask: twice half of it by one and a half.
    assert half["dice_non_empty"] == pytest.approx(2 / 3)
    assert half["dice"] == pytest.approx((3 + 5 * 2 / 3) / 8)
    assert (right["dice"], right["accuracy"], right["dice_sem"]) == (1, 1, 0)


def test_the_table_is_in_percent_and_says_its_convention(rows):
    told = as_markdown(rows)
    assert "| Right | 100.00 ± 0.00 | 100.00 ± 0.00 | 100.00 ± 0.00 |" in told
    assert "over 8 images" in told
    assert "(3 true masks are)" in told
    assert list(as_frame(rows)["method"]) == ["Null", "half & half", "Right"]


def test_where_every_image_is_empty_nothing_is_said_of_those_with_calls(truth):
    empty = np.zeros_like(truth)
    told = as_markdown([row_of("Null", zip(empty, empty, strict=True))])
    assert "| Null | 100.00 ± 0.00 | 100.00 ± 0.00 | - |" in told


def test_the_order_that_was_found_is_said_whatever_it_is(rows):
    assert order_text(rows) == "Null < half & half < Right: the order of the rows above"
    assert order_text(rows[::-1]).endswith("not the order of the rows above")


def test_methods_that_are_as_right_as_each_other_are_said_to_be(rows):
    told = order_text([rows[0], rows[0], rows[2]])
    assert told.startswith("Null = Null < Right: ")


def test_bars_are_as_high_as_dice(rows):
    drawn = ET.fromstring(as_chart(rows))
    bars = [e for e in drawn.iter() if e.tag.endswith("rect") and e.get("fill") == "#0072b2"]
    heights = [float(bar.get("height")) for bar in bars]
    assert heights == pytest.approx([260 * row.dice.mean() for row in rows], abs=0.1)
    assert "half & half" in "".join(drawn.itertext()).replace("half& half", "half & half")
