from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.layout import STANDARD_GRID, Grid, Layout


def test_the_standard_grid_spans_the_page_that_vocalmat_draws():
    assert STANDARD_GRID.seconds_per_column * 512 == pytest.approx(0.220672)
    lowest_bin_hz, highest_bin_hz = 185 * 250_000 / 1024, 125_000
    half_bin_hz = 250_000 / 1024 / 2
    assert STANDARD_GRID.hz(512) == pytest.approx(lowest_bin_hz - half_bin_hz)
    assert STANDARD_GRID.hz(0) == pytest.approx(highest_bin_hz + half_bin_hz)


@pytest.mark.parametrize("pixel", [(0, 100), (0.001, -1)])
def test_a_pixel_without_size_is_refused(pixel):
    with pytest.raises(ValueError, match="a pixel has a size"):
        Grid(*pixel, low_hz=0)


@pytest.mark.parametrize(
    "counted",
    [
        {"page_names": ("a", "b", "c")},
        {"source_shapes": ((227, 227),)},
        {"starts_s": np.zeros(0)},
        {"starts_s": np.zeros(3)},
    ],
    ids=["names", "shapes", "no starts", "starts"],
)
def test_a_layout_with_a_number_of_things_other_than_its_pages_is_refused(counted):
    (what,) = counted
    with pytest.raises(ValueError, match=f"folder: . {what} for 2 pages"):
        Layout(source="folder", n_pages=2, **counted)


@pytest.mark.parametrize(
    "known", [{}, {"grid": STANDARD_GRID}, {"starts_s": np.zeros(2)}], ids=["none", "grid", "time"]
)
def test_contiguous_pages_need_a_grid_and_a_time_axis(known):
    with pytest.raises(ValueError, match="contiguous pages need a grid and starts_s"):
        Layout(source="rec", n_pages=2, contiguous=True, **known)
