"""The page in view, proposed at once: what the settings make of its probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_squeakout.gui.layers.label_pages import write_page
from napari_squeakout.gui.source.calls_layer import calls_layer, proposals_of

if TYPE_CHECKING:
    from napari_squeakout.core.settings import CleanSettings
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer
    from napari_squeakout.gui.source.state import SourceState


def propose_page(
    viewer: Viewer,
    source: SourceLayers,
    *,
    state: SourceState,
    page: int,
    settings: CleanSettings,
    is_asked: bool,
) -> None:
    """Write the calls that a page of a source gets.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    source : SourceLayers
        With probabilities.
    state : SourceState
        Of that source.
    page : int
        Which page, from 0.
    settings : CleanSettings
        How to clean.
    is_asked : bool
        True: a person wants it, also in the place of corrections, and one Ctrl+Z takes it back.
        False: a page that a person has corrected stays, and there is nothing to take back.
    """
    proposals = proposals_of(viewer, source, state=state, settings=settings)
    if source.probabilities is None or (proposals.is_corrected(page) and not is_asked):
        return
    labels = proposals.preview(source.probabilities.data, page, settings)
    layer = calls_layer(viewer, source)
    if layer is not None:
        write_page(layer, page, labels, undoable=is_asked)
        proposals.note(page)
