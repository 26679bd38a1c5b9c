from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_squeakout.core.layout import Grid, Layout
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.gui.layers.layers import open_stack, show_calls, show_probabilities
from napari_squeakout.gui.layers.status import UnitsInStatus
from napari_squeakout.gui.picture.stretch import stretch_layers

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


def told_at(viewer, layer, page, row, column):
    """The status line when the mouse is on a pixel of a page."""
    viewer.layers.selection.active = layer
    place = layer.data_to_world((page, row, column))
    viewer.status = layer.get_status(place, world=True)
    return viewer.status["coordinates"]


@pytest.mark.parametrize("stretch", [0.4, 1.0, 2.6])
def test_kilohertz_are_those_of_the_grid_however_high_the_window_draws_them(stretch):
    viewer = viewer_of(grid=_GRID, starts_s=np.arange(8) * 0.22067, contiguous=True)
    units = UnitsInStatus(viewer)
    stretch_layers(viewer, stretch)
    said = told_at(viewer, viewer.layers[0], 4, 100, 200)
    khz, ms = _GRID.hz(100.5) / 1e3, 200.5 * 0.431
    assert said.startswith(f"page 4, {khz:.2f} kHz, {ms:.1f} ms on the page")
    units.disconnect_viewer()


def a_recording(rate_hz, levels="noise"):
    """Noise of 0.5 s, exact zeros in the midst, a tone of 70 kHz 100-150 ms: 3 pages."""
    rng = np.random.default_rng(0)
    sound = 0.01 * rng.standard_normal(rate_hz // 2)
    at = np.arange(len(sound)) / rate_hz
    tone = (at > 0.10) & (at < 0.15)
    sound[tone] += 0.5 * np.sin(2 * np.pi * 70_000 * at[tone])
    sound[(at > 0.02) & (at < 0.06)] = 0
    recording = Recording.from_array(sound, sample_rate_hz=rate_hz, name="rec")
    return render(recording, RenderSettings(levels=levels))


def pixel_of(stack, hz, time_s):
    grid = stack.layout.grid
    return (
        0,
        int(512 - (hz - grid.low_hz) / grid.hz_per_row),
        int((time_s - stack.layout.starts_s[0]) / grid.seconds_per_column),
    )


def test_how_far_above_the_noise_it_is_is_told_only_where_it_was_measured():
    viewer = ViewerModel()
    stack = a_recording(200_000)
    image = open_stack(viewer, stack)
    units = UnitsInStatus(viewer)
    assert "35 dB or more" in told_at(viewer, image, *pixel_of(stack, 70_000, 0.125))
    assert " dB" in told_at(viewer, image, *pixel_of(stack, 80_000, 0.18))
    assert " dB" not in told_at(viewer, image, *pixel_of(stack, 80_000, 0.04))  # zeros
    assert " dB" not in told_at(viewer, image, *pixel_of(stack, 115_000, 0.18))  # above Nyquist
    assert " dB" not in told_at(viewer, image, 2, 300, 500)  # past the end
    units.disconnect_viewer()


def test_levels_by_the_page_alone_have_no_decibels():
    viewer = ViewerModel()
    stack = a_recording(250_000, "page")
    units = UnitsInStatus(viewer)
    assert " dB" not in told_at(viewer, open_stack(viewer, stack), 0, 300, 300)
    units.disconnect_viewer()


def test_the_probability_is_told_of_pages_that_the_network_has_answered_for():
    viewer = viewer_of(grid=_GRID)
    image = viewer.layers[0]
    values = np.zeros((8, 512, 512), np.uint8)
    values[3, 100, 200] = 204
    show_probabilities(viewer, image, values, "f" * 64)
    calls = show_calls(viewer, image, np.zeros((8, 512, 512), np.int32))
    units = UnitsInStatus(viewer, lambda _image, page: page == 3)
    for layer in (image, calls):
        assert "probability 0.80" in told_at(viewer, layer, 3, 100, 200)
        assert "probability" not in told_at(viewer, layer, 4, 100, 200)
    units.disconnect_viewer()


def test_the_measures_of_a_call_are_not_written_behind_its_number():
    viewer = viewer_of(grid=_GRID)
    labels = np.zeros((8, 512, 512), np.int32)
    labels[:, 150:170, 60:80] = 1
    layer = show_calls(viewer, viewer.layers[0], labels)
    layer.features = {"peak_hz": [0.0, 70e3], "snr_db": [0.0, 12.0]}
    units = UnitsInStatus(viewer)
    viewer.layers.selection.active = layer
    viewer.status = layer.get_status((2, 100.0, 30.4), world=True)
    assert "peak_hz" in layer.get_status((2, 100.0, 30.4), world=True)["coordinates"]
    assert viewer.status["coordinates"] == "page 2, 100.00 kHz, 30.4 ms: 1"
    units.disconnect_viewer()
