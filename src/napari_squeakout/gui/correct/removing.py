"""A call goes by one gesture: Ctrl and a click on it, or Delete with the mouse over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QKeyEvent

from napari_squeakout.gui.layers.roles import role_of
from napari_squeakout.gui.picture.clicks import was_click
from napari_squeakout.gui.qt.canvas import canvases_of

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

    from napari_squeakout.gui.layers.viewer import Viewer

_LEFT, _PAN = 1, "pan_zoom"
_DELETE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class Removing(QObject):
    """Hears of both gestures over the picture.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    remove_at : callable
        Takes the place, in world coordinates.
    """

    def __init__(self, viewer: Viewer, remove_at: Callable[[Any], object], parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._remove_at = remove_at
        self._canvases: list[QWidget] = []
        viewer.mouse_drag_callbacks.append(self._on_press)

    def watch_canvas(self, window: QWidget | None) -> None:
        """Hear of keys over the picture; only once the dock is in its window."""
        for canvas in canvases_of(window):
            if canvas not in self._canvases:
                self._canvases.append(canvas)
                canvas.installEventFilter(self)

    def disconnect_viewer(self) -> None:
        """Stop listening to the window."""
        if self._on_press in self._viewer.mouse_drag_callbacks:
            self._viewer.mouse_drag_callbacks.remove(self._on_press)

    def eventFilter(  # noqa: N802 - Qt's name
        self, watched: QObject | None, event: QEvent | None
    ) -> bool:
        """Take Delete for the call under the mouse; over the list of layers it is napari's."""
        is_key = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if not is_key or watched not in self._canvases:
            return False
        assert isinstance(event, QKeyEvent)  # noqa: S101 - for types
        if event.key() not in _DELETE or event.isAutoRepeat():
            return False
        if not self._is_ours():
            return False  # napari's own: points that are chosen, corners of a polygon
        self._remove_at(self._viewer.cursor.position)
        return True

    def _is_ours(self) -> bool:
        """Whether a layer of ours is selected, and no brush in hand that the gesture belongs to."""
        active = self._viewer.layers.selection.active
        role = None if active is None else role_of(active)
        if role is None or role.kind == "annotation":
            return False
        return str(getattr(active, "mode", _PAN)) == _PAN

    def _on_press(self, _viewer: Any, event: Any) -> Iterator[None]:
        # vispy's keys are equal to their names, and print otherwise.
        is_asked = event.button == _LEFT and list(event.modifiers) == ["Control"]
        if not is_asked or not self._is_ours():
            return
        position = tuple(event.position)
        if (yield from was_click(event)):
            self._remove_at(position)
