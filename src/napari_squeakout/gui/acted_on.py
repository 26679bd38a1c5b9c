"""The source and the page that the parts of the dock act on: found out, and told to all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject

from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import PageState
from napari_squeakout.gui.guidance.hints import Moment
from napari_squeakout.gui.layers.layers import page_in_view, source_of
from napari_squeakout.gui.layers.sight import OneInSight, keep_in_range
from napari_squeakout.gui.qt.wording import sentences
from napari_squeakout.gui.source.calls_layer import keep_calls

from .head import why_nothing

if TYPE_CHECKING:
    from napari_squeakout.gui.layers.layer_kinds import ImageLayer
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.qt.job_bar import JobBar
    from napari_squeakout.gui.source.state import SourceState

    from .dock import SqueakOutDock

#: The parts in which the work goes on in a source that comes: alone, from the list, and with calls.
_OPENED = ("segment_section",)
_LISTED = ("recordings_section", "segment_section")
_SEGMENTED = ("review_section", "tools_section", "clean_section")


class ActedOn(QObject):
    """Follows the layer that is selected and the page in view.

    Parameters
    ----------
    dock : SqueakOutDock
        Has the parts.
    """

    def __init__(self, dock: SqueakOutDock) -> None:
        super().__init__(dock)
        self._dock = dock
        self._viewer = dock.viewer
        self.source: SourceLayers | None = None
        self._last_image: ImageLayer | None = None
        #: That of the source.
        self.state: SourceState | None = None
        self._sight = OneInSight(dock.viewer, self._on_hidden_or_shown)

    @property
    def bars(self) -> tuple[JobBar, ...]:
        """Those whose last sentence the head of the dock repeats."""
        dock = self._dock
        return dock.segment_panel.bar, dock.clean_panel.bar, dock.results_box.bar

    def end(self) -> None:
        """Show again what was hidden because another source is acted on."""
        self._sight.bring_back()

    def disconnect_viewer(self) -> None:
        """Stop listening."""
        self._sight.disconnect_viewer()

    def page(self) -> int:
        """The page in view; 0 while there is none."""
        if self.source is None or self.source.image not in self._viewer.layers:
            return 0
        return page_in_view(self._viewer, self.source.image)

    def refresh(self) -> None:
        """Find out what to act on, and tell all parts."""
        layer = self._viewer.layers.selection.active
        source = source_of(self._viewer, layer)
        why = "" if source is not None else why_nothing(layer)
        if source is None and layer is None and self.source is not None:
            source = source_of(self._viewer, self.source.image)
        if self.source is not None and (source is None or source.image != self.source.image):
            self._leave()
        state = None if source is None else self._dock.sources.take_in(source)
        if source is not None and state is not None:
            keep_calls(self._viewer, source, state)
            keep_in_range(self._viewer, source.image)
        if source is not None and self.source is not None and source.image != self.source.image:
            self._dock.head.forget(self.bars)
        self._take_in_hand(source)
        self.source, self.state = source, state
        self._tell_source(why)
        self._tell_notes()
        self.follow_page()
        self._dock.one_by_one.follow()
        self.show_list()

    def show_list(self) -> None:
        """Show the list where it is used: who works on one recording needs the room for it."""
        panel = self._dock.recordings_panel
        is_used = panel.table.rows or panel.folder or panel.bar.job.is_active or panel.bar.text
        self._dock.list_section.setVisible(self.source is None or bool(is_used))

    def follow_page(self) -> None:
        """Tell all parts which page is in view."""
        dock, source, state = self._dock, self.source, self.state
        if source is None or state is None or source.image not in self._viewer.layers:
            return
        is_chosen = not dock.is_refresh_due()  # another source may just have come
        if is_chosen:
            keep_in_range(self._viewer, source.image)
        page = self.page()
        dock.first_calls.look(page)
        if is_chosen:  # else it is the other's first page
            state.page = page
        dock.head.tell_page(source, page, state.stage(page))
        for part in (
            dock.open_panel,
            dock.segment_panel,
            dock.clean_panel,
            dock.review_panel,  # first looks at what was painted: the tools ask for its numbers
            dock.tools_panel,
            dock.picture,
            dock.calls,
            dock.listen_panel,
        ):
            part.set_page(page)
        if state.stage(page) is PageStage.SEGMENTED and not state.read_only:
            dock.clean_panel.redraw()  # what is in view never looks emptier than it is

    def _take_in_hand(self, source: SourceLayers | None) -> None:
        """Unfold what comes next, where another source was just opened."""
        if self._last_image is not None and self._last_image not in self._viewer.layers:
            self._last_image = None
        if source is not None and source.image != self._last_image:  # not one that is back again
            self._last_image = source.image
            self._dock.parts.take_in_hand(*self._next_parts(source))

    def go_on(self) -> None:
        """Take the parts in hand in which the work on the source goes on."""
        if self.source is not None:
            self._dock.parts.take_in_hand(*self._next_parts(self.source))

    def _next_parts(self, source: SourceLayers) -> tuple[str, ...]:
        """The parts in which the work goes on."""
        if source.calls is not None:
            return _SEGMENTED
        return _LISTED if self._dock.recordings_panel.table.rows else _OPENED

    def _tell_source(self, why: str) -> None:
        """Hand the source to all parts, or say why there is none."""
        dock, source, state = self._dock, self.source, self.state
        self._sight.show(source)
        dock.picture.set_source(source)
        dock.open_panel.set_source(source, state)
        dock.segment_panel.set_source(source, state, why)
        dock.overview.set_source(source, state)
        page = self.page()
        dock.clean_panel.set_source(source, state, page)
        dock.review_panel.set_source(source, state, page)
        dock.tools_panel.set_source(source, state, page)
        dock.calls.set_source(source, state, page)
        dock.listen_panel.set_source(source, page)
        dock.plots.set_source(source)
        dock.undoing.set_source(source)
        dock.session_box.set_source(source, state)
        dock.name_box.set_source(source, state, is_listed=dock.one_by_one.is_hidden_with_list())
        dock.results_box.set_source(source)
        dock.fine_tune_panel.set_source(source, state)
        dock.head.act_on(source, why)
        self.tell_hints()

    def tell_hints(self) -> None:
        """Which hint comes next: who has approved a page needs no word on thresholds."""
        self._dock.hints.follow(self._moment())

    def _moment(self) -> Moment:
        source, state = self.source, self.state
        if source is None or state is None:
            return Moment.NOTHING_OPEN
        if self._dock.session_box.is_offering:
            return Moment.OFFERED
        if source.calls is None:
            return Moment.NO_CALLS
        has_approved = state.review.count(PageState.APPROVED) > 0
        return Moment.APPROVED if has_approved else Moment.CALLS

    def _tell_notes(self) -> None:
        notes = () if self.source is None else self.source.stack.notes
        self._dock.notes.setText(sentences(notes))
        self._dock.notes.setVisible(bool(notes))

    def _leave(self) -> None:
        """Take everything that acts off a source first: whatever fails, it is out of sight."""
        for part in (self._dock.review_panel, self._dock.tools_panel, self._dock.clean_panel):
            part.set_source(None, None, 0)
        self._dock.calls.set_source(None, None, 0)
        self._dock.plots.set_source(None)
        self._dock.undoing.set_source(None)

    def _on_hidden_or_shown(self) -> None:
        self._dock.review_panel.refresh()
        self._dock.tools_panel.refresh()
        if self.source is not None and self.state is not None:
            page = self.page()
            self._dock.head.tell_page(self.source, page, self.state.stage(page))
