"""A settings class -> a form; nothing here knows any single setting."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from pydantic import ValidationError
from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import QFormLayout, QLabel, QVBoxLayout, QWidget

from .editors import ChoiceEditor, SwitchEditor, TextEditor
from .job_bar import message_label
from .number_editor import NumberEditor, NumberRange, OptionalNumberEditor
from .section import Section

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic.fields import FieldInfo

    from napari_squeakout.core.setting import Settings

#: A change counts as settled when nothing has moved for this long.
_SETTLED_MS = 300
_UNIT_ENDINGS = {"s": "_s", "Hz": "_hz", "px": "_px", "dB": "_db"}
_MOST_DECIMALS = 6


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
        self._editors: dict[str, Any] = {}
        self._problem = message_label(f"{panel}_problem")
        self._pause = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._pause.timeout.connect(self._settle)
        shown = list(fields) if fields is not None else list(settings_class.model_fields)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._rows([name for name in shown if name not in advanced]))
        if advanced:
            layout.addWidget(self._folded([name for name in shown if name in advanced]))
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
        for name, editor in self._editors.items():
            editor.set_value(getattr(settings, name))
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
        return any(editor.is_dragging() for editor in self._editors.values())

    def _rows(self, names: list[str]) -> QFormLayout:
        rows = QFormLayout()
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        rows.setHorizontalSpacing(8)
        rows.setVerticalSpacing(5)
        for name in names:
            field = self._class.model_fields[name]
            editor = make_editor(f"{self._panel}_{name}", field)
            tooltip = tooltip_of(field)
            label = QLabel(label_of(name, field))
            label.setToolTip(tooltip)
            label.setBuddy(editor)
            editor.set_tooltip(tooltip)
            editor.changed.connect(self._on_change)
            rows.addRow(label, editor)
            self._editors[name] = editor
        return rows

    def _folded(self, names: list[str]) -> Section:
        section = Section("More settings", f"{self._panel}_more", open_=False)
        inside = QWidget()
        inside.setLayout(self._rows(names))
        section.addWidget(inside)
        return section

    def _on_change(self) -> None:
        given = {name: editor.value() for name, editor in self._editors.items()}
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


def make_editor(name: str, field: FieldInfo) -> Any:
    """An editor for a field, by its annotation.

    Raises
    ------
    TypeError
        If nothing here edits that kind of value.
    """
    kind, optional = _without_none(field.annotation)
    if get_origin(kind) is Literal:
        return ChoiceEditor(name, get_args(kind))
    if kind is bool:
        return SwitchEditor(name)
    if kind in {int, float}:
        limits = number_range(field, whole=kind is int)
        return OptionalNumberEditor(name, limits) if optional else NumberEditor(name, limits)
    if kind is str:
        return TextEditor(name)
    msg = f"{name}: there is no editor for {field.annotation}"
    raise TypeError(msg)


def number_range(field: FieldInfo, *, whole: bool) -> NumberRange:
    """Bounds, step and unit of a number."""
    bounds = {
        key: getattr(constraint, key)
        for constraint in field.metadata
        for key in ("ge", "gt", "le", "lt", "multiple_of")
        if getattr(constraint, key, None) is not None
    }
    extra = _extra(field)
    step = bounds.get("multiple_of") or extra.get("step") or (1 if whole else 0.01)
    factor, unit = _shown_unit(extra.get("unit") or "", bounds.get("le"), step)
    decimals = 0 if whole else _decimals(factor, step, field.default)
    # What an open bound excludes lies one place of the last digit away.
    least = step if whole else 10**-decimals / factor
    low = bounds.get("ge", bounds["gt"] + least if "gt" in bounds else None)
    high = bounds.get("le", bounds["lt"] - least if "lt" in bounds else None)
    return NumberRange(whole, low, high, step, factor, unit, decimals)


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


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in {Union, types.UnionType}:
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        return kinds[0], len(kinds) < len(get_args(annotation))
    return annotation, False


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
