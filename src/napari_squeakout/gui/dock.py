"""The dock: stacks the panels in the order of the work, and says what they act on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QSize, QTimer
from qtpy.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import PageState
from napari_squeakout.gui.clean.panel import CleanPanel
from napari_squeakout.gui.correct.panel import Tools
from napari_squeakout.gui.fine_tune.panel import FineTunePanel
from napari_squeakout.gui.layers.adoption import adopt
from napari_squeakout.gui.layers.layers import page_in_view, page_time_text, source_of
from napari_squeakout.gui.layers.roles import GuiError, SourceLayers
from napari_squeakout.gui.layers.sight import OneInSight, keep_in_range, why_not_in_view
from napari_squeakout.gui.layers.status import UnitsInStatus
from napari_squeakout.gui.open.panel import OpenPanel
from napari_squeakout.gui.open.session_box import SessionBox
from napari_squeakout.gui.qt.canvas import FittedPage
from napari_squeakout.gui.qt.column import Column
from napari_squeakout.gui.qt.job_bar import message_label
from napari_squeakout.gui.qt.jobs import State
from napari_squeakout.gui.qt.keyboard import Keyboard
from napari_squeakout.gui.qt.on_destroyed import when_destroyed
from napari_squeakout.gui.qt.section import Section
from napari_squeakout.gui.review.first_calls import FirstCalls
from napari_squeakout.gui.review.panel import ReviewPanel
from napari_squeakout.gui.review.results_box import ResultsBox
from napari_squeakout.gui.review.time_on_page import Effort
from napari_squeakout.gui.review.undoing import Undoing
from napari_squeakout.gui.segment.panel import SegmentPanel
from napari_squeakout.gui.source.calls_layer import keep_calls
from napari_squeakout.gui.source.kept import kept_of

from .proposing_again import propose_again

if TYPE_CHECKING:
    from qtpy.QtGui import QShowEvent

    from napari_squeakout.core.settings import CleanSettings
    from napari_squeakout.gui.clean.jobs import Order
    from napari_squeakout.gui.source.kept import Kept

_NOTHING = "Open a recording or images, or select the layer of one."
_WIDTH_PX, _HEIGHT_PX = 340, 600
#: Buttons of which one may want several uses at once.
_REPEATABLE = ("review_previous", "review_next", "tools_erode", "tools_dilate")


class SqueakOutDock(QWidget):
    """Open, segment, clean up, correct, review and fine-tune; follows the selected layer.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        The window.
    """

    def __init__(self, napari_viewer: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = napari_viewer
        self.setObjectName("squeakout_dock")
        self.source: SourceLayers | None = None
        self._pages_shown = 0
        self._sight = OneInSight(napari_viewer, self._on_hidden_or_shown)
        self._source_line = message_label("dock_source", _NOTHING)
        self._source_line.setStyleSheet("font-weight: bold")
        self._page_line = message_label("dock_page")
        self._notes = message_label("dock_notes")
        self._said = message_label("dock_said")
        self._speaker: Any = None
        self.open_panel = OpenPanel(napari_viewer)
        self.segment_panel = SegmentPanel(napari_viewer)
        self.clean_panel = CleanPanel(napari_viewer, self.segment_panel.is_working_on)
        self.review_panel = ReviewPanel(napari_viewer)
        self.tools_panel = Tools(
            napari_viewer,
            lambda: self.clean_panel.form.value().min_area_px,
            self.review_panel.reviewing.last_numbers,
        )
        self.session_box = SessionBox(napari_viewer)
        self.results_box = ResultsBox(napari_viewer)
        self.fine_tune_panel = FineTunePanel()
        self._following = (
            self.open_panel,
            self.segment_panel,
            self.clean_panel,
            self.review_panel,  # first looks at what was painted: the tools ask for its numbers
            self.tools_panel,
        )
        self.undoing = Undoing(self.review_panel.reviewing, self)
        self._effort = Effort(self.review_panel.reviewing, self)
        self._first_calls = FirstCalls(self.review_panel.reviewing)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.refresh)
        self._let_go = QTimer(self, singleShot=True, interval=0)
        self._let_go.timeout.connect(self._end)
        self._lay_out()
        self._keyboard = Keyboard(self, _REPEATABLE)
        self._fitted = FittedPage(napari_viewer, self)
        self._status = UnitsInStatus(napari_viewer)
        self._connect()
        self.refresh()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Wide enough to read, high enough to be given the whole side."""
        return QSize(_WIDTH_PX, _HEIGHT_PX)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Look for models when first seen: that imports torch, beside the window."""
        super().showEvent(event)
        self.segment_panel.models.look_once()
        self.fine_tune_panel.look_once()
        self._keyboard.watch_canvas()
        self._fitted.watch_canvas()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Notice when napari lets go of the dock: its close button leaves it without a parent."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ParentChange and self.parent() is None:
            self._let_go.start()

    def works_in(self, viewer: Any) -> bool:
        """Whether it belongs to a window."""
        return self.parent() is not None and bool(self._viewer == viewer)

    def refresh(self) -> None:
        """Find out what to act on, and tell all panels."""
        layer = self._viewer.layers.selection.active
        source = source_of(self._viewer, layer)
        why = "" if source is not None else self._why_not(layer)
        if source is None and layer is None and self.source is not None:
            source = source_of(self._viewer, self.source.image)
        if self.source is not None and (source is None or source.image != self.source.image):
            self._leave()
        if source is not None:
            keep_calls(self._viewer, source)
            keep_in_range(self._viewer, source.image)
        if source is not None and self.source is not None and source.image != self.source.image:
            self._forget_words()
        self.source = source
        self._sight.show(source)
        self.open_panel.set_source(source)
        self.segment_panel.set_source(source, why)
        page = self._page()
        self.clean_panel.set_source(source, page)
        self.review_panel.set_source(source, page)
        self.tools_panel.set_source(source, page)
        self.undoing.set_source(source)
        self.session_box.set_source(source)
        self.results_box.set_source(source)
        self.fine_tune_panel.set_source(source)
        self._source_line.setText(f"Acts on {source.image.name}" if source else why)
        notes = () if source is None else source.stack.notes
        self._notes.setText(" ".join(f"{note[:1].upper()}{note[1:]}." for note in notes))
        self._notes.setVisible(bool(notes))
        self._follow_page()

    def _leave(self) -> None:
        """Take everything that acts off a source first: whatever fails, it is out of sight."""
        for panel in (self.review_panel, self.tools_panel, self.clean_panel):
            panel.set_source(None, 0)
        self.undoing.set_source(None)

    def _end(self) -> None:
        """Go, and end what runs: nobody could cancel it, and a new dock would work beside it."""
        if self.parent() is None:  # not put elsewhere meanwhile
            self._sight.bring_back()
            self.tools_panel.end()
            self.deleteLater()

    def _on_hidden_or_shown(self) -> None:
        self.review_panel.refresh()
        self.tools_panel.refresh()
        if self.source is not None:
            self._tell_page(self._page())

    def _why_not(self, layer: Any) -> str:
        """Why the selected layer cannot be worked on."""
        if layer is None:
            return _NOTHING
        try:
            adopt(layer)
        except GuiError as error:
            return f"{error}."
        return _NOTHING

    def _follow_page(self, _event: Any = None) -> None:
        self._page_line.setVisible(self.source is not None)
        if self.source is None or self.source.image not in self._viewer.layers:
            return
        if not self._soon.isActive():  # another source may just have been chosen
            keep_in_range(self._viewer, self.source.image)
        page = self._page()
        self._first_calls.look(page)
        kept = kept_of(self.source)
        kept.page = page
        self._tell_page(page)
        for panel in self._following:
            panel.set_page(page)
        if kept.stage(page) is PageStage.SEGMENTED and not kept.read_only:
            self.clean_panel.redraw()  # what is in view never looks emptier than it is

    def _tell_page(self, page: int) -> None:
        """Say on top which page is acted on, or why none is: keys that do nothing need a reason."""
        if self.source is None:
            return
        text = page_time_text(self.source.stack.layout, page)
        is_unknown = kept_of(self.source).stage(page) is PageStage.UNSEGMENTED
        unknown = ", not segmented yet" if is_unknown else ""
        unseen = why_not_in_view(self._viewer, self.source)
        self._page_line.setText(f"{text[:1].upper()}{text[1:]}{unknown}{unseen and f'. {unseen}'}")

    def _page(self) -> int:
        """The page in view; 0 while there is none."""
        if self.source is None or self.source.image not in self._viewer.layers:
            return 0
        return page_in_view(self._viewer, self.source.image)

    def _on_pages_done(self, image: Any, first: int, stop: int) -> None:
        """New probabilities: the page in view gets its calls at once."""
        if self.source is None or self.source.image != image:
            return
        if self.source.probabilities is None:
            # Adding a layer takes napari a while: the calls are added by the next event.
            self._refresh_soon()
            return
        # Once more when the page after it is there: calls on its border depend on that.
        fresh = range(max(first, self._pages_shown - 1), stop)
        self._pages_shown = stop
        self.review_panel.take_new_answers(first, stop)
        self._follow_page()
        if page_in_view(self._viewer, image) in fresh:
            self.clean_panel.redraw()

    def _on_segmented(self, image: Any) -> None:
        self._pages_shown = 0
        # Now, not when a run begins: what moves under the mouse then is the second of two clicks.
        self._open_section.tuck_away()
        source = source_of(self._viewer, image)
        if source is not None:
            self.clean_panel.apply(source)

    def _on_cleaned(self, orders: list[Order]) -> None:
        for order in orders:
            kept_of(order.source).note("clean", order.settings.model_dump())
            self._first_calls.cleaned(order.source.image)
        self.tools_panel.forget_pick()
        self.review_panel.measure()

    def _on_busy(self, _is_active: bool = False) -> None:
        """Two beginnings at once would keep one source in two places; so would an unasked second.

        Segmenting while earlier work is offered would begin another session, and hide the first.
        """
        opening, segmenting = self.session_box.bar.job, self.segment_panel.bar.job
        self.session_box.hinder("Wait until it is segmented." if segmenting.is_active else "")
        why = "Wait until the session is open." if opening.is_active else self.session_box.pending
        self.segment_panel.hinder(why)
        cleaning = self.clean_panel.bar.job
        calls_come = "Wait until all pages have their calls."
        is_coming = segmenting.is_active or cleaning.is_active
        self.results_box.hinder(calls_come if is_coming else "")
        if segmenting.is_active:
            self.clean_panel.make_way()

    def _on_segmenting(self, is_active: bool) -> None:
        if is_active:
            self._first_calls.begin(self.source, self._page())

    def _say(self, who: Any, text: str) -> None:
        """Repeat the last sentence on top, where it is seen wherever the dock is scrolled to."""
        if not text and who is not self._speaker:
            return  # what another part has said still holds
        self._speaker = who
        self._said.setText(text)
        self._said.setVisible(bool(text))

    def _forget_words(self) -> None:
        """What was said of another source would be read as said of this one."""
        for bar in (self.segment_panel.bar, self.clean_panel.bar, self.results_box.bar):
            if not bar.job.is_active:
                bar.say("")
        self._say(self._speaker, "")

    def _on_resumed(self, settings: CleanSettings) -> None:
        self.clean_panel.show_settings(settings)
        self.refresh()
        kept = None if self.source is None else kept_of(self.source)
        self._go_where_one_left(kept)
        if kept is None or kept.read_only or kept.stages is None:
            return
        if (kept.stages == PageStage.SEGMENTED).any():
            # It was closed, or killed, between the network's answers and their calls.
            self.clean_panel.apply(self.source)

    def _go_where_one_left(self, kept: Kept | None) -> None:
        """Show the page that was in view when a session was last written."""
        session = None if kept is None else kept.session
        page = None if session is None else session.record.page
        if session is not None and page is not None and page < session.record.n_pages:
            self.review_panel.reviewing.go(page)

    def _on_propose(self, model: str, threshold: float) -> None:
        if self.source is None:
            return
        if self.segment_panel.bar.job.is_active:
            self.fine_tune_panel.bar.say("Segmenting is at work: propose again when it has ended.")
            return
        unreviewed = kept_of(self.source).review.count(PageState.UNREVIEWED)
        if not unreviewed:
            self.fine_tune_panel.bar.say(
                "All pages are corrected or approved: none is left to propose."
            )
            return
        propose_again(self.source, model, threshold, self.segment_panel, self.clean_panel)

    def _connect(self) -> None:
        layers, dims = self._viewer.layers, self._viewer.dims
        listened = [
            (layers.selection.events.active, self._refresh_soon),
            (layers.events.inserted, self._refresh_soon),
            (layers.events.removed, self._refresh_soon),
            (dims.events.current_step, self._follow_page),
            (dims.events.ndisplay, self._refresh_soon),
            (dims.events.order, self._refresh_soon),
            (layers.events.reordered, self._refresh_soon),
        ]
        for emitter, callback in listened:
            emitter.connect(callback)
        panels = (
            self.segment_panel,
            self.clean_panel,
            self.tools_panel,
            self.review_panel,
            self.session_box,
            self.fine_tune_panel,
            self._sight,
            self._status,
        )
        when_destroyed(self, partial(_disconnect, listened, panels))
        self.segment_panel.pages_done.connect(self._on_pages_done)
        self.segment_panel.segmented.connect(self._on_segmented)
        self.open_panel.scale_stated.connect(self.refresh)
        self.clean_panel.cleaned.connect(self._on_cleaned)
        for bar in (self.session_box.bar, self.segment_panel.bar, self.clean_panel.bar):
            bar.activity_changed.connect(self._on_busy)
        self.segment_panel.bar.job.state_changed.connect(
            lambda state: self._on_segmenting(state is State.RUNNING)
        )
        self.review_panel.measured.connect(self._first_calls.settle)
        self.review_panel.said.connect(partial(self._say, self.review_panel))
        for bar in (self.segment_panel.bar, self.clean_panel.bar, self.results_box.bar):
            bar.told.connect(partial(self._say, bar))
        self.session_box.resumed.connect(self._on_resumed)
        self.session_box.offer_changed.connect(self._on_busy)
        self.fine_tune_panel.propose_asked.connect(self._on_propose)
        self.fine_tune_panel.models_changed.connect(
            lambda name: self.segment_panel.models.look(choose=name)
        )
        self.review_panel.bind_keys(self, self.clean_panel.form.value)
        self.tools_panel.bind_keys(self)
        self.undoing.bind_keys(self)
        self.undoing.said.connect(self.review_panel.say)
        self.undoing.outdated.connect(self.clean_panel.clean_anew)

    def _refresh_soon(self, _event: Any = None) -> None:
        self._soon.start()

    def _lay_out(self) -> None:
        inside = QWidget(objectName="dock_content")
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self._notes)
        self._open_section = Section("1  Open", "open_section", main=True)
        for section, panel in (
            (self._open_section, self.open_panel),
            (Section("2  Segment", "segment_section", main=True), self.segment_panel),
            (Section("3  Clean up", "clean_section", main=True), self.clean_panel),
            (Section("4  Correct", "tools_section", main=True), self.tools_panel),
            (Section("5  Review", "review_section", main=True), self.review_panel),
        ):
            section.addWidget(panel)
            column.addWidget(section)
        saving = Section("Results", "results_section", main=True)
        saving.addWidget(self.results_box)
        column.addWidget(saving)
        column.addWidget(self._fine_tune_section())
        self._open_section.addWidget(self.session_box)
        column.addStretch(1)
        area = Column(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(self._head())
        outer.addWidget(area)
        # napari 0.9.0 and 0.9.1 size a dock by its widget's policy.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def _head(self) -> QVBoxLayout:
        """What is acted on and what was said last: in view wherever the rest is scrolled to."""
        head = QVBoxLayout()
        head.setContentsMargins(8, 8, 8, 0)
        head.setSpacing(4)
        for line in (self._source_line, self._page_line, self._said):
            head.addWidget(line)
        return head

    def _fine_tune_section(self) -> Section:
        """Folded away until it is wanted: it looks at all pages of the sessions."""
        section = Section("6  Fine-tune", "fine_tune_section", open_=False, main=True)
        section.addWidget(self.fine_tune_panel)
        section.toggled.connect(self.fine_tune_panel.switch)
        self.fine_tune_panel.found.connect(lambda: section.expand(animate=False))
        return section


def _disconnect(listened: list[tuple[Any, Any]], panels: tuple[Any, ...], *_: Any) -> None:
    """Let go of the window; it outlives a closed dock."""
    for emitter, callback in listened:
        emitter.disconnect(callback)
    for panel in panels:
        panel.disconnect_viewer()
