"""Shows a page in windows of several sizes and themes, and prints as JSON how it lies in each.

Run in a process of its own: Qt takes QT_SCALE_FACTOR when it begins. With a folder it keeps a
picture of each window there.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from access import cut_texts
from fakes import RATE_HZ, sound

#: Width and height of the windows, in pixels of the screen.
SIZES = ((1280, 720), (1920, 1080))
#: First and last rows and columns of what is marked, and the pixel that is clicked on.
ROWS, COLUMNS, CLICKED = (150, 290), (120, 330), (400, 200)
_PATIENCE_S, _REST_S = 60.0, 0.5
_THEIRS = ("layer controls", "layer list")


def live(is_done: Callable[[], bool] = lambda: False, most_s: float = _REST_S) -> None:
    """Let the window do its work until something is so."""
    from qtpy.QtWidgets import QApplication

    until = time.monotonic() + most_s
    while not is_done() and time.monotonic() < until:
        QApplication.processEvents()
        time.sleep(0.002)


def fit_window(dock: Any, size: tuple[int, int]) -> None:
    """Make the window so large; where napari's own docks leave no room for that, without them.

    Seen from the menu Window: a labels layer's controls alone keep napari from being lower.
    """
    from qtpy.QtWidgets import QDockWidget

    window = dock.window()
    theirs = [one for one in window.findChildren(QDockWidget) if one.windowTitle() in _THEIRS]
    for one in theirs:
        one.show()
    live()
    least = window.minimumSizeHint()
    if least.width() > size[0] or least.height() > size[1]:
        for one in theirs:
            one.hide()
        live()
    window.resize(*size)


def shares(dock: Any) -> list[float]:
    """How much of the canvas' width and height the page takes; nothing where it is cut."""
    place, (width, height) = dock.picture.place(), dock.picture.fitted.size()
    if min(place.left, place.top) < 0 or place.right > width or place.bottom > height:
        return [0.0, 0.0]
    return [(place.right - place.left) / width, (place.bottom - place.top) / height]


def fills(dock: Any) -> bool:
    """Whether nothing is left to be stretched."""
    return max(shares(dock)) > 0 and dock.is_idle()


def marked(viewer: Any, dock: Any, path: Path) -> tuple[Any, Any]:
    """The calls' layer with one mark, and that mark's row in the table of calls on disk."""
    from napari_squeakout.core.detection.calls import finding_calls
    from napari_squeakout.core.stacks import MaskStack
    from napari_squeakout.core.steps import run
    from napari_squeakout.gui.layers.layers import show_calls
    from napari_squeakout.io.tables.calls import read_calls, write_calls

    layout = dock.source.stack.layout
    masks = np.zeros(layout.shape, np.int32)
    masks[0, slice(*ROWS), slice(*COLUMNS)] = 1
    write_calls(run(finding_calls(MaskStack(labels=masks, layout=layout))), path)
    return show_calls(viewer, dock.source.image, masks), read_calls(path).iloc[0]


def read_off(dock: Any, row: Any) -> dict[str, list[float]]:
    """Where the rulers have the table's kHz and seconds, in pixels of the canvas."""
    from napari_squeakout.gui.picture.rulers import frequency_scale, ticks_along, time_scale

    place, size = dock.picture.place(), dock.picture.fitted.size()
    layout = dock.source.stack.layout
    up = ticks_along(frequency_scale(layout), (place.top, place.bottom), (0, size[1]), 64)
    along = ticks_along(time_scale(layout, 0), (place.left, place.right), (0, size[0]), 64)
    told = {}
    for name, ticks, values in (
        ("rows", up, (row.high_hz / 1e3, row.low_hz / 1e3)),
        ("columns", along, (row.start_s, row.end_s)),
    ):
        numbers = [tick for tick in ticks if tick.text]
        first, last = numbers[0], numbers[-1]
        each = (last.at_px - first.at_px) / (float(last.text) - float(first.text))
        told[name] = [first.at_px + (value - float(first.text)) * each for value in values]
        told[f"numbers_of_{name}"] = len(numbers)
    return told


