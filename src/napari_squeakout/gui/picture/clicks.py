"""Clicks on the picture that somebody waits for; a drag still moves the picture."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.gui.layers.viewer import Viewer

# People click beside thin calls.
_REACH_PX = 6


class Clicks:
    """Hands clicks to one listener at a time.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    """

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._listener: Callable[[Any], object] | None = None

    def listen(self, listener: Callable[[Any], object] | None) -> None:
        """Hand the position of each click, in world coordinates, to a function; None: to none."""
        callbacks = self._viewer.mouse_drag_callbacks
        if self._on_press in callbacks:
            callbacks.remove(self._on_press)
        self._listener = listener
        if listener is not None:
            callbacks.append(self._on_press)

    def _on_press(self, _viewer: Any, event: Any) -> Iterator[None]:
        if event.button != 1 or event.modifiers:
            return
        position = tuple(event.position)
        is_click = yield from was_click(event)
        if is_click and self._listener is not None:
            self._listener(position)


def was_click(event: Any) -> Generator[None, None, bool]:
    """Wait as napari's callbacks do until the button is up; False where it was a drag."""
    moved = False
    yield
    while event.type == "mouse_move":
        moved = True
        yield
    return not moved


def pixel_at(layer: Any, position: Any) -> tuple[int, int] | None:
    """Row and column of a layer's page under a place in the world; None outside."""
    row, column = (int(np.rint(value)) for value in layer.world_to_data(position)[-2:])
    rows, columns = layer.data.shape[-2:]
    return (row, column) if 0 <= row < rows and 0 <= column < columns else None


def call_at(labels: NDArray[Any], pixel: tuple[int, int]) -> int:
    """Number of the call at or nearest to a pixel of a page, 0 where none is within reach."""
    row, column = pixel
    top, left = max(0, row - _REACH_PX), max(0, column - _REACH_PX)
    near = labels[top : row + _REACH_PX + 1, left : column + _REACH_PX + 1]
    rows, columns = np.nonzero(near)
    if not len(rows):
        return 0
    nearest = np.argmin((rows + top - row) ** 2 + (columns + left - column) ** 2)
    return int(near[rows[nearest], columns[nearest]])
