from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import dask.array as da
import numpy as np
import pytest

from napari_squeakout.core.layout import STANDARD_GRID, Layout
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.stacks import MaskStack, ProbabilityStack, SpectrogramStack

SOUND = np.arange(1, 11, dtype=np.float32)


def layout(n_pages=2):
    return Layout(source="folder", n_pages=n_pages)


STACKS = {
    SpectrogramStack: np.float32,
    ProbabilityStack: np.uint8,
    MaskStack: np.int32,
}


def stacked(stack, values):
    """A stack of these values, whatever its kind calls them."""
    return stack(**{fields(stack)[0].name: values, "layout": layout()})


@pytest.mark.parametrize(("stack", "dtype"), list(STACKS.items()))
def test_a_stack_takes_pages_of_its_shape_and_kind(stack, dtype):
    assert stacked(stack, np.zeros((2, 512, 512), dtype)).layout.shape == (2, 512, 512)


@pytest.mark.parametrize("shape", [(1, 512, 512), (2, 227, 227), (512, 512)])
@pytest.mark.parametrize(("stack", "dtype"), list(STACKS.items()))
def test_a_stack_of_another_shape_is_refused(stack, dtype, shape):
    with pytest.raises(ValueError, match=r"folder: .* must be .*\(2, 512, 512\), got"):
        stacked(stack, np.zeros(shape, dtype))


@pytest.mark.parametrize(
    ("stack", "dtype"),
    [(SpectrogramStack, np.uint8), (ProbabilityStack, np.float32), (MaskStack, bool)],
)
def test_a_stack_of_another_kind_of_number_is_refused(stack, dtype):
    with pytest.raises(ValueError, match=f"got {np.dtype(dtype)}"):
        stacked(stack, np.zeros((2, 512, 512), dtype))


def recorded(n_pages=4):
    """Pages that each hold the position at which they were looked at."""
    starts_s = 0.25 * np.arange(n_pages)
    pages = np.broadcast_to(
        np.arange(n_pages, dtype=np.float32)[:, None, None], (n_pages, 512, 512)
    )
    where = Layout(
        source="rec", n_pages=n_pages, grid=STANDARD_GRID, starts_s=starts_s, contiguous=True
    )

    def view(position):
        return np.full((512, 512), position, np.float32)

    return SpectrogramStack(
        pages=pages, layout=where, view=view, views={"noise": lambda at: view(at) + 100}
    )


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
    where = Layout(
        source="folder",
        n_pages=3,
        grid=None,
        starts_s=None,
        contiguous=False,
        page_names=("a", "b", "c"),
        source_shapes=((1, 2), (3, 4), (5, 6)),
    )
    part = SpectrogramStack(pages=np.zeros((3, 512, 512), np.float32), layout=where).part(2, 3)
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
    page = SpectrogramStack(pages=lazy, layout=layout()).page(1)
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
