"""A settings class -> a form of magicgui widgets; nothing here knows any single setting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from magicgui.type_map import TypeMap
from magicgui.widgets import CheckBox, FileEdit
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

from napari_squeakout.core.errors import InputError
from napari_squeakout.gui.qt.access.spoken import name_editor
from napari_squeakout.gui.qt.callbacks import later
from napari_squeakout.gui.qt.job_bar import message_label
from napari_squeakout.gui.qt.section import Section
from napari_squeakout.gui.qt.wheel import keep_from_wheel

from .fields import label_of, number_range, path_options, tooltip_of
from .number import Number
from .typed_path import typed_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from magicgui.widgets.bases import BaseValueWidget
    from pydantic.fields import FieldInfo

    from napari_squeakout.core.setting import Settings

#: A change counts as settled when nothing has moved for this long.
_SETTLED_MS = 300

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

    #: Something was edited, whether the whole is valid or not.
    edited = Signal()
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

    def enable(self, name: str, is_enabled: bool) -> None:
        """Let a setting be edited, or not while it does not count."""
        self._widgets[name].enabled = is_enabled

    def reset(self) -> None:
        """Go back to the defaults, and tell."""
        self.change_to(self._class())

    def change_to(self, settings: Settings) -> None:
        """Show settings and tell, as if they had been set by hand."""
        self.set_value(settings)
        self.value_changed.emit(settings)
        self._pause.start()

    def show_only(self, names: Sequence[str]) -> None:
        """Show the rows of these fields, and hide those of the others; their values stay."""
        for name, widget in self._widgets.items():
            inside = widget.native.parentWidget()
            rows = None if inside is None else inside.layout()
            if isinstance(rows, QFormLayout):
                rows.setRowVisible(widget.native, name in names)

    def is_dragging(self) -> bool:
        """Whether a slider is held."""
        return any(slider.isSliderDown() for slider in self.findChildren(QSlider))

    def _rows(self, names: list[str]) -> QWidget:
        inside = QWidget()
        rows = rows_in(inside)
        for name in names:
            widget = make_widget(name, self._class.model_fields[name], self._panel)
            widget.changed.connect(self._on_change)
            label = QLabel(widget.label)
            label.setToolTip(widget.tooltip)
            label.setBuddy(widget.native)
            name_editor(widget.native, widget.label)
            rows.addRow(label, widget.native)
            self._widgets[name] = widget
        return inside

    def _on_change(self, _value: Any = None) -> None:
        try:
            given = {name: _given(widget) for name, widget in self._widgets.items()}
            self._value = self._class(**{**self._value.model_dump(), **given})
        except ValidationError as error:
            self._refuse(str(error.errors()[0]["msg"]).removeprefix("Value error, "))
            return
        except InputError as error:
            self._refuse(str(error))
            return
        self._problem.hide()
        self.edited.emit()
        self.value_changed.emit(self._value)
        self._pause.start()

    def _refuse(self, text: str) -> None:
        """Say why what is shown is no whole settings; the last that were stay."""
        self._problem.setText(text[:1].upper() + text[1:])
        self._problem.show()
        self.edited.emit()

    def _settle(self) -> None:
        if self.is_dragging():
            self._pause.start()
        else:
            self.settled.emit(self._value)


def _given(widget: BaseValueWidget[Any]) -> Any:
    """What a widget holds; of a path that was typed, the place that is meant."""
    if isinstance(widget, FileEdit):
        return typed_path(widget.line_edit.value, widget.mode)
    return widget.value


def rows_in(widget: QWidget) -> QFormLayout:
    """Rows of a label and what is edited; magicgui's measure labels before napari's style does."""
    rows = QFormLayout(widget)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    rows.setHorizontalSpacing(8)
    rows.setVerticalSpacing(5)
    return rows


def make_widget(name: str, field: FieldInfo, panel: str) -> BaseValueWidget[Any]:
    """What magicgui makes of a field by its annotation, our own number where it is one.

    Raises
    ------
    ValueError
        If magicgui has no widget for that kind of value.
    """
    kinds = {field.annotation, *get_args(field.annotation)}
    options: dict[str, Any] = path_options(field)
    if kinds & {int, float}:
        options["limits"] = number_range(field)
    widget: Any = _WIDGETS.create_widget(
        annotation=field.annotation,
        name=f"{panel}_{name}",
        label=label_of(name, field),
        options={"tooltip": tooltip_of(field), **options},
    )
    if not isinstance(widget, Number):
        widget.native.setObjectName(widget.name)
    if isinstance(widget, FileEdit):
        widget.line_edit.native.setObjectName(f"{widget.name}_line")
        widget.choose_btn.native.setObjectName(f"{widget.name}_choose")
        widget.choose_btn.text = "Choose…"
    if isinstance(widget, CheckBox):
        widget.text = ""  # its label stands before it, as those of the others
    if isinstance(widget.native, QComboBox):
        widget.native.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        keep_from_wheel(widget.native)
    return widget  # type: ignore[no-any-return]  # create_widget promises any Widget
