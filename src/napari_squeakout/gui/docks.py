"""The dock of a window, whoever opened it."""

from __future__ import annotations

from qtpy.QtWidgets import QApplication

from napari_squeakout.gui.layers.viewer import Viewer

from .dock import SqueakOutDock


def dock_in(viewer: Viewer) -> SqueakOutDock:
    """The dock in a window; opened if it is not there yet."""
    dock = dock_there_in(viewer)
    if dock is None:
        _, dock = viewer.window.add_plugin_dock_widget("napari-squeakout")
    return dock


def dock_there_in(viewer: Viewer) -> SqueakOutDock | None:
    """The dock in a window; None where nobody has opened it."""
    for widget in QApplication.allWidgets():
        if isinstance(widget, SqueakOutDock) and widget.works_in(viewer):
            return widget
    return None
