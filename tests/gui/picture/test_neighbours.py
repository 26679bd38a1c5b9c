"""A call on the page's border is seen whole: what lies beside the page is shown, dimmed."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from fakes import RATE_HZ, sound
from qtpy.QtCore import QRectF
from qtpy.QtGui import QImage, QPainter
from windows import child, click, open_by_clicking, pixels_of, wait_until_idle

from napari_squeakout.core.layout import Grid, Layout
from napari_squeakout.gui.picture import neighbours
from napari_squeakout.gui.picture.neighbours import (
    COLUMNS,
    Beside,
    Greys,
    beside,
    follows,
    paint_beside,
)
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


class RenderedPages:
    """Pages that take down which of them were asked for."""

    def __init__(self):
        self.asked = []

    def __getitem__(self, page):
        self.asked.append(page)
        return np.full((512, 512), 0.2 * (page + 1))


def look_alike(sound_of, **look):
    grey = SimpleNamespace(map=lambda values: np.repeat(values[:, None], 4, axis=1))
    return SimpleNamespace(
        **{"data": sound_of, "contrast_limits": (0.0, 1.0), "gamma": 1.0, "colormap": grey, **look}
    )


def test_a_stroke_draws_the_outlines_beside_the_page_anew_and_renders_no_page():
    pages, labels = RenderedPages(), np.zeros((3, 512, 512), np.int32)
    calls = SimpleNamespace(visible=True, data=labels, get_color=lambda _: np.array([1, 0, 0, 1]))
    stack = SimpleNamespace(layout=layout_of([0.0, 0.512, 1.024]))
    source = SimpleNamespace(image=look_alike(pages), calls=calls, stack=stack)
    greys = Greys()
    first = beside(source, 1, greys=greys)
    assert pages.asked == [0, 2]
    assert len(np.unique(first.after[..., 0])) == 1
    labels[2, 100:120, 10:30] = 5
    second = beside(source, 1, greys=greys)
    assert pages.asked == [0, 2]
    np.testing.assert_array_equal(second.before, first.before)
    assert second.after[100, 10, 0] == round(0.6 * 255)
    labels[:] = 0
    np.testing.assert_array_equal(beside(source, 1, greys=greys).after, first.after)


@pytest.mark.parametrize(
    "look",
    [
        {"contrast_limits": (0.0, 0.5)},
        {"gamma": 2.0},
        {"data": RenderedPages()},
        {"colormap": SimpleNamespace(map=lambda values: np.ones((len(values), 4)))},
    ],
)
def test_what_lies_beside_the_page_is_rendered_anew_where_it_is_or_looks_otherwise(look):
    pages, stack = RenderedPages(), SimpleNamespace(layout=layout_of([0.0, 0.512, 1.024]))
    greys = Greys()
    for image in (look_alike(pages), look_alike(pages, **look)):
        image.data.asked.clear()
        source = SimpleNamespace(image=image, calls=None, stack=stack)
        strips = beside(source, 1, greys=greys)
        assert image.data.asked == [0, 2]
        np.testing.assert_array_equal(strips.after, beside(source, 1).after)
        beside(source, 0, greys=greys)
        assert image.data.asked[-1] == 1


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
    rendered = []
    seen = picture._beside
    with monkeypatch.context() as watched:
        watched.setattr(neighbours, "_grey", lambda *which: rendered.append(which))
        calls.refresh()  # as after a stroke
        wait_until_idle(qtbot, dock)
    assert rendered == []
    assert picture._beside is not seen
    np.testing.assert_array_equal(picture._beside.after, seen.after)
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
