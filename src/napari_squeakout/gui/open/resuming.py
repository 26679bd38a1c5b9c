"""A session that was opened -> layers of the window again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.gui.layers.layers import open_stack, show_calls, show_probabilities, source_of
from napari_squeakout.gui.layers.opened import image_of
from napari_squeakout.gui.source.calls_layer import resume_proposals
from napari_squeakout.gui.source.hiding import hide_as_kept
from napari_squeakout.io.sessions.kept_cleaning import recorded_cleaning

if TYPE_CHECKING:
    from pathlib import Path

    from napari_squeakout.core.review.proposals import Proposals
    from napari_squeakout.core.stacks import SpectrogramStack
    from napari_squeakout.gui.layers.layer_kinds import ImageLayer
    from napari_squeakout.gui.layers.viewer import Viewer
    from napari_squeakout.gui.source.registry import SourceRegistry
    from napari_squeakout.io.sessions.session import Session


def image_of_session(sources: SourceRegistry, folder: Path) -> ImageLayer | None:
    """The image whose work is kept in a session; None where this window has it not."""
    for state in sources:
        session = state.session
        if session is not None and session.folder.resolve() == folder.resolve():
            return state.image
    return None


def show_again(
    viewer: Viewer,
    sources: SourceRegistry,
    *,
    opened: tuple[Session, SpectrogramStack, Proposals],
    image: ImageLayer | None,
) -> tuple[ImageLayer, CleanSettings]:
    """Show what was kept, on the image it is of or on a new one.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    sources : SourceRegistry
        The states of its sources.
    opened : (Session, SpectrogramStack, Proposals)
        What was read.
    image : napari.layers.Image or None
        The image that it was offered to; None looks for one that shows the same pages.

    Returns
    -------
    (napari.layers.Image, CleanSettings)
        Which it is, and what its calls were made with.
    """
    session, stack, proposals = opened
    hide_as_kept(session.folder, stack)
    if image is None or image not in viewer.layers:
        image = _untouched_image_of(viewer, sources, stack) or open_stack(viewer, stack)
    record = session.record
    made_by = "" if record.model is None else record.model.fingerprint
    show_probabilities(viewer, image, session.probabilities, made_by)
    known = record.settings.get("clean")
    settings = recorded_cleaning(known) if known else CleanSettings()
    layer = show_calls(viewer, image, proposals.labels, settings)
    if layer.data is not proposals.labels:
        layer.data = proposals.labels
    resume_proposals(layer, proposals)
    layer.editable = not session.read_only
    source = source_of(viewer, image)
    if source is not None:
        sources.take_in(source).attach(session)
    viewer.layers.selection.active = image
    return image, settings


def _untouched_image_of(
    viewer: Viewer, sources: SourceRegistry, stack: SpectrogramStack
) -> ImageLayer | None:
    """An image that shows the same pages and on which nothing has been begun yet."""
    image = image_of(viewer, stack)
    source = None if image is None else source_of(viewer, image)
    if source is None or source.calls is not None or source.probabilities is not None:
        return None
    state = sources.state_of(source)
    return image if state is None or state.session is None else None
