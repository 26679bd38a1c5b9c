"""The dock: stacks the panels in the order of the work, and says what they act on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QSize, QTimer
from qtpy.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.gui.clean.panel import CleanPanel
from napari_squeakout.gui.correct.panel import Tools
from napari_squeakout.gui.fine_tune.panel import FineTunePanel
from napari_squeakout.gui.layers.layers import page_in_view, source_of
from napari_squeakout.gui.layers.roles import SourceLayers
from napari_squeakout.gui.layers.sight import OneInSight, keep_in_range
from napari_squeakout.gui.layers.status import UnitsInStatus
from napari_squeakout.gui.open.panel import OpenPanel
from napari_squeakout.gui.open.session_box import SessionBox
from napari_squeakout.gui.overview.panel import WholeRecording
from napari_squeakout.gui.picture.panel import PicturePanel
from napari_squeakout.gui.picture.picture import Picture
from napari_squeakout.gui.qt.callbacks import later
from napari_squeakout.gui.qt.column import Column
from napari_squeakout.gui.qt.job_bar import message_label
from napari_squeakout.gui.qt.jobs import Job
from napari_squeakout.gui.qt.keyboard import Keyboard, bind_key
from napari_squeakout.gui.qt.wording import sentences
from napari_squeakout.gui.recordings.panel import RecordingsPanel
from napari_squeakout.gui.review.first_calls import FirstCalls
from napari_squeakout.gui.review.panel import ReviewPanel
from napari_squeakout.gui.review.results_box import ResultsBox
from napari_squeakout.gui.review.time_on_page import Effort
from napari_squeakout.gui.review.undoing import Undoing
from napari_squeakout.gui.segment.panel import SegmentPanel
from napari_squeakout.gui.source.calls_layer import keep_calls
from napari_squeakout.gui.source.registry import begin_registry, registry_in

from .coordination import Coordination
from .head import Head, why_nothing
from .key_card import show_or_close_card
from .listening import listen
from .one_by_one import OneByOne
from .sections import Sections

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtGui import QShowEvent

    from napari_squeakout.core.detection.engine import Engine
    from napari_squeakout.core.settings import CleanSettings
    from napari_squeakout.gui.layers.layer_kinds import ImageLayer
    from napari_squeakout.gui.layers.viewer import Viewer
    from napari_squeakout.gui.source.state import SourceState

_WIDTH_PX, _HEIGHT_PX = 340, 600
#: The parts in which the work goes on in a source that comes, without and with calls.
_OPENED = ("segment_section",)
_SEGMENTED = ("review_section", "tools_section", "clean_section")
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
        self.viewer = napari_viewer
        self.setObjectName("squeakout_dock")
        #: What is known of each source of the window; another dock may have begun it.
        self.sources = registry_in(napari_viewer) or begin_registry(napari_viewer)
        self.source: SourceLayers | None = None
        self._last_image: ImageLayer | None = None
        #: That of the source.
        self.state: SourceState | None = None
        self._sight = OneInSight(napari_viewer, self._on_hidden_or_shown)
        self._head = Head(napari_viewer)
        self._notes = message_label("dock_notes")
        self.open_panel = OpenPanel(napari_viewer)
        self.segment_panel = SegmentPanel(napari_viewer)
        self.clean_panel = CleanPanel(napari_viewer, self.sources, self.segment_panel.is_working_on)
        self.review_panel = ReviewPanel(napari_viewer)
        self.tools_panel = Tools(
            napari_viewer,
            lambda: self.clean_panel.form.value().min_area_px,
            self.review_panel.reviewing.last_numbers,
        )
        self.session_box = SessionBox(napari_viewer, self.sources)
        self.results_box = ResultsBox(napari_viewer, self.sources)
        self.fine_tune_panel = FineTunePanel()
        self.overview = WholeRecording(napari_viewer, self)
        self.recordings_panel = RecordingsPanel(self._how)
        self.picture = Picture(napari_viewer, self)
        self.picture_panel = PicturePanel(self.picture)
        self._telling = (self.segment_panel.bar, self.clean_panel.bar, self.results_box.bar)
        self._following = (
            self.open_panel,
            self.segment_panel,
            self.clean_panel,
            self.review_panel,  # first looks at what was painted: the tools ask for its numbers
            self.tools_panel,
            self.picture,
        )
        self.undoing = Undoing(self.review_panel.reviewing, self)
        self._effort = Effort(self.review_panel.reviewing, self)
        self.first_calls = FirstCalls(self.review_panel.reviewing)
        self._soon = later(self, 0, self.refresh)
        self._let_go = later(self, 0, self._end)
        self._lay_out()
        self._keyboard = Keyboard(self, _REPEATABLE)
        self._status = UnitsInStatus(napari_viewer, self.sources.is_answered)
        self._connect()
        self._coordination = Coordination(self)
        self._one_by_one = OneByOne(self)
        self.refresh()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Wide enough to read, high enough to be given the whole side."""
        return QSize(_WIDTH_PX, _HEIGHT_PX)

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802 - Qt's name
        """Look for models when first seen: that imports torch, beside the window."""
        super().showEvent(event)
        self.segment_panel.models.look_once()
        self.fine_tune_panel.look_once()
        self._keyboard.watch_canvas()
        self.tools_panel.watch_canvas()
        self.picture.watch_canvas()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802 - Qt's name
        """Notice when napari lets go of the dock: its close button leaves it without a parent."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.ParentChange and self.parent() is None:
            self._let_go.start()

    def works_in(self, viewer: Viewer) -> bool:
        """Whether it belongs to a window."""
        return self.parent() is not None and bool(self.viewer == viewer)

    def is_idle(self) -> bool:
        """Whether nothing is at work, or about to be: for scripts and tests that wait."""
        is_due = any(t.isSingleShot() and t.isActive() for t in self.findChildren(QTimer))
        return not is_due and not any(job.is_active for job in self.findChildren(Job))

    def refresh(self) -> None:
        """Find out what to act on, and tell all panels."""
        layer = self.viewer.layers.selection.active
        source = source_of(self.viewer, layer)
        why = "" if source is not None else why_nothing(layer)
        if source is None and layer is None and self.source is not None:
            source = source_of(self.viewer, self.source.image)
        if self.source is not None and (source is None or source.image != self.source.image):
            self._leave()
        state = None if source is None else self.sources.take_in(source)
        if source is not None and state is not None:
            keep_calls(self.viewer, source, state.session)
            keep_in_range(self.viewer, source.image)
        if source is not None and self.source is not None and source.image != self.source.image:
            self._head.forget(self._telling)
        if self._last_image is not None and self._last_image not in self.viewer.layers:
            self._last_image = None
        if source is not None and source.image != self._last_image:  # not one that is back again
            self._last_image = source.image
            self.parts.take_in_hand(*(_SEGMENTED if source.calls is not None else _OPENED))
        self.source, self.state = source, state
        self._sight.show(source)
        self.picture.set_source(source)
        self.open_panel.set_source(source, state)
        self.segment_panel.set_source(source, state, why)
        self.overview.set_source(source, state)
        page = self.page()
        self.clean_panel.set_source(source, state, page)
        self.review_panel.set_source(source, state, page)
        self.tools_panel.set_source(source, state, page)
        self.undoing.set_source(source)
        self.session_box.set_source(source, state)
        self.results_box.set_source(source)
        self.fine_tune_panel.set_source(source, state)
        self._head.act_on(source, why)
        notes = () if source is None else source.stack.notes
        self._notes.setText(sentences(notes))
        self._notes.setVisible(bool(notes))
        self.follow_page()
        self._one_by_one.follow()
        # Who works on one recording needs the room for it.
        self._list.setVisible(source is None or bool(self.recordings_panel.table.rows))

    def _how(self) -> tuple[Callable[[], Engine], CleanSettings]:
        """What makes the engine and how to clean, as the parts have them now."""
        return self.segment_panel.engine_maker(), self.clean_panel.form.value()

    def _show_list(self) -> None:
        """There is something on the list of recordings: unfold it."""
        self._list.show()
        self._list.expand(animate=False)
        self.parts.take_in_hand("recordings_section")

    def _leave(self) -> None:
        """Take everything that acts off a source first: whatever fails, it is out of sight."""
        for panel in (self.review_panel, self.tools_panel, self.clean_panel):
            panel.set_source(None, None, 0)
        self.undoing.set_source(None)

    def _end(self) -> None:
        """Go, and end what runs: nobody could cancel it, and a new dock would work beside it."""
        if self.parent() is None:  # not put elsewhere meanwhile
            self._sight.bring_back()
            self.tools_panel.end()
            self.overview.end()
            self.deleteLater()

    def _on_hidden_or_shown(self) -> None:
        self.review_panel.refresh()
        self.tools_panel.refresh()
        if self.source is not None and self.state is not None:
            page = self.page()
            self._head.tell_page(self.source, page, self.state.stage(page))

    def follow_page(self, _event: Any = None) -> None:
        """Tell all parts which page is in view."""
        source, state = self.source, self.state
        if source is None or state is None or source.image not in self.viewer.layers:
            return
        is_chosen = not self._soon.isActive()  # another source may just have come
        if is_chosen:
            keep_in_range(self.viewer, source.image)
        page = self.page()
        self.first_calls.look(page)
        if is_chosen:  # else it is the other's first page
            state.page = page
        self._head.tell_page(source, page, state.stage(page))
        for panel in self._following:
            panel.set_page(page)
        if state.stage(page) is PageStage.SEGMENTED and not state.read_only:
            self.clean_panel.redraw()  # what is in view never looks emptier than it is

    def page(self) -> int:
        """The page in view; 0 while there is none."""
        if self.source is None or self.source.image not in self.viewer.layers:
            return 0
        return page_in_view(self.viewer, self.source.image)

    def _connect(self) -> None:
        listeners = (
            self.segment_panel,
            self.clean_panel,
            self.tools_panel,
            self.review_panel,
            self.session_box,
            self.fine_tune_panel,
            self._sight,
            self._status,
            self.picture,
        )
        listen(
            self,
            self.viewer,
            on_sources=self.refresh_soon,
            on_page=self.follow_page,
            listeners=listeners,
        )
        self.sources.dropped.connect(self.refresh_soon)
        self.open_panel.scale_stated.connect(self.refresh)
        self.review_panel.said.connect(partial(self._head.say, self.review_panel))
        self.picture.fitted.said.connect(partial(self._head.say, self.picture))
        for bar in self._telling:
            bar.told.connect(partial(self._head.say, bar))
        self.review_panel.bind_keys(self, self.clean_panel.form.value)
        self.tools_panel.bind_keys(self)
        self.recordings_panel.bind_keys(self)
        self.undoing.bind_keys(self)
        self.picture_panel.bind_keys(self)
        self.open_panel.bind_keys(self)
        show_keys = partial(show_or_close_card, self)
        bind_key(self, "?", show_keys, "Show this card")
        self._head.keys_asked.connect(show_keys)

    def refresh_soon(self, _event: Any = None) -> None:
        """Look anew at what to act on, once what goes on has ended."""
        self._soon.start()

    def _lay_out(self) -> None:
        parts = self.parts = Sections(self._notes)
        # Folded away until there is a list: most days begin with one recording.
        self._list = parts.add(
            "Recordings", "recordings_section", [self.recordings_panel], is_open=False
        )
        self.recordings_panel.filled.connect(self._show_list)
        opening = (self.open_panel, self.session_box)
        self.open_section = parts.add("1  Open", "open_section", opening)
        parts.add("2  Segment", "segment_section", [self.segment_panel])
        parts.add("3  Clean up", "clean_section", [self.clean_panel])
        parts.add("4  Correct", "tools_section", [self.tools_panel])
        parts.add("5  Review", "review_section", [self.review_panel])
        self.review_panel.add_beside_strip(self.overview.switch)
        parts.add("Results", "results_section", [self.results_box])
        parts.add("Picture", "picture_section", [self.picture_panel], is_open=False)
        # Folded away until it is wanted: it looks at all pages of the sessions.
        tuning = parts.add(
            "6  Fine-tune", "fine_tune_section", [self.fine_tune_panel],
            is_open=False, is_remembered=False,
        )  # fmt: skip
        tuning.toggled.connect(self.fine_tune_panel.switch)
        self.fine_tune_panel.found.connect(lambda: tuning.expand(animate=False))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._head)
        outer.addWidget(Column(parts))
        # napari 0.9.0 and 0.9.1 size a dock by its widget's policy.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
