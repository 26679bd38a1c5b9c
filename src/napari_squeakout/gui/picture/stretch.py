"""How high a kHz is drawn: one number for all layers of a window that have a frequency."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_squeakout.gui.layers.axes import axes_of_layout
from napari_squeakout.gui.layers.roles import role_of

if TYPE_CHECKING:
    from napari_squeakout.core.layout import Grid
    from napari_squeakout.gui.layers.layer_kinds import Layer
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer

#: A canvas that is hardly more than a line would make a smear of the page.
_LEAST, _MOST = 0.1, 10.0
#: Of the stretch: less is not seen, and every change redraws all layers.
_NOT_SEEN = 1e-3
_PLANE_AXES = 2


def stretch_that_fills(grid: Grid, width_px: float, height_px: float) -> float:
    """Units of the world that a kHz is to be so that a page gets a room's shape."""
    ms, khz = grid.seconds_per_column * 1e3, grid.hz_per_row / 1e3
    return float(np.clip(height_px / max(width_px, 1.0) * ms / khz, _LEAST, _MOST))


def stretch_layers(viewer: Viewer, stretch: float) -> None:
    """Draw frequency at one height in all layers of sources with a scale.

    All of them, also those out of sight: whoever shows two at once sees them lie as they are. Each
    is told from its source's layout, so that layers of a source line up exactly however often the
    window changes its size, and whether they came before or after.
    """
    for layer in viewer.layers:
        role = role_of(layer)
        if role is None or role.stack.layout.grid is None:
            continue
        shape = None if role.kind == "annotation" else layer.data.shape
        axes = axes_of_layout(role.stack.layout, shape, stretch=stretch)
        for name in ("scale", "translate"):
            if not np.array_equal(getattr(layer, name), axes[name]):
                setattr(layer, name, axes[name])
        layer.units = axes["units"]


def differs(one: float, other: float) -> bool:
    """Whether two stretches look different."""
    return abs(one - other) > _NOT_SEEN * other


def stays_behind(viewer: Viewer, source: SourceLayers) -> Layer | None:
    """A layer that would no longer lie where it does if frequency were stretched anew.

    Layers of others are placed by their own scale, or drawn onto the page as it is. None where
    there is none: layers of images without a scale only count where they are seen with the page.
    """
    for layer in viewer.layers:
        role = role_of(layer)
        if role is None and layer.ndim >= _PLANE_AXES:
            return layer
        if role is None or role.stack is source.stack:
            continue
        if role.stack.layout.grid is None and layer.visible:
            return layer
    return None
