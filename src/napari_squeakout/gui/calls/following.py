"""Follows the calls of a source: what is known of them, and which pages have changed since."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QObject, Signal

from napari_squeakout.core.measures.by_hand.classes import with_classes
from napari_squeakout.core.measures.edited import LAST_PAGE, PAINTED
from napari_squeakout.core.review.review import quick_hash
from napari_squeakout.gui.layers.label_pages import changes_to_undo, last_steps, pages_touched
from napari_squeakout.gui.qt.callbacks import later
from napari_squeakout.gui.qt.jobs import Job, State
from napari_squeakout.gui.source.contents import mask_stack, probability_stack

from .measuring import Known, Measurable, following

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from napari_squeakout.core.stacks import CallTable
    from napari_squeakout.gui.layers.layer_kinds import Emitter, LabelsLayer
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.qt.failures import Failure

# A stroke is measured when it pauses.
_LOOK_AFTER_MS = 150
_MOST_KEPT = 4
#: Pages that are looked at while the window waits, at some 0.5 ms each; of more the job does.
_HASHED_AT_ONCE = 64


class FollowedCalls(QObject):
    """The calls of the source acted on, measured beside the window.

    A page that was changed is measured again, the one in view first; until then its calls are known
    as outdated. What undo and redo can reach is looked at whenever their history has moved.
    """

    #: Other calls are known, or others are outdated.
    told = Signal()
    #: Pages whose calls are known anew: it is time to look whose the classes by hand are.
    taken = Signal(object)
    #: Why they cannot be measured.
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source: SourceLayers | None = None
        self._layer: LabelsLayer | None = None
        self._work: Measurable | None = None
        self._known = Known()
        #: Of sources that were acted on before; what has changed since is found out.
        self._kept: deque[tuple[Measurable, Known]] = deque(maxlen=_MOST_KEPT)
        #: Pages that may have changed since they were measured.
        self._due: set[int] = set()
        #: Pages that were changed since the job began.
        self._noted: set[int] = set()
        self._page, self._is_on, self._why = 0, False, ""
        #: Classes by hand, and those that count once the calls are measured that they are of.
        self._names: Mapping[tuple[int, int], str] = {}
        self._next_names: Mapping[tuple[int, int], str] = {}
        self._classed: tuple[CallTable, CallTable] | None = None
        self._steps: tuple[Any, Any] | None = None
        self._job = Job(self)
        self._job.failed.connect(self._on_failed)
        self._soon = later(self, _LOOK_AFTER_MS, self._begin)

    @property
    def layer(self) -> LabelsLayer | None:
        """That of the calls; None where there are none that fit their source."""
        return self._layer

    @property
    def calls(self) -> CallTable | None:
        """As far as they are known, with those that are outdated; classes by hand win."""
        known = self._known.calls
        if known is None:
            return None
        if self._classed is None or self._classed[0] is not known:
            self._classed = known, with_classes(known, self._names, number=PAINTED)
        return self._classed[1]

    @property
    def page(self) -> int:
        """That in view."""
        return self._page

    @property
    def is_on(self) -> bool:
        """Whether calls are measured at all."""
        return self._is_on

    @property
    def why_not(self) -> str:
        """Why nothing is measured just now; empty where it is."""
        return self._why

    @property
    def n_due(self) -> int:
        """How many pages are still to be looked at."""
        return len(self._due)

    def outdated(self) -> NDArray[np.bool_]:
        """(calls,) which of them lie on pages that may have changed."""
        calls, layer = self.calls, self._layer
        if calls is None or layer is None:
            return np.zeros(0, bool)
        if self._why:
            return np.ones(len(calls), bool)
        due = np.zeros(len(layer.data), np.int64)
        due[list(self._due)] = 1
        before = np.r_[0, np.cumsum(due)]
        first, last = (calls[name].to_numpy(int) for name in ("page", LAST_PAGE))
        return np.asarray(before[last + 1] > before[first])

    def switch(self, is_on: bool) -> None:
        """Measure only while somebody looks at it."""
        if is_on == self._is_on:
            return
        self._is_on = is_on
        if not is_on:
            self._job.cancel()
        self._suspect_all()

    def set_source(self, source: SourceLayers | None, page: int) -> None:
        """Follow the calls of a source."""
        calls = None if source is None or not _fits(source) else source.calls
        self._source, self._page = source, page
        if calls != self._layer:
            self._listen(calls)
        self._take_up()

    def set_classes(self, names: Mapping[tuple[int, int], str]) -> None:
        """Let classes by hand win, by page and number; of calls that are due once they are known.

        Numbers of calls that were made anew are those of others in the table.
        """
        self._next_names = names
        if not (self._due or self._why) and names != self._names:
            self._names, self._classed = names, None
            self.told.emit()

    def set_page(self, page: int) -> None:
        """Follow the page in view."""
        is_other, self._page = page != self._page, page
        if is_other and self._is_on:
            self.look()

    def hinder(self, why: str) -> None:
        """Wait, for many pages are getting other calls; afterwards all are looked at."""
        before, self._why = self._why, why
        if why and not before:
            self._job.cancel()
            self.told.emit()
        elif before and not why:
            self._suspect_all()

    def forget(self) -> None:
        """Begin anew: what the network says is other now, though the arrays are the same."""
        self._known = Known()
        self._kept.clear()
        self._suspect_all()

    def look(self) -> None:
        """Look now whether something has become of the calls that is not known yet."""
        layer = self._layer
        if layer is None:
            return
        pages, steps = {self._page}, last_steps(layer)
        before = (None, None) if self._steps is None else self._steps
        if steps[0] is not before[0] or steps[1] is not before[1]:
            self._steps = steps
            pages |= {page for change in changes_to_undo(layer) for page in pages_touched([change])}
        self.suspect(page for page in pages if page < len(layer.data))

    def suspect(self, pages: Iterable[int]) -> None:
        """Look at pages, and measure those that are not as they were."""
        layer = self._layer
        if layer is None:
            return
        changed = set(pages)
        if len(changed) <= _HASHED_AT_ONCE:
            is_changed, labels = self._known.is_changed, layer.data
            changed = {page for page in changed if is_changed(page, quick_hash(labels[page]))}
        self._noted |= changed
        if not changed <= self._due:
            self._due |= changed
            self.told.emit()
        if self._due:
            self._soon.start()

    def disconnect_layer(self) -> None:
        """Stop listening."""
        self._listen(None)

    # --- inside ---------------------------------------------------------------------------------

    def _take_up(self) -> None:
        """Begin with another source, or with arrays or settings that are not those of before."""
        work = None if self._source is None or self._layer is None else _work(self._source)
        if work is None and self._work is None:
            return
        if work is None or not work.is_same(self._work):
            if self._work is not None:
                self._kept.append((self._work, self._known))
            known = (known for kept, known in reversed(self._kept) if kept.is_same(work))
            self._work, self._known, self._steps = work, next(known, Known()), None
            self._names = {}  # those of another source's calls
            self._classed = None
            self._job.cancel()
            self._suspect_all()

    def _suspect_all(self) -> None:
        self._due = set() if self._layer is None else set(range(len(self._layer.data)))
        self._soon.start()
        self.told.emit()

    def _begin(self) -> None:
        self._take_up()
        work, known = self._work, self._known
        if self._job.is_active or not self._is_on or self._why or not self._due or work is None:
            return  # what runs begins again when it has ended
        pages = sorted(self._due, key=lambda page: (abs(page - self._page), page))

        def take(found: tuple[Known, list[int]]) -> None:
            if self._known is not known or self._work is not work:
                return  # another source, or begun anew
            self._known, left = found
            now, before = self._known.seen, known.seen
            self._due = (self._due - set(pages)) | set(left)
            self.suspect(self._noted)  # painted on while they were measured
            self.taken.emit({page for page in now if now[page] != before.get(page)})
            if not self._due:
                self._names, self._classed = self._next_names, None
            self.told.emit()

        self._noted = set()
        self._job.start(following(work, known, pages), done=take, ended=self._on_ended)

    def _on_ended(self, state: State, _last: object) -> None:
        if self._due and state is not State.FAILED:  # else the next change tries again
            self._soon.start()

    def _on_failed(self, failure: Failure) -> None:
        self.failed.emit(failure.sentence)

    def _on_event(self, _event: object = None) -> None:
        if self._is_on:
            self.look()

    def _listen(self, layer: LabelsLayer | None) -> None:
        for emitter in _events_of(self._layer):
            emitter.disconnect(self._on_event)
        self._layer, self._steps = layer, None
        for emitter in _events_of(layer):
            emitter.connect(self._on_event)


def _events_of(layer: LabelsLayer | None) -> tuple[Emitter, ...]:
    """What tells that calls may be others; a hidden layer tells nothing of undo."""
    if layer is None:
        return ()
    return (layer.events.set_data, layer.events.paint, layer.events.visible)


def _work(source: SourceLayers) -> Measurable | None:
    masks = mask_stack(source)
    return None if masks is None else Measurable(source.stack, masks, probability_stack(source))


def _fits(source: SourceLayers) -> bool:
    return source.calls is not None and tuple(source.calls.data.shape) == source.stack.layout.shape
