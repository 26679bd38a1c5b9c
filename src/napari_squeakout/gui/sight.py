"""What is acted on is what is seen: one source in sight, its page shown as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image

from .roles import role_of

if TYPE_CHECKING:
    from .layers import SourceLayers

_PAGE_AXES, _STACK_AXES = 2, 3
_SEEN_THROUGH = {"additive", "minimum", "multiplicative"}


class OneInSight:
    """Hides the layers of all sources but the one acted on; they come back as they were.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    """

    def __init__(self, viewer: Any) -> None:
        self._viewer = viewer
        self._stack: Any = None
        #: Layers that have been there; what is visible of them is so by somebody's hand.
        self._known: list[Any] = []
        #: Layers hidden here, each with the stack of its source; they were visible before.
        self._hidden: list[tuple[Any, Any]] = []

    def show(self, source: SourceLayers | None) -> None:
        """Bring a source into sight; none leaves everything as it is."""
        if source is None:
            return
        layers = [(layer, role) for layer in self._viewer.layers if (role := role_of(layer))]
        is_new = source.stack is not self._stack
        self._stack = source.stack
        come_back = [layer for layer, _ in self._hidden if _owner(layer) is source.stack]
        self._hidden = [
            (layer, stack)
            for layer, stack in self._hidden
            if _owner(layer) is not source.stack and layer in self._viewer.layers
        ]
        for layer in come_back:
            layer.visible = True
        for layer, role in layers:
            by_hand = not is_new and layer in self._known
            if role.stack is not source.stack and layer.visible and not by_hand:
                layer.visible = False
                self._hidden.append((layer, role.stack))
        self._known = [layer for layer, _ in layers]


def _owner(layer: Any) -> Any:
    role = role_of(layer)
    return None if role is None else role.stack


def why_not_in_view(viewer: Any, source: SourceLayers | None) -> str:
    """Why the page of a source is not what a person sees; empty where it is."""
    if source is None or source.image not in viewer.layers:
        return ""
    dims = viewer.dims
    if dims.ndisplay != _PAGE_AXES:
        return "The window shows all pages in 3-D: turn back to a page (Ctrl+Y) first."
    pages_axes = {dims.ndim - 2, dims.ndim - 1}
    if dims.ndim >= _STACK_AXES and set(dims.order[-_PAGE_AXES:]) != pages_axes:
        return "The window is rolled, so that no page is in view: roll it back (Ctrl+E) first."
    over = _covering(viewer, source)
    if over is not None:
        return f"{over.name} lies over {source.image.name}: hide it, or select it to work on it."
    return ""


def _covering(viewer: Any, source: SourceLayers) -> Any:
    """A picture of another source that hides this one."""
    above = list(viewer.layers)[viewer.layers.index(source.image) + 1 :]
    for layer in above:
        role = role_of(layer)
        is_other = role is not None and role.kind == "image" and role.stack is not source.stack
        opaque = isinstance(layer, Image) and str(layer.blending) not in _SEEN_THROUGH
        if is_other and layer.visible and opaque and layer.opacity == 1:
            return layer
    return None


def keep_in_range(viewer: Any, image: Any) -> None:
    """Bring the slider back to a page that a source has; other layers may have more."""
    if image.ndim < _STACK_AXES:
        return
    axis = viewer.dims.ndim - _STACK_AXES
    position = float(image.world_to_data(viewer.dims.point)[-_STACK_AXES])
    page = int(np.clip(np.rint(position), 0, image.data.shape[0] - 1))
    if abs(position - page) > 0.5:  # noqa: PLR2004 - nearest page
        place = image.data_to_world((page, 0, 0))[-_STACK_AXES]
        viewer.dims.set_point(axis, place)
