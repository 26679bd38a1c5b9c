"""Notices what becomes of the labels of the page in view: painted, undone, proposed anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QObject, Signal

from napari_squeakout.gui.qt.callbacks import later

from .label_pages import last_steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from .layer_kinds import LabelsLayer

# A stroke is looked at when it pauses, so that painting stays light.
_LOOK_AFTER_MS = 120


class PageWatch(QObject):
    """The labels of a page, and how much of them a person has changed."""

    #: Something has become of the labels: it is time to look.
    due = Signal()
    #: A stroke; what it has done is told by `due`, when it pauses.
    painted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.layer: LabelsLayer | None = None
        self.page = 0
        self._before: NDArray[Any] | None = None
        self._is_painted = False
        #: What undo and redo would have done when this was looked at; None where nobody looked.
        self._steps: tuple[Any, Any] | None = None
        self._look_soon = later(self, _LOOK_AFTER_MS, self.due.emit)

    @property
    def labels(self) -> NDArray[np.integer] | None:
        """(n, 512, 512) calls; None without a layer."""
        return None if self.layer is None else self.layer.data

    @property
    def is_due(self) -> bool:
        """Whether something has become of them that nobody has looked at."""
        return self._look_soon.isActive()

    @property
    def is_painted(self) -> bool:
        """Whether a person has painted on the page since it was looked at; undo does not count."""
        return self._is_painted

    @property
    def is_undone(self) -> bool:
        """Whether something may have been taken or brought back since this was looked at.

        Turning a page tells of new data as well, and looking at all pages takes its time.
        """
        if self.layer is None or self._steps is None:
            return not self._is_painted
        undo, redo = last_steps(self.layer)
        is_same = undo is self._steps[0] and redo is self._steps[1]
        return not is_same and (redo is not None or not self._is_painted)

    def set_layer(self, layer: LabelsLayer | None) -> None:
        """Listen to a layer, or to none."""
        if layer != self.layer:
            self._steps = None
        listen(layer, instead_of=self.layer, on_data=self._on_data, on_paint=self._on_paint)
        self.layer = layer

    def arrive(self, page: int) -> None:
        """Begin with a page as it is."""
        self.page, self._is_painted = page, False
        labels = self.labels
        self._before = None
        if labels is not None and page < len(labels):
            self._before = np.array(labels[page])

    def take_for_painted(self) -> None:
        """Count what has just been done to the page as a person's work."""
        self._is_painted = True

    def pixels_changed(self) -> int:
        """How many pixels a person has changed since this was asked last."""
        self._look_soon.stop()
        if self.layer is None:
            return 0
        labels, before = np.asarray(self.layer.data[self.page]), self._before
        by_hand, self._is_painted = self._is_painted, False
        self._steps = last_steps(self.layer)
        self._before = labels.copy()
        if not by_hand or before is None or before.shape != labels.shape:
            return 0
        return int(np.count_nonzero(before != labels))

    def _on_paint(self, _event: object = None) -> None:
        self._is_painted = True
        self.painted.emit()
        self._look_soon.start()

    def _on_data(self, _event: object = None) -> None:
        # Undo tells nothing else; a slider's new proposal comes like this as well.
        self._look_soon.start()


def listen(
    layer: LabelsLayer | None,
    *,
    instead_of: LabelsLayer | None,
    on_data: Callable[..., None],
    on_paint: Callable[..., None],
) -> None:
    """Hear of what becomes of a labels layer, and no more of the one before; either may be None."""
    if layer == instead_of:
        return
    if instead_of is not None:
        instead_of.events.set_data.disconnect(on_data)
        instead_of.events.paint.disconnect(on_paint)
    if layer is not None:
        layer.events.set_data.connect(on_data)
        layer.events.paint.connect(on_paint)
