"""What is kept of a source: which pages a person has looked at, and the session on disk."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer, Signal

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.review import Review
from napari_squeakout.gui.layers.roles import GuiError
from napari_squeakout.io.sessions.recent import note_session

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.io.sessions.session import Session

#: Under this name a source's image carries it in its metadata.
_KEPT = "napari-squeakout kept"
# Approving page after page is written once; seconds spent are written now and then.
_SAVE_AFTER_MS, _SAVE_SECONDS_AFTER_MS = 800, 10_000
# napari remembers as many.
_UNDO_STEPS = 100


class Kept(QObject):
    """The review of a source, and its session where there is one.

    What is painted is in the session's files at once; all else within a second.

    Parameters
    ----------
    n_pages : int
        Of the source.
    """

    #: Another review, or a session.
    changed = Signal()
    #: It could not be written: why.
    refused = Signal(str)

    def __init__(self, n_pages: int) -> None:
        super().__init__()
        self.session: Session | None = None
        self._review = Review(n_pages)
        self._settings: dict[str, dict[str, Any]] = {}
        self._model: Any = None
        #: The image, and what it showed; given other data it is another source.
        self.image: Any = None
        self.data: Any = None
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
        self._save_soon = QTimer(self, singleShot=True, interval=_SAVE_AFTER_MS)
        self._save_soon.timeout.connect(self.save)
        self._save_later = QTimer(self, singleShot=True, interval=_SAVE_SECONDS_AFTER_MS)
        self._save_later.timeout.connect(self.save)

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

    def set_review(self, review: Review) -> None:
        """Take another review; it is written soon."""
        if review is not self._review:
            self._review = review
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
            If there is one already: what is painted goes there.
        """
        if self.session is not None:
            msg = f"{session.folder.name}: this is kept in {self.session.folder.name} already"
            raise GuiError(msg)
        known = session.record.review
        self._review = Review(known.n_pages, {**self._review.pages, **known.pages})
        self.session, self.stages = session, session.stages
        self._settings = {**session.record.settings, **self._settings}
        self._model = self._model or session.record.model
        note_session(session.folder)
        _begin(self._save_soon)
        self.changed.emit()

    def note_painted(self, page: int) -> None:
        """Take down that undo may reach a page; each stands there once, the last painted last."""
        if page in self.painted:
            self.painted.remove(page)
        self.painted.append(page)

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
        from napari_squeakout.io.sessions.record import MadeBy

        self._model = MadeBy(name=name, fingerprint=fingerprint)
        _begin(self._save_soon)

    @property
    def model_name(self) -> str:
        """Of the model that made the probabilities; empty where nobody knows."""
        return "" if self._model is None else str(self._model.name)

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
        changes = {"settings": self._settings, "model": self._model}
        if self.page is not None:
            changes["page"] = self.page
        try:
            self.session.save(record.model_copy(update=changes))
        except (SqueakOutError, OSError) as error:
            self.trouble = f"Not saved: {error}"
            self.refused.emit(self.trouble)
            return
        if self.trouble:
            self.trouble = ""
            self.changed.emit()

    def close(self) -> None:
        """Write it and let another window have it."""
        self.save()
        if self.session is not None:
            self.session.close()


def kept_of(source: SourceLayers) -> Kept:
    """What is kept of a source; nothing yet at first."""
    image = source.image
    known = image.metadata.get(_KEPT)
    if not isinstance(known, Kept) or known.data is not image.data:
        # A copy carries what is kept of the image that it was made from, which is still there.
        if isinstance(known, Kept) and known.image == image:
            known.close()
        known = image.metadata[_KEPT] = Kept(source.stack.layout.n_pages)
        known.image, known.data = image, image.data
    return known


def kept_by(image: Any) -> Kept | None:
    """What is kept of an image's source, if anything is."""
    known = image.metadata.get(_KEPT)
    return known if isinstance(known, Kept) else None


def is_answered(image: Any, page: int) -> bool:
    """Whether the network has answered for a page of an image's source."""
    kept = kept_by(image)
    return kept is not None and kept.stage(page) is not PageStage.UNSEGMENTED


def let_go(event: Any) -> None:
    """A source that leaves the window lets go of its session; for a viewer's `removed` event.

    Once connected it stays so, also when the dock is closed before.
    """
    kept, others = kept_by(event.value), list(event.source)
    if kept is None or kept.session is None or not _is_of(event.value, kept):
        return
    heirs = [layer for layer in others if kept_by(layer) is kept and layer.data is kept.data]
    if heirs:
        kept.image = heirs[0]
        return
    for layer in others:
        if getattr(layer, "data", None) is kept.session.labels:
            layer.editable = False
    kept.close()


def _is_of(image: Any, kept: Kept) -> bool:
    """Whether something is kept of this image itself, and not of one that it was copied from."""
    return bool(kept.image == image) or image.data is kept.data


def _begin(timer: QTimer) -> None:
    # Not anew: who works steadily is saved as well.
    if not timer.isActive():
        timer.start()
