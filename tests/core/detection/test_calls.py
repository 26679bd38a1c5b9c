"""Masks -> calls."""

from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.detection.calls import PIXEL_COLUMNS, SCALED_COLUMNS, finding_calls
from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID, Grid, Layout
from napari_squeakout.core.stacks import MaskStack, ProbabilityStack
from napari_squeakout.core.steps import Progress, run

#: Round figures: a page is 0.512 s and 102.4 kHz.
GRID = Grid(seconds_per_column=0.001, hz_per_row=200.0, low_hz=20_000.0)
ZERO_S = 0.25


def recorded(n_pages):
    starts_s = ZERO_S + 0.512 * np.arange(n_pages)
    return Layout(source="rec", n_pages=n_pages, grid=GRID, starts_s=starts_s, contiguous=True)


def images(*names, grid=None):
    return Layout(source="folder", n_pages=len(names), grid=grid, page_names=names)


def labelled(layout, *boxes):
    """Boxes (number, page, top, bottom, left, right) of a call's number."""
    labels = np.zeros(layout.shape, np.int32)
    for number, index, top, bottom, left, right in boxes:
        labels[index, top:bottom, left:right] = number
    return MaskStack(labels, layout)


def only_row(masks, probabilities=None):
    table = run(finding_calls(masks, probabilities))
    assert len(table) == 1
    return table.iloc[0]


def test_a_call_is_measured_in_seconds_and_hertz_to_the_pixel():
    row = only_row(labelled(recorded(2), (1, 1, 112, 122, 100, 150)))
    assert (row["call"], row["page"], row["area_px"]) == (1, 1, 500)
    measured = row[["start_s", "end_s", "duration_s"]].tolist()
    assert measured == pytest.approx([0.25 + 0.512 + 0.1, 0.25 + 0.512 + 0.15, 0.05])
    # 390 rows lie below row 122, and each has 200 Hz.
    measured = row[["low_hz", "high_hz", "bandwidth_hz", "mean_hz"]].tolist()
    assert measured == pytest.approx([98_000, 100_000, 2_000, 99_000])


def test_a_call_on_the_edges_of_a_page_reaches_them():
    row = only_row(labelled(recorded(1), (1, 0, 0, PAGE_PX, 0, PAGE_PX)))
    edges = row[["start_s", "end_s", "low_hz", "high_hz"]].tolist()
    assert edges == pytest.approx([0.25, 0.25 + 0.512, 20_000, 122_400])


def test_a_call_across_a_page_border_is_one_row_and_belongs_to_the_page_it_begins_on():
    masks = labelled(recorded(3), (1, 0, 100, 110, 500, 512), (1, 1, 90, 105, 0, 20))
    row = only_row(masks)
    assert row["page"] == 0
    assert row[["start_s", "end_s"]].tolist() == pytest.approx([0.25 + 0.5, 0.25 + 0.532])
    assert row[["low_hz", "high_hz"]].tolist() == pytest.approx([100_400, 104_400])
    assert row["area_px"] == 120 + 300


def test_a_call_longer_than_a_page_is_one_row():
    boxes = [(1, index, 100, 110, 0, PAGE_PX) for index in range(3)]
    assert only_row(labelled(recorded(3), *boxes))["duration_s"] == pytest.approx(3 * 0.512)


def test_harmonics_extend_the_band_and_the_mean_weighs_every_pixel():
    masks = labelled(recorded(1), (1, 0, 412, 422, 100, 130), (1, 0, 102, 112, 110, 120))
    row = only_row(masks)
    assert row[["low_hz", "high_hz"]].tolist() == pytest.approx([38_000, 102_000])
    assert row["mean_hz"] == pytest.approx((300 * 39_000 + 100 * 101_000) / 400)
    assert row["duration_s"] == pytest.approx(0.03)
    assert row["area_px"] == 400


def test_calls_are_in_order_of_time_whatever_their_numbers():
    masks = labelled(
        recorded(2),
        (7, 0, 10, 20, 300, 320),
        (2, 1, 10, 20, 40, 60),
        (40, 0, 10, 20, 100, 120),
        (3, 1, 10, 20, 20, 30),
    )
    table = run(finding_calls(masks))
    assert table["call"].tolist() == [40, 7, 3, 2]
    assert table["start_s"].is_monotonic_increasing


