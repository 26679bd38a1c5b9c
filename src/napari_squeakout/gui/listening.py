"""What the dock hears of its window while it is there; the window outlives it."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from napari_squeakout.gui.qt.callbacks import when_destroyed
from napari_squeakout.gui.qt.canvas import make_current

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qtpy.QtWidgets import QWidget

    from napari_squeakout.gui.layers.viewer import Viewer

    _Heard = Sequence[tuple[Any, Callable[[Any], object]]]


class Listener(Protocol):
    """A part that listens to the window itself."""

    def disconnect_viewer(self) -> None:
        """Stop listening."""


def listen(
    dock: QWidget,
    viewer: Viewer,
    *,
    on_sources: Callable[[Any], object],
    on_page: Callable[[Any], object],
    listeners: Sequence[Listener],
) -> None:
    """Tell the dock of its window until it is destroyed; then its parts stop listening as well.

    Parameters
    ----------
    dock : QWidget
        With which all of this ends.
    viewer : napari.Viewer
        The window.
    on_sources : callable
        Takes an event: other layers are there, or chosen, or they are shown otherwise.
    on_page : callable
        Takes an event: another page is in view.
    listeners : sequence of Listener
        The parts that listen too.
    """
    layers, dims = viewer.layers, viewer.dims
    heard = [
        (layers.selection.events.active, on_sources),
        (layers.events.inserted, on_sources),
        (layers.events.removing, lambda _event: make_current(dock.window())),
        (layers.events.removed, on_sources),
        (dims.events.current_step, on_page),
        (dims.events.ndisplay, on_sources),
        (dims.events.order, on_sources),
        (layers.events.reordered, on_sources),
    ]
    for emitter, callback in heard:
        emitter.connect(callback)
    when_destroyed(dock, partial(_let_go, heard, listeners))


def _let_go(heard: _Heard, listeners: Sequence[Listener]) -> None:
    for emitter, callback in heard:
        emitter.disconnect(callback)
    for listener in listeners:
        # At the end of a program that left its window open Qt destroys things in any order.
        with suppress(RuntimeError):
            listener.disconnect_viewer()
