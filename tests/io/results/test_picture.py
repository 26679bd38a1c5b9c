"""A picture of a result."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from napari_squeakout.core.detection.calls import finding_calls
from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID, Layout
from napari_squeakout.core.stacks import MaskStack, SpectrogramStack
from napari_squeakout.core.steps import run
from napari_squeakout.io.results.picture import outline, write_picture

OUTLINE = (255, 106, 61)
GREY = 100 / 255


def recorded(n_pages):
    return Layout(
        source="rec",
        n_pages=n_pages,
        grid=STANDARD_GRID,
        starts_s=0.220672 * np.arange(n_pages, dtype=float),
        contiguous=True,
    )


def picture(layout, pages_with_calls, path):
    """The sheet of a stack in which page k is k grey levels brighter, as an array."""
    n_pages = layout.n_pages
    grey = (100 + np.arange(n_pages)) / 255
    pages = np.broadcast_to(grey[:, None, None], layout.shape).astype(np.float32)
    labels = np.zeros(layout.shape, np.int32)
    for number, page in enumerate(pages_with_calls, start=1):
        labels[page, 100:120, 200:240] = number
    masks = MaskStack(labels, layout)
    write_picture(
        SpectrogramStack(pages=pages, layout=layout), masks, run(finding_calls(masks)), path
    )
    with Image.open(path) as image:
        return np.asarray(image)


def pages_shown(sheet):
    """Numbers of the pages on a sheet, in reading order, by their brightness."""
    middles = sheet[12 + 28 + 300 :: 512 + 28 + 12, 12 + 300 :: 512 + 12]
    return [int(value) - 100 for value in middles[..., 0].ravel() if value >= 100]


def test_the_border_of_a_call_is_drawn_around_it_and_nothing_else_changes():
    page = np.full((PAGE_PX, PAGE_PX), GREY, np.float32)
    labels = np.zeros((PAGE_PX, PAGE_PX), np.int32)
    labels[100:120, 200:240] = 3
    drawn = outline(page, labels)
    coloured = (drawn == OUTLINE).all(axis=2)
    assert (drawn.shape, drawn.dtype) == ((PAGE_PX, PAGE_PX, 3), np.uint8)
    assert not coloured[100:120, 200:240].any()
    assert coloured[99, 200:240].all()
    assert coloured[120, 200:240].all()
    assert coloured[100:120, 199].all()
    assert coloured[100:120, 240].all()
    assert coloured.sum() <= 2 * (22 + 42)
    assert (drawn[~coloured] == 100).all()


def test_a_page_without_calls_has_no_outline():
    page = np.full((PAGE_PX, PAGE_PX), GREY, np.float32)
    drawn = outline(page, np.zeros((PAGE_PX, PAGE_PX), np.int32))
    assert (drawn == 100).all()


@pytest.mark.parametrize(
    ("n_pages", "with_calls", "shown"),
    [
        (3, [], [0, 1, 2]),
        (9, [], [0, 1, 2, 3]),
        (9, [7, 2], [2, 7]),
        (12, range(10), list(range(8))),
        (1, [0], [0]),
    ],
    ids=["no calls", "no calls on many pages", "some calls", "many calls", "one page"],
)
def test_the_pages_with_calls_are_shown_in_order_of_time(tmp_path, n_pages, with_calls, shown):
    sheet = picture(recorded(n_pages), with_calls, tmp_path / "picture.png")
    assert pages_shown(sheet) == shown
    columns, rows = min(4, len(shown)), -(-len(shown) // 4)
    assert sheet.shape == (rows * (512 + 28 + 12) + 12, columns * (512 + 12) + 12, 3)
    assert (sheet == OUTLINE).all(axis=2).any() == bool(len(with_calls))


def test_pages_with_most_calls_come_first_where_there_are_too_many(tmp_path):
    layout = recorded(10)
    calls = pd.DataFrame({"page": [*range(10), 8, 9]})
    path = tmp_path / "picture.png"
    grey = (100 + np.arange(10)) / 255
    pages = np.broadcast_to(grey[:, None, None], layout.shape).astype(np.float32)
    masks = MaskStack(np.zeros(layout.shape, np.int32), layout)
    write_picture(SpectrogramStack(pages=pages, layout=layout), masks, calls, path)
    with Image.open(path) as image:
        shown = pages_shown(np.asarray(image))
    assert len(shown) == 8
    assert {8, 9} <= set(shown)
    assert shown == sorted(shown)


@pytest.mark.parametrize(
    "layout",
    [
        recorded(1),
        Layout(source="folder", n_pages=1, page_names=("é" * 80,)),
        Layout(source="hand", n_pages=1),
    ],
    ids=["recording", "images", "nothing known"],
)
def test_each_page_has_a_caption(tmp_path, layout):
    sheet = picture(layout, [0], tmp_path / "picture.png")
    caption = sheet[12 : 12 + 28]
    assert (caption != sheet[0, 0]).any()
