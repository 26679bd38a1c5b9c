"""The state of a source: which pages a person has looked at, and the session on disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer, Signal

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.measures.by_hand.following import FollowedClasses
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.proposals import count_all_calls
from napari_squeakout.core.review.review import Review, with_blind
from napari_squeakout.gui.layers.roles import GuiError, role_of
from napari_squeakout.gui.names.shown import NAMES, code_shown
from napari_squeakout.gui.qt.callbacks import later
from napari_squeakout.io.sessions.recent import note_session
from napari_squeakout.io.sessions.record import Hiding, MadeBy, ProposedAgain, code_in, with_code

from .steps_apart import StepsApart

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_squeakout.core.measures.by_hand.classes import ClassesByHand
    from napari_squeakout.gui.layers.layer_kinds import ImageLayer
    from napari_squeakout.io.sessions.session import Session

# Approving page after page is written once; seconds spent are written now and then.
_SAVE_AFTER_MS, _SAVE_SECONDS_AFTER_MS = 800, 10_000
# napari remembers as many.
_UNDO_STEPS = 100
#: Pages whose calls are counted while the window waits, at some 0.5 ms each.
_COUNTED_AT_ONCE = 500


class SourceState(QObject):
    """The review of a source, and its session where there is one.

    What is painted is in the session's files at once; all else within a second. It is made and
    closed by the window's `SourceRegistry`.

    Parameters
    ----------
    n_pages : int
        Of the source.
    image : napari.layers.Image
        That shows the source.
    """

    #: Another review, or a session.
    changed = Signal()
    #: Other calls have a class by hand.
    classes_changed = Signal()
    #: It could not be written: why.
    refused = Signal(str)

    def __init__(self, n_pages: int, image: ImageLayer) -> None:
        super().__init__()
        #: Of copies that show the same data another one, when this one leaves the window.
        self.image = image
        #: What it showed; given other data it is another source.
        self.data: Any = image.data
        #: Whether the source has left the window.
        self.is_closed = False
        self.session: Session | None = None
        self._review = Review(n_pages)
        self._classes = FollowedClasses()
        self._settings: dict[str, dict[str, Any]] = {}
        self._model: MadeBy | None = None
        self._proposed_again: ProposedAgain | None = None
        #: Page -> how much the model asked before would have changed its calls.
        self.disagreement: dict[int, float] = {}
        #: (n_pages,) `PageStage` of each, as the probabilities shown; None where nobody knows.
        self.stages: NDArray[Any] | None = None
        #: The page in view; written with whatever else is, for looking alone changes nothing.
        self.page: int | None = None
        #: Why the last change could not be written; empty where it could.
        self.trouble = ""
        #: Pages that undo may reach, the last painted last.
        self.painted: deque[int] = deque(maxlen=_UNDO_STEPS)
        #: What was done to calls beside their labels, between strokes.
        self.steps = StepsApart()
        #: Whether calls may be others than were counted when the session was written last.
        self._is_count_outdated = False
        #: When the name of the source was hidden; empty where it never was.
        self._hidings: tuple[Hiding, ...] = ()
        self._save_soon = later(self, _SAVE_AFTER_MS, self.save)
        self._save_later = later(self, _SAVE_SECONDS_AFTER_MS, self.save)
        NAMES.changed.connect(self._follow_names)
        self._follow_names()

    @property
    def review(self) -> Review:
        """Which pages a person has looked at."""
        return self._review

    def stage(self, page: int) -> PageStage:
        """How much is known of a page; all, where nobody took it down."""
        return PageStage.CLEANED if self.stages is None else PageStage(int(self.stages[page]))

    def stage_that_lacks(self, wanted: PageStage) -> frozenset[int]:
        """Pages that have not come as far as that."""
        if self.stages is None:
            return frozenset()
        return frozenset((self.stages < wanted).nonzero()[0].tolist())

    @property
    def read_only(self) -> str:
        """Why nothing may be changed; empty where it may."""
        return "" if self.session is None else self.session.read_only

    @property
    def classes(self) -> FollowedClasses:
        """The classes that a person gave to calls."""
        return self._classes

    def set_classes(self, classes: FollowedClasses) -> None:
        """Take others; they are written at once, for nothing else tells what a person said."""
        if classes is not self._classes:
            self._classes = classes
            self._save_classes()
            self.classes_changed.emit()

    @property
    def code(self) -> str:
        """What stands for the source's name; empty where that is shown."""
        return code_in(self._hidings)

    def set_review(self, review: Review) -> None:
        """Take another review; it is written soon."""
        if review is not self._review:
            self._review = with_blind(review, self._review, is_blind=bool(self.code))
            _begin(self._save_soon)
            self.changed.emit()

    def spend(self, review: Review) -> None:
        """Take a review in which only seconds have changed: nothing to show, no hurry to write."""
        self._review = review
        _begin(self._save_later)

    def attach(self, session: Session) -> None:
        """Take a session; what it knows of pages comes first, then what was known here.

        Raises
        ------
        GuiError
            If there is one already: what is painted goes there; or if the source is gone.
        """
        if self.is_closed:
            msg = f"{session.folder.name}: its source has left the window: open the session again"
            raise GuiError(msg)
        if self.session is not None:
            msg = f"{session.folder.name}: this is kept in {self.session.folder.name} already"
            raise GuiError(msg)
        known = session.record.review
        self._review = Review(known.n_pages, {**self._review.pages, **known.pages})
        self.session, self.stages = session, session.stages
        self._settings = {**session.record.settings, **self._settings}
        self._model = self._model or session.record.model
        self._proposed_again = self._proposed_again or session.record.proposed_again
        # Those that were given before there was a session are written with the next look at calls.
        self._classes = self._classes.changed(added=session.classes)
        kept = session.record.hidings or self._hidings
        self._hidings = with_code(kept, self.code or session.record.code)
        note_session(session.folder)
        _begin(self._save_soon)
        self.changed.emit()

    def note_painted(self, page: int) -> None:
        """Take down that undo may reach a page; each stands there once, the last painted last."""
        if page in self.painted:
            self.painted.remove(page)
        self.painted.append(page)
        self.note_calls_change()

    def note_calls_change(self) -> None:
        """Take down that calls are being changed: how many there are is known no more."""
        if not self._is_count_outdated:
            self._is_count_outdated = True
            _begin(self._save_soon)

    def note(self, what: str, values: dict[str, Any]) -> None:
        """Keep the values of a settings class."""
        if self._settings.get(what) != values:
            self._settings[what] = values
            _begin(self._save_soon)

    def noted(self, what: str) -> dict[str, Any]:
        """What was kept under that name."""
        return self._settings.get(what, {})

    def note_model(self, name: str, fingerprint: str) -> None:
        """Keep what made the probabilities."""
        self._model = MadeBy(name=name, fingerprint=fingerprint)
        _begin(self._save_soon)

    def note_proposed_again(self, model: str, pages_before: Iterable[int]) -> None:
        """Keep which model proposed anew, and what had been worked on before."""
        self._proposed_again = ProposedAgain(model=model, pages_before=tuple(pages_before))
        _begin(self._save_soon)

    @property
    def proposed_again(self) -> ProposedAgain | None:
        """The model that proposed anew; None where none has."""
        return self._proposed_again

    @property
    def model_name(self) -> str:
        """Of the model that made the probabilities; empty where nobody knows."""
        return "" if self._model is None else self._model.name

    def settle(self) -> None:
        """Write what is still to be written, so that others can read it."""
        if self._save_soon.isActive() or self._save_later.isActive():
            self._save_soon.stop()
            self._save_later.stop()
            self.save()

    def save(self) -> None:
        """Write the session now, if there is one that may be written."""
        if self.session is None or self.session.read_only:
            return
        record = self.session.record.with_review(self._review)
        changes: dict[str, Any] = {
            "settings": self._settings,
            "model": self._model,
            "proposed_again": self._proposed_again,
            "n_calls": self._count(),
            "hidings": self._hidings,
        }
        if self.page is not None:
            changes["page"] = self.page
        try:
            self.session.save(record.model_copy(update=changes))
        except (SqueakOutError, OSError) as error:
            self._refuse(error)
            return
        if self._save_classes() and self.trouble:
            self.trouble = ""
            self.changed.emit()

    def _save_classes(self) -> bool:
        """Write the classes by hand, if they are others than were written last; whether all are."""
        if self.session is None or self.session.read_only:
            return True
        kept = self._classes.kept
        is_unknown = any(one.is_new for one in self._classes.all)  # which of them have their call
        if is_unknown or self._said(kept) == self._said(self.session.classes):
            return True
        try:
            self.session.save_classes(kept)
        except (SqueakOutError, OSError) as error:
            self._refuse(error)
            return False
        return True

    def _said(self, classes: ClassesByHand) -> list[tuple[int, str, str]]:
        """What tells classes apart; how calls were seen last is written when the source goes."""
        return [(id(one.patch), one.name, one.seen if self.is_closed else "") for one in classes]

    def _refuse(self, error: Exception) -> None:
        self.trouble = f"Not saved: {error}"
        self.refused.emit(self.trouble)

    def _follow_names(self) -> None:
        """Take down when the name of the source is hidden or shown; at once, for it is promised."""
        role = None if self.is_closed else role_of(self.image)
        if role is not None:
            hidings = with_code(self._hidings, code_shown(role.stack))
            if hidings != self._hidings:
                self._hidings = hidings
                self.save()
                self.changed.emit()

    def _count(self) -> int | None:
        """How many calls there are; None while they change, and where none could wait for it."""
        assert self.session is not None  # noqa: S101 - only asked where there is one
        labels, known = self.session.labels, self.session.record.n_calls
        if known is not None and not self._is_count_outdated:
            return known
        is_short = len(labels) <= _COUNTED_AT_ONCE
        return count_all_calls(labels) if self.is_closed and is_short else None

    def close(self) -> None:
        """Write it and let another window have it: its source has left this one."""
        self._save_soon.stop()
        self._save_later.stop()
        self.is_closed = True
        self.save()
        if self.session is not None:
            self.session.close()


def _begin(timer: QTimer) -> None:
    # Not anew: who works steadily is saved as well.
    if not timer.isActive():
        timer.start()
