"""What is acted on is what is seen: one source in sight, its page shown as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from napari.layers import Image

from .roles import role_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_squeakout.core.stacks import SpectrogramStack

    from .layer_kinds import Layer
    from .roles import SourceLayers
    from .viewer import Viewer

_PAGE_AXES, _STACK_AXES = 2, 3
#: Of what is less opaque, what is under it can be seen.
_HALF = 0.5
_SEEN_THROUGH = {"additive", "minimum", "multiplicative"}


class OneInSight:
    """Hides the layers of all sources but the one acted on; they come back as they were.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    hidden_or_shown : callable
        Called when a person hides or shows the picture or the calls acted on.
    """

    def __init__(self, viewer: Viewer, hidden_or_shown: Callable[[], object]) -> None:
        self._viewer = viewer
        self._hidden_or_shown = hidden_or_shown
        self._listened: list[Layer] = []
        self._stack: SpectrogramStack | None = None
        #: Layers that have been there; what is visible of them is so by somebody's hand.
        self._known: list[Layer] = []
        #: Layers hidden here, each with the stack of its source; they were visible before.
        self._hidden: list[tuple[Layer, SpectrogramStack]] = []

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
        if is_new:  # whoever chooses it wants to see it
            source.image.visible = True
        self._listen([layer for layer in (source.image, source.calls) if layer is not None])

    def bring_back(self) -> None:
        """Show again what was hidden here: the dock goes, and nobody else would."""
        hidden, self._hidden = self._hidden, []
        for layer, _ in hidden:
            if layer in self._viewer.layers:
                layer.visible = True

    def disconnect_viewer(self) -> None:
        """Stop listening to layers."""
        self._listen([])

    def _listen(self, layers: list[Layer]) -> None:
        for layer in self._listened:
            layer.events.visible.disconnect(self._on_visible)
        for layer in layers:
            layer.events.visible.connect(self._on_visible)
        self._listened = layers

    def _on_visible(self, _event: object = None) -> None:
        self._hidden_or_shown()


def _owner(layer: Layer) -> SpectrogramStack | None:
    role = role_of(layer)
    return None if role is None else role.stack


def why_not_in_view(viewer: Viewer, source: SourceLayers | None) -> str:
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
    return _why_hidden(source)


def _why_hidden(source: SourceLayers) -> str:
    if not _is_seen(source.image):
        return f"{source.image.name} is hidden: show it to see what is acted on."
    if source.calls is not None and not _is_seen(source.calls):
        return "The calls are hidden: press V to see what is acted on."
    return ""


def _is_seen(layer: Layer) -> bool:
    return bool(layer.visible and layer.opacity > 0)


def _covering(viewer: Viewer, source: SourceLayers) -> Layer | None:
    """A picture that hides this source's: of another one, or of nothing that we know."""
    above = list(viewer.layers)[viewer.layers.index(source.image) + 1 :]
    for layer in above:
        role = role_of(layer)
        is_other = role is None or role.stack is not source.stack
        opaque = isinstance(layer, Image) and str(layer.blending) not in _SEEN_THROUGH
        hides = opaque and layer.visible and layer.opacity > _HALF
        if is_other and hides and _overlap(layer, source.image):
            return layer
    return None


def _overlap(one: Layer, other: Layer) -> bool:
    (low, high), (other_low, other_high) = (
        layer.extent.world[:, -_PAGE_AXES:] for layer in (one, other)
    )
    return bool((np.maximum(low, other_low) < np.minimum(high, other_high)).all())


def keep_in_range(viewer: Viewer, image: Layer) -> None:
    """Bring the slider back to a page that a source has; other layers may have more."""
    if image.ndim < _STACK_AXES:
        return
    axis = viewer.dims.ndim - _STACK_AXES
    position = float(image.world_to_data(viewer.dims.point)[-_STACK_AXES])
    page = int(np.clip(np.rint(position), 0, image.data.shape[0] - 1))
    if abs(position - page) > 0.5:  # noqa: PLR2004 - nearest page
        place = image.data_to_world((page, 0, 0))[-_STACK_AXES]
        viewer.dims.set_point(axis, place)
