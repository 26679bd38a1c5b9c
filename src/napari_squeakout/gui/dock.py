"""The dock: the parts in the order of the work, made, laid out and connected."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from napari.utils.theme import get_theme
from qtpy.QtCore import QEvent, QSize, QTimer
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from napari_squeakout.gui.calls.panel import CallsUnderPicture
from napari_squeakout.gui.clean.panel import CleanPanel
from napari_squeakout.gui.correct.panel import Tools
from napari_squeakout.gui.fine_tune.panel import FineTunePanel
from napari_squeakout.gui.guidance.hints import Hints
from napari_squeakout.gui.guidance.key_card import show_or_close_card
from napari_squeakout.gui.layers.axes import bring_in_units
from napari_squeakout.gui.layers.status import UnitsInStatus
from napari_squeakout.gui.listen.panel import ListenPanel
from napari_squeakout.gui.names.shown import NAMES
from napari_squeakout.gui.open.name_box import NameBox
from napari_squeakout.gui.open.panel import OpenPanel
from napari_squeakout.gui.open.session_box import SessionBox
from napari_squeakout.gui.overview.panel import WholeRecording
from napari_squeakout.gui.picture.panel import PicturePanel
from napari_squeakout.gui.picture.picture import Picture
from napari_squeakout.gui.plots.panel import PlotsUnderPicture
from napari_squeakout.gui.qt.access.focus import FocusMark
from napari_squeakout.gui.qt.access.readable import Readable
from napari_squeakout.gui.qt.access.spoken import describe
from napari_squeakout.gui.qt.callbacks import later
from napari_squeakout.gui.qt.column import Column
from napari_squeakout.gui.qt.job_bar import message_label
from napari_squeakout.gui.qt.jobs import Job
from napari_squeakout.gui.qt.keyboard import Keyboard, bind_key
from napari_squeakout.gui.recordings.panel import RecordingsPanel
from napari_squeakout.gui.review.first_calls import FirstCalls
from napari_squeakout.gui.review.panel import ReviewPanel
from napari_squeakout.gui.review.results_box import ResultsBox
from napari_squeakout.gui.review.time_on_page import Effort
from napari_squeakout.gui.review.undoing import Undoing
from napari_squeakout.gui.segment.panel import SegmentPanel
from napari_squeakout.gui.source.layer_names import LayerNames
from napari_squeakout.gui.source.registry import begin_registry, registry_in

from .acted_on import ActedOn
from .coordination import Coordination
from .head import Head
from .listening import listen
from .one_by_one import OneByOne
from .sections import Sections

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qtpy.QtGui import QShowEvent

    from napari_squeakout.core.detection.engine import Engine
    from napari_squeakout.core.settings import CleanSettings
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer
    from napari_squeakout.gui.source.state import SourceState

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
        self.viewer = napari_viewer
        self.setObjectName("squeakout_dock")
        bring_in_units()
        #: What is known of each source of the window; another dock may have begun it.
        self.sources = registry_in(napari_viewer) or begin_registry(napari_viewer)
        self.acted_on = ActedOn(self)
        self.head = Head(napari_viewer)
        self.hints = Hints()
        self.notes = message_label("dock_notes")
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
        self.name_box = NameBox()
        self.results_box = ResultsBox(napari_viewer, self.sources)
        self.fine_tune_panel = FineTunePanel()
        self.overview = WholeRecording(napari_viewer, self)
        self.calls = CallsUnderPicture(napari_viewer, self)
        self.listen_panel = ListenPanel(self.calls.chosen_times, self.tools_panel.picked)
        self.plots = PlotsUnderPicture(napari_viewer, self)
        self.recordings_panel = RecordingsPanel(self._how, self._held)
        self.picture = Picture(napari_viewer, self)
        self.picture_panel = PicturePanel(self.picture)
        self.undoing = Undoing(self.review_panel.reviewing, self)
        self._effort = Effort(self.review_panel.reviewing, self)
        self.first_calls = FirstCalls(self.review_panel.reviewing)
        self._soon = later(self, 0, self.refresh)
        self._let_go = later(self, 0, self._end)
        self._lay_out()
        others = (self.calls.box, self.plots.box, self.overview.strip)
        for top in (self, *others):
            describe(top)
        ink = QColor(*get_theme(napari_viewer.theme).text.as_rgb_tuple()[:3])
        self._readable = Readable(self, *others, ink=ink)
        self._focus = FocusMark(self, *others)
        self._keyboard = Keyboard(self, _REPEATABLE)
        self._layer_names = LayerNames(napari_viewer)
        self._status = UnitsInStatus(napari_viewer, self.sources.is_answered)
        self._connect()
        self._coordination = Coordination(self)
        self.one_by_one = OneByOne(self)
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

    @property
    def source(self) -> SourceLayers | None:
        """What the parts act on; None while there is nothing."""
        return self.acted_on.source

    @property
    def state(self) -> SourceState | None:
        """That of the source."""
        return self.acted_on.state

    def page(self) -> int:
        """The page in view; 0 while there is none."""
        return self.acted_on.page()

    def refresh(self) -> None:
        """Find out what to act on, and tell all parts."""
        self.acted_on.refresh()

    def refresh_soon(self, _event: Any = None) -> None:
        """Look anew at what to act on, once what goes on has ended."""
        self._soon.start()

    def is_refresh_due(self) -> bool:
        """Whether another source may just have been chosen."""
        return self._soon.isActive()

    def follow_page(self, _event: Any = None) -> None:
        """Tell all parts which page is in view."""
        self.acted_on.follow_page()

    def _how(self) -> tuple[Callable[[], Engine], CleanSettings]:
        """What makes the engine and how to clean, as the parts have them now."""
        return self.segment_panel.engine_maker(), self.clean_panel.form.value()

    def _held(self) -> list[Path]:
        """The sessions that are open here."""
        return [state.session.folder for state in self.sources if state.session is not None]

    def _show_list(self) -> None:
        """There is something on the list of recordings: unfold it."""
        self.list_section.show()
        self.list_section.expand(animate=False)
        self.parts.take_in_hand("recordings_section")

    def _on_list_told(self, text: str) -> None:
        """Why there is nothing on the list is read nowhere else."""
        self.acted_on.show_list()
        if text and not self.recordings_panel.table.rows:
            self._show_list()

    def _end(self) -> None:
        """Go, and end what runs: nobody could cancel it, and a new dock would work beside it."""
        if self.parent() is None:  # not put elsewhere meanwhile
            self.acted_on.end()
            self.tools_panel.end()
            self.overview.end()
            self.calls.end()
            self.listen_panel.end()
            self.plots.end()
            self.deleteLater()

    def _connect(self) -> None:
        listeners = (
            self.segment_panel,
            self.clean_panel,
            self.tools_panel,
            self.review_panel,
            self.session_box,
            self.fine_tune_panel,
            self.acted_on,
            self._status,
            self._layer_names,
            self.picture,
            self.calls,
        )
        listen(
            self,
            self.viewer,
            on_sources=self.refresh_soon,
            on_page=self.follow_page,
            listeners=listeners,
        )
        self.sources.dropped.connect(self.refresh_soon)
        NAMES.changed.connect(self._soon.start)
        self.open_panel.scale_stated.connect(self.refresh)
        for panel in (self.tools_panel, self.review_panel, self.listen_panel):
            panel.said.connect(partial(self.head.say, panel))
        self.review_panel.reviewing.changed.connect(self.acted_on.tell_hints)
        self.picture.fitted.said.connect(partial(self.head.say, self.picture))
        for bar in self.acted_on.bars:
            bar.told.connect(partial(self.head.say, bar))
        self.review_panel.bind_keys(self, self.clean_panel.form.value)
        self.tools_panel.bind_keys(self)
        self.recordings_panel.bind_keys(self)
        self.undoing.bind_keys(self)
        self.calls.bind_keys(self)
        self.picture_panel.bind_keys(self)
        self.listen_panel.bind_keys(self)
        self.open_panel.bind_keys(self)
        show_keys = partial(show_or_close_card, self, self.hints.show_again)
        bind_key(self, "?", show_keys, "Show this card")
        self.head.keys_asked.connect(show_keys)

    def _lay_out(self) -> None:
        parts = self.parts = Sections(self.notes)
        # Folded away until there is a list: most days begin with one recording.
        self.list_section = parts.add(
            "Recordings", "recordings_section", [self.recordings_panel], is_open=False
        )
        self.recordings_panel.filled.connect(self._show_list)
        self.recordings_panel.bar.told.connect(self._on_list_told)
        self.recordings_panel.bar.activity_changed.connect(lambda _: self.acted_on.show_list())
        opening = (self.open_panel, self.session_box, self.name_box)
        self.open_section = parts.add("1  Open", "open_section", opening)
        parts.add("2  Segment", "segment_section", [self.segment_panel])
        parts.add("3  Clean up", "clean_section", [self.clean_panel])
        parts.add("4  Correct", "tools_section", [self.tools_panel])
        parts.add("5  Review", "review_section", [self.review_panel])
        self.review_panel.add_beside_strip(self.plots.switch)
        self.review_panel.add_beside_strip(self.calls.switch)
        self.review_panel.add_beside_strip(self.overview.switch)
        parts.add("Results", "results_section", [self.results_box])
        parts.add("Listen", "listen_section", [self.listen_panel], is_open=False)
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
        outer.addWidget(self.head)
        outer.addWidget(self.hints)
        outer.addWidget(Column(parts))
        # napari 0.9.0 and 0.9.1 size a dock by its widget's policy.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
