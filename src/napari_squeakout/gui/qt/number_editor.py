"""Editors of numbers: a spin box, with a slider where both bounds are known, or with a box to tick.

Numbers are shown in units that suit their size; what `value()` gives is always in the unit of the
setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QSlider,
    QSpinBox,
    QWidget,
)

from .wheel import keep_from_wheel

_LARGEST = 2_147_483_647
#: Beyond this many steps a slider's lower end gets more of its length.
_EVEN_STEPS = 300
_CURVE = 3
_SLIDER_STEPS = 1000


@dataclass(frozen=True)
class NumberRange:
    """What a number may be, in the unit of the setting, and how it is shown.

    Parameters
    ----------
    whole : bool
        Whether it is an integer.
    low, high : float, optional
        Bounds, both inside.
    step : float
        What one click changes.
    factor : float
        Shown value / value.
    unit : str
        Unit shown.
    decimals : int
        Places shown.
    """

    whole: bool
    low: float | None
    high: float | None
    step: float
    factor: float = 1.0
    unit: str = ""
    decimals: int = 2


class NumberEditor(QWidget):
    """A spin box; with a slider where both bounds are known.

    The spin box has the object name given, the slider `<name>_slider`.
    """

    changed = Signal()

    def __init__(self, name: str, limits: NumberRange) -> None:
        super().__init__()
        self._limits = limits
        self._value: float = limits.low or 0
        self.spin = self._make_spin(name)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        self._slider = self._make_slider(name) if self._has_slider() else None
        if self._slider is not None:
            layout.addWidget(self._slider, stretch=1)
        layout.addWidget(self.spin, stretch=0 if self._slider else 1)

    def value(self) -> Any:
        """The number, in the unit of the setting."""
        return int(self._value) if self._limits.whole else self._value

    def set_value(self, value: float) -> None:
        """Show a number without telling of a change."""
        self._value = value
        with QSignalBlocker(self.spin):
            self.spin.setValue(self._shown(value))
        self._move_slider()

    def is_dragging(self) -> bool:
        """Whether the slider is held."""
        return self._slider is not None and self._slider.isSliderDown()

    def released(self) -> Any:
        """Signal of the slider being let go, where there is one."""
        return None if self._slider is None else self._slider.sliderReleased

    def set_tooltip(self, text: str) -> None:
        """Explain it."""
        for widget in (self.spin, self._slider):
            if widget is not None:
                widget.setToolTip(text)

    def _has_slider(self) -> bool:
        return self._limits.low is not None and self._limits.high is not None

    def _make_spin(self, name: str) -> QAbstractSpinBox:
        limits = self._limits
        spin = QSpinBox() if limits.whole else QDoubleSpinBox()
        if isinstance(spin, QDoubleSpinBox):
            spin.setDecimals(limits.decimals)
        low = -_LARGEST if limits.low is None else limits.low * limits.factor
        high = _LARGEST if limits.high is None else limits.high * limits.factor
        kind = int if limits.whole else float
        spin.setRange(kind(low), kind(high))
        spin.setSingleStep(kind(limits.step * limits.factor) or 1)
        spin.setSuffix(f" {limits.unit}" if limits.unit else "")
        spin.setKeyboardTracking(False)
        spin.setAlignment(Qt.AlignmentFlag.AlignRight)
        spin.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        spin.setMinimumWidth(72)
        spin.setObjectName(name)
        spin.valueChanged.connect(self._on_spin)
        keep_from_wheel(spin)
        return spin

    def _make_slider(self, name: str) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setObjectName(f"{name}_slider")
        slider.setRange(0, self._slider_steps())
        slider.setMinimumWidth(36)  # the longest row must fit beside a scroll bar
        slider.valueChanged.connect(self._on_slider)
        keep_from_wheel(slider)
        return slider

    def _shown(self, value: float) -> Any:
        shown = value * self._limits.factor
        return round(shown) if self._limits.whole else shown

    def _steps(self) -> float:
        limits = self._limits
        assert limits.low is not None  # noqa: S101 - only asked where there is a slider
        assert limits.high is not None  # noqa: S101
        return (limits.high - limits.low) / limits.step

    def _is_curved(self) -> bool:
        return self._steps() > _EVEN_STEPS

    def _slider_steps(self) -> int:
        return _SLIDER_STEPS if self._is_curved() else max(1, round(self._steps()))

    def _on_spin(self, shown: float) -> None:
        value = round(shown / self._limits.factor, 9)
        limits = self._limits
        value = value if limits.high is None else min(value, limits.high)
        self._value = value if limits.low is None else max(value, limits.low)
        self._move_slider()
        self.changed.emit()

    def _on_slider(self, position: int) -> None:
        limits = self._limits
        share = position / self._slider_steps()
        share = share**_CURVE if self._is_curved() else share
        steps = round(share * self._steps())
        self.spin.setValue(self._shown(min((limits.low or 0) + steps * limits.step, limits.high)))

    def _move_slider(self) -> None:
        if self._slider is None or self._slider.isSliderDown():
            return
        share = (self._value - (self._limits.low or 0)) / self._limits.step / self._steps()
        share = max(0.0, share) ** (1 / _CURVE) if self._is_curved() else share
        with QSignalBlocker(self._slider):
            self._slider.setValue(round(share * self._slider_steps()))


class OptionalNumberEditor(QWidget):
    """A number that may be left out: a box to tick, `<name>_on`, before the number."""

    changed = Signal()

    def __init__(self, name: str, limits: NumberRange) -> None:
        super().__init__()
        self.number = NumberEditor(name, limits)
        self._box = QCheckBox()
        self._box.setObjectName(f"{name}_on")
        self._box.toggled.connect(self._on_toggle)
        self.number.changed.connect(self.changed)
        self.number.setEnabled(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._box)
        layout.addWidget(self.number, stretch=1)

    def value(self) -> Any:
        """The number, or None."""
        return self.number.value() if self._box.isChecked() else None

    def set_value(self, value: float | None) -> None:
        """Show a number, or none, without telling of a change."""
        with QSignalBlocker(self._box):
            self._box.setChecked(value is not None)
        self.number.setEnabled(value is not None)
        if value is not None:
            self.number.set_value(value)

    def is_dragging(self) -> bool:
        """Whether a slider is held."""
        return self.number.is_dragging()

    def set_tooltip(self, text: str) -> None:
        """Explain it."""
        self.number.set_tooltip(text)
        self._box.setToolTip(text)

    def _on_toggle(self, checked: bool) -> None:
        self.number.setEnabled(checked)
        self.changed.emit()
