"""Review: what the network proposes becomes truth, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_squeakout.core.numerals import counted
from napari_squeakout.core.review.navigation import EXTRA, MISSED
from napari_squeakout.core.review.review import PageState
from napari_squeakout.core.scoring.comparison import Outcome
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.gui.qt.buttons import named
from napari_squeakout.gui.qt.callbacks import later
from napari_squeakout.gui.qt.job_bar import message_label
from napari_squeakout.gui.qt.jobs import Job
from napari_squeakout.gui.qt.keyboard import bind_key
from napari_squeakout.gui.qt.section import Section
from napari_squeakout.gui.source.session_jobs import looking_over

from .accuracy import ProposalsRight
from .annotation.panel import EarlierAnnotation
from .empty_pages import EmptyPages
from .page_strip import PageStrip
from .page_ways import PageWays, key_button
from .review_state import Reviewing
from .state_line import StateLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_squeakout.core.review.uncertainty import PageMeasures
    from napari_squeakout.core.scoring.differences import Differences
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer
    from napari_squeakout.gui.source.state import SourceState

# Object name, words, key, explanation.
_APPROVE = (
    "review_approve", "Approve and next", "A",
    "The calls on this page are right as they are now; go on to the next page",
)  # fmt: skip
_REJECT = (
    "review_reject", "Empty and next", "R",
    "No call is on this page: clear it, approve it as empty, go on. Ctrl+Z brings the calls back",
)  # fmt: skip
_WITHDRAW = ("review_withdraw", "Withdraw", "U", "This page is not approved after all")
_CERTAIN = 255


class ReviewPanel(QWidget):
    """Approves pages and goes through them.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    """

    #: It is known which pages hold calls, and which are in doubt.
    measured = Signal()
    #: Something a person should read.
    said = Signal(str)

    def __init__(self, viewer: Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.reviewing = Reviewing(viewer, self)
        self._measuring = Job(self)
        self._settings: Callable[[], CleanSettings] = CleanSettings
        self._keys: list[tuple[str, QPushButton]] = []
        self._state = StateLine("review_state")
        self._progress = named(QLabel(), "review_progress")
        self.strip = PageStrip("review_strip")
        self._approve = self._key_button(*_APPROVE)
        self._reject = self._key_button(*_REJECT)
        self._withdraw = self._key_button(*_WITHDRAW)
        self._ways = PageWays(self.reviewing)
        self._note = named(QLineEdit(), "review_note")
        self._note.setPlaceholderText("Note on this page")
        self._note.setAccessibleName("Note on this page")
        self._message = message_label("review_message")
        self._right = ProposalsRight(self.reviewing)
        self.annotation = EarlierAnnotation(viewer)
        self.annotation.compared.connect(self._on_compared)
        self._many = EmptyPages(self.reviewing)
        self._refresh_soon = later(self, 0, self.refresh)
        self._connect()
        self._lay_out()
        self.refresh()

    def bind_keys(self, dock: QWidget, settings: Callable[[], CleanSettings]) -> None:
        """Take keys while the dock is shown, and the settings that doubt is measured with."""
        self._settings = settings
        for key, button in (*self._keys, *self._ways.keys.items()):
            bind_key(dock, key, button.click, button.toolTip())
        self.annotation.bind_keys(dock)

    def add_beside_strip(self, widget: QWidget) -> None:
        """Put something of another part below the strip of pages."""
        layout = self.layout()
        if isinstance(layout, QVBoxLayout):
            layout.insertWidget(layout.indexOf(self.strip) + 1, widget)
            self.setTabOrder(self.strip, widget)  # keys go on as the eye does

    def set_source(
        self, source: SourceLayers | None, state: SourceState | None, page: int = 0
    ) -> None:
        """Follow a page of the dock's source."""
        before = self.reviewing.source_state
        self.reviewing.set_source(source, state, page)
        self.annotation.set_source(source)
        if state is not before:
            self._many.forget()
            self.say("")
        if self.reviewing.measures is None:
            self.measure()
        self.refresh()

    def go_to_doubtful(self) -> None:
        """Go through the pages by doubt, and show the most doubtful."""
        self._ways.go_to_doubtful()

    def set_page(self, page: int) -> None:
        """Follow the page in view."""
        self.reviewing.set_page(page)
        self.annotation.set_page(page)

    def disconnect_viewer(self) -> None:
        """Stop listening to layers."""
        self.reviewing.disconnect_layer()
        # The session's own timer ends with the window.
        if self.reviewing.source_state is not None:
            self.reviewing.source_state.save()

    def measure(self) -> None:
        """Find out beside the window which pages are in doubt and which are empty."""
        self.annotation.suspect(None)
        source = self.reviewing.source
        if source is None or source.probabilities is None or source.calls is None:
            return
        values, labels = source.probabilities.data, source.calls.data
        state, settings = self.reviewing.source_state, self._settings()

        def take(found: tuple[PageMeasures, tuple[int, ...]]) -> None:
            # What was read before the calls came may arrive after them.
            if self.reviewing.source_state is state and not self._measuring.begins_anew:
                measures, changed = found
                self.reviewing.take_measures(measures)
                self.reviewing.check(changed)
                self.refresh()
                self.measured.emit()

        def begin() -> None:
            # As they are now: the thread asks nothing of the window.
            review = None if state is None else state.review
            two = None if state is None else dict(state.disagreement)
            steps = looking_over(values, labels, settings, review=review, disagreement=two)
            self._measuring.start(steps, done=take)

        self._measuring.restart(begin)

    def take_new_answers(self, first: int, stop: int) -> None:
        """Pages have new probabilities: until they are measured, they may hold anything."""
        measures = self.reviewing.measures
        if measures is not None:
            measures.highest[first:stop] = _CERTAIN
        self._refresh_soon.start()

    def say(self, text: str) -> None:
        """Put a sentence on the line."""
        self._message.setText(text)
        self._message.setVisible(bool(text))
        self.said.emit(text)

    def unsay(self, text: str) -> None:
        """Say it no more, unless something else is said meanwhile."""
        if self._message.text() == text:
            self.say("")

    def refresh(self) -> None:
        """Show how far the pages have come."""
        reviewing, review = self.reviewing, self.reviewing.review
        why, state = reviewing.why_not, reviewing.state
        is_unknown = state is not PageState.APPROVED and reviewing.page in reviewing.unsegmented
        words = state.value.capitalize()
        if is_unknown:
            words = "Not segmented" if state is PageState.UNREVIEWED else f"{words}, not segmented"
        self._state.show_state(state, words)
        n_approved = 0 if review is None else review.count(PageState.APPROVED)
        n_pages = 0 if review is None else review.n_pages
        self._progress.setText(f"{n_approved} of {counted(n_pages, 'page')} approved")
        occupied = None if reviewing.measures is None else reviewing.measures.occupied
        states = [] if review is None else review.states()
        self.strip.set_pages(states, occupied, reviewing.page, reviewing.unsegmented)
        for widget in (self._state, self._progress, self.strip):
            widget.setVisible(reviewing.source is not None)
        for button in (self._approve, self._reject):
            button.setEnabled(not why)
        self._withdraw.setEnabled(not why and state is PageState.APPROVED)
        self._ways.refresh()
        self._many.refresh()
        self._note.setEnabled(not why)
        if not self._note.hasFocus() or not self._note.isModified():
            self._note.setText("" if review is None else review[reviewing.page].note)
        self._why.setText(why)
        self._why.setVisible(bool(why))
        self._right.refresh()

    def _on_approve(self) -> None:
        if self.reviewing.approve():
            self._ways.go_on()

    def _on_reject(self) -> None:
        if self.reviewing.reject():
            self._ways.go_on()

    def _keep_note(self) -> None:
        """Words belong to the page on which they were written."""
        if self._note.isModified():
            self._note.setModified(False)
            self.reviewing.note(self._note.text())

    def _on_compared(self, found: Differences | None) -> None:
        ways = {MISSED: Outcome.MISSED, EXTRA: Outcome.EXTRA}
        review = self.reviewing.review
        self.reviewing.differing = (
            {}
            if found is None or review is None
            else {way: found.on_pages(outcome, review.n_pages) for way, outcome in ways.items()}
        )

    def _connect(self) -> None:
        self.reviewing.changed.connect(self._refresh_soon.start)
        self.reviewing.said.connect(self.say)
        self.reviewing.looked.connect(self.annotation.suspect)
        self.strip.chosen.connect(self.reviewing.go)
        self._ways.said.connect(self.say)
        self._approve.clicked.connect(self._on_approve)
        self._reject.clicked.connect(self._on_reject)
        self._withdraw.clicked.connect(self.reviewing.withdraw)
        self._note.editingFinished.connect(self._keep_note)
        self.reviewing.leaving.connect(self._keep_note)
        self._note.returnPressed.connect(self._note.clearFocus)
        self._many.said.connect(self.say)

    def _key_button(self, name: str, words: str, key: str, tooltip: str) -> QPushButton:
        button = key_button(name, words, key, tooltip)
        self._keys.append((key, button))
        return button

    def _lay_out(self) -> None:
        self._why = message_label("review_why")
        top, buttons = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self._state)
        top.addStretch(1)
        top.addWidget(self._progress)
        buttons.addWidget(self._reject, stretch=1)
        buttons.addWidget(self._withdraw, stretch=1)
        self._note.setToolTip("A note on this page, saved in the session")
        self.strip.setToolTip("All pages: click one to go there")
        many = Section("Many pages at once", "review_many", open_=False)
        many.addWidget(self._many)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.strip)
        layout.addWidget(self._approve)
        layout.addLayout(buttons)
        layout.addWidget(self._ways)
        earlier = Section("Earlier annotation", "review_annotation", open_=False)
        earlier.addWidget(self.annotation)
        for widget in (self._note, self._why, self._message, self._right.line, many, earlier):
            layout.addWidget(widget)
