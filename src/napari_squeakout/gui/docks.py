"""The dock of a window, whoever opened it."""

from __future__ import annotations

from typing import Any

from qtpy.QtWidgets import QApplication

from .dock import SqueakOutDock


def dock_in(viewer: Any) -> SqueakOutDock:
    """The dock in a window; opened if it is not there yet."""
    for widget in QApplication.allWidgets():
        if isinstance(widget, SqueakOutDock) and widget.works_in(viewer):
            return widget
    dock: SqueakOutDock
    _, dock = viewer.window.add_plugin_dock_widget("napari-squeakout")
    return dock
