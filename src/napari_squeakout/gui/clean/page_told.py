"""What is said of the page in view while it is cleaned: its calls, its pixels, who holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_squeakout.core.numerals import counted
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.review.proposals import count_calls
from napari_squeakout.gui.qt.buttons import button
from napari_squeakout.gui.qt.job_bar import message_label
from napari_squeakout.gui.source.calls_layer import known_proposals

from .histogram import Histogram

if TYPE_CHECKING:
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.source.state import SourceState


class PageTold:
    """Lines about a page, and the button that proposes a corrected one again."""

    def __init__(self) -> None:
        self._n_before = 0
        self._source: SourceLayers | None = None
        self._state: SourceState | None = None
        self._page = 0
        self.histogram = Histogram("clean_histogram")
        self.changes = message_label("clean_changes", " ")
        self.corrected = message_label("clean_corrected")
        self.redo = button(
            "Propose again",
            "clean_redo_page",
            "Replace the corrections of this page by what the settings give; Ctrl+Z takes it back",
        )

    def arrive(self, source: SourceLayers | None, state: SourceState | None, page: int) -> None:
        """Take in a page that was not in view before."""
        self._source, self._state, self._page = source, state, page
        self._n_before = _calls_on(None if source is None else source.calls, page)

    def show(self, threshold: float) -> None:
        """Say what is on the page now."""
        source, state, page = self._source, self._state, self._page
        calls = None if source is None else source.calls
        self._show_pixels(threshold)
        now = _calls_on(calls, page)
        was = f" ({self._n_before} when you came here)" if now != self._n_before else ""
        self.changes.setText(f"This page: {counted(now, 'call')}{was}")
        if state is not None and state.stage(page) is PageStage.UNSEGMENTED:
            drawn = f": {counted(now, 'call')} drawn by hand" if now else ""
            self.changes.setText(f"This page is not segmented yet{drawn}.")
        self.changes.setVisible(calls is not None)
        self._show_holder()

    def _show_pixels(self, threshold: float) -> None:
        """Count what the network says of the page's pixels."""
        probabilities = None if self._source is None else self._source.probabilities
        values = None if probabilities is None else np.asarray(probabilities.data[self._page])
        self.histogram.set_page(values)
        self.histogram.set_threshold(threshold)
        self.histogram.setVisible(values is not None)

    def _show_holder(self) -> None:
        """Say where a person has decided, so that settings leave the page as it is."""
        state, page = self._state, self._page
        known = known_proposals(None if self._source is None else self._source.calls)
        corrected = known is not None and page < len(known.labels) and known.is_corrected(page)
        approved = state is not None and state.review[page].approved is not None
        how = "Approved" if approved else "Corrected by hand"
        self.corrected.setText(f"{how}: settings leave this page as it is.")
        self.corrected.setVisible(corrected or approved)
        self.redo.setVisible(corrected and not approved)


def _calls_on(calls: Any, page: int) -> int:
    """Number of calls on a page; a layer may have been given fewer pages than its source has."""
    is_there = calls is not None and page < len(calls.data)
    return count_calls(np.asarray(calls.data[page])) if is_there else 0
