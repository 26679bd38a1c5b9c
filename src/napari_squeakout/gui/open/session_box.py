"""Where a source's work is kept: going on with an earlier session, saving it elsewhere."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_squeakout.gui.layers.roles import SourceLayers
from napari_squeakout.gui.names.shown import shown_name
from napari_squeakout.gui.qt.callbacks import later
from napari_squeakout.gui.qt.jobs import State
from napari_squeakout.gui.source.hiding import hide_as_kept
from napari_squeakout.gui.source.session_dialogs import (
    ask_for_copy,
    ask_for_files,
    ask_for_session,
)
from napari_squeakout.gui.source.session_jobs import copying, looking, opening_session

from .offers import Offers
from .resuming import image_of_session, show_again
from .session_controls import SessionControls
from .session_words import offer_text, session_name, where_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_squeakout.core.review.proposals import Proposals
    from napari_squeakout.core.stacks import SpectrogramStack
    from napari_squeakout.gui.layers.viewer import Viewer
    from napari_squeakout.gui.source.registry import SourceRegistry
    from napari_squeakout.gui.source.state import SourceState
    from napari_squeakout.io.sessions.session import Session
    from napari_squeakout.io.sessions.sources import Earlier

_BUSY = "Not begun, for something else is at work here: wait until it has ended and try again."


class SessionBox(QWidget):
    """Offers the earlier session of a source, and tells where the work is kept.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    sources : SourceRegistry
        The states of its sources.
    """

    #: A source has another session: its settings, as kept.
    resumed = Signal(object)
    #: One that was to be opened was not; the line says why.
    not_opened = Signal()
    #: Earlier work is offered, or that has been answered.
    offer_changed = Signal()

    def __init__(
        self, viewer: Viewer, sources: SourceRegistry, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._sources = sources
        self._source: SourceLayers | None = None
        self._state: SourceState | None = None
        self._offers = Offers()
        self._was_pending = ""
        #: For whom earlier work is looked for just now.
        self._looked_for: Any = None
        self._controls = SessionControls(self.open)
        self.bar = self._controls.bar
        self._missing: Path | None = None
        self._look_soon = later(self, 0, self._look)
        self._connect()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._controls)
        self._hindrance = ""
        viewer.layers.events.removed.connect(self._on_removed)
        sources.dropped.connect(self._on_dropped)
        self.set_source(None, None)

    def set_source(self, source: SourceLayers | None, state: SourceState | None) -> None:
        """Follow the dock's source."""
        self._source, self._state = source, state
        self._show()
        self._tell_pending()
        if source is not None and not self._offers.is_looked_for(source.image):
            self._look_soon.start()

    def hinder(self, why: str) -> None:
        """Open nothing for as long as there is a reason not to."""
        self._hindrance = why
        self._show()

    @property
    def pending(self) -> str:
        """Why nothing may be begun: earlier work is offered or may be, and nobody has answered."""
        return self._offers.pending(self._source, self._state)

    @property
    def is_offering(self) -> bool:
        """Whether earlier work on the source is offered, and nobody has answered."""
        return self._offered() is not None

    def disconnect_viewer(self) -> None:
        """Stop listening to the window."""
        self._viewer.layers.events.removed.disconnect(self._on_removed)

    @property
    def is_opening(self) -> bool:
        """Whether a session is being opened, or copied."""
        return self.bar.job.is_active and self._looked_for is None

    def open(self, folder: Path, near: tuple[Path, ...] = ()) -> bool:
        """Open a session with the files it was kept of, beside the window.

        Returns
        -------
        bool
            Whether that has begun, or it is open already; else the line says why not.
        """
        if self._hindrance:
            self.bar.say(self._hindrance)
            return False
        shown = image_of_session(self._sources, folder)
        if shown is not None:
            self._viewer.layers.selection.active = shown
            self.bar.say(f"{session_name(folder)} is open already, in {shown.name}.")
            return True

        def begin() -> None:
            self._missing = folder
            steps = opening_session(folder, None, near)
            self.bar.start(steps, done=self._resume, ended=self._ended)

        return self._instead_of_looking(begin)

    def _instead_of_looking(self, begin: Callable[[], object]) -> bool:
        """Begin at once, or after a look that is given up; say so where other work goes on."""
        job = self.bar.job
        if self.is_opening:
            self.bar.say(_BUSY)
            return False
        if job.is_active:  # it is looked for again afterwards
            self._offers.look_again(self._looked_for)
        job.restart(begin)
        return True

    def _look(self) -> None:
        """Find out beside the window whether this source was worked on before."""
        source, state = self._source, self._state
        if source is None or state is None or self.bar.job.is_active:
            return
        if self._offers.is_looked_for(source.image):
            return
        self._offers.note_look(source.image)
        if source.stack.origin is not None and state.session is None:
            self._looked_for = source.image
            # Not through the bar, which would wipe off what went wrong just before.
            self.bar.job.start(looking(source.stack), done=partial(self._found, source))
        self._tell_pending()

    def _on_activity(self, is_active: bool) -> None:
        """Look for what could not be looked for while something else was at work."""
        if not is_active:
            self._looked_for = None
            self._look_soon.start()
        self._show()

    def _tell_pending(self) -> None:
        if self.pending != self._was_pending:
            self._was_pending = self.pending
            self.offer_changed.emit()

    def _found(self, source: SourceLayers, earlier: list[Earlier]) -> None:
        for one in earlier:
            hide_as_kept(one.folder, source.stack)
        self._offers.offer(source.image, earlier)
        self._show()

    def _offered(self) -> Earlier | None:
        """The earlier session of the source, unless it has one meanwhile."""
        return self._offers.made_to(self._source, self._state)

    def _on_continue(self) -> None:
        source, earlier = self._source, self._offered()
        if source is None or earlier is None:
            return
        stack = source.stack if earlier.fits else None
        image = source.image if earlier.fits else None
        done = partial(self._resume, image=image, offered_to=source.image)

        def begin() -> None:
            self._missing = earlier.folder
            self.bar.start(opening_session(earlier.folder, stack), done=done, ended=self._ended)

        self._instead_of_looking(begin)

    def _on_anew(self) -> None:
        """The offer has been answered."""
        self._offers.answer(None if self._source is None else self._source.image)
        self._show()

    def _resume(
        self,
        opened: tuple[Session, SpectrogramStack, Proposals],
        image: Any = None,
        offered_to: Any = None,
    ) -> None:
        session = opened[0]
        # Answered now that it is open; where it cannot be opened the offer stays.
        self._offers.answer(offered_to)
        known = self._sources.state_of_image(image)
        if known is not None and known.session is not None:
            session.close()
            return
        image, settings = show_again(self._viewer, self._sources, opened=opened, image=image)
        self._offers.note_look(image)
        self._missing = None
        if session.read_only:
            self.bar.say(f"This session {session.read_only}: it can be looked at only.")
        self.resumed.emit(settings)
        self._show()

    def _ended(self, state: Any, _last: Any) -> None:
        if state is not State.FAILED:
            self._missing = None
        if state is not State.DONE:
            self.not_opened.emit()
        self._show()

    def _on_find(self) -> None:
        """Open the session that just failed, with its files elsewhere."""
        folder = ask_for_files(self)
        if folder is not None and self._missing is not None:
            self.open(self._missing, (folder,))

    def _on_save_as(self) -> None:
        state = self._state
        session = None if state is None else state.session
        if self._source is None or state is None or session is None:
            return
        folder = ask_for_copy(self, shown_name(self._source.stack))
        if folder is None:
            return
        state.save()
        said = f"Saved to {folder}. Work goes on in the first one."

        def begin() -> None:
            self.bar.start(copying(session, folder), done=lambda _: self.bar.say(said))

        self._instead_of_looking(begin)

    def _on_open(self) -> None:
        folder = ask_for_session(self)
        if folder is not None:
            self.open(folder)

    def _on_removed(self, event: Any) -> None:
        """Forget what was asked of a source that leaves the window."""
        self._offers.forget(event.value)

    def _on_dropped(self, state: SourceState) -> None:
        """Also of one whose image shows another source now."""
        self._offers.forget(state.image)

    def _show(self) -> None:
        source, state, offered = self._source, self._state, self._offered()
        others = () if offered is None else self._offers.others_than(offered)
        controls = self._controls
        controls.show_offer("" if offered is None else offer_text(offered, others))
        self._tell_pending()
        session = None if state is None else state.session
        controls.where.setText(where_text(source, state))
        controls.where.setToolTip("" if session is None else str(session.folder))
        controls.where.setVisible(source is not None)
        is_free = not self.is_opening
        controls.find_files.setVisible(self._missing is not None and is_free)
        controls.allow(
            opening=not self._hindrance and is_free, saving=session is not None and is_free
        )

    def _connect(self) -> None:
        controls = self._controls
        controls.continue_.clicked.connect(self._on_continue)
        controls.anew.clicked.connect(self._on_anew)
        controls.save_as.clicked.connect(self._on_save_as)
        controls.open.clicked.connect(self._on_open)
        controls.find_files.clicked.connect(self._on_find)
        self.bar.activity_changed.connect(self._on_activity)
