"""The canvas of a window: where it is, and what says how layers are shown on it."""

from __future__ import annotations

from typing import Any

from qtpy.QtWidgets import QWidget


def canvases_of(window: QWidget | None) -> list[QWidget]:
    """The widgets of a window that layers are drawn on."""
    if window is None:
        return []
    return [child for child in window.findChildren(QWidget) if child.inherits("QOpenGLWidget")]


def make_current(window: QWidget | None) -> None:
    """Let what is told to the graphics card next be meant for the canvas of a window.

    napari deletes what it drew of a layer on whatever is current when the layer is removed; on
    another canvas that leaves the next picture without its vertices, and the program ends.
    """
    for canvas in canvases_of(window):
        canvas.makeCurrent()  # type: ignore[attr-defined]


def camera_of(viewer: Any) -> Any:
    """What says which part of the layers is seen, and how large."""
    scene = getattr(viewer, "scene", None)  # napari 0.9 moved the camera there
    return viewer.camera if scene is None else scene.camera


def grid_of(viewer: Any) -> Any:
    """What says whether layers are shown side by side."""
    canvas: Any = getattr(viewer, "canvas", None)  # napari 0.9 moved the grid there
    return canvas.grid if hasattr(canvas, "grid") else viewer.grid
