from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_squeakout.core.layout import Grid, Layout
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.gui.layers.layers import open_stack
from napari_squeakout.gui.layers.status import UnitsInStatus

_GRID = Grid(0.000431, 156.25, 45_000.0)


def viewer_of(**layout):
    viewer = ViewerModel()
    layout = Layout(source="rec", n_pages=8, **layout)
    open_stack(viewer, SpectrogramStack(pages=np.zeros(layout.shape, np.float32), layout=layout))
    return viewer


def told(viewer, place):
    """The status line when the mouse is at a place."""
    viewer.status = viewer.layers[0].get_status(place, world=True)
    return viewer.status["coordinates"]


def test_the_status_line_says_page_khz_ms_and_the_time_in_the_recording():
    viewer = viewer_of(grid=_GRID, starts_s=np.arange(8) * 0.22067, contiguous=True)
    units = UnitsInStatus(viewer)
    said = told(viewer, (4, 63.629, 169.539))
    assert said.startswith("page 4, 63.63 kHz, 169.5 ms on the page, 1.0522 s of the recording: 0")
    units.disconnect_viewer()


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        (None, "page 2, 100 px from the bottom, 30 px from the left: 0"),
        (_GRID, "page 2, 100.00 kHz, 30.4 ms: 0"),
    ],
)
def test_images_are_told_in_pixels_until_their_scale_is_stated(grid, said):
    viewer = viewer_of(grid=grid)
    units = UnitsInStatus(viewer)
    assert told(viewer, (2, 100.0, 30.4)).startswith(said)
    units.disconnect_viewer()


def test_the_line_of_other_layers_and_of_a_closed_dock_is_left_to_napari():
    viewer = viewer_of(grid=_GRID)
    units = UnitsInStatus(viewer)
    other = viewer.add_image(np.zeros((8, 4, 4)))
    bare = viewer.status = other.get_status((2, 1, 1), world=True)
    assert viewer.status == bare
    viewer.layers.selection.active = viewer.layers[0]
    units.disconnect_viewer()
    assert told(viewer, (2, 60.0, 30.0)).startswith("[2.0")
