from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_squeakout.core.layout import STANDARD_GRID, Layout
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.gui.layers.layers import open_stack, source_of
from napari_squeakout.gui.picture.placed_by_khz import PlacedByKhz
from napari_squeakout.gui.picture.stretch import stretch_layers

_STRETCH = 2.6
#: A plane of pixels over 60 to 100 kHz and 20 to 120 ms.
_BY_KHZ = {"scale": (0.4, 1), "translate": (60, 20)}


@pytest.fixture
def stretched():
    """A viewer with a recording stretched in it, and what looks at layers of others."""
    viewer = ViewerModel()
    layout = Layout(source="rec", n_pages=2, grid=STANDARD_GRID)
    open_stack(viewer, SpectrogramStack(pages=np.zeros(layout.shape, np.float32), layout=layout))
    stretch_layers(viewer, _STRETCH)
    told = []
    placed = PlacedByKhz(viewer, lambda: told.append(True))
    placed.look(_STRETCH)
    yield viewer, placed, told
    placed.disconnect_viewer()


@pytest.mark.parametrize("units", [("kHz", "ms"), ("pixel", "pixel")])
def test_an_image_placed_by_khz_is_known_by_its_unit_or_by_where_it_lies(stretched, units):
    viewer, placed, _ = stretched
    image = viewer.add_image(np.zeros((100, 100)), units=units, **_BY_KHZ)
    source_of(viewer, image)  # whoever chooses it makes a source of it
    placed.look(_STRETCH)
    assert placed.seen() == image
    assert placed.drawn() is None


def test_points_that_come_with_khz_lie_by_them_and_those_drawn_later_do_not(stretched):
    viewer, placed, _ = stretched
    drawn = viewer.add_points(ndim=3)
    placed.look(_STRETCH)
    drawn.add(np.array([[0, 70.0, 30.0]]))
    placed.look(_STRETCH)
    assert (placed.seen(), placed.drawn()) == (None, drawn)
    brought = viewer.add_points(np.array([[0, 60.0, 30.0], [0, 80.0, 60.0]]))
    placed.look(_STRETCH)
    assert placed.seen() == brought


def test_what_was_made_on_the_stretched_page_or_never_placed_is_left_out(stretched):
    viewer, placed, _ = stretched
    image = viewer.layers[0]
    viewer.add_labels(
        np.zeros((512, 512), np.int32), scale=image.scale[1:], translate=image.translate[1:]
    )
    viewer.add_image(np.zeros((300, 300)))
    placed.look(_STRETCH)
    assert placed.seen() is None


def test_hiding_what_lies_by_khz_is_told_until_it_has_gone(stretched):
    viewer, placed, told = stretched
    image = viewer.add_image(np.zeros((100, 100)), units=("kHz", "ms"), **_BY_KHZ)
    placed.look(_STRETCH)
    image.visible = False
    assert placed.seen() is None
    assert told == [True]
    viewer.layers.remove(image)
    placed.look(_STRETCH)
    image.visible = True
    assert told == [True]
