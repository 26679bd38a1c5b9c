"""Layouts and images -> what a layer is told of its axes."""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.layers import Image

from napari_squeakout.core.layout import PAGE_PX, Layout

from .layer_kinds import ImageLayer

#: napari's name for units of one's own. Also of frequency, whose kHz are stretched: a unit that is
#: no kHz must not be called one, and napari warns of layers whose units are not all the same.
_OWN_UNIT = "pixel"
_TIME_UNIT = "ms"


def axes_of_layout(
    layout: Layout, shape: tuple[int, ...] | None = None, *, stretch: float = 1.0
) -> dict[str, Any]:
    """Scale, place, units and names of the axes of a layer.

    Frequency falls with the row number, so its scale is negative: world coordinates are kHz times
    `stretch`, and ms from the page's left edge. Without a scale they are pixels from the bottom and
    from the left of the 512-px page, as in the table of calls, and nothing is stretched.

    Nothing else may take world coordinates for kHz: what is at a place is asked of the layer
    (`world_to_data`) and of the layout's grid.

    Parameters
    ----------
    layout : Layout
        Where the pages lie.
    shape : tuple of int, optional
        Of the layer's data, where it is not that of the pages; (h, w) or (n, h, w).
    stretch : float
        How many units of the world a kHz is.
    """
    rows, columns = (shape or layout.shape)[-2:]
    row, column, bottom, time_unit = 1.0, 1.0, 0.0, _OWN_UNIT
    if layout.grid is not None:
        row, column = layout.grid.hz_per_row / 1e3 * stretch, layout.grid.seconds_per_column * 1e3
        bottom = layout.grid.low_hz / 1e3 * stretch
        time_unit = _TIME_UNIT
    row, column = row * PAGE_PX / rows, column * PAGE_PX / columns
    # A layer's coordinates are those of pixel centres.
    all_axes = {
        "scale": (1.0, -row, column),
        "translate": (0.0, bottom + (rows - 0.5) * row, 0.5 * column),
        "units": (_OWN_UNIT, _OWN_UNIT, time_unit),
        "axis_labels": ("page", "frequency", "time"),
    }
    return {name: value[-len(shape or layout.shape) :] for name, value in all_axes.items()}


def bring_in_units() -> None:
    """Have napari's table of units made now, while a window comes, not while one is worked in.

    It is made when the first layer with a unit is, and takes a third of a second.
    """
    Image(np.zeros((1, 1)), units=(_TIME_UNIT, _TIME_UNIT))


def axes_of_image(image: ImageLayer) -> dict[str, Any]:
    """The axes of a (n, 512, 512) layer that covers an upright image of any size."""
    size = np.array(image.data.shape[-2:], dtype=float)
    factor = size / PAGE_PX
    affine = np.diag(image.affine.linear_matrix)[-2:]
    scale, translate = np.ones(3), np.zeros(3)
    scale[-image.ndim :], translate[-image.ndim :] = image.scale, image.translate
    translate[-image.ndim :] += image.affine.translate
    # The centre of the first of the new, larger or smaller pixels.
    translate[-2:] += (0.5 * factor - 0.5) * scale[-2:] * affine
    scale[-2:] *= factor
    names, units = tuple(image.axis_labels), tuple(image.units)
    return {
        "scale": scale,
        "translate": translate,
        "units": ((_OWN_UNIT, *units) if len(units) < scale.size else units),
        "axis_labels": (("page", *names) if len(names) < scale.size else names),
    }
