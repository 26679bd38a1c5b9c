"""Asks a new model about a source; what a person approved or corrected stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.gui.source.effort import note_proposed_again

if TYPE_CHECKING:
    from napari_squeakout.gui.clean.panel import CleanPanel
    from napari_squeakout.gui.segment.panel import SegmentPanel
    from napari_squeakout.gui.source.state import SourceState


def propose_again(
    state: SourceState,
    *,
    model: str,
    threshold: float,
    segment_panel: SegmentPanel,
    clean_panel: CleanPanel,
) -> None:
    """Segment all pages with a model, and clean them with the threshold it was judged with.

    Parameters
    ----------
    state : SourceState
        Of the source acted on: which pages were worked on before is taken down in it.
    model : str
        Name of the new model.
    threshold : float
        That suits it.
    segment_panel, clean_panel : SegmentPanel, CleanPanel
        Do the work, and show the settings that it is done with.
    """
    note_proposed_again(state, model)
    # As in the verdict (core/scoring/page_scores.py): its figures hold for these.
    peak = max(threshold, CleanSettings().min_peak_probability)
    changes = {"threshold": threshold, "min_peak_probability": peak}
    clean_panel.show_settings(clean_panel.form.value().model_copy(update=changes))
    segment_panel.run_all_with(model)
