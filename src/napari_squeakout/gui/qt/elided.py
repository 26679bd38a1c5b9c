"""Names that do not fit: cut in their middle, whole under the mouse, never wider than the dock."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QSize, Qt
from qtpy.QtGui import QHelpEvent
from qtpy.QtWidgets import (
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QToolTip,
    QWidget,
)

if TYPE_CHECKING:
    from qtpy.QtGui import QPaintEvent

#: What a stylesheet's padding may take of a button, and how narrow one may become.
_PADDING_PX, _LEAST_PX = 12, 60


class ElidedButton(QPushButton):
    """A button whose text may be a long name."""

    def __init__(self, text: str = "", *, objectName: str) -> None:  # noqa: N803 - Qt's name
        super().__init__(text)
        self.setObjectName(objectName)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Narrow, whatever it says."""
        return QSize(_LEAST_PX, super().minimumSizeHint().height())

    def shown_text(self) -> str:
        """What of the text is seen."""
        return elided(self, self.text(), self.width() - _PADDING_PX)

    def _is_cut(self) -> bool:
        return self.shown_text() != self.text()

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw as much of the text as there is room for."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = self.shown_text()
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)

    def event(self, event: QEvent | None) -> bool:
        """Tell the whole text under the mouse where it is cut."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._is_cut():
            tell_whole(self, event, self.text())
            return True
        return bool(super().event(event))


def elided(widget: QWidget, text: str, room_px: int) -> str:
    """A text cut in its middle: how names begin and how they end tells them apart."""
    return str(widget.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, room_px))


def tell_whole(widget: QWidget, event: QHelpEvent, text: str) -> None:
    """Show a widget's tooltip, headed by the text that does not fit into it."""
    tip = widget.toolTip()
    is_rich = Qt.mightBeRichText(tip)  # type: ignore[attr-defined]  # PyQt6's stubs lack it
    tip = tip if is_rich else f"<p>{escape(tip)}</p>"
    QToolTip.showText(event.globalPos(), f"<p><b>{escape(text)}</b></p>{tip}", widget)
