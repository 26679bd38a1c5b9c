"""How the columns of the table of calls are headed and written: in the units that people read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_squeakout.core.measures.catalogue import MEASURES
from napari_squeakout.core.plots.quantities import quantity_of
from napari_squeakout.gui.names.shown import code_shown

if TYPE_CHECKING:
    from napari_squeakout.core.stacks import CallTable
    from napari_squeakout.gui.layers.roles import SourceLayers

#: Columns of text, and those that say yes or nothing.
TEXT = ("class", "class_by", "image")
#: The only column that names anything.
_NAMES = ["image"]
_FLAGS = ("cut_low", "cut_high", "cut_in_time")
_CHAR_PX, _MARGIN_PX, _LEAST_PX, _WORD_PX = 7, 26, 56, 112
_FORMULAS = {measure.name: measure.formula for measure in MEASURES}
_TOLD = {
    "call": "Its number on the page",
    "page": "Where it begins; pages are counted from 0",
    "low_hz": "Lower edge of the mask",
    "high_hz": "Upper edge of the mask",
    "mean_hz": "Mean of the mask",
    "class": "Name of its shape: as a person said, or else by the published rules",
    "class_by": "Who gave the class: the rules, or a person (Shift+C)",
}


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column as it is shown.

    Parameters
    ----------
    name : str
        That of the table of calls.
    words : str
        What it is called in the window, without its unit.
    unit : str
        As it is shown; empty for plain numbers and text.
    factor : float
        Shown number by that in the table.
    decimals : int
        How many are written.
    is_flag : bool
        Whether it says yes or nothing.
    """

    name: str
    words: str
    unit: str
    factor: float
    decimals: int
    is_flag: bool

    @property
    def heading(self) -> str:
        """Words and unit."""
        return f"{self.words} ({self.unit})" if self.unit else self.words

    @property
    def is_text(self) -> bool:
        """Whether it holds words."""
        return self.name in TEXT

    @property
    def tip(self) -> str:
        """What it is."""
        return _FORMULAS.get(self.name, _TOLD.get(self.name, ""))

    @property
    def width_px(self) -> int:
        """Wide enough for its heading: asking all rows takes seconds."""
        least = _WORD_PX if self.is_text else _LEAST_PX
        return max(least, _CHAR_PX * len(self.heading) + _MARGIN_PX)

    def text(self, value: Any) -> str:
        """A cell; nothing where it could not be measured."""
        if self.is_text:
            return value if isinstance(value, str) else ""
        if not np.isfinite(value):
            return ""
        if self.is_flag:
            return "yes" if value else ""
        return f"{value * self.factor:.{self.decimals}f}"


def column_of(name: str, *, is_whole: bool = False) -> Column:
    """How a column of the table of calls is shown.

    Parameters
    ----------
    name : str
        Of the column.
    is_whole : bool
        Whether it holds whole numbers.
    """
    quantity = quantity_of(name, is_whole=is_whole)
    return Column(
        name=name,
        words=quantity.words,
        unit=quantity.unit,
        factor=quantity.factor,
        decimals=quantity.decimals,
        is_flag=name in _FLAGS,
    )


def columns_of(calls: Any) -> tuple[Column, ...]:
    """Those of a table of calls, in its order but for the class, which comes after the page."""
    names = _class_first(calls.columns)
    kinds = calls.dtypes
    return tuple(column_of(name, is_whole=kinds[name].kind in "iu") for name in names)


def without_names(calls: CallTable, source: SourceLayers | None) -> CallTable:
    """The same without the names of images, where those of their source are hidden."""
    is_hidden = source is not None and bool(code_shown(source.stack))
    return calls.drop(columns=_NAMES, errors="ignore") if is_hidden else calls


def _class_first(names: Iterable[str]) -> list[str]:
    first = ("call", "page", "image", "class", "class_by")
    known = list(names)
    return [*(n for n in first if n in known), *(n for n in known if n not in first)]
