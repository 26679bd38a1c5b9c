"""The colours of calls: each stands out from its neighbours, and the picked one from them all."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np
from napari.utils import CyclicLabelColormap, DirectLabelColormap

from napari_squeakout.gui.qt.access.inks import CALLS

from .layer_kinds import LabelsLayer

#: What is no call.
_BACKGROUND = "#00000000"
#: Not white: calls themselves are, and an outline would be lost on them.
_PICKED = (1.0, 1.0, 0.0, 1.0)
#: How much of their colour the others keep.
_FADED = 0.45


def call_colours() -> CyclicLabelColormap:
    """Eight colours in turn; napari's own are drawn at random, some of them greys."""
    return CyclicLabelColormap(colors=[_BACKGROUND, *CALLS], display_name="calls")


class Highlight:
    """Colours of a layer of calls while one of them is picked; afterwards they are as before.

    The picked one is bright yellow, and the others are faded.

    No layer of its own, which would stand in the list and could be saved or deleted.
    """

    def __init__(self) -> None:
        self._layer: LabelsLayer | None = None
        self._before: Any = None
        self._made: Any = None
        self._shows: tuple[int, tuple[int, ...]] | None = None
        #: Whether colours are being set just now: napari tells of that as of a choice of call.
        self.is_at_work = False

    def show(
        self, layer: LabelsLayer | None, call: int, page: int, *, is_coming: bool = False
    ) -> None:
        """Let a call stand out on a page; 0 for none.

        A page that is coming is drawn when it is turned to: the one in view is not drawn once more.
        """
        # A window given to a plugin wraps layers and what they hold, anew each time.
        layer = getattr(layer, "__wrapped__", layer)
        if layer is not self._layer or not self._is_shown():
            self.clear()
        if layer is None or not call:
            self.clear()
            return
        # Those beside it too, or a page that is turned to would be seen in wrong colours first.
        near = np.asarray(layer.data[max(0, page - 1) : page + 2])
        shows = (call, tuple(np.unique(near[near > 0]).tolist()))
        if shows == self._shows:
            return
        if self._layer is None:
            self._layer, self._before = layer, layer.colormap
        self._shows = shows
        self._made = _standing_out(self._before, *shows)
        self._set(layer, self._made, is_drawn=not is_coming)

    def clear(self) -> None:
        """Give the layer its own colours back, unless somebody has given it others."""
        layer, before, is_shown = self._layer, self._before, self._is_shown()
        if layer is not None and is_shown:
            before.use_selection = layer.colormap.use_selection
            before.selection = layer.colormap.selection
            self._set(layer, before)
        self._layer = self._before = self._made = self._shows = None

    def _is_shown(self) -> bool:
        return self._layer is not None and self._layer.colormap is self._made

    def _set(self, layer: LabelsLayer, colours: Any, *, is_drawn: bool = True) -> None:
        self.is_at_work = True
        try:
            with nullcontext() if is_drawn else _not_drawn(layer):
                layer.colormap = colours
        finally:
            self.is_at_work = False


def _standing_out(before: Any, call: int, numbers: tuple[int, ...]) -> DirectLabelColormap:
    """Colours like those before, but for one call."""
    # At once: asked one by one they take as long as the page takes to be drawn.
    others, *faded = _faded(before.map(np.array([1, *numbers])))
    known: dict[int | None, Any] = dict(zip(numbers, faded, strict=True))
    colours = {None: others, 0: _BACKGROUND, **known, call: _PICKED}
    return DirectLabelColormap(
        color_dict=colours, use_selection=before.use_selection, selection=before.selection
    )


def _faded(colours: Any) -> Any:
    return np.asarray(colours, np.float32).reshape(-1, 4) * (1, 1, 1, _FADED)


def _not_drawn(layer: Any) -> Any:
    """While this is open a layer does not draw itself; napari's own, where it has it."""
    hold = getattr(layer, "_block_refresh", None)
    return nullcontext() if hold is None else hold()
