"""The axes of a plot as pyqtgraph draws them: decades on one that multiplies, whole numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph
from qtpy.QtGui import QFontMetricsF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_squeakout.core.plots.marks import Axis

#: Steps within a decade that have a number where there is room, and those that have none.
_NUMBERED, _BARE = (2, 5), (3, 4, 6, 7, 8, 9)
#: By these pyqtgraph knows the three kinds of ticks again.
_DECADE, _STEP, _FINE = 1.0, 0.3, 0.1


class Scale(pyqtgraph.AxisItem):  # type: ignore[misc]  # pyqtgraph tells no types
    """One axis; along a logarithmic one places are decimal logarithms."""

    _axis: Axis | None = None

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.enableAutoSIPrefix(False)  # units are said as they are

    def set_axis(self, axis: Axis) -> None:
        """Be that of other marks."""
        self._axis = axis
        self.setLabel(self._words())
        self.resizeEvent()  # else words stand where those before had their middle
        self.picture = None
        self.update()

    def resizeEvent(self, event: object = None) -> None:  # noqa: N802 - Qt's name
        """Say no more than there is room for."""
        if self._axis is not None and self.label is not None and self.labelText != self._words():
            self.setLabel(self._words())
        super().resizeEvent(event)

    def _words(self) -> str:
        """Words and unit of the axis; the unit alone where the axis is shorter than both."""
        if self._axis is None or self.label is None:
            return ""
        is_upright = self.orientation in {"left", "right"}
        room = self.size().height() if is_upright else self.size().width()
        margins = 2 * self.label.document().documentMargin()
        needed = QFontMetricsF(self.label.font()).horizontalAdvance(self._axis.heading) + margins
        return self._axis.heading if needed <= room or not self._axis.unit else self._axis.unit

    def tickSpacing(self, low: float, high: float, size: float) -> Any:  # noqa: N802
        """No halves of what is counted."""
        levels = super().tickSpacing(low, high, size)
        if self._axis is None or not self._axis.is_whole:
            return levels
        return [level for level in levels if level[0] >= 1] or [(1, 0)]

    def tickValues(self, low: float, high: float, size: float) -> Any:  # noqa: N802
        """Decades, and steps within them."""
        if self._axis is None or not self._axis.is_log:
            return super().tickValues(low, high, size)
        decades = np.arange(np.floor(low), np.ceil(high) + 1)
        levels = [(_DECADE, decades)]
        for spacing, steps in ((_STEP, _NUMBERED), (_FINE, _BARE)):
            levels.append((spacing, np.add.outer(decades, np.log10(steps)).ravel()))
        return [(s, [v for v in values if low <= v <= high]) for s, values in levels]

    def tickStrings(  # noqa: N802 - pyqtgraph's name
        self, values: Sequence[float], scale: float, spacing: float
    ) -> list[str]:
        """Numbers as they are read, not their logarithms."""
        if self._axis is None or not self._axis.is_log:
            strings: list[str] = super().tickStrings(values, scale, spacing)
            return strings
        return ["" if spacing == _FINE else f"{10**value:.3g}" for value in values]
