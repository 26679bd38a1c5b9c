from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from windows import child, open_by_clicking, text

from napari_squeakout.gui.layers.layers import show_calls
from napari_squeakout.gui.picture.settings import PictureSettings
from napari_squeakout.gui.qt.canvas import camera_of, canvases_of
from napari_squeakout.io.preferences import read_preferences

_MOST_FREE, _LEAST_FREE = 0.85, 0.70


@pytest.fixture
def opened(dock_of, recording, qtbot, monkeypatch):
    """A shown window of 1280 x 720 with a recording in it."""
    viewer, dock = dock_of(show=True)
    viewer.window.resize(1280, 720)
    qtbot.wait(100)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    return viewer, dock


def shares(dock):
    """How much of the canvas' width and height the page takes, the greater first."""
    (canvas,) = canvases_of(dock.window())
    place = dock.picture.place()
    across = (place.right - place.left) / canvas.width()
    upwards = (place.bottom - place.top) / canvas.height()
    inside = place.left >= 0 <= place.top
    inside &= place.right <= canvas.width() and place.bottom <= canvas.height()
    return sorted((across, upwards), reverse=True) if inside else (0, 0)


def fills(dock):
    return np.all(np.array(shares(dock)) >= (_MOST_FREE, _LEAST_FREE))


def test_the_page_fills_the_canvas_at_any_size_of_the_window_until_somebody_zooms(opened, qtbot):
    viewer, dock = opened
    (canvas,) = canvases_of(dock.window())
    qtbot.waitUntil(lambda: fills(dock), timeout=5000)
    small = canvas.height()
    viewer.window.resize(1900, 1060)
    qtbot.waitUntil(lambda: canvas.height() > small and fills(dock), timeout=5000)
    large = canvas.height()
    camera_of(viewer).zoom = 20
    viewer.window.resize(1280, 720)
    qtbot.waitUntil(lambda: canvas.height() < large, timeout=5000)
    qtbot.wait(50)
    assert camera_of(viewer).zoom == 20
    viewer.reset_view()  # napari's house button
    assert fills(dock)


def test_a_stroke_lands_where_the_cursor_is_and_is_as_high_as_wide_on_the_screen(opened, qtbot):
    viewer, dock = opened
    qtbot.waitUntil(lambda: fills(dock), timeout=5000)
    image = dock.source.image
    calls = show_calls(viewer, image, np.zeros(dock.source.stack.layout.shape, np.int32))
    viewer.layers.selection.active = calls
    qtbot.wait(100)
    np.testing.assert_array_equal(calls.data_to_world((0, 3, 7)), image.data_to_world((0, 3, 7)))
    calls.mode, calls.brush_size, calls.selected_label = "paint", 30, 5
    place = dock.picture.place()
    row, column = 140, 300
    at = QPoint(round(place.x(column + 0.5)), round(place.y(row + 0.5)))
    (canvas,) = canvases_of(dock.window())
    qtbot.mouseMove(canvas, at)
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: bool(calls.data[0].any()), timeout=5000)
    rows, columns = np.nonzero(calls.data[0])
    assert (rows.mean(), columns.mean()) == pytest.approx((row, column), abs=1)
    high, wide = place.pixel_px()
    height_px, width_px = (np.ptp(rows) + 1) * high, (np.ptp(columns) + 1) * wide
    assert height_px == pytest.approx(width_px, abs=3 * max(high, wide))
    grid = dock.source.stack.layout.grid
    natural = grid.hz_per_row / 1e3 / (grid.seconds_per_column * 1e3)
    assert high / wide != pytest.approx(natural, rel=0.05)  # or the page was not stretched at all


def test_a_khz_is_as_high_as_a_ms_is_wide_where_one_prefers_it_also_tomorrow(opened, qtbot):
    _, dock = opened
    qtbot.waitUntil(lambda: fills(dock), timeout=5000)
    child(dock, "picture_fill_canvas").setChecked(False)
    grid = dock.source.stack.layout.grid
    natural = grid.hz_per_row / 1e3 / (grid.seconds_per_column * 1e3)
    high, wide = dock.picture.place().pixel_px()
    assert high / wide == pytest.approx(natural)
    assert str(dock.source.image.units[1]) == "kilohertz"
    assert max(shares(dock)) >= _MOST_FREE
    assert not read_preferences(PictureSettings, "picture").fill_canvas


def test_layers_have_khz_and_ms_again_when_the_dock_has_gone(opened, qtbot):
    viewer, dock = opened
    qtbot.waitUntil(lambda: fills(dock), timeout=5000)
    image, low_khz = dock.source.image, dock.source.stack.layout.grid.low_hz / 1e3
    assert image.data_to_world((0, 511.5, 0))[1] != pytest.approx(low_khz)
    overlay = dock.picture.fitted.canvas.children()
    assert any(one.objectName() == "picture_overlay" for one in overlay)
    viewer.window.remove_dock_widget(dock)
    qtbot.waitUntil(lambda: str(image.units[1]) == "kilohertz", timeout=5000)
    assert image.data_to_world((0, 511.5, 0))[1] == pytest.approx(low_khz)


def test_the_page_makes_way_for_an_image_placed_by_khz_and_says_so(opened, qtbot):
    viewer, dock = opened
    qtbot.waitUntil(lambda: fills(dock), timeout=5000)
    image, low_khz = dock.source.image, dock.source.stack.layout.grid.low_hz / 1e3
    others = viewer.add_image(
        np.zeros((100, 100)), name="mine", scale=(0.4, 1), translate=(60, 20), units=("kHz", "ms")
    )
    qtbot.waitUntil(lambda: "mine lies by its own kHz" in text(dock, "dock_said"), timeout=5000)
    assert image.data_to_world((0, 511.5, 0))[1] == pytest.approx(low_khz)
    viewer.layers.selection.active = image
    qtbot.waitUntil(lambda: dock.source.image == image, timeout=5000)
    others.visible = True
    child(dock, "picture_fill_canvas").setChecked(False)
    child(dock, "picture_fill_canvas").setChecked(True)
    assert image.data_to_world((0, 511.5, 0))[1] == pytest.approx(low_khz)
    viewer.layers.remove(others)
    qtbot.waitUntil(lambda: fills(dock), timeout=5000)
    assert image.data_to_world((0, 511.5, 0))[1] != pytest.approx(low_khz)
    assert "mine" not in text(dock, "dock_said")


def test_marks_on_the_stretched_page_stay_on_it_and_it_is_said_what_lies_elsewhere(opened, qtbot):
    viewer, dock = opened
    qtbot.waitUntil(lambda: fills(dock), timeout=5000)
    image = dock.source.image
    marks = viewer.add_points(ndim=3, name="marks")
    qtbot.waitUntil(dock.is_idle, timeout=5000)
    place = image.data_to_world((0, 200, 200))
    marks.add(np.array([place]))
    viewer.add_points(np.array([[0, 60.0, 30.0], [0, 80.0, 60.0]]), name="mine")
    qtbot.waitUntil(lambda: "stretched under marks" in text(dock, "dock_said"), timeout=5000)
    np.testing.assert_array_equal(image.data_to_world((0, 200, 200)), place)
