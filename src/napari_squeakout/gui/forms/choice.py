"""A choice among names that may be long: elided where they are cut, which magicgui's cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QSignalBlocker, Qt, Signal
from qtpy.QtGui import QHelpEvent
from qtpy.QtWidgets import (
    QComboBox,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
)

from napari_squeakout.gui.qt.elided import elided, tell_whole
from napari_squeakout.gui.qt.wheel import keep_from_wheel

if TYPE_CHECKING:
    from qtpy.QtGui import QPaintEvent

#: Of a combo box's field, what is left and right of its text.
_MARGINS_PX = 4


class ChoiceEditor(QComboBox):
    """One of several values.

    Parameters
    ----------
    name : str
        Object name.
    choices : tuple
        The values, in order.
    spoken : str
        The name under which it is read out.
    """

    changed = Signal()

    def __init__(self, name: str, choices: tuple[Any, ...], spoken: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        for choice in choices:
            self.addItem(str(choice), choice)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        view = self.view()
        assert view is not None  # noqa: S101 - a combo box has one
        view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.currentIndexChanged.connect(lambda _: self.changed.emit())
        keep_from_wheel(self)

    def value(self) -> Any:
        """The value chosen."""
        return self.currentData()

    def set_value(self, value: Any) -> None:
        """Show a value without telling of a change."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self.findData(value))

    def set_tooltip(self, text: str) -> None:
        """Explain it."""
        self.setToolTip(text)

    def shown_text(self) -> str:
        """What of the chosen value is seen."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        kind, part = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        style = self.style()
        assert style is not None  # noqa: S101 - a widget has one
        field = style.subControlRect(kind, option, part, self)
        return elided(self, self.currentText(), field.width() - _MARGINS_PX)

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw as much of the chosen value as there is room for."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.shown_text()
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def _is_cut(self) -> bool:
        return self.shown_text() != self.currentText()

    def event(self, event: QEvent | None) -> bool:
        """Tell the whole value under the mouse where it is cut."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._is_cut():
            tell_whole(self, event, self.currentText())
            return True
        return bool(super().event(event))
