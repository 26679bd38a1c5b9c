"""A run that goes on, in the window: its answers are shown as they come, and told of at its end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from napari_squeakout.core.numerals import are, counted
from napari_squeakout.gui.layers.layers import show_probabilities
from napari_squeakout.gui.qt.wording import duration_text, sentence

if TYPE_CHECKING:
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer
    from napari_squeakout.gui.source.state import SourceState

    from .run import Answers, Run


class ShownRun:
    """Takes what comes of a run into the layers and the state of its source.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    source : SourceLayers
        Whose pages are asked about.
    state : SourceState
        Of that source.
    run : Run
        What is asked.
    """

    def __init__(self, viewer: Viewer, source: SourceLayers, state: SourceState, run: Run) -> None:
        self._viewer = viewer
        self._state = state
        self._layer = source.probabilities
        self.image = source.image
        self.run = run
        self.answers: Answers | None = None
        #: Whether an answer has been shown.
        self.is_begun = False
        self._began = time.monotonic()

    @property
    def is_there(self) -> bool:
        """Whether the window still has the source."""
        return self.image in self._viewer.layers and not self._state.is_closed

    @property
    def is_shown(self) -> bool:
        """Whether there is something to show for it."""
        answers = self.answers
        return answers is not None and bool(answers.done) and self._layer is not None

    def note(self, answers: Answers) -> None:
        """Take down what there is; it is shown from the first page on."""
        self.answers = answers

    def show(self, answers: Answers) -> None:
        """Show the pages that are done."""
        room, state = answers.room, self._state
        if not self.is_begun:
            self.is_begun = True
            if room.is_new:
                self._layer = None
        if room.session is not None and state.session is not room.session:
            state.attach(room.session)
        state.disagreement.update(answers.disagreement)
        if self._layer is None:
            state.note_model(self.run.model, answers.fingerprint)
            self._layer = show_probabilities(
                self._viewer, self.image, room.values, answers.fingerprint
            )
            state.stages = room.stages
        elif self._layer.visible:
            self._layer.refresh()

    def forget_layer(self, layer: Any) -> None:
        """A layer was removed; that of the answers comes back with the next page."""
        if layer == self._layer:
            self._layer = None

    def end(self) -> None:
        """Leave no session for which nothing has come."""
        begun = None if self.answers is None else self.answers.room.session
        if begun is not None and self._state.session is not begun:
            from napari_squeakout.io.sessions.sources import discard_session

            discard_session(begun)

    def success_text(self, answers: Answers) -> str:
        """Say what a finished run did."""
        pages, took = counted(self.run.n_pages, "page"), time.monotonic() - self._began
        notes = "".join(f" {sentence(note)}" for note in answers.notes)
        return (
            f"Segmented {pages} of {self.run.name} with {self.run.model} in "
            f"{duration_text(took)}.{notes}"
        )

    def cancelled_text(self) -> str:
        """Say what a cancelled run has come to."""
        name, answers = self.run.name, self.answers
        if not self.is_there:
            return f"{name} was removed from the window: segmenting it has ended."
        done = 0 if answers is None else answers.done
        is_anew = answers is not None and answers.room.before is not None
        rest = "the rest is not yet" if is_anew else "the rest is as it was"
        n_pages = counted(self.run.n_pages, "page")
        return f"Cancelled: {done} of {n_pages} of {name} {are(done)} segmented, {rest}."
