from __future__ import annotations

from dataclasses import FrozenInstanceError

import dask.array as da
import numpy as np
import pytest

from napari_squeakout.core.stacks import (
    STANDARD_GRID,
    Grid,
    Layout,
    MaskStack,
    ProbabilityStack,
    Recording,
    SpectrogramStack,
)

SOUND = np.arange(1, 11, dtype=np.float32)


def layout(n_pages=2):
    return Layout("folder", n_pages)


@pytest.mark.parametrize(
    ("start", "stop"),
    [(0, 10), (3, 7), (-4, 5), (8, 15), (-3, 13), (-9, -2), (-5, 0), (10, 14), (20, 25), (4, 4)],
)
def test_reading_past_an_edge_gives_silence(start, stop):
    recording = Recording.from_array(SOUND, sample_rate_hz=10)
    padded = np.pad(SOUND, 30)
    block = recording.read(start, stop)
    assert block.dtype == np.float32
    np.testing.assert_array_equal(block, padded[30 + start : 30 + stop])


def test_a_recording_knows_how_long_it_is():
    assert Recording.from_array(SOUND, sample_rate_hz=4).duration_s == 2.5


def test_an_array_of_several_channels_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"stereo: .*\(10, 2\): choose a channel"):
        Recording.from_array(np.zeros((10, 2)), sample_rate_hz=10, name="stereo")


@pytest.mark.parametrize(("n_samples", "rate_hz"), [(0, 250_000), (10, 0)])
def test_a_recording_without_samples_or_rate_is_refused(n_samples, rate_hz):
    with pytest.raises(ValueError, match=f"rec: {n_samples} samples at {rate_hz} Hz"):
        Recording("rec", rate_hz, n_samples, lambda start, stop: SOUND[start:stop])


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
        Layout("folder", 2, **counted)


@pytest.mark.parametrize(
    "known", [{}, {"grid": STANDARD_GRID}, {"starts_s": np.zeros(2)}], ids=["none", "grid", "time"]
)
def test_contiguous_pages_need_a_grid_and_a_time_axis(known):
    with pytest.raises(ValueError, match="contiguous pages need a grid and starts_s"):
        Layout("rec", 2, contiguous=True, **known)


STACKS = {
    SpectrogramStack: np.float32,
    ProbabilityStack: np.uint8,
    MaskStack: np.int32,
}


@pytest.mark.parametrize(("stack", "dtype"), list(STACKS.items()))
def test_a_stack_takes_pages_of_its_shape_and_kind(stack, dtype):
    assert stack(np.zeros((2, 512, 512), dtype), layout()).layout.shape == (2, 512, 512)


@pytest.mark.parametrize("shape", [(1, 512, 512), (2, 227, 227), (512, 512)])
@pytest.mark.parametrize(("stack", "dtype"), list(STACKS.items()))
def test_a_stack_of_another_shape_is_refused(stack, dtype, shape):
    with pytest.raises(ValueError, match=r"folder: .* must be .*\(2, 512, 512\), got"):
        stack(np.zeros(shape, dtype), layout())


@pytest.mark.parametrize(
    ("stack", "dtype"),
    [(SpectrogramStack, np.uint8), (ProbabilityStack, np.float32), (MaskStack, bool)],
)
def test_a_stack_of_another_kind_of_number_is_refused(stack, dtype):
    with pytest.raises(ValueError, match=f"got {np.dtype(dtype)}"):
        stack(np.zeros((2, 512, 512), dtype), layout())


def recorded(n_pages=4):
    """Pages that each hold the position at which they were looked at."""
    starts_s = 0.25 * np.arange(n_pages)
    pages = np.broadcast_to(
        np.arange(n_pages, dtype=np.float32)[:, None, None], (n_pages, 512, 512)
    )
    where = Layout("rec", n_pages, STANDARD_GRID, starts_s, contiguous=True)

    def view(position):
        return np.full((512, 512), position, np.float32)

    return SpectrogramStack(pages, where, view, views={"noise": lambda at: view(at) + 100})


def test_a_part_of_a_recording_begins_where_it_does():
    part = recorded().part(1, 3)
    assert part.layout.starts_s.tolist() == [0.25, 0.5]
    assert part.layout.contiguous
    assert [part.page(0)[0, 0], part.view(0.5)[0, 0]] == [1, 1.5]
    assert part.views["noise"](0.5)[0, 0] == 101.5
    assert [page[0, 0] for page in part.pages] == [1, 2]


def test_a_part_of_a_part_counts_from_its_own_first_page():
    assert recorded().part(1, 4).part(1, 2).view(0.0)[0, 0] == 2


def test_a_part_of_images_keeps_their_names_and_shapes():
    where = Layout("folder", 3, None, None, False, ("a", "b", "c"), ((1, 2), (3, 4), (5, 6)))
    part = SpectrogramStack(np.zeros((3, 512, 512), np.float32), where).part(2, 3)
    assert (part.layout.page_names, part.layout.source_shapes) == (("c",), ((5, 6),))
    assert part.view is None


def test_all_pages_are_the_stack_itself():
    stack = recorded()
    assert stack.part(0, 4) is stack


@pytest.mark.parametrize(("first", "stop"), [(0, 5), (-1, 2), (2, 2), (3, 1), (4, 5)])
def test_pages_that_are_not_there_are_no_part(first, stop):
    with pytest.raises(ValueError, match="rec: has 4 pages, counted from 0"):
        recorded().part(first, stop)


def test_a_page_of_a_lazy_stack_is_computed_when_asked_for():
    lazy = da.stack([da.zeros((512, 512), dtype=np.float32), da.ones((512, 512), dtype=np.float32)])
    page = SpectrogramStack(lazy, layout()).page(1)
    assert isinstance(page, np.ndarray)
    assert page.dtype == np.float32
    assert page.all()


@pytest.mark.parametrize(
    ("noun", "field"),
    [
        (Recording.from_array(SOUND, sample_rate_hz=10), "sample_rate_hz"),
        (STANDARD_GRID, "low_hz"),
        (layout(), "n_pages"),
        (MaskStack(np.zeros((2, 512, 512), np.int32), layout()), "labels"),
    ],
    ids=["recording", "grid", "layout", "masks"],
)
def test_nouns_cannot_be_changed(noun, field):
    with pytest.raises(FrozenInstanceError):
        setattr(noun, field, 1)
