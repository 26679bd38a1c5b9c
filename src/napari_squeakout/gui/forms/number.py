"""A number with its unit, as a magicgui widget: spin box, slider, a box to tick where it may lack.

It is shown in a unit that suits its size; its value is always in the unit of the setting.
"""

from __future__ import annotations

from typing import Any

from magicgui.types import Undefined
from magicgui.widgets import CheckBox, FloatSpinBox, Slider
from magicgui.widgets.bases import ValuedContainerWidget
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QAbstractSpinBox, QSlider, QWidget

from napari_squeakout.gui.qt.wheel import keep_from_wheel

from .fields import NumberRange

_LARGEST = 2_147_483_647
_SPIN_PX, _SLIDER_PX, _GAP_PX = 72, 36, 6


class Number(ValuedContainerWidget[float]):
    """Edits a number; one that is `nullable` has a box to tick before it.

    The spin box has the object name `name`, the slider `<name>_slider`, the box `<name>_on`.
    """

    def __init__(
        self,
        value: Any = Undefined,
        *,
        limits: NumberRange,
        name: str = "",
        nullable: bool = False,
        **shown: Any,
    ) -> None:
        self._limits = limits
        self._value = limits.low or 0
        self._on = CheckBox(name=f"{name}_on") if nullable else None
        self._slider = _slider(limits, f"{name}_slider") if limits.positions() else None
        self._spin = _spin(limits, name)
        parts = [part for part in (self._on, self._slider, self._spin) if part is not None]
        super().__init__(
            value, widgets=parts, layout="horizontal", labels=False, name=name,
            nullable=nullable, **shown,
        )  # fmt: skip
        self.margins = (0, 0, 0, 0)
        self.native.layout().setSpacing(_GAP_PX)
        for part in parts:
            for widget in (part.native, *part.native.findChildren(QWidget)):
                widget.setToolTip(self.tooltip)
        self._spin.changed.connect(self._on_spin)
        if self._slider is not None:
            self._slider.changed.connect(self._on_slider)
        if self._on is not None:
            self._on.text = (
                ""  # given when made, it would be taken for none and replaced by the name
            )
            self._on.native.setObjectName(self._on.name)
            self._on.changed.connect(self._on_tick)

    def get_value(self) -> Any:
        """The number, in the unit of the setting, or None."""
        if self._on is not None and not self._on.value:
            return None
        return round(self._value) if self._limits.whole else self._value

    def set_value(self, value: float | None) -> None:
        """Show a number, or none, without telling of a change."""
        if self._on is not None:
            with self._on.changed.blocked():
                self._on.value = value is not None
        self._enable(value is not None)
        if value is not None:
            self._value = value
            with self._spin.changed.blocked():
                self._spin.value = value * self._limits.factor
            self._move_slider()

    def _enable(self, wanted: bool) -> None:
        for part in (self._slider, self._spin):
            if part is not None:
                part.enabled = wanted

    def _on_tick(self, ticked: bool) -> None:
        self._enable(ticked)
        self.changed.emit(self.get_value())

    def _on_spin(self, shown: float) -> None:
        self._value = self._limits.inside(round(shown / self._limits.factor, 9))
        self._move_slider()
        self.changed.emit(self.get_value())

    def _on_slider(self, position: int) -> None:
        self._spin.value = self._limits.value_at(position) * self._limits.factor

    def _move_slider(self) -> None:
        if self._slider is None or self._slider.native.findChild(QSlider).isSliderDown():
            return
        with self._slider.changed.blocked():
            self._slider.value = self._limits.position_of(self._value)


def _spin(limits: NumberRange, name: str) -> FloatSpinBox:
    low = -_LARGEST if limits.low is None else limits.low * limits.factor
    high = _LARGEST if limits.high is None else limits.high * limits.factor
    spin = FloatSpinBox(min=low, max=high, name=name)
    native = spin.native
    native.setObjectName(name)
    native.setDecimals(limits.decimals)
    native.setSingleStep(limits.step * limits.factor)
    native.setSuffix(f" {limits.unit}" if limits.unit else "")
    native.setKeyboardTracking(False)
    native.setAlignment(Qt.AlignmentFlag.AlignRight)
    native.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
    native.setMinimumWidth(_SPIN_PX)
    keep_from_wheel(native)
    return spin


def _slider(limits: NumberRange, name: str) -> Slider:
    slider = Slider(min=0, max=limits.positions(), readout=False, name=name)
    native = slider.native.findChild(QSlider)
    native.setObjectName(name)
    for readout in slider.native.findChildren(QAbstractSpinBox):  # never shown
        readout.setObjectName(f"{name}_readout")
    native.setMinimumWidth(_SLIDER_PX)  # the longest row must fit beside a scroll bar
    keep_from_wheel(native)
    return slider
