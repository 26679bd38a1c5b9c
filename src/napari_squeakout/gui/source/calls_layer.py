"""The calls layer of a source, and the proposals that it carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_squeakout.core.review.proposals import Proposals
from napari_squeakout.gui.layers.label_pages import (
    changes_to_undo,
    drop_history,
    forget_pages,
    new_labels,
    write_pages,
)
from napari_squeakout.gui.layers.layers import show_calls, source_of
from napari_squeakout.gui.layers.roles import GuiError, SourceLayers
from napari_squeakout.io.scratch import make_room

if TYPE_CHECKING:
    from napari_squeakout.core.settings import CleanSettings
    from napari_squeakout.gui.layers.layer_kinds import LabelsLayer
    from napari_squeakout.gui.layers.viewer import Viewer
    from napari_squeakout.io.sessions.session import Session

    from .state import SourceState

#: Under this name a labels layer carries its proposals in its metadata.
_PROPOSALS = "napari-squeakout proposals"
#: And under this one them again, with the changes that undo knew of when all was cleaned last.
_OLDER = "napari-squeakout older changes"


def calls_layer(viewer: Viewer, source: SourceLayers) -> LabelsLayer | None:
    """The calls layer of a source as it is now; None where there is none."""
    now = source_of(viewer, source.image)
    return None if now is None else now.calls


def known_proposals(layer: LabelsLayer | None) -> Proposals | None:
    """The proposals that a labels layer carries."""
    if layer is None:
        return None
    known = layer.metadata.get(_PROPOSALS)
    # A copied or replaced layer has other data than its metadata speaks of.
    return known if isinstance(known, Proposals) and known.labels is layer.data else None


def proposals_of(
    viewer: Viewer, source: SourceLayers, *, state: SourceState, settings: CleanSettings
) -> Proposals:
    """The proposals of a source, to be written; its calls layer is made if there is none.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    source : SourceLayers
        Whose.
    state : SourceState
        Of that source: its review says which pages are left alone.
    settings : CleanSettings
        What a new layer is said to be made with.

    Raises
    ------
    GuiError
        If the calls layer has been given data of another shape.
    """
    layer, layout = calls_layer(viewer, source), source.stack.layout
    if layer is None:
        layer = show_calls(viewer, source.image, _room_for_calls(source, state.session), settings)
    if tuple(layer.data.shape) != layout.shape:
        msg = (
            f"{layer.name}: has shape {tuple(layer.data.shape)}, its source {layout.shape}: "
            "remove this layer and apply again"
        )
        raise GuiError(msg)
    known = known_proposals(layer)
    if known is None:
        session = state.session
        is_kept = session is not None and session.labels is layer.data
        written = session.proposed if is_kept and session is not None else None
        known = Proposals.resumed(layer.data, layout, state.review, written, make_room=make_room)
        layer.metadata[_PROPOSALS] = known
    # Its scale may have been stated meanwhile, or another model been asked.
    known.layout, known.stages = layout, state.stages
    state.note_calls_change()
    return known


def resume_proposals(layer: LabelsLayer, proposals: Proposals) -> None:
    """Let a labels layer carry proposals that were kept."""
    layer.metadata[_PROPOSALS] = proposals


def forget_rewritten(layer: LabelsLayer) -> None:
    """Let undo forget the pages that cleaning has written anew; strokes on others stay."""
    proposals, pages = known_proposals(layer), set()
    while proposals is not None and proposals.rewritten:
        pages.add(proposals.rewritten.popleft())
    if pages:
        forget_pages(layer, pages)


def date_changes(layer: LabelsLayer) -> None:
    """Take down that what can be undone now is older than the cleaning of all pages."""
    proposals = known_proposals(layer)
    if proposals is not None:
        layer.metadata[_OLDER] = (proposals, changes_to_undo(layer))


def is_older(layer: LabelsLayer, step: Any) -> bool:
    """Whether all pages have been cleaned since a step that can be undone.

    Taken back, it brings a page as it was proposed then, or a call whose number another one has.
    """
    proposals, older = layer.metadata.get(_OLDER, (None, ()))
    if proposals is None or proposals is not known_proposals(layer):
        return False
    return not {id(change) for change in step}.isdisjoint(id(change) for change in older)


def keep_calls(viewer: Viewer, source: SourceLayers, state: SourceState) -> None:
    """Bring calls that stand in for those of the session into it: what is seen is kept.

    A copy takes over when the layer it was copied from is deleted; from then on it would be
    painted on and kept nowhere.
    """
    layer, session = source.calls, state.session
    if layer is None or session is None or session.read_only or layer.data is session.labels:
        return
    is_shown = any(getattr(other, "data", None) is session.labels for other in viewer.layers)
    if is_shown or tuple(layer.data.shape) != session.labels.shape:
        return
    state.note_calls_change()
    write_pages(session.labels, layer.data)
    layer.data = session.labels
    drop_history(layer)


def why_not_kept(source: SourceLayers | None, session: Session | None) -> str:
    """Why the calls in view are not those in the session; empty where they are, or none is."""
    if source is None or source.calls is None:
        return ""
    if session is None or session.read_only or source.calls.data is session.labels:
        return ""
    return f"{source.calls.name} is a copy, which is not kept: delete it, or the layer it copies."


def _room_for_calls(source: SourceLayers, session: Session | None) -> Any:
    """Labels that lie in the source's session where it has one that may be changed."""
    if session is None or session.read_only:
        return new_labels(source.stack.layout)
    return session.labels
