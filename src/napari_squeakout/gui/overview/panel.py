"""The strip in the window: follows what is acted on, and has its picture made beside it."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any
from weakref import ReferenceType, ref

import numpy as np
from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QCheckBox, QDockWidget

from napari_squeakout.gui.forms.form import make_widget
from napari_squeakout.gui.qt.jobs import Job
from napari_squeakout.gui.source.page_states import PageStates
from napari_squeakout.gui.under_picture import UnderPicture
from napari_squeakout.io.preferences import keep_preferences, read_preferences

from .call_marks import PER_PAGE, marking, marks_of
from .making import keeping, making
from .settings import OverviewSettings
from .strip import OverviewStrip

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_squeakout.core.overview.overview import Overview
    from napari_squeakout.core.stacks import SpectrogramStack
    from napari_squeakout.core.steps import Progress
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer
    from napari_squeakout.gui.qt.failures import Failure
    from napari_squeakout.gui.source.state import SourceState

#: Under this name it is kept whether the strip is wanted.
_KEPT_AS = "overview"
# Of recordings looked at before, half a megabyte each.
_MOST_KNOWN = 16
# Pages looked at while the window waits; of more the job beside it tells.
_MOST_AT_ONCE = 16


class WholeRecording(QObject):
    """A strip under the picture with all of the recording acted on; none for images.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    parent : QWidget
        The dock.
    """

    #: A page was clicked.
    chosen = Signal(int)

    def __init__(self, viewer: Viewer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.strip = OverviewStrip("overview")
        self._under = UnderPicture(viewer, self.strip, "Whole recording", self)
        self._under.toggled.connect(self._on_toggled)
        shown = make_widget("shown", OverviewSettings.model_fields["shown"], "overview")
        self.switch: QCheckBox = shown.native
        self.switch.setText("Whole recording under the picture")
        self.switch.setChecked(read_preferences(OverviewSettings, _KEPT_AS).shown)
        self._source: SourceLayers | None = None
        self._state: SourceState | None = None
        self._stack: SpectrogramStack | None = None
        #: Of which the picture is being made, or could not be.
        self._asked: SpectrogramStack | None = None
        self._known: OrderedDict[int, tuple[ReferenceType[Any], Overview]] = OrderedDict()
        self._kept_in: Path | None = None
        self._pages = PageStates()
        self._marks: NDArray[np.bool_] = np.zeros((0, PER_PAGE), bool)
        self._making, self._marking = Job(self), Job(self)
        self._making.failed.connect(self._on_failed)
        self.strip.chosen.connect(self.chosen)
        self.switch.toggled.connect(self._on_switched)

    def set_source(self, source: SourceLayers | None, state: SourceState | None) -> None:
        """Follow the dock's source."""
        is_recording = source is not None and source.stack.recording is not None
        stack = source.stack if source is not None and is_recording else None
        self._source, self._state = source, state
        if stack is not self._stack:
            self._stack, self._asked, self._kept_in = stack, None, None
            self._making.cancel()
            layout = None if stack is None else stack.layout
            self.strip.set_recording(layout)
            self._set_marks(np.zeros((0 if layout is None else layout.n_pages, PER_PAGE), bool))
        if self._labels() is None and self._marks.any():
            self._set_marks(np.zeros_like(self._marks))
        self._place()
        self._make()

    def set_pages(self, pages: PageStates) -> None:
        """Follow the states of its pages, and the page in view, whose calls may have changed."""
        self._pages = pages
        self.strip.set_pages(pages)
        labels = self._labels()
        if labels is not None and pages.page < len(self._marks) == len(pages):
            for page in {pages.page, *self._outdated()}:
                self._marks[page] = marks_of(np.asarray(labels[page]))
            self.strip.set_marks(self._marks)

    def mark_all(self) -> None:
        """Look where the calls of all pages are; those without any are known."""
        labels, stack, occupied = self._labels(), self._stack, self._pages.occupied
        if labels is None or occupied is None or len(occupied) != len(labels):
            return

        def take(marks: NDArray[np.bool_]) -> None:
            if self._stack is stack:
                self._set_marks(marks)
                self.set_pages(self._pages)  # it may have been painted on meanwhile

        pages = np.flatnonzero(occupied).tolist()
        self._marking.restart(lambda: self._marking.start(marking(labels, pages), done=take))

    def end(self) -> None:
        """Leave the window."""
        self._making.cancel()
        self._marking.cancel()
        self._under.end()

    # --- its place ------------------------------------------------------------------------------

    def _place(self) -> None:
        """Be under the picture where there is a recording, unless somebody has sent it away."""
        self._under.place(self.switch.isChecked() and self._stack is not None)

    def _dock(self) -> QDockWidget | None:
        return self._under.dock

    def _on_toggled(self, is_shown: bool) -> None:
        self.switch.setChecked(is_shown)

    def _on_switched(self, is_on: bool) -> None:
        keep_preferences(OverviewSettings(shown=is_on), _KEPT_AS)
        self._place()
        self._make()

    # --- its picture ----------------------------------------------------------------------------

    def _make(self) -> None:
        """Show the picture, or have it made, once."""
        stack, state = self._stack, self._state
        if stack is None or state is None or self._dock() is None or not self.switch.isChecked():
            return
        known = self._known_of(stack)
        if known is not None:
            self._keep(stack, state, known)
        elif self._asked is not stack:
            self._asked = stack

            def begin() -> None:
                self._making.start(
                    making(stack, state.session),
                    done=lambda made: self._take(stack, made),
                    progressed=lambda progress: self._tell(stack, progress),
                )

            self.strip.tell("Looking over the whole recording…")
            self._making.restart(begin)

    def _known_of(self, stack: SpectrogramStack) -> Overview | None:
        of, overview = self._known.get(id(stack), (None, None))
        # An id is given anew once its object has gone.
        return overview if of is not None and of() is stack else None

    def _take(self, stack: SpectrogramStack, made: Overview) -> None:
        self._known[id(stack)] = (ref(stack), made)
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        if stack is self._stack:
            self.strip.set_overview(made)
            self._make()  # into its session

    def _tell(self, stack: SpectrogramStack, progress: Progress) -> None:
        if stack is self._stack:
            words = f"Looking over the whole recording… {progress.fraction:.0%}"
            self.strip.tell(words, progress.fraction)

    def _on_failed(self, failure: Failure) -> None:
        if self._asked is self._stack:
            self.strip.tell(failure.sentence)

    def _keep(self, stack: SpectrogramStack, state: SourceState, made: Overview) -> None:
        """A session may have been begun since the picture was made."""
        if self._asked is not stack:  # another was shown meanwhile
            self._asked = stack
            self.strip.set_overview(made)
        session = state.session
        if session is None or session.folder == self._kept_in or self._making.is_active:
            return

        def note(_done: None) -> None:
            self._kept_in = session.folder

        self._making.start(keeping(stack, session, made), done=note)

    # --- its calls ------------------------------------------------------------------------------

    def _labels(self) -> Any:
        """(n, 512, 512) the calls of the recording; None before it has any."""
        source = self._source
        if self._stack is None or source is None or source.calls is None:
            return None
        labels = source.calls.data
        return labels if tuple(labels.shape) == self._stack.layout.shape else None

    def _outdated(self) -> list[int]:
        """Some pages that have calls and no marks, or the other way round: undo reaches any."""
        occupied = self._pages.occupied
        if occupied is None or len(occupied) != len(self._marks):
            return []
        changed = np.flatnonzero(occupied != self._marks.any(axis=1))
        return [int(page) for page in changed[:_MOST_AT_ONCE]]

    def _set_marks(self, marks: NDArray[np.bool_]) -> None:
        self._marks = marks
        self.strip.set_marks(marks)
