"""Earlier sessions that are offered: to which image, who has been asked for, what was answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_squeakout.gui.layers.layer_kinds import ImageLayer
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.source.state import SourceState
    from napari_squeakout.io.sessions.sources import Earlier

_PENDING = "Say first, in part 1, whether to continue your earlier work or to begin anew."
_NOT_LOOKED = "Wait until earlier work on this has been looked for."


class Offers:
    """What is offered to the images of a window.

    Images are compared by ==: a window given to a plugin wraps its layers anew each time.
    """

    def __init__(self) -> None:
        self._looked_for: list[ImageLayer] = []
        self._offers: list[tuple[ImageLayer, Earlier]] = []
        self._others: dict[Path, Sequence[Earlier]] = {}

    def is_looked_for(self, image: ImageLayer) -> bool:
        """Whether earlier work on an image has been looked for, or is just now."""
        return image in self._looked_for

    def note_look(self, image: ImageLayer) -> None:
        """Earlier work on an image is looked for, or need not be any more."""
        self._looked_for.append(image)

    def look_again(self, image: ImageLayer) -> None:
        """What was looked for has not been found out."""
        self._looked_for = [other for other in self._looked_for if other != image]

    def offer(self, image: ImageLayer, earlier: Sequence[Earlier]) -> None:
        """Offer the first of these to an image; the others are named."""
        if earlier:
            self._offers.append((image, earlier[0]))
            self._others = {**self._others, earlier[0].folder: earlier[1:]}

    def answer(self, image: ImageLayer | None) -> None:
        """A person has said what to do with an offer."""
        self._offers = [offer for offer in self._offers if offer[0] != image]

    def forget(self, image: ImageLayer) -> None:
        """An image has left the window, or shows another source."""
        self.look_again(image)
        self.answer(image)

    def made_to(self, source: SourceLayers | None, state: SourceState | None) -> Earlier | None:
        """What is offered to a source, unless it has a session meanwhile."""
        if source is None or state is None or state.session is not None:
            return None
        return next((earlier for image, earlier in self._offers if image == source.image), None)

    def others_than(self, earlier: Earlier) -> Sequence[Earlier]:
        """Earlier sessions of the same files, beside that which is offered."""
        return self._others.get(earlier.folder, ())

    def pending(self, source: SourceLayers | None, state: SourceState | None) -> str:
        """Why nothing may be begun: earlier work is offered or may be, and nobody has answered."""
        if self.made_to(source, state) is not None:
            return _PENDING
        if source is None or source.stack.origin is None:
            return ""
        has_session = state is not None and state.session is not None
        return "" if has_session or self.is_looked_for(source.image) else _NOT_LOOKED
