"""Where the keyboard is: a frame in the colour of the text around the control that Tab went to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, QRectF, Qt
from qtpy.QtGui import QPainter, QPalette, QPen
from qtpy.QtWidgets import QAbstractScrollArea, QApplication, QScrollArea, QWidget

if TYPE_CHECKING:
    from qtpy.QtGui import QPaintEvent

_WIDTH_PX = 2
_MOVES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show)


class FocusMark(QObject):
    """Frames the control that has the keyboard: napari's themes draw the same with and without.

    Who has clicked on it knows where it is: no frame then, nor around what only scrolls.

    Parameters
    ----------
    dock : QWidget
        With which it ends.
    tops : sequence of QWidget
        In which controls are framed; those elsewhere are not ours.
    """

    def __init__(self, dock: QWidget, *tops: QWidget) -> None:
        super().__init__(dock)
        self._tops = (dock, *tops)
        self._held: QWidget | None = None
        self._clicked: QWidget | None = None
        self._frame: _Frame | None = None
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Stay around the control while it moves, and go where it hides."""
        kind = None if event is None else event.type()
        if watched is self._held and kind in _MOVES:
            self._place()
        elif watched is self._held and kind == QEvent.Type.Hide and self._frame is not None:
            self._frame.hide()
        return False

    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        self._let_go()
        if now is None or _is_popup(now):
            return
        # Qt tells the reason to the control alone. A window that comes back to the front, and a
        # list that closes, give the keyboard to what had it: as that came by it, so it is shown.
        if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._clicked = now
        elif before is not None and not _is_popup(before):
            self._clicked = None
        is_ours = any(top is now or top.isAncestorOf(now) for top in self._tops)
        if is_ours and now is not self._clicked and not isinstance(now, QScrollArea):
            self._held = now
            now.installEventFilter(self)
            self._place()

    def _let_go(self) -> None:
        held, frame, self._held, self._frame = self._held, self._frame, None, None
        if held is not None:
            held.removeEventFilter(self)
        if frame is not None:
            frame.hide()
            frame.deleteLater()

    def _place(self) -> None:
        held = self._held
        above = None if held is None else held.parentWidget()
        if held is None or above is None or not held.isVisible():
            return
        # Inside of what scrolls a frame would scroll with it.
        if isinstance(above, QAbstractScrollArea):
            return
        if self._frame is None:
            self._frame = _Frame(above)
        self._frame.setGeometry(held.geometry())
        self._frame.show()
        self._frame.raise_()


def _is_popup(widget: QWidget) -> bool:
    window = widget.window()
    return window is not None and window.windowType() == Qt.WindowType.Popup


class _Frame(QWidget):
    """Lies over a control, lets the mouse through, and is passed over by the keyboard."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("focus_mark")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw the frame."""
        painter, half = QPainter(self), _WIDTH_PX / 2
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), _WIDTH_PX))
        painter.drawRect(QRectF(self.rect()).adjusted(half, half, -half, -half))
        painter.end()