def seen(viewer: Any, ratio: float) -> dict[str, list[float]]:
    """Where the mark is drawn on the canvas, the only colour there."""
    picture = viewer.screenshot(canvas_only=True, flash=False)[..., :3].astype(int)
    rows, columns = np.nonzero(np.ptp(picture, axis=2) > 100)
    if not len(rows):
        return {"rows": [], "columns": []}
    # Of most rows and columns: an outline's corners are none.
    ends = {"rows": np.unique(rows), "columns": np.unique(columns)}
    return {name: [at[0] / ratio, (at[-1] + 1) / ratio] for name, at in ends.items()}


def painted(viewer: Any, dock: Any, calls: Any) -> list[float]:
    """Where a click of the smallest brush lands, in rows and columns of the page."""
    from qtpy.QtCore import QPoint, Qt
    from qtpy.QtTest import QTest

    before = calls.data[0].copy()
    viewer.layers.selection.active = calls
    calls.mode, calls.brush_size, calls.selected_label = "paint", 1, 7
    live()
    place, canvas = dock.picture.place(), dock.picture.fitted.canvas
    at = QPoint(round(place.x(CLICKED[1] + 0.5)), round(place.y(CLICKED[0] + 0.5)))
    QTest.mouseMove(canvas, at)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    live(lambda: bool((calls.data[0] != before).any()), _PATIENCE_S)
    rows, columns = np.nonzero(calls.data[0] != before)
    calls.mode = "pan_zoom"
    calls.data[0] = before
    calls.refresh()
    return [float(rows.mean()), float(columns.mean())] if len(rows) else []


def measured(viewer: Any, dock: Any, calls: Any, row: Any) -> dict[str, Any]:
    """All that is asked of the page as it lies now."""
    ratio = dock.devicePixelRatioF()
    live(lambda: fills(dock), _PATIENCE_S)
    live()
    outline, calls.contour, calls.opacity = calls.contour, 0, 1.0
    live(lambda: bool(seen(viewer, ratio)["rows"]), _PATIENCE_S)
    found = {
        "shares": shares(dock),
        "pixel": list(dock.picture.place().pixel_px()),
        "ruled": read_off(dock, row),
        "seen": seen(viewer, ratio),
        "clicked": CLICKED,
        "painted": painted(viewer, dock, calls),
        "cut": cut_texts(dock),
        "canvas": list(dock.picture.fitted.size()),
        "window": [viewer.window.geometry()[2] * ratio, viewer.window.geometry()[3] * ratio],
    }
    calls.contour, calls.opacity = outline, 0.7
    return found


def main() -> None:
    """Print what is found in each window."""
    import napari
    import soundfile

    from napari_squeakout.gui.dock import SqueakOutDock

    viewer = napari.Viewer(show=True)
    dock = SqueakOutDock(viewer)
    viewer.window.add_dock_widget(dock, name="SqueakOut")
    viewer.window.resize(1280, 720)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "tones.wav"
        soundfile.write(path, sound(0.9, (0.05, 0.1, 70_000.0)), RATE_HZ)
        viewer.open(path, plugin="napari-squeakout")
        live(lambda: dock.source is not None and dock.is_idle(), _PATIENCE_S)
        calls, row = marked(viewer, dock, Path(scratch) / "calls.csv")
        ratio, found = dock.devicePixelRatioF(), []
        for width, height in SIZES:
            fit_window(dock, (round(width / ratio), round(height / ratio)))
            for theme in ("dark", "light"):
                viewer.theme = theme
                told = measured(viewer, dock, calls, row)
                found.append({"ratio": ratio, "size": [width, height], "theme": theme, **told})
                if len(sys.argv) > 1:
                    name = f"page_{width}_{round(100 * ratio)}_{theme}.png"
                    live()
                    viewer.screenshot(str(Path(sys.argv[1]) / name), canvas_only=False, flash=False)
        sys.stdout.write(f"\n{json.dumps(found)}\n")
        viewer.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["NAPARI_CONFIG"] = str(Path(home) / "settings.yaml")
        os.environ["NAPARI_SQUEAKOUT_HOME"] = str(Path(home) / "home")
        main()
