"""The call that the mouse is over on the picture, and the moment of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.gui.picture.clicks import call_at, pixel_at
from napari_squeakout.gui.qt.canvas import canvases_of

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

    from napari_squeakout.gui.calls.following import FollowedCalls


def call_under_mouse(
    viewer: Any, followed: FollowedCalls, window: QWidget | None
) -> tuple[int, int] | None:
    """Number of the call under the mouse, and the column, counted from the start of the stack.

    None where the mouse is elsewhere: napari keeps the place at which it left the picture.
    """
    layer = followed.layer
    if layer is None or not any(canvas.underMouse() for canvas in canvases_of(window)):
        return None
    pixel, page = pixel_at(layer, viewer.cursor.position), followed.page
    number = 0 if pixel is None else call_at(np.asarray(layer.data[page]), pixel)
    return (number, page * PAGE_PX + pixel[1]) if number and pixel is not None else None
