from __future__ import annotations

import numpy as np
import pytest
from napari.utils.theme import get_theme
from qtpy.QtGui import QColor, QImage, QPainter
from windows import child, open_by_clicking, pixels_of

from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID, Layout
from napari_squeakout.gui.layers.layers import show_calls
from napari_squeakout.gui.picture.rulers import LEFT_PX, frequency_scale, ticks_along, time_scale
from napari_squeakout.gui.qt.canvas import camera_of

_RECORDING = Layout(
    source="rec",
    n_pages=3,
    grid=STANDARD_GRID,
    starts_s=np.arange(3) * 0.220672 + 3600,
    contiguous=True,
)
_IMAGES = Layout(source="images", n_pages=2)


def numbers(ticks):
    return {tick.text: tick.at_px for tick in ticks if tick.text}


def test_kilohertz_stand_where_the_grid_has_them_within_a_pixel():
    found = numbers(ticks_along(frequency_scale(_RECORDING), (10, 970), (10, 970), 64))
    assert list(found) == ["50", "60", "70", "80", "90", "100", "110", "120"]
    for text, at in found.items():
        row = (at - 10) / 960 * PAGE_PX
        assert STANDARD_GRID.hz(row) == pytest.approx(float(text) * 1e3, abs=1)


def test_seconds_are_those_of_the_recording_and_ms_those_of_the_page():
    found = numbers(ticks_along(time_scale(_RECORDING, 2), (50, 1050), (50, 1050), 100))
    start = _RECORDING.starts_s[2]
    assert {"3600.45", "3600.65"} <= found.keys()
    for text, at in found.items():
        column = (at - 50) / 1000 * PAGE_PX
        assert start + column * STANDARD_GRID.seconds_per_column == pytest.approx(float(text))
    scale = time_scale(_RECORDING, 2, of_recording=False)
    found = numbers(ticks_along(scale, (50, 1050), (50, 1050), 100))
    assert found["0"] == 50
    assert scale.unit == "ms"
    assert float(list(found)[-1]) <= 220.672


def test_images_without_a_scale_have_pixels_as_the_table_has():
    assert (frequency_scale(_IMAGES).unit, time_scale(_IMAGES, 0).unit) == ("px", "px")
    found = numbers(ticks_along(frequency_scale(_IMAGES), (0, 512), (0, 512), 60))
    assert found["0"] == 512
    assert found["500"] == 12


@pytest.mark.parametrize("zoom", [1, 3, 10, 40, 200])
def test_numbers_are_round_and_apart_however_one_zooms(zoom):
    begin = 20 - 400 * (zoom - 1)
    ends = (begin, begin + 900 * zoom)
    for scale in (frequency_scale(_RECORDING), time_scale(_RECORDING, 1)):
        found = numbers(ticks_along(scale, ends, (20, 920), 80))
        places = np.diff(sorted(found.values()))
        assert 2 <= len(found) <= 12
        assert places.min() >= 80 - 1e-6
        steps = np.diff(sorted(float(text) for text in found))
        assert f"{steps[0]:.0e}"[0] in "125"


def test_nothing_is_marked_beyond_the_page():
    found = ticks_along(frequency_scale(_RECORDING), (300, 500), (0, 900), 40)
    assert found
    assert all(300 <= tick.at_px <= 500 for tick in found)
    assert ticks_along(frequency_scale(_RECORDING), (1000, 1500), (0, 900), 40) == []


def _luminance(colour):
    parts = np.array(colour) / 255
    linear = np.where(parts <= 0.03928, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def _contrast(one, other):
    dark, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def grabbed(dock):
    """What stands around the page, alone, (height, width, 4) red to alpha."""
    canvas = dock.picture.fitted.canvas
    drawn = QImage(canvas.width(), canvas.height(), QImage.Format.Format_RGBA8888)
    drawn.fill(0)
    painter = QPainter(drawn)
    dock.picture.paint(painter)
    painter.end()
    return pixels_of(drawn)


def test_in_both_themes_the_ruler_is_readable_and_70_khz_stand_where_they_are_seen(
    dock_of, recording, qtbot, monkeypatch
):
    viewer, dock = dock_of(show=True)
    viewer.window.resize(1280, 720)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    qtbot.wait(200)
    place = dock.picture.place()
    for theme in ("dark", "light"):
        viewer.theme = theme
        drawn = grabbed(dock)
        strip = drawn[int(place.top) + 5 : int(place.bottom), 2 : LEFT_PX - 2]
        solid = strip[strip[..., 3] == 255][:, :3]
        assert len(solid) > 20  # of numbers and marks
        background = get_theme(theme).canvas.as_rgb_tuple()[:3]
        assert max(_contrast(colour, background) for colour in np.unique(solid, axis=0)) > 7
    scale = frequency_scale(dock.source.stack.layout)
    row = round(scale.edge(70))
    below = np.zeros(dock.source.stack.layout.shape, np.int32)
    below[0, row:] = 1
    calls = show_calls(viewer, dock.source.image, below)
    calls.contour = 0
    qtbot.waitUntil(dock.is_idle)
    qtbot.wait(300)
    picture = viewer.screenshot(canvas_only=True, flash=False)[..., :3].astype(int)
    ratio = picture.shape[0] / dock.picture.fitted.canvas.height()
    column = picture[:, int(ratio * (place.left + place.right) / 2)]
    filled = np.flatnonzero(np.ptp(column, axis=1) > 100)  # the only colour there
    ticks = numbers(ticks_along(scale, (place.top, place.bottom), (0, 9999), 40))
    high, _ = place.pixel_px()
    assert ticks["70"] == pytest.approx(filled[0] / ratio, abs=high / 2 + 1)
    assert place.bottom == pytest.approx((filled[-1] + 1) / ratio, abs=1)


def test_rulers_and_numbers_go_when_they_are_switched_off(dock_of, recording, qtbot, monkeypatch):
    viewer, dock = dock_of(show=True)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    qtbot.wait(100)
    assert grabbed(dock)[..., 3].any()
    child(dock, "picture_rulers").setChecked(False)
    assert not grabbed(dock)[..., 3].any()
    child(dock, "picture_rulers").setChecked(True)
    viewer.dims.ndisplay = 3
    assert not grabbed(dock)[..., 3].any()  # no page is in view
    viewer.dims.ndisplay = 2
    viewer.theme = "light"
    camera_of(viewer).zoom *= 4
    strip = grabbed(dock)[200, 2 : LEFT_PX - 8]
    assert QColor(*(int(part) for part in strip[0][:3])).lightness() > 200
    assert strip[:, 3].min() > 200  # the page goes on under the numbers
