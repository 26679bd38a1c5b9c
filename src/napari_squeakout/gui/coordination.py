"""What the work of one part of the dock means for the others."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject

from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import PageState
from napari_squeakout.core.scoring.differences import middle_of
from napari_squeakout.gui.calls.edits.approving import again_text, approved_text, withdrawn_text
from napari_squeakout.gui.layers.layers import page_in_view, source_of
from napari_squeakout.gui.qt.jobs import State
from napari_squeakout.gui.source.classes import follow_classes

from .proposing_again import propose_again

if TYPE_CHECKING:
    from collections.abc import Collection

    from napari_squeakout.core.scoring.differences import Difference
    from napari_squeakout.core.settings import CleanSettings
    from napari_squeakout.gui.clean.jobs import Order
    from napari_squeakout.gui.source.state import SourceState

    from .dock import SqueakOutDock


class Coordination(QObject):
    """Hears of the parts' work, and hands on what comes of it; no part knows another.

    Parameters
    ----------
    dock : SqueakOutDock
        Has the parts, and what they act on.
    """

    def __init__(self, dock: SqueakOutDock) -> None:
        super().__init__(dock)
        self._dock = dock
        self._pages_shown = 0
        #: What was said of an edit whose pages are being looked at.
        self._said = ""
        self._is_offered = False
        #: The page that was heard last; None while nothing is.
        self._heard: int | None = None
        dock.segment_panel.pages_done.connect(self._on_pages_done)
        dock.segment_panel.asked.connect(dock.clean_panel.follow_model)
        dock.segment_panel.segmented.connect(self._on_segmented)
        dock.clean_panel.cleaned.connect(self._on_cleaned)
        for bar in (dock.session_box.bar, dock.segment_panel.bar, dock.clean_panel.bar):
            bar.activity_changed.connect(self._on_busy)
        dock.segment_panel.bar.job.state_changed.connect(self._on_segmenting)
        dock.review_panel.measured.connect(dock.first_calls.settle)
        dock.review_panel.measured.connect(dock.overview.mark_all)
        dock.review_panel.strip.pages_changed.connect(dock.overview.set_pages)
        dock.overview.chosen.connect(dock.review_panel.reviewing.go)
        dock.calls.chosen.connect(self._on_call_chosen)
        dock.review_panel.annotation.chosen.connect(self._on_difference)
        dock.calls.editing.changing.connect(dock.review_panel.reviewing.leave)
        dock.calls.editing.changed.connect(self._on_edited)
        dock.review_panel.reviewing.looked.connect(self._on_looked)
        dock.calls.class_watch.told.connect(self._say_of_classes)
        dock.listen_panel.heard.connect(self._on_heard)
        dock.plots.needed.connect(dock.calls.need)
        dock.plots.asked.connect(self._on_calls_told)
        dock.plots.chosen.connect(dock.calls.choice.choose_keys)
        dock.plots.gone_to.connect(dock.calls.choice.go_to)
        dock.calls.choice.told.connect(self._on_calls_told)
        dock.calls.choice.choice_changed.connect(self._on_choice_changed)
        dock.calls.approving.asked.connect(self._on_approve_asked)
        dock.undoing.stepping.connect(partial(dock.calls.saying.say, ""))
        dock.undoing.said.connect(dock.review_panel.say)
        dock.undoing.past.connect(dock.review_panel.unsay)
        dock.calls.saying.changed.connect(dock.undoing.look)
        dock.undoing.outdated.connect(dock.clean_panel.clean_anew)
        dock.session_box.resumed.connect(self._on_resumed)
        dock.session_box.offer_changed.connect(self._on_offer)
        dock.fine_tune_panel.propose_asked.connect(self._on_propose)
        dock.fine_tune_panel.models_changed.connect(self._on_models_changed)
        dock.fine_tune_panel.doubtful_asked.connect(self._on_doubtful_asked)

    def _on_pages_done(self, image: Any, first: int, stop: int) -> None:
        """New probabilities: the page in view gets its calls at once."""
        if self._dock.source is None or self._dock.source.image != image:
            return
        if self._dock.source.probabilities is None:
            # Adding a layer takes napari a while: the calls are added by the next event.
            self._dock.refresh_soon()
            return
        # Once more when the page after it is there: calls on its border depend on that.
        fresh = range(max(first, self._pages_shown - 1), stop)
        self._pages_shown = stop
        self._dock.review_panel.take_new_answers(first, stop)
        self._dock.follow_page()
        if page_in_view(self._dock.viewer, image) in fresh:
            self._dock.clean_panel.redraw()

    def _on_segmented(self, image: Any) -> None:
        self._pages_shown = 0
        # Now, not when a run begins: what moves under the mouse then is the second of two clicks.
        self._dock.open_section.tuck_away()
        self._dock.parts.take_in_hand("clean_section", "review_section", "tools_section")
        source = source_of(self._dock.viewer, image)
        if source is not None:
            self._dock.clean_panel.apply(source)

    def _on_call_chosen(self, page: int, number: int) -> None:
        """A row of the table of calls was gone to: its page, outlined, in the middle if zoomed."""
        dock, layer = self._dock, self._dock.calls.followed.layer
        dock.tools_panel.pick(number, page)
        dock.review_panel.reviewing.go(page)
        place = dock.calls.centre_of(page, number)
        if layer is not None and place is not None:
            dock.picture.fitted.centre(layer, place)

    def _on_heard(self, place: tuple[int, float] | None) -> None:
        """Show what is heard; who turns to another page meanwhile is not fetched back."""
        dock, before = self._dock, self._heard
        self._heard = None if place is None else place[0]
        if place is None:
            dock.picture.set_cursor(None)
            return
        page, column = place
        if page != before and before in {None, dock.page()}:
            dock.review_panel.reviewing.go(page)
        dock.picture.set_cursor(column if dock.page() == page else None)

    def _on_difference(self, difference: Difference) -> None:
        """A call that is noted and found otherwise was gone to: outlined where it was found."""
        if difference.number is not None:
            self._on_call_chosen(difference.page, difference.number)
            return
        dock, source = self._dock, self._dock.source
        dock.review_panel.reviewing.go(difference.page)
        dock.tools_panel.forget_pick()
        if source is not None:
            dock.picture.fitted.centre(source.image, middle_of(difference, source.stack.layout))

    def _on_calls_told(self) -> None:
        """Plots show what the table does, while somebody looks at them."""
        choice, plots = self._dock.calls.choice, self._dock.plots
        if plots.is_seen():
            plots.set_calls(
                choice.shown_calls(),
                choice.chosen_keys(),
                choice.words(),
                is_waiting=choice.is_waiting(),
            )

    def _on_choice_changed(self) -> None:
        choice, plots = self._dock.calls.choice, self._dock.plots
        if plots.is_seen():
            plots.set_chosen(choice.chosen_keys(), choice.words())

    def _on_approve_asked(self, pages: tuple[int, ...]) -> None:
        """Approve the pages of chosen calls, as a step of its own that undo withdraws."""
        dock, state = self._dock, self._dock.state
        reviewing = dock.review_panel.reviewing
        given = reviewing.approve_pages(pages)
        dock.calls.saying.say(reviewing.why_not or approved_text(pages, given))
        if (
            given
            and state is not None
            and dock.source is not None
            and dock.source.calls is not None
        ):
            state.steps.add(
                dock.source.calls,
                undo=lambda: withdrawn_text(reviewing.withdraw_pages(given)),
                redo=lambda: again_text(reviewing.approve_again(given)),
            )

    def _on_edited(self, pages: Collection[int]) -> None:
        """What becomes of classes by hand is said beside what was done to the calls."""
        self._said = self._dock.calls.saying.text
        self._dock.review_panel.reviewing.look(pages)
        self._said = ""

    def _on_looked(self, pages: Collection[int]) -> None:
        told = self._dock.calls.class_watch.look(pages)
        if told:
            self._say_of_classes(f"{self._said} {told}".strip())

    def _say_of_classes(self, told: str) -> None:
        """Beside the table, and where there is none, in the review."""
        if self._dock.calls.table.isVisible():
            self._dock.calls.saying.say(told)
        else:
            self._dock.review_panel.say(told)

    def _on_cleaned(self, orders: list[Order]) -> None:
        for order in orders:
            state = self._dock.sources.take_in(order.source)
            state.note("clean", order.settings.model_dump())
            source = source_of(self._dock.viewer, order.source.image)
            told = "" if source is None else follow_classes(source, state)
            if told:
                self._say_of_classes(told)
            self._dock.first_calls.cleaned(order.source.image)
        self._dock.tools_panel.forget_pick()
        self._dock.review_panel.measure()

    def _on_offer(self) -> None:
        """Earlier work is offered in part 1, which may be folded away: all waits for an answer."""
        self._on_busy()
        was_offered, self._is_offered = self._is_offered, self._dock.session_box.is_offering
        if self._is_offered:
            self._dock.open_section.expand(animate=False)
            self._dock.parts.take_in_hand("open_section")
        elif was_offered:
            self._dock.acted_on.go_on()
        self._dock.acted_on.tell_hints()

    def _on_busy(self, _is_active: bool = False) -> None:
        """Two beginnings at once would keep one source in two places; so would an unasked second.

        Segmenting while earlier work is offered would begin another session, and hide the first.
        """
        opening, segmenting = self._dock.session_box.bar.job, self._dock.segment_panel.bar.job
        self._dock.session_box.hinder("Wait until it is segmented." if segmenting.is_active else "")
        why = (
            "Wait until the session is open."
            if opening.is_active
            else self._dock.session_box.pending
        )
        self._dock.segment_panel.hinder(why)
        cleaning = self._dock.clean_panel.bar.job
        calls_come = "Wait until all pages have their calls."
        is_coming = segmenting.is_active or cleaning.is_active
        self._dock.results_box.hinder(calls_come if is_coming else "")
        self._dock.calls.followed.hinder(calls_come if is_coming else "")
        if segmenting.is_active:
            self._dock.clean_panel.make_way()

    def _on_segmenting(self, state: State) -> None:
        if state is State.RUNNING:
            self._dock.calls.followed.forget()
            self._dock.first_calls.begin(self._dock.source, self._dock.page())

    def _on_resumed(self, settings: CleanSettings) -> None:
        self._dock.clean_panel.show_settings(settings)
        self._dock.refresh()
        self._dock.acted_on.go_on()
        state = self._dock.state
        self._go_where_one_left(state)
        stages = None if state is None or state.read_only else state.stages
        if stages is not None and (stages == PageStage.SEGMENTED).any():
            # It was closed, or killed, between the network's answers and their calls.
            self._dock.clean_panel.apply(self._dock.source)
            return
        told = self._dock.calls.class_watch.look()
        if told:
            self._dock.review_panel.say(told)

    def _go_where_one_left(self, state: SourceState | None) -> None:
        """Show the page that was in view when a session was last written."""
        session = None if state is None else state.session
        page = None if session is None else session.record.page
        if session is not None and page is not None and page < session.record.n_pages:
            self._dock.review_panel.reviewing.go(page)

    def _on_propose(self, model: str, threshold: float) -> None:
        state = self._dock.state
        if state is None:
            return
        if self._dock.segment_panel.bar.job.is_active:
            self._dock.fine_tune_panel.bar.say(
                "Segmenting is at work: propose again when it has ended."
            )
            return
        unreviewed = state.review.count(PageState.UNREVIEWED)
        if not unreviewed:
            self._dock.fine_tune_panel.bar.say(
                "All pages are corrected or approved: none is left to propose."
            )
            return
        propose_again(
            state,
            model=model,
            threshold=threshold,
            segment_panel=self._dock.segment_panel,
            clean_panel=self._dock.clean_panel,
        )

    def _on_doubtful_asked(self) -> None:
        """Show pages that teach more: of the whole list, or of what is open where there is none."""
        gather = self._dock.recordings_panel.buttons.gather
        if gather.isEnabled():
            self._dock.parts.take_in_hand("recordings_section", "review_section")
            gather.click()
        else:
            self._dock.parts.take_in_hand("review_section", "tools_section")
            self._dock.review_panel.go_to_doubtful()

    def _on_models_changed(self, name: str) -> None:
        self._dock.segment_panel.models.look(choose=name)
