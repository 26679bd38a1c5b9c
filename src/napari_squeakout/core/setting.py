"""What a setting is: name, default, bounds, unit and help, declared together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator


def setting(
    default: Any, text: str, *, unit: str = "", step: float | None = None, **bounds: Any
) -> Any:
    """Declare one setting.

    Parameters
    ----------
    default : object
        Value when nothing is said.
    text : str
        What it does, in one sentence, for tooltips and `--help`.
    unit : str
        Unit as shown beside the value.
    step : float, optional
        Sensible step of a slider or spin box.
    **bounds
        `ge`, `gt`, `le`, `lt`, as in pydantic.
    """
    shown = f"{text} [{unit}]" if unit else text
    extra: dict[str, Any] = {"unit": unit, "step": step}
    return Field(default, description=shown, json_schema_extra=extra, **bounds)


class Settings(BaseModel):
    """Frozen settings; unknown names and values out of bounds are refused."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")

    #: Name in cards and sessions of before -> name now.
    FORMER: ClassVar[Mapping[str, str]] = {}

    @model_validator(mode="before")
    @classmethod
    def _by_names_of_now(cls, values: Any) -> Any:
        if not isinstance(values, dict) or cls.FORMER.keys().isdisjoint(values):
            return values
        # One that has both names at once is refused, as unknown names are.
        return {
            now if (now := cls.FORMER.get(name, name)) not in values else name: value
            for name, value in values.items()
        }


def check_order(settings: Settings, low: str, high: str, *, may_be_equal: bool = False) -> None:
    """Refuse two settings that contradict each other; None is no value.

    Parameters
    ----------
    settings : Settings
        That have both.
    low, high : str
        Names of the two.
    may_be_equal : bool
        Whether both may be the same.

    Raises
    ------
    ValueError
        If the lower is not below the higher.
    """
    least, most = getattr(settings, low), getattr(settings, high)
    if least is None or most is None or least < most or (may_be_equal and least == most):
        return
    msg = f"{low} {least:g} is not below {high} {most:g}: set {high} above {low}"
    raise ValueError(msg)


def first_fault(error: ValidationError, *, of: str = "") -> str:
    """The first thing that settings refuse, as `name: why`; why alone where it is no single value.

    Parameters
    ----------
    error : ValidationError
        What they raised.
    of : str
        Name of the settings, put before that of the value.
    """
    fault = error.errors()[0]
    place = ".".join(str(part) for part in (*filter(None, [of]), *fault["loc"]))
    why = fault["msg"].removeprefix("Value error, ")
    return f"{place}: {why}" if place else why
