"""Tools that correct the calls of the page in view; one Ctrl+Z takes one use back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.gui import touch_up
from napari_squeakout.gui.job_bar import message_label
from napari_squeakout.gui.layers import write_page

if TYPE_CHECKING:
    from collections.abc import Callable

# Object name, what the button says, what it explains, and whether it needs a selected call.
_TOOLS = (
    ("tools_erode", "Erode call", "Thin the border of the selected call (4 x 2 px kernel)", True),
    ("tools_dilate", "Dilate call", "Thicken the border of the selected call (4 x 2 px)", True),
    ("tools_erase", "Erase call", "Remove the selected call from this page", True),
    ("tools_fill_holes", "Fill holes", "Fill all holes inside the calls of this page", False),
    ("tools_remove_small", "Remove small", "Remove segments below the minimum area", False),
    ("tools_clear", "Clear page", "Remove all calls of this page", False),
)


class Tools(QWidget):
    """Buttons that act on the calls of the page in view."""

    #: A page has been corrected.
    used = Signal()

    def __init__(self, smallest_px: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._smallest_px = smallest_px
        self._labels: Any = None
        self._page = 0
        self._buttons: dict[str, QPushButton] = {}
        self._why = message_label("tools_why")
        # Events of a layer come in bursts, and before its data are settled.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.refresh)
        grid = QGridLayout()
        for index, (name, text, tooltip, _) in enumerate(_TOOLS):
            button = QPushButton(text)
            button.setObjectName(name)
            button.setToolTip(f"{tooltip}. Ctrl+Z takes it back.")
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            button.clicked.connect(partial(self.use, name))
            grid.addWidget(button, index // 2, index % 2)
            self._buttons[name] = button
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._why)
        layout.addLayout(grid)
        self.refresh()

    def set_labels(self, labels: Any, page: int) -> None:
        """Act on a page of a labels layer; None for none."""
        if labels != self._labels:
            self.disconnect_layer()
            self._labels = labels
            if labels is not None:
                labels.events.selected_label.connect(self._on_layer)
        self._page = page
        self._soon.start()

    def disconnect_layer(self) -> None:
        """Stop listening to the layer."""
        if self._labels is not None:
            self._labels.events.selected_label.disconnect(self._on_layer)
            self._labels = None

    def use(self, name: str, _checked: bool = False) -> None:
        """Correct the page with one tool."""
        if self._labels is None:
            return
        before = np.asarray(self._labels.data[self._page])
        after = self._corrected(name, before, int(self._labels.selected_label))
        write_page(self._labels, self._page, after, undoable=True)
        self.refresh()
        self.used.emit()

    def refresh(self) -> None:
        """Enable what can be used, and say why the rest cannot."""
        page = None if self._labels is None else np.asarray(self._labels.data[self._page])
        has_calls = page is not None and bool(page.any())
        call = 0 if self._labels is None else int(self._labels.selected_label)
        has_call = has_calls and call > 0 and bool((page == call).any())
        for name, _, _, needs_call in _TOOLS:
            self._buttons[name].setEnabled(has_call if needs_call else has_calls)
        self._why.setText(_explained(has_calls, has_call, call))
        self._why.show()

    def _corrected(self, name: str, page: Any, call: int) -> Any:
        corrections: dict[str, Callable[[], Any]] = {
            "tools_erode": lambda: touch_up.eroded(page, call),
            "tools_dilate": lambda: touch_up.dilated(page, call),
            "tools_erase": lambda: touch_up.without_call(page, call),
            "tools_fill_holes": lambda: touch_up.filled(page),
            "tools_remove_small": lambda: touch_up.without_small(
                page, self._smallest_px() or CleanSettings().min_area_px
            ),
            "tools_clear": lambda: touch_up.cleared(page),
        }
        return corrections[name]()

    def _on_layer(self, _event: Any = None) -> None:
        self._soon.start()


def _explained(has_calls: bool, has_call: bool, call: int) -> str:
    if not has_calls:
        return "There are no calls on this page to correct."
    if not has_call:
        return "To correct one call, pick it: select the calls layer, press 5, click the call."
    return f"Call {call} is selected."
