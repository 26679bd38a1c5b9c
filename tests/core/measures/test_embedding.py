"""The encoder's view of each call."""

from __future__ import annotations

import numpy as np
import pytest
from fakes import FIRST_S, PAGE_S, RATE_HZ, sound

from napari_squeakout import load_model
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.measures.embedding import EMBEDDING_SIZE, embedding_calls
from napari_squeakout.core.measures.measuring import measuring
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.stacks import MaskStack, SpectrogramStack
from napari_squeakout.core.steps import run


@pytest.fixture(scope="module")
def model():
    return load_model("squeakout-synthetic")


def rendered(samples):
    return render(Recording.from_array(samples, sample_rate_hz=RATE_HZ), RenderSettings())


def masks_of(stack, *calls):
    """Masks of calls (number, first column, last column) around 70 kHz, from the first page."""
    strip = np.zeros((PAGE_PX, stack.layout.n_pages * PAGE_PX), np.int32)
    for number, first, stop in calls:
        strip[330:375, first:stop] = number
    pages = strip.reshape(PAGE_PX, stack.layout.n_pages, PAGE_PX).swapaxes(0, 1)
    return MaskStack(np.ascontiguousarray(pages), stack.layout)


def columns(start_s, end_s):
    column_s = PAGE_S / PAGE_PX
    return round((start_s - FIRST_S) / column_s), round((end_s - FIRST_S) / column_s)


def unlike(one, other):
    """1 - cosine."""
    return 1 - float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def test_each_call_has_its_numbers_in_the_order_of_its_row(model):
    stack = rendered(sound(0.7, (0.1, 0.15, 70e3), (0.5, 0.51, 70e3)))
    masks = masks_of(stack, (1, *columns(0.5, 0.51)), (2, *columns(0.1, 0.15)))
    values = run(embedding_calls(stack, masks, model))
    assert values.shape == (2, EMBEDDING_SIZE)
    table = run(measuring(stack, masks)).calls
    alone = masks_of(stack, (1, *columns(0.1, 0.15)))
    assert table["duration_s"].iloc[0] > 0.04
    np.testing.assert_allclose(
        values[0], run(embedding_calls(stack, alone, model))[0], rtol=1e-4, atol=1e-4
    )


def test_a_call_over_a_page_border_is_seen_whole(model):
    """The same call on a border and within a page has nearly the same numbers."""
    begin_s = PAGE_S - 0.025
    on_border = rendered(sound(0.7, (begin_s, begin_s + 0.05, 70e3)))
    within = rendered(sound(0.7, (0.31, 0.36, 70e3)))
    values = [
        run(embedding_calls(stack, masks_of(stack, (1, *columns(start_s, start_s + 0.05))), model))
        for stack, start_s in ((on_border, begin_s), (within, 0.31))
    ]
    other = rendered(sound(0.7, (0.31, 0.36, 100e3)))
    silent = run(embedding_calls(other, masks_of(other, (1, *columns(0.31, 0.36))), model))
    assert len(values[0]) == 1
    assert unlike(values[0][0], values[1][0]) < unlike(silent[0], values[1][0]) / 3


def test_images_are_looked_at_one_by_one(model):
    pages = np.random.default_rng(0).uniform(0, 0.2, (2, PAGE_PX, PAGE_PX)).astype(np.float32)
    pages[1, 300:310, 100:200] = 1
    layout = Layout(source="folder", n_pages=2, grid=None, page_names=("a", "b"))
    stack = SpectrogramStack(pages=pages, layout=layout)
    labels = np.zeros(layout.shape, np.int32)
    labels[:, 295:315, 100:200] = 1
    values = run(embedding_calls(stack, MaskStack(labels, layout), model))
    assert values.shape == (2, EMBEDDING_SIZE)
    assert unlike(values[0], values[1]) > 0.01


def test_without_calls_there_are_no_rows_and_masks_of_others_are_refused(model):
    stack, other = rendered(sound(0.5)), rendered(sound(0.2))
    assert run(embedding_calls(stack, masks_of(stack), model)).shape == (0, EMBEDDING_SIZE)
    with pytest.raises(InputError, match="not of one source"):
        run(embedding_calls(stack, masks_of(other), model))
