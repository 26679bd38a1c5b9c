"""Keeps a comparison as the calls are: what was changed is compared again, beside the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_squeakout.core.detection.call_spans import page_code
from napari_squeakout.gui.qt.callbacks import later
from napari_squeakout.gui.qt.jobs import Job, State
from napari_squeakout.gui.source.contents import mask_stack

from .jobs import Compared, comparing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    from napari_squeakout.core.detection.call_spans import PageSpans
    from napari_squeakout.core.scoring.annotation import Annotation
    from napari_squeakout.core.stacks import MaskStack
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.qt.failures import Failure

# Who paints stroke after stroke is compared when that pauses.
_AFTER_MS = 600
#: Pages that are looked at while the window waits, at some 0.5 ms each; of more the job does.
_LOOKED_AT_ONCE = 64


class FollowedComparison(QObject):
    """The comparison of a table with the calls of the source acted on."""

    #: It is another one, or known to be outdated.
    told = Signal()
    #: Why it could not be made.
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._annotation: Annotation | None = None
        self._masks: MaskStack | None = None
        self._labels: Any = None
        self._compared: Compared | None = None
        #: Pages that may have changed since they were compared.
        self._due: set[int] = set()
        #: Those among which some may have changed since the job began.
        self._noted: set[int] = set()
        self._job = Job(self)
        self._job.failed.connect(self._on_failed)
        self._soon = later(self, _AFTER_MS, self._begin)

    @property
    def compared(self) -> Compared | None:
        """The last one; None where there is none of this source and table."""
        return self._compared

    @property
    def is_outdated(self) -> bool:
        """Whether calls were changed that it does not know of."""
        return self._compared is not None and (bool(self._due) or self._job.is_active)

    @property
    def is_at_work(self) -> bool:
        """Whether calls are being compared, or are about to be."""
        return self._job.is_active or self._soon.isActive()

    def set_source(self, source: SourceLayers | None) -> None:
        """Follow the calls of a source; others are compared anew."""
        is_whole = source is not None and _fits(source)
        masks = mask_stack(source) if source is not None and is_whole else None
        labels = None if masks is None else masks.labels
        is_other = labels is not self._labels
        self._masks, self._labels = masks, labels
        if is_other:
            self.compare_anew()

    def set_annotation(self, annotation: Annotation | None) -> None:
        """Compare with another table, or with none."""
        self._annotation = annotation
        self.compare_anew()

    def compare_anew(self) -> None:
        """Look at all pages, as if nothing were known."""
        self._compared = None
        self._job.cancel()
        self.suspect_all()

    def suspect_all(self) -> None:
        """All calls may be others."""
        if self._labels is None or self._annotation is None:
            self._due = set()
        else:
            self._due = set(range(len(self._labels)))
            self._job.restart(self._begin)
        self.told.emit()

    def suspect(self, pages: Collection[int]) -> None:
        """The calls of some pages may be others."""
        if self._labels is None or self._annotation is None:
            return
        changed = {page for page in pages if page < len(self._labels)}
        self._noted |= changed
        if self._compared is None:
            return  # the first one is being made
        if len(changed) <= _LOOKED_AT_ONCE:
            known = self._compared.spans
            changed = {page for page in changed if _is_changed(known, self._labels, page)}
        if changed:
            self._due |= changed
            self._soon.start()
            self.told.emit()

    def _begin(self) -> None:
        masks, annotation, before = self._masks, self._annotation, self._compared
        if self._job.is_active or masks is None or annotation is None or not self._due:
            return  # what runs begins again when it has ended
        pages, self._due = frozenset(self._due), set()
        self._noted = set()

        def take(compared: Compared) -> None:
            if self._annotation is annotation and self._labels is masks.labels:
                self._compared = compared

        def end(state: State, _last: object) -> None:
            is_same = self._labels is masks.labels
            self._on_ended(state, pages if is_same else frozenset())

        self._job.start(comparing(annotation, masks, before, pages), done=take, ended=end)
        self.told.emit()

    def _on_ended(self, state: State, pages: frozenset[int]) -> None:
        if state is not State.DONE:
            self._due |= pages
        self.suspect(self._noted)  # painted on while it was compared
        if self._due and state is not State.FAILED:  # else the next change tries again
            self._soon.start()
        self.told.emit()

    def _on_failed(self, failure: Failure) -> None:
        self.failed.emit(failure.sentence)


def _is_changed(known: Mapping[int, PageSpans], labels: Any, page: int) -> bool:
    before = known.get(page)
    return before is None or before.code != page_code(labels[page])


def _fits(source: SourceLayers) -> bool:
    return source.calls is not None and tuple(source.calls.data.shape) == source.stack.layout.shape
