"""Segment: ask the network about pages, beside the window, and show its answers as they come."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from napari_squeakout.core.numerals import are, counted
from napari_squeakout.core.rendering.mismatch import rendering_text
from napari_squeakout.core.review.page_stages import count_segmented
from napari_squeakout.core.settings import SegmentSettings
from napari_squeakout.core.steps import Progress
from napari_squeakout.gui.layers.roles import SourceLayers
from napari_squeakout.gui.qt.form import SettingsForm
from napari_squeakout.gui.qt.job_bar import JobBar, message_label
from napari_squeakout.gui.qt.jobs import State
from napari_squeakout.gui.source.contents import probability_stack

from . import run as run_of
from .models_box import ModelsBox
from .page_choice import PageChoice
from .run import PagesDone, Run, segmenting
from .shown_run import ShownRun

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_squeakout.core.detection.engine import Engine
    from napari_squeakout.gui.layers.layer_kinds import ImageLayer
    from napari_squeakout.gui.layers.viewer import Viewer
    from napari_squeakout.gui.source.state import SourceState

    from .run import Answers

_REMEDY = 'open the recording again with those, under "How files are read"'


class SegmentPanel(QWidget):
    """Runs the network on the source that the dock names.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    """

    #: Pages first..stop of an image have new probabilities: (image, first, stop).
    pages_done = Signal(object, int, int)
    #: A run has its first answer: name of the model, and what it was judged with or None.
    asked = Signal(str, object)
    #: A run has ended with something to show for it: (image).
    segmented = Signal(object)

    def __init__(self, viewer: Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._source: SourceLayers | None = None
        self._state: SourceState | None = None
        self._why_no_source = "Open a recording or images first."
        self._page = 0
        self._hindrance = self._wanted = ""
        self._wanted_for: SourceLayers | None = None
        self._run: ShownRun | None = None
        self._engine: tuple[tuple[str, SegmentSettings], Engine] | None = None
        self.bar = JobBar("segment")
        self.models = ModelsBox(self.bar)
        self.models.changed.connect(self._refresh)
        self.models.changed.connect(self._begin_wanted)
        self._form = SettingsForm(
            SegmentSettings, "segment", advanced=tuple(SegmentSettings.model_fields)
        )
        self._form.settled.connect(lambda settings: self.models.look(settings.device))
        self._pages = PageChoice()
        self._pages.which.changed.connect(self._refresh)
        self._button = QPushButton("Segment")
        self._button.setObjectName("segment_run")
        self._button.clicked.connect(self.run)
        self._why = message_label("segment_why")
        self._rendering = message_label("segment_rendering")
        self._known = message_label("segment_known")
        self.bar.activity_changed.connect(self._refresh)
        viewer.layers.events.removed.connect(self._on_removed)
        self._lay_out()
        self._refresh()

    def set_source(
        self, source: SourceLayers | None, state: SourceState | None, why_not: str = ""
    ) -> None:
        """Take the source to act on with its state, or the reason why there is none."""
        self._source, self._state, self._why_no_source = source, state, why_not
        if source is not None:
            self._pages.set_n_pages(source.stack.layout.n_pages)
        self._refresh()

    def hinder(self, why: str) -> None:
        """Begin nothing for as long as there is a reason not to."""
        self._hindrance = why
        self._refresh()

    def is_working_on(self, image: ImageLayer) -> bool:
        """Whether the network is asked about an image just now."""
        return self._run is not None and bool(self._run.image == image)

    def engine_maker(self) -> Callable[[], Engine]:
        """What makes the engine that is chosen now; for work beside the window."""
        return partial(run_of.make_engine, self.models.chosen() or "", self._form.value())

    def set_page(self, page: int) -> None:
        """Follow the page in view."""
        self._page = page

    def disconnect_viewer(self) -> None:
        """Stop listening to the window."""
        self._viewer.layers.events.removed.disconnect(self._on_removed)

    def run(self) -> None:
        """Begin segmenting the chosen pages of the source."""
        model, source, state = self.models.chosen(), self._source, self._state
        if source is None or state is None or model is None:
            return
        if self.bar.job.is_active or self._hindrance:
            return
        first, stop = self._pages.chosen(source.stack.layout.n_pages, self._page)
        wanted = (model, self._form.value())
        if self._engine is not None and self._engine[0] != wanted:
            self._engine = None  # frees a GPU before the next is loaded
        run = Run(
            stack=source.stack,
            first=first,
            stop=stop,
            model=model,
            settings=wanted[1],
            session=state.session,
            known=probability_stack(source),
            stages=state.stages,
            engine=None if self._engine is None else self._engine[1],
        )
        self._run = ShownRun(self._viewer, source, state, run)
        self.bar.start(
            segmenting(run), progressed=self._on_progress, done=self._on_done, ended=self._on_end
        )

    def run_all_with(self, model: str) -> None:
        """Segment all pages with a model, which may have come since the models were looked at."""
        self._wanted, self._wanted_for = model, self._source
        self.models.look(self._form.value().device, choose=model)

    def _begin_wanted(self) -> None:
        """Begin what was asked for, now that its model is known."""
        wanted, self._wanted = self._wanted, ""
        if not wanted or self._wanted_for is None:
            return
        asked, self._wanted_for = self._wanted_for.image, None
        if self._source is None or self._source.image != asked:
            self.bar.say(
                f"{asked.name} was not segmented with {wanted}, for something else was selected "
                f"meanwhile: select {asked.name} and propose again."
            )
        elif self.models.chosen() == wanted:
            self._pages.choose_all()
            self._refresh()
            self.run()

    def _on_progress(self, progress: Progress) -> None:
        shown = self._run
        if shown is None or not isinstance(progress, PagesDone):
            return
        run, answers = shown.run, progress.answers
        shown.note(answers)
        self._engine = ((run.model, run.settings), answers.engine)
        if not answers.done:
            return
        if not shown.is_there:  # removed; this was told before the run could end
            self.bar.job.cancel()
            return
        if not shown.is_begun:
            self.asked.emit(run.model, answers.engine.model.card.cleaning)
        shown.show(answers)
        self.pages_done.emit(shown.image, run.first, run.first + answers.done)

    def _on_done(self, answers: Answers) -> None:
        if self._run is None:
            return
        # Of the last pages nothing may have been told: progress comes twenty times a second.
        self._run.note(answers)
        if self._run.is_there and answers.done:
            self._run.show(answers)
        self.bar.say(self._run.success_text(answers))

    def _on_end(self, state: State, _last: Progress | None) -> None:
        shown, self._run = self._run, None
        if shown is None:
            return
        shown.end()
        if state is State.CANCELLED:
            self.bar.say(shown.cancelled_text())
        if shown.is_there and shown.is_shown:
            self.segmented.emit(shown.image)

    def _on_removed(self, event: Any) -> None:
        if self._run is None:
            return
        # Compared by ==: a window given to a plugin wraps its layers anew each time.
        if event.value == self._run.image:
            self.bar.job.cancel()
        else:
            self._run.forget_layer(event.value)

    def _refresh(self) -> None:
        self._pages.refresh()
        why = self._why_no_source if self._source is None else self.models.why_not()
        why = why or self._hindrance or None
        if self.bar.job.is_active:
            why = self._other_at_work()
        self._button.setEnabled(why is None)
        self._why.setText(why or "")
        self._why.setVisible(bool(why))
        self._button.setToolTip(why or "Ask the network about these pages")
        self._show_known()
        self._compare_rendering()

    def _other_at_work(self) -> str:
        """Why this source has to wait, where the progress below is that of another."""
        shown, source = self._run, self._source
        if shown is None or source is None or shown.image == source.image:
            return ""
        return f"{shown.run.name} is being segmented: wait until it has ended, or cancel it."

    def _show_known(self) -> None:
        """Say of how many pages the network has been asked, where that is not all."""
        stages = None if self._state is None else self._state.stages
        n_pages = 0 if stages is None else len(stages)
        n_segmented = 0 if stages is None else count_segmented(stages)
        self._known.setText(
            f"{n_segmented} of {counted(n_pages, 'page')} {are(n_segmented)} segmented; of the "
            "rest nothing is known."
        )
        self._known.setVisible(not self.bar.job.is_active and n_segmented < n_pages)

    def _compare_rendering(self) -> None:
        """Warn of pages that the chosen model was not made for; it can be used all the same."""
        expected, source = self.models.rendering(), self._source
        text = ""
        if expected is not None and source is not None:
            model, layout = self.models.combo.value(), source.stack.layout
            text = rendering_text(model, expected, layout, remedy=_REMEDY)
        self._rendering.setText(text)
        self._rendering.setVisible(bool(text))

    def _lay_out(self) -> None:
        begin = QHBoxLayout()
        begin.addWidget(self._pages.which, stretch=1)
        begin.addWidget(self._button, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.models)
        layout.addWidget(self._rendering)
        layout.addLayout(begin)
        for widget in (self._pages.range, self._why, self._known, self.bar, self._form):
            layout.addWidget(widget)
