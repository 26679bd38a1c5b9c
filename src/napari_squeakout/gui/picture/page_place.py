"""Where the page lies in the canvas, in pixels of the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.gui.qt.canvas import camera_of, grid_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_squeakout.gui.layers.layer_kinds import ImageLayer, Layer
    from napari_squeakout.gui.layers.viewer import Camera, Viewer

_PLANE_AXES = 2


@dataclass(frozen=True)
class PagePlace:
    """The page's edges in the canvas, in logical pixels from its upper left corner.

    Parameters
    ----------
    left, right : float
        Of the first and after the last column.
    top, bottom : float
        Of the first and after the last row.
    """

    left: float
    top: float
    right: float
    bottom: float

    def x(self, column_edge: float) -> float:
        """Where a column begins; 512 is the page's right edge."""
        return self.left + (self.right - self.left) * column_edge / PAGE_PX

    def y(self, row_edge: float) -> float:
        """Where a row begins; 512 is the page's lower edge."""
        return self.top + (self.bottom - self.top) * row_edge / PAGE_PX

    def pixel_px(self) -> tuple[float, float]:
        """Height and width of a pixel of the page."""
        return (
            abs(self.bottom - self.top) / PAGE_PX,
            abs(self.right - self.left) / PAGE_PX,
        )


def page_place(viewer: Viewer, image: ImageLayer, size: tuple[int, int]) -> PagePlace | None:
    """Where the page of an image lies in a canvas; None where it is not shown as one page.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    image : Image
        Shows the page.
    size : tuple of int
        Width and height of the canvas in logical pixels.
    """
    dims = viewer.dims
    plane = {dims.ndim - 2, dims.ndim - 1}
    is_page = dims.ndisplay == _PLANE_AXES and set(dims.order[-_PLANE_AXES:]) == plane
    if not is_page or list(dims.order[-_PLANE_AXES:]) != sorted(plane) or grid_of(viewer).enabled:
        return None
    camera = camera_of(viewer)
    ways = (1 if camera.orientation2d[0] == "down" else -1, _rightwards(camera))
    ends = []
    for corner in page_corners(image):
        from_centre = (corner - np.asarray(camera.center[-_PLANE_AXES:])) * camera.zoom * ways
        ends.append(from_centre + np.asarray(size[::-1]) / 2)
    (top, left), (bottom, right) = ends
    return PagePlace(float(left), float(top), float(right), float(bottom))


def page_corners(image: Layer) -> NDArray[np.float64]:
    """World coordinates (vertical, horizontal) of the page's upper left and lower right corner."""
    rows, columns = image.data.shape[-_PLANE_AXES:]
    first = [0.0] * (image.ndim - _PLANE_AXES)
    corners = ((-0.5, -0.5), (rows - 0.5, columns - 0.5))
    return np.array([image.data_to_world([*first, *corner])[-_PLANE_AXES:] for corner in corners])


def _rightwards(camera: Camera) -> int:
    return 1 if camera.orientation2d[1] == "right" else -1
