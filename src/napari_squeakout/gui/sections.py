"""The parts of the dock, one under the other in the order of the work, each under its title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_squeakout.gui.qt.section import Section

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARGIN_PX, _BETWEEN_PX = 8, 6


class Sections(QWidget):
    """What is scrolled in the dock.

    Parameters
    ----------
    above : QWidget
        What stands over all parts.
    """

    def __init__(self, above: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dock_content")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(_MARGIN_PX, _MARGIN_PX, _MARGIN_PX, _MARGIN_PX)
        self._column.setSpacing(_BETWEEN_PX)
        self._column.addWidget(above)
        self._column.addStretch(1)

    def add(
        self, title: str, name: str, widgets: Sequence[QWidget], *, is_open: bool = True
    ) -> Section:
        """Put widgets under a title, below the parts that are there."""
        section = Section(title, name, open_=is_open, main=True)
        for widget in widgets:
            section.addWidget(widget)
        self._column.insertWidget(self._column.count() - 1, section)
        return section
