"""After segmenting, the view goes to the first page with calls, unless somebody is elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from napari_squeakout.gui.layers.roles import SourceLayers

    from .review_state import Reviewing


class FirstCalls:
    """Goes to the first page with calls once after each segmenting.

    Who has gone to a page looks at it: only a source that is still at its first page, as it was
    opened, is moved on.

    Parameters
    ----------
    reviewing : Reviewing
        Knows the pages with calls, and shows pages.
    """

    def __init__(self, reviewing: Reviewing) -> None:
        self._reviewing = reviewing
        self._image: Any = None
        self._is_cleaned = False

    def begin(self, source: SourceLayers | None, page: int) -> None:
        """Segmenting begins, with a page in view."""
        self._image = source.image if source is not None and page == 0 else None
        self._is_cleaned = False

    def look(self, page: int) -> None:
        """A page is in view."""
        if page != 0:
            self._image = None

    def cleaned(self, image: Any) -> None:
        """A source has its calls."""
        self._is_cleaned = self._is_cleaned or (self._image is not None and image == self._image)

    def settle(self) -> None:
        """It is known which pages have calls."""
        source, measures = self._reviewing.source, self._reviewing.measures
        if not self._is_cleaned or source is None or source.image != self._image:
            return
        self._image, self._is_cleaned = None, False
        if measures is not None and measures.occupied.any() and not measures.occupied[0]:
            self._reviewing.go(int(np.argmax(measures.occupied)))
