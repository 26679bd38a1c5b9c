"""A settings class -> a form of magicgui widgets; nothing here knows any single setting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from magicgui.type_map import TypeMap
from magicgui.widgets import CheckBox
from pydantic import ValidationError
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from napari_squeakout.gui.qt.callbacks import later
from napari_squeakout.gui.qt.job_bar import message_label
from napari_squeakout.gui.qt.section import Section
from napari_squeakout.gui.qt.wheel import keep_from_wheel

from .number import Number, NumberRange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from magicgui.widgets.bases import BaseValueWidget
    from pydantic.fields import FieldInfo

    from napari_squeakout.core.setting import Settings

#: A change counts as settled when nothing has moved for this long.
_SETTLED_MS = 300
_UNIT_ENDINGS = {"s": "_s", "Hz": "_hz", "px": "_px", "dB": "_db"}
_MOST_DECIMALS = 6

# A copy: what other plugins have magicgui make of numbers stays theirs.
_WIDGETS = TypeMap.global_instance().copy()
_WIDGETS.register_type(bool, widget_type=CheckBox)  # first, for it is an int as well
for _number in (int, float):
    _WIDGETS.register_type(_number, widget_type=Number)


class SettingsForm(QWidget):
    """Edits one settings object, whole.

    Parameters
    ----------
    settings_class : type of Settings
        What is edited; labels, bounds, steps, units and tooltips come from its fields.
    panel : str
        First part of the object names: `<panel>_<field>`.
    fields : sequence of str, optional
        Those shown, in this order; all by default.
    advanced : sequence of str
        Those among them that are folded away at first.
    """

    #: Every change, also while dragging; carries the whole settings.
    value_changed = Signal(object)
    #: The same once dragging is over and nothing has moved for a moment.
    settled = Signal(object)

    def __init__(
        self,
        settings_class: type[Settings],
        panel: str,
        *,
        fields: Sequence[str] | None = None,
        advanced: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._class = settings_class
        self._panel = panel
        self._value = settings_class()
        self._widgets: dict[str, BaseValueWidget[Any]] = {}
        self._problem = message_label(f"{panel}_problem")
        self._pause = later(self, _SETTLED_MS, self._settle)
        shown = list(fields) if fields is not None else list(settings_class.model_fields)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._rows([name for name in shown if name not in advanced]))
        if advanced:
            section = Section("More settings", f"{panel}_more", open_=False)
            section.addWidget(self._rows([name for name in shown if name in advanced]))
            layout.addWidget(section)
        layout.addWidget(self._problem)
        self.set_value(self._value)

    def value(self) -> Any:
        """The settings; the last valid ones while the form holds a contradiction."""
        return self._value

    def is_valid(self) -> bool:
        """Whether the form holds no contradiction."""
        return self._problem.isHidden()

    def set_value(self, settings: Settings) -> None:
        """Show settings without telling of a change."""
        self._value = settings
        for name, widget in self._widgets.items():
            with widget.changed.blocked():
                widget.value = getattr(settings, name)
        self._problem.hide()

    def reset(self) -> None:
        """Go back to the defaults, and tell."""
        self.change_to(self._class())

    def change_to(self, settings: Settings) -> None:
        """Show settings and tell, as if they had been set by hand."""
        self.set_value(settings)
        self.value_changed.emit(settings)
        self._pause.start()

    def is_dragging(self) -> bool:
        """Whether a slider is held."""
        return any(slider.isSliderDown() for slider in self.findChildren(QSlider))

    def _rows(self, names: list[str]) -> QWidget:
        # Not magicgui's rows: they measure labels before napari's style gives them their font.
        inside = QWidget()
        rows = QFormLayout(inside)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        rows.setHorizontalSpacing(8)
        rows.setVerticalSpacing(5)
        for name in names:
            widget = make_widget(name, self._class.model_fields[name], self._panel)
            widget.changed.connect(self._on_change)
            label = QLabel(widget.label)
            label.setToolTip(widget.tooltip)
            label.setBuddy(widget.native)
            rows.addRow(label, widget.native)
            self._widgets[name] = widget
        return inside

    def _on_change(self, _value: Any = None) -> None:
        given = {name: widget.value for name, widget in self._widgets.items()}
        try:
            self._value = self._class(**{**self._value.model_dump(), **given})
        except ValidationError as error:
            text = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
            self._problem.setText(text[:1].upper() + text[1:])
            self._problem.show()
            return
        self._problem.hide()
        self.value_changed.emit(self._value)
        self._pause.start()

    def _settle(self) -> None:
        if self.is_dragging():
            self._pause.start()
        else:
            self.settled.emit(self._value)


def make_widget(name: str, field: FieldInfo, panel: str) -> BaseValueWidget[Any]:
    """What magicgui makes of a field by its annotation, our own number where it is one.

    Raises
    ------
    ValueError
        If magicgui has no widget for that kind of value.
    """
    kinds = {field.annotation, *get_args(field.annotation)}
    options = {"limits": number_range(field)} if kinds & {int, float} else {}
    widget: Any = _WIDGETS.create_widget(
        annotation=field.annotation,
        name=f"{panel}_{name}",
        label=label_of(name, field),
        options={"tooltip": tooltip_of(field), **options},
    )
    if not isinstance(widget, Number):
        widget.native.setObjectName(widget.name)
    if isinstance(widget, CheckBox):
        widget.text = ""  # its label stands before it, as those of the others
    if isinstance(widget.native, QComboBox):
        widget.native.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        keep_from_wheel(widget.native)
    return widget  # type: ignore[no-any-return]  # create_widget promises any Widget


def number_range(field: FieldInfo) -> NumberRange:
    """Bounds, step and unit of a number."""
    bounds = {
        key: getattr(constraint, key)
        for constraint in field.metadata
        for key in ("ge", "gt", "le", "lt", "multiple_of")
        if getattr(constraint, key, None) is not None
    }
    whole, extra = int in {field.annotation, *get_args(field.annotation)}, _extra(field)
    step = bounds.get("multiple_of") or extra.get("step") or (1 if whole else 0.01)
    factor, unit = _shown_unit(extra.get("unit") or "", bounds.get("le"), step)
    decimals = 0 if whole else _decimals(factor, step, field.default)
    # What an open bound excludes lies one place of the last digit away.
    least = step if whole else 10**-decimals / factor
    return NumberRange(
        whole=whole,
        low=bounds.get("ge", bounds["gt"] + least if "gt" in bounds else None),
        high=bounds.get("le", bounds["lt"] - least if "lt" in bounds else None),
        step=step,
        factor=factor,
        unit=unit,
        decimals=decimals,
    )


def label_of(name: str, field: FieldInfo) -> str:
    """A field's title, or its name without the unit's ending."""
    if field.title:
        return field.title
    ending = _UNIT_ENDINGS.get(_extra(field).get("unit") or "", "")
    return name.removesuffix(ending).replace("_", " ").capitalize()


def tooltip_of(field: FieldInfo) -> str:
    """What a setting does, wrapped by Qt because it is rich text."""
    text = (field.description or "").replace("&", "&amp;").replace("<", "&lt;")
    default = "none" if field.default is None else field.default
    return f"<p>{text}</p><p>Default: {default}</p>"


def _extra(field: FieldInfo) -> dict[str, Any]:
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}


def _shown_unit(unit: str, largest: float | None, step: float) -> tuple[float, str]:
    """Short times are shown in ms, frequencies in kHz."""
    if unit == "s" and ((largest is not None and largest <= 1) or step < 0.01):  # noqa: PLR2004
        return 1e3, "ms"
    return (1e-3, "kHz") if unit == "Hz" else (1.0, unit)


def _decimals(factor: float, *values: Any) -> int:
    """Places that show the step and the default exactly, where that is possible."""
    shown = [value * factor for value in values if isinstance(value, int | float)]
    for places in range(_MOST_DECIMALS):
        if all(abs(round(value, places) - value) < 1e-9 for value in shown):  # noqa: PLR2004
            return places
    return _MOST_DECIMALS
