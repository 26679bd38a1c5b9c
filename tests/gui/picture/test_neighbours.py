"""A call on the page's border is seen whole: what lies beside the page is shown, dimmed."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from fakes import RATE_HZ, sound
from qtpy.QtCore import QRectF
from qtpy.QtGui import QImage, QPainter
from windows import child, click, open_by_clicking, pixels_of, wait_until_idle

from napari_squeakout.core.layout import Grid, Layout
from napari_squeakout.gui.picture.neighbours import COLUMNS, Beside, beside, follows, paint_beside
from napari_squeakout.gui.picture.page_place import PagePlace

_GRID = Grid(seconds_per_column=0.001, hz_per_row=100.0, low_hz=40_000.0)
_WHITE = np.full((512, COLUMNS, 4), 255, np.uint8)


def layout_of(starts_s):
    return Layout(
        source="x", n_pages=len(starts_s), grid=_GRID, starts_s=np.array(starts_s), contiguous=True
    )


def test_a_page_has_neighbours_only_where_the_sound_goes_on():
    there = layout_of([0.0, 0.512, 1.024])
    assert [follows(there, page) for page in range(4)] == [False, True, True, False]
    apart = layout_of([0.0, 0.512, 2.0])
    assert [follows(apart, page) for page in (1, 2)] == [True, False]
    assert not follows(Layout(source="images", n_pages=3), 1)


@pytest.mark.parametrize("within", [QRectF(0, 0, 400, 300), QRectF(60, 0, 300, 300)])
def test_they_are_drawn_beside_the_page_and_never_on_it(qapp, within):
    image = QImage(400, 300, QImage.Format.Format_RGBA8888)
    image.fill(0xFF000000)
    painter = QPainter(image)
    place = PagePlace(100.0, 10.0, 300.0, 290.0)
    paint_beside(painter, place, within, Beside(before=_WHITE, after=_WHITE))
    painter.end()
    lit = pixels_of(image)[..., 0]
    assert not lit[:, 100:300].any()
    assert lit[20:280, 78:98].all()
    assert lit[20:280, 303:322].all()
    assert not lit[:, :74].any()
    assert not lit[:9].any()


@pytest.mark.parametrize(
    ("place", "is_drawn"),
    [(PagePlace(100.0, 10.0, 300.0, 290.0), True), (PagePlace(300.0, 10.0, 100.0, 290.0), False)],
)
def test_nothing_lies_before_the_first_page_and_beside_a_mirrored_one(qapp, place, is_drawn):
    image = QImage(400, 300, QImage.Format.Format_RGBA8888)
    image.fill(0xFF000000)
    painter = QPainter(image)
    paint_beside(painter, place, QRectF(0, 0, 400, 300), Beside(after=_WHITE))
    painter.end()
    assert not pixels_of(image)[:, :100, 0].any()
    assert pixels_of(image)[:, 100:, 0].any() == is_drawn


def test_a_call_over_the_border_goes_on_beside_the_page_as_the_layers_show_it(
    dock_of, qtbot, monkeypatch, tmp_path
):
    path = tmp_path / "tones.wav"
    soundfile.write(path, sound(0.8, (0.18, 0.26, 70_000.0)), RATE_HZ)  # over 0.2207 s
    viewer, dock = dock_of(show=True)
    viewer.window.resize(1280, 720)
    open_by_clicking(qtbot, monkeypatch, dock, path)
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    dock.review_panel.reviewing.go(0)
    wait_until_idle(qtbot, dock)
    picture, image, calls = dock.picture, dock.source.image, dock.source.calls
    strips = picture._beside
    assert strips.before is None
    number = int(np.unique(calls.data[1][:, :COLUMNS])[-1])
    assert number
    dimmed = 0.6 * 255
    colour = np.round(np.asarray(calls.get_color(number)).ravel()[:3] * dimmed)
    is_outline = (np.abs(strips.after[..., :3] - colour) < 2).all(axis=2)
    on_call = calls.data[1][:, :COLUMNS] == number
    assert 10 < is_outline.sum() < on_call.sum()
    assert on_call[is_outline].all()
    low, high = image.contrast_limits
    grey = np.clip((np.asarray(image.data[1])[:, :COLUMNS] - low) / (high - low), 0, 1)
    sound_only = ~on_call
    assert np.abs(strips.after[..., 0] / dimmed - grey)[sound_only].max() < 0.02
    image.contrast_limits = (low, high / 2)
    wait_until_idle(qtbot, dock)
    assert picture._beside.after[..., 0].mean() > strips.after[..., 0].mean()
    narrow = picture.place()
    child(dock, "picture_neighbours").setChecked(False)
    wait_until_idle(qtbot, dock)
    assert picture._beside is None
    wide = picture.place()
    assert wide.right - wide.left > narrow.right - narrow.left
    assert beside(dock.source, 1).before is not None


def test_images_that_stand_alone_keep_the_whole_canvas(dock_of, qtbot, monkeypatch, tmp_path):
    from PIL import Image

    for name in ("a", "b"):
        Image.fromarray(np.full((512, 512), 90, np.uint8)).save(tmp_path / f"{name}.png")
    _, dock = dock_of(show=True)
    open_by_clicking(qtbot, monkeypatch, dock, tmp_path / "a.png")
    wait_until_idle(qtbot, dock)
    assert dock.picture._beside is None
    assert dock.picture.fitted._free() == dock.picture.fitted._margins
