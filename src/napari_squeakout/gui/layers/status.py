"""What is under the mouse: page, kHz, time, how far above the noise, and how sure a call is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.rendering.levelling import HIGHEST_DB, LOWEST_DB, db_of_grey

from .roles import member, role_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_squeakout.core.layout import Layout
    from napari_squeakout.core.stacks import SpectrogramStack

    from .layer_kinds import ImageLayer, Layer
    from .viewer import Viewer

_NUMBER = r"-?\d+(?:\.\d+)?"
#: Where napari writes the place under the mouse: `[4.000, 63.629, 169.539]`.
_PLACE = re.compile(rf"\[({_NUMBER}(?:, {_NUMBER})+)\]")
_STACK_AXES = 3
_MOST_PROBABLE = 255


class UnitsInStatus:
    """Writes what is under the mouse into napari's status line.

    napari writes bare numbers there, of a world in which a kHz is as high as suits the window.
    What is written is replaced after napari has shown it, for a layer can tell its place otherwise
    only by being of a class of ours, which what readers and napari itself make is not.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    is_answered : callable
        Says of an image and a page whether the network has answered for it: of others it is not
        known how sure a call is.
    """

    def __init__(
        self,
        viewer: Viewer,
        is_answered: Callable[[ImageLayer, int], bool] = lambda _image, _page: False,
    ) -> None:
        self._viewer = viewer
        self._is_answered = is_answered
        #: Of the page that was asked for last: its stack, its number, what is known of it.
        self._known: tuple[SpectrogramStack | None, int, NDArray[np.bool_] | None] = (None, 0, None)
        viewer.events.status.connect(self._on_status, position="last")

    def disconnect_viewer(self) -> None:
        """Leave the line to napari again."""
        self._viewer.events.status.disconnect(self._on_status)

    def _on_status(self, _event: object = None) -> None:
        status, layer = self._viewer.status, self._viewer.layers.selection.active
        if layer is None or not isinstance(status, dict):
            return
        role = role_of(layer)
        if role is None:
            return
        told = self._told(str(status.get("coordinates", "")), layer, role.stack)
        if told != status.get("coordinates"):  # once: what has its units is left as it is
            self._viewer.status = {**status, "coordinates": told}

    def _told(self, text: str, layer: Layer, stack: SpectrogramStack) -> str:
        """The status line of a layer of pages, its bare numbers replaced by what is there."""
        found = _PLACE.search(text)
        if found is None:
            return text
        world = [float(number) for number in found.group(1).split(", ")]
        page, row, column = page_pixel(layer, world, stack.layout)
        parts = [place_text(stack.layout, page, row, column)]
        pixel = (page, int(np.rint(row)), int(np.rint(column)))
        if 0 <= pixel[1] < PAGE_PX > pixel[2] >= 0:
            parts += [self._level_text(stack, pixel), self._probability_text(stack, pixel)]
        told = ", ".join(part for part in parts if part)
        # After the number of a call napari writes all of its measures, thirty of them.
        rest = text[found.end() :].partition(";")[0]
        return f"{text[: found.start()]}{told}{rest}"

    def _level_text(self, stack: SpectrogramStack, pixel: tuple[int, int, int]) -> str:
        """How far above the noise it is; nothing where that was not measured."""
        image = member(self._viewer, stack, "image")
        if image is None or stack.levels != "noise" or stack.known is None:
            return ""
        of_stack, of_page, known = self._known
        if known is None or of_stack is not stack or of_page != pixel[0]:
            try:
                known = stack.known(float(pixel[0]))
            except SqueakOutError:
                return ""  # its file is away
            self._known = (stack, pixel[0], known)
        return level_text(float(image.data[pixel])) if known[pixel[1:]] else ""

    def _probability_text(self, stack: SpectrogramStack, pixel: tuple[int, int, int]) -> str:
        image = member(self._viewer, stack, "image")
        probabilities = member(self._viewer, stack, "probabilities")
        if image is None or probabilities is None or not self._is_answered(image, pixel[0]):
            return ""
        return f"probability {int(probabilities.data[pixel]) / _MOST_PROBABLE:.2f}"


def page_pixel(layer: Layer, world: list[float], layout: Layout) -> tuple[int, float, float]:
    """Page, row and column of the (n, 512, 512) pages under a place in the world.

    Asked of the layer: what a unit of the world is depends on the window.
    """
    place = layer.world_to_data(world)
    shape = layer.data.shape[-2:] if hasattr(layer.data, "shape") else (PAGE_PX, PAGE_PX)
    # From pixel centres of the layer to edges, and to centres of the page.
    row, column = (
        (at + 0.5) * PAGE_PX / size - 0.5 for at, size in zip(place[-2:], shape, strict=True)
    )
    page = world[-_STACK_AXES] if len(place) < _STACK_AXES <= len(world) else 0.0
    page = place[-_STACK_AXES] if len(place) >= _STACK_AXES else page
    return int(np.clip(np.rint(page), 0, layout.n_pages - 1)), float(row), float(column)


def place_text(layout: Layout, page: int, row: float, column: float) -> str:
    """Where a pixel of a page lies, with units."""
    named = f"page {page}, " if layout.n_pages > 1 else ""
    upwards, across = PAGE_PX - (row + 0.5), column + 0.5
    grid = layout.grid
    if grid is None:
        return f"{named}{upwards:.0f} px from the bottom, {across:.0f} px from the left"
    across_s = across * grid.seconds_per_column
    text = f"{named}{grid.hz(row + 0.5) / 1e3:.2f} kHz, {across_s * 1e3:.1f} ms"
    if layout.starts_s is None:
        return text
    return f"{text} on the page, {layout.starts_s[page] + across_s:.4f} s of the recording"


def level_text(grey: float) -> str:
    """What a grey of a levelled page says."""
    if grey <= 0:
        return f"{LOWEST_DB:.0f} dB or less"
    if grey >= 1:
        return f"{HIGHEST_DB:.0f} dB or more"
    return f"{db_of_grey(grey):.0f} dB over the noise"
