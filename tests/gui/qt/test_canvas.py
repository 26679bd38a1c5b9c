from __future__ import annotations

from windows import open_by_clicking

from napari_squeakout.gui.qt.canvas import camera_of, canvases_of


def test_the_whole_page_is_seen_after_opening_and_in_a_smaller_window_until_somebody_zooms(
    dock_of, recording, qtbot, monkeypatch
):
    viewer, dock = dock_of(show=True)
    viewer.window.resize(1280, 720)
    qtbot.wait(100)
    (canvas,) = canvases_of(dock.window())
    wide = canvas.width()
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    left, right = viewer.layers[0].extent.world[:, -1]

    def is_whole():
        return camera_of(viewer).zoom * (right - left) <= canvas.width()

    qtbot.waitUntil(lambda: canvas.width() < wide, timeout=5000)  # the layer's controls have come
    qtbot.waitUntil(is_whole)
    wide = canvas.width()
    viewer.window.resize(1100, 720)
    qtbot.waitUntil(lambda: canvas.width() < wide and is_whole(), timeout=5000)
    camera_of(viewer).zoom = 20
    viewer.window.resize(1280, 720)
    qtbot.waitUntil(lambda: canvas.width() >= wide, timeout=5000)
    qtbot.wait(50)
    assert camera_of(viewer).zoom == 20
