"""A widget under the picture, in a dock of its own that can be sent away and fetched back."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Qt, Signal
from qtpy.QtWidgets import QDockWidget, QMainWindow, QWidget

from napari_squeakout.gui.qt.callbacks import later, when_destroyed

if TYPE_CHECKING:
    from napari_squeakout.gui.layers.viewer import Viewer

#: A window that is lower has no room for two docks under the left side.
_LOW_PX = 900
#: A dock takes no more than one part in so many of the window's height by itself; plots more.
_MOST_OF_WINDOW, PLOT_OF_WINDOW = 5, 4
_BELOW = Qt.DockWidgetArea.BottomDockWidgetArea
#: Widgets of one place lie one behind the other, as tabs; what shows calls has one.
WITH_CALLS = "calls"
_PLACE = "squeakout_place"
#: napari shows a dock some moments after it was added: until then this says that it will be.
_IS_WANTED = "squeakout_is_wanted"


class UnderPicture(QObject):
    """Puts a widget under the picture.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    widget : QWidget
        What is put there; it goes with the parent.
    title : str
        Of its dock.
    parent : QObject
        With which it ends.
    place : str
        Of widgets with the same one the last to come is in front of the others; the others are
        tabs. Empty for a place of its own.
    of_window : int
        It takes no more than one part in so many of the window's height by itself.
    """

    #: It has come in front of the others of its place.
    seen = Signal()
    #: Somebody has shown it, or sent it away, by napari's own means.
    toggled = Signal(bool)

    def __init__(
        self,
        viewer: Viewer,
        widget: QWidget,
        title: str,
        parent: QObject,
        *,
        place: str = "",
        of_window: int = _MOST_OF_WINDOW,
    ) -> None:
        super().__init__(parent)
        self._viewer, self._widget, self._title, self._of = viewer, widget, title, place
        self._of_window = of_window
        self._is_placing = False
        self._is_in_front = True
        self._sizing = later(self, 0, self._take_height)
        self._raising = later(self, 0, self._come_in_front)
        when_destroyed(self, _Ending(widget))

    @property
    def dock(self) -> QDockWidget | None:
        """The dock around it; None while there is none."""
        around = self._widget.parentWidget()
        return around if isinstance(around, QDockWidget) else None

    @property
    def is_in_front(self) -> bool:
        """Whether no other tab hides it."""
        return self._is_in_front

    def place(self, is_wanted: bool) -> None:
        """Show it, in a dock that is made where there is none yet, or hide it."""
        self._is_placing = True
        dock = self.dock
        if dock is not None:
            was_away = dock.isHidden()
            dock.setProperty(_IS_WANTED, is_wanted)
            main = dock.parentWidget()
            if isinstance(main, QMainWindow):
                _share_room(main)  # before it takes room
            dock.setVisible(is_wanted)
            if was_away and is_wanted:
                self._raising.start()
        elif is_wanted and getattr(self._viewer, "window", None) is not None:
            self._add()
        self._is_placing = False

    def end(self) -> None:
        """Leave the window."""
        if self.dock is not None:
            with suppress(LookupError):
                self._viewer.window.remove_dock_widget(self._widget)

    def _add(self) -> None:
        window = self._viewer.window
        menu = getattr(window, "window_menu", None)  # has the docks, where there is one
        window.add_dock_widget(self._widget, name=self._title, area="bottom", menu=menu)
        self._widget.show()
        dock, main = self.dock, self._widget.window()
        if dock is None:
            return
        if isinstance(main, QMainWindow):  # the dock at the right keeps its height
            main.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
            dock.setProperty(_PLACE, self._of or self._title)
            dock.setProperty(_IS_WANTED, True)
            dock.visibilityChanged.connect(self._on_seen)
            _share_room(main)
            _stack(main, dock)
            self._sizing.start()  # once the window has laid it out
            self._raising.start()
        action = dock.toggleViewAction()
        if action is not None:
            action.toggled.connect(self._on_toggled)

    def _take_height(self) -> None:
        dock, main = self.dock, self._widget.window()
        if dock is not None and isinstance(main, QMainWindow):
            height = min(self._widget.sizeHint().height(), main.height() // self._of_window)
            main.resizeDocks([dock], [height], Qt.Orientation.Vertical)

    def _come_in_front(self) -> None:
        """Of tabs the one that came last is shown, once the window has laid them out."""
        if self.dock is not None:
            self.dock.raise_()

    def _on_seen(self, is_seen: bool) -> None:
        self._is_in_front = is_seen
        if is_seen:
            self.seen.emit()

    def _on_toggled(self, is_shown: bool) -> None:
        """Somebody has shown or closed it; not so where its window goes."""
        dock = self.dock
        main = None if dock is None else dock.parentWidget()
        is_going = main is not None and (not main.isVisible() or main.isMinimized())
        if not self._is_placing and (is_shown or not is_going):
            self.toggled.emit(is_shown)


def _stack(main: QMainWindow, dock: QDockWidget) -> None:
    """Lay docks under the picture one below the other: side by side, each would be too narrow.

    Those of one place are tabs.
    """
    others = [other for other in _docks_below(main) if other is not dock]
    with_it = [other for other in others if other.property(_PLACE) == dock.property(_PLACE)]
    if with_it:
        main.tabifyDockWidget(with_it[0], dock)
    elif others:
        main.splitDockWidget(others[0], dock, Qt.Orientation.Vertical)


def _share_room(main: QMainWindow) -> None:
    """Leave the left side its height where the window is low and several docks lie below.

    Under them the lists of layers would need more than the screen has, and the window would grow.
    """
    places = {dock.property(_PLACE) for dock in _docks_below(main)}
    is_tight = main.height() < _LOW_PX and len(places) > 1
    area = Qt.DockWidgetArea.LeftDockWidgetArea if is_tight else _BELOW
    if main.corner(Qt.Corner.BottomLeftCorner) != area:
        main.setCorner(Qt.Corner.BottomLeftCorner, area)


def _docks_below(main: QMainWindow) -> list[QDockWidget]:
    """Those under the picture that are shown, or about to be."""
    return [
        dock
        for dock in main.findChildren(QDockWidget)
        if main.dockWidgetArea(dock) == _BELOW and not dock.isFloating() and _is_shown(dock)
    ]


def _is_shown(dock: QDockWidget) -> bool:
    return bool(dock.property(_IS_WANTED)) or not dock.isHidden()


class _Ending:
    """Ends the widget with its owner, wherever it is then."""

    def __init__(self, widget: QWidget) -> None:
        self._widget = widget

    def __call__(self) -> None:
        with suppress(RuntimeError):  # it went with its window
            self._widget.deleteLater()
