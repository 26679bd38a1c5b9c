"""What the declaration of a setting says of how it is edited: label, help, bounds, step, unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from magicgui.types import FileDialogMode

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

#: Beyond this many steps a slider's lower end gets more of its length.
_EVEN_STEPS = 300
_CURVE = 3
_SLIDER_STEPS = 1000
_UNIT_ENDINGS = {"s": "_s", "Hz": "_hz", "px": "_px", "dB": "_db"}
_MOST_DECIMALS = 6


@dataclass(frozen=True, kw_only=True)
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

    whole: bool = False
    low: float | None = None
    high: float | None = None
    step: float = 0.01
    factor: float = 1.0
    unit: str = ""
    decimals: int = 2

    def inside(self, value: float) -> float:
        """The nearest value within the bounds."""
        value = value if self.high is None else min(value, self.high)
        return value if self.low is None else max(value, self.low)

    def positions(self) -> int:
        """How many steps a slider has; 0 where a bound is open and there is none."""
        if self.low is None or self.high is None:
            return 0
        return _SLIDER_STEPS if self._is_curved() else max(1, round(self._steps()))

    def position_of(self, value: float) -> int:
        """Where a slider stands for a value."""
        fraction = max(0.0, (value - (self.low or 0)) / self.step / self._steps())
        return round(
            (fraction ** (1 / _CURVE) if self._is_curved() else fraction) * self.positions()
        )

    def value_at(self, position: int) -> float:
        """What a slider stands for."""
        fraction = position / self.positions()
        fraction = fraction**_CURVE if self._is_curved() else fraction
        return self.inside((self.low or 0) + round(fraction * self._steps()) * self.step)

    def _steps(self) -> float:
        return ((self.high or 0) - (self.low or 0)) / self.step

    def _is_curved(self) -> bool:
        return self._steps() > _EVEN_STEPS


def path_options(field: FieldInfo) -> dict[str, Any]:
    """What a path is chosen as: the mode and filter that its annotation carries."""
    kinds = {FileDialogMode: "mode", str: "filter"}
    return {kinds[type(one)]: one for one in field.metadata if type(one) in kinds}


def is_path(field: FieldInfo) -> bool:
    """Whether it is a file or folder that is chosen."""
    return "mode" in path_options(field)


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
