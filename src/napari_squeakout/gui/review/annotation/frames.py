"""Frames round the noted calls of the page in view, as a layer of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Shapes

from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.scoring.annotation import Annotation, spans_on_page
from napari_squeakout.gui.layers.axes import axes_of_image
from napari_squeakout.gui.layers.roles import ROLE, Role
from napari_squeakout.gui.qt.access.inks import GONE_TO_CALL, NOTED_CALL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer

#: That of the call that was gone to is broader, and yellow as a picked call is.
_WIDTH, _MARKED_WIDTH = 2, 4
_CLEAR = "transparent"


class Frames:
    """The layer of frames.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    """

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._layer: Any = None

    @property
    def is_removed(self) -> bool:
        """Whether a person has taken the layer out of the list."""
        return self._layer is not None and self._layer not in self._viewer.layers

    def forget(self) -> None:
        """Begin anew with the next table."""
        self._layer = None

    def take_away(self) -> None:
        """Take the frames off the picture: over another recording they would frame nothing."""
        layer, self._layer = self._layer, None
        if layer is not None and layer in self._viewer.layers:
            self._viewer.layers.remove(layer)

    def show(
        self,
        source: SourceLayers,
        annotation: Annotation,
        page: int,
        marked_s: tuple[float, float] | None = None,
    ) -> None:
        """Frame the noted calls of a page; that at `marked_s` stands out."""
        layout = source.stack.layout
        if self._layer is None:
            active = self._viewer.layers.selection.active
            self._layer = Shapes(
                ndim=3,
                name=f"{source.image.name} annotation",
                edge_color=NOTED_CALL,
                face_color=_CLEAR,
                edge_width=_WIDTH,
                metadata={ROLE: Role(kind="annotation", stack=source.stack)},
                **axes_of_image(source.image),
            )
            self._viewer.layers.append(self._layer)
            self._viewer.layers.selection.active = active
        self._layer.data = []
        frames = frames_on_page(annotation, layout, page)
        if not frames:
            return
        spans = spans_on_page(annotation, layout, page)
        is_marked = [
            tuple(annotation.intervals_s[span.call].tolist()) == marked_s for span in spans
        ]
        self._layer.add_rectangles(
            frames,
            edge_color=[GONE_TO_CALL if marked else NOTED_CALL for marked in is_marked],
            edge_width=[_MARKED_WIDTH if marked else _WIDTH for marked in is_marked],
            face_color=_CLEAR,
        )


def frames_on_page(annotation: Annotation, layout: Layout, page: int) -> list[NDArray[np.float64]]:
    """(4, 3) corners of a frame round each noted call, as high as it is or as the page."""
    grid = layout.grid
    frames = []
    for span in spans_on_page(annotation, layout, page):
        low, high = annotation.low_hz[span.call], annotation.high_hz[span.call]
        top, bottom = 0.0, PAGE_PX - 1.0
        if grid is not None and np.isfinite(low) and np.isfinite(high):
            rows = [PAGE_PX - (hz - grid.low_hz) / grid.hz_per_row for hz in (high, low)]
            top, bottom = np.clip(rows, 0, PAGE_PX - 1.0)
        left, right = span.first_px - 0.5, span.last_px + 0.5
        corners = [(top, left), (top, right), (bottom, right), (bottom, left)]
        frames.append(np.array([(page, *corner) for corner in corners], float))
    return frames
