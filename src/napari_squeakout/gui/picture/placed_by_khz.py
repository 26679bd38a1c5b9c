"""Which layers of others lie by kHz of their own, so that the page must lie so, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from napari.layers import Image, Labels

from napari_squeakout.gui.layers.roles import role_of

from .page_place import page_corners
from .stretch import differs

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_squeakout.gui.layers.layer_kinds import Layer
    from napari_squeakout.gui.layers.viewer import Viewer

_PLANE_AXES = 2
_KHZ, _NO_UNIT = "kilohertz", "pixel"


class PlacedByKhz:
    """Looks at each layer of others once, when it comes: what is drawn later is drawn on the page.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    hidden_or_shown : callable
        Called when one that lies by kHz is hidden or shown.
    """

    def __init__(self, viewer: Viewer, hidden_or_shown: Callable[[], object]) -> None:
        self._viewer = viewer
        self._hidden_or_shown = hidden_or_shown
        self._known: list[Layer] = []
        self._by_khz: list[Layer] = []

    def look(self, stretch: float) -> None:
        """Take in the layers that have come or gone while pages are stretched so far."""
        others = [layer for layer in self._viewer.layers if _is_of_others(layer)]
        pages = [
            _page(layer)
            for layer in self._viewer.layers
            if (role := role_of(layer)) is not None
            and role.kind == "image"
            and role.stack.layout.grid is not None
        ]
        for layer in self._by_khz:
            if layer not in others:
                layer.events.visible.disconnect(self._on_visible)
        self._by_khz = [layer for layer in self._by_khz if layer in others]
        for layer in others:
            if layer not in self._known and _lies_by_khz(layer, pages, stretch):
                layer.events.visible.connect(self._on_visible)
                self._by_khz.append(layer)
        self._known = others

    def seen(self) -> Layer | None:
        """One that lies by kHz and is seen."""
        return next((layer for layer in self._by_khz if layer.visible), None)

    def drawn(self) -> Layer | None:
        """A layer of others that something lies on, and not by kHz."""
        rest = (layer for layer in self._known if layer not in self._by_khz)
        return next((one for one in rest if role_of(one) is None and _has_content(one)), None)

    def disconnect_viewer(self) -> None:
        """Stop listening to layers."""
        for layer in self._by_khz:
            layer.events.visible.disconnect(self._on_visible)
        self._known, self._by_khz = [], []

    def _on_visible(self, _event: object = None) -> None:
        self._hidden_or_shown()


def _is_of_others(layer: Layer) -> bool:
    """Whether it is drawn where others have put it; so are images without a scale."""
    role = role_of(layer)
    is_image = role is not None and role.kind == "image" and role.stack.layout.grid is None
    return layer.ndim >= _PLANE_AXES and (role is None or is_image)


def _lies_by_khz(layer: Layer, pages: list[NDArray[np.float64]], stretch: float) -> bool:
    """Whether its vertical coordinates are kHz: it says so, or fits a page better by them."""
    unit = str(layer.units[-_PLANE_AXES])
    if unit != _NO_UNIT or not _has_content(layer):
        return unit == _KHZ
    if not differs(stretch, 1.0) or _was_never_placed(layer):
        return False
    place = layer.extent.world[:, -_PLANE_AXES:]
    return any(_share(place, page / (stretch, 1.0)) > _share(place, page) for page in pages)


def _was_never_placed(layer: Layer) -> bool:
    """Whether its coordinates are its pixels' own."""
    is_of_pixels = isinstance(layer, Image | Labels)
    return is_of_pixels and np.allclose(layer.scale, 1) and np.allclose(layer.translate, 0)


def _page(image: Layer) -> NDArray[np.float64]:
    """(2, 2) least and largest coordinates of the page."""
    return np.sort(page_corners(image), axis=0)


def _has_content(layer: Layer) -> bool:
    return bool(np.isfinite(layer.extent.world[:, -_PLANE_AXES:]).all())


def _share(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """How well one place is that of another; 0 where they do not meet, 1 where they are the same.

    Points and lines have no area: their sides are compared.
    """
    both = np.minimum(one[1], other[1]) - np.maximum(one[0], other[0])
    whole = np.maximum(one[1], other[1]) - np.minimum(one[0], other[0])
    return float((both / whole).min()) if (both >= 0).all() else -1.0


def why_it_rests(layer: Layer, drawn: Layer | None) -> str:
    """What is said of a page that does not fill the canvas, or lies otherwise than a layer."""
    if drawn is None:
        return f"{layer.name} lies by its own kHz: while it is shown, the page is not stretched."
    return (
        f"{layer.name} lies by its own kHz, and not on this page, which is stretched under "
        f"{drawn.name}: switch Fill canvas off, or remove one of the two."
    )
