"""The next step where a model has little to learn: pages on which it is least sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_squeakout.gui.qt.buttons import button

if TYPE_CHECKING:
    from qtpy.QtWidgets import QPushButton

_TIP = (
    "Gather the pages on which the model is least sure, over all recordings of the list; without a "
    "list, go to that of this recording. Correct and approve them, and train again"
)


def doubtful_button(name: str) -> QPushButton:
    """The button that asks for these pages, under an object name."""
    return button("Show doubtful pages", name, _TIP)