def test_images_without_a_scale_are_measured_in_pixels_from_the_bottom_left():
    row = only_row(labelled(images("a", "b"), (1, 1, 112, 122, 100, 150)))
    assert row[PIXEL_COLUMNS[:10]].tolist() == [1, 1, 100, 150, 50, 390, 400, 10, 395, 500]
    assert row["image"] == "b"


def test_images_with_a_scale_count_time_from_their_left_edge():
    row = only_row(labelled(images("a", "b", grid=GRID), (1, 1, 112, 122, 100, 150)))
    assert row[["start_s", "end_s"]].tolist() == pytest.approx([0.1, 0.15])
    assert row[["low_hz", "high_hz"]].tolist() == pytest.approx([98_000, 100_000])
    assert row["image"] == "b"


def test_one_number_on_two_images_is_two_calls():
    masks = labelled(
        images("a", "b"),
        (5, 0, 10, 20, 100, 120),
        (5, 1, 10, 20, 30, 60),
        (9, 0, 50, 60, 10, 20),
    )
    table = run(finding_calls(masks))
    assert table[["call", "image", "start_px", "end_px"]].to_numpy().tolist() == [
        [9, "a", 10, 20],
        [5, "a", 100, 120],
        [5, "b", 30, 60],
    ]


def test_probabilities_are_the_mean_and_the_peak_inside_the_call():
    layout = recorded(2)
    masks = labelled(layout, (1, 0, 100, 110, 502, 512), (1, 1, 100, 110, 0, 10))
    values = np.full(layout.shape, 7, np.uint8)
    values[0, 100:110, 502:512] = 153
    values[1, 100:110, 0:10] = 204
    values[1, 105, 5] = 255
    row = only_row(masks, ProbabilityStack(values, layout))
    assert row["peak_probability"] == 1
    assert row["mean_probability"] == pytest.approx((0.6 * 100 + 0.8 * 99 + 1) / 200)


def test_without_probabilities_their_columns_are_empty():
    row = only_row(labelled(recorded(1), (1, 0, 100, 110, 100, 110)))
    assert row[["mean_probability", "peak_probability"]].isna().all()


@pytest.mark.parametrize(
    ("layout", "columns"),
    [
        (recorded(2), SCALED_COLUMNS),
        (recorded(0), SCALED_COLUMNS),
        (images("a", "b"), [*PIXEL_COLUMNS, "image"]),
        (images("a", grid=GRID), [*SCALED_COLUMNS, "image"]),
    ],
    ids=["recording", "no pages", "images", "images with a scale"],
)
def test_a_stack_without_calls_gives_a_header(layout, columns):
    table = run(finding_calls(labelled(layout)))
    assert table.columns.tolist() == columns
    assert table.empty


def test_a_table_with_times_begins_with_the_promised_columns():
    table = run(finding_calls(labelled(recorded(1), (1, 0, 1, 2, 3, 4))))
    assert ",".join(table.columns[:7]) == "call,page,start_s,end_s,duration_s,low_hz,high_hz"


def test_single_pixels_and_touching_calls_are_told_apart():
    masks = labelled(recorded(1), (1, 0, 100, 101, 50, 51), (2, 0, 100, 101, 51, 52))
    table = run(finding_calls(masks))
    assert table["area_px"].tolist() == [1, 1]
    assert table["end_s"].tolist() == pytest.approx([ZERO_S + 0.051, ZERO_S + 0.052])


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.int64])
def test_labels_of_any_whole_number_are_measured(dtype):
    labels = np.zeros((1, PAGE_PX, PAGE_PX), dtype)
    labels[0, 10:20, 30:40] = 40_000 if dtype != np.uint16 else 65_000
    row = only_row(MaskStack(labels, Layout(source="hand", n_pages=1, grid=STANDARD_GRID)))
    assert (row["call"], row["area_px"]) == (labels.max(), 100)


def test_progress_counts_pages():
    told = list(finding_calls(labelled(recorded(2))))
    assert told == [Progress(1, 2, "pages"), Progress(2, 2, "pages")]
