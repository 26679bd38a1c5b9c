"""What layers hold, as nouns again: the way back from the window, for jobs and for writers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from napari.layers import Image

from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.review.page_stages import PageStage, unknown_text
from napari_squeakout.core.review.review import PageState
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.stacks import MaskStack, ProbabilityStack
from napari_squeakout.gui.layers.roles import ROLE, GuiError, Role, SourceLayers, member
from napari_squeakout.gui.layers.viewer import Viewer
from napari_squeakout.gui.names.shown import shown_name

from .registry import registry_in

_PAGE_AXES, _STACK_AXES = 2, 3


def probability_stack(source: SourceLayers) -> ProbabilityStack | None:
    """What the network said about a source, from its layer."""
    if source.probabilities is None:
        return None
    return _probability_stack(source.probabilities)


def mask_stack(source: SourceLayers) -> MaskStack | None:
    """The calls of a source as they stand in its layer."""
    if source.calls is None:
        return None
    return masks_from_layer_data(source.calls.data, {"metadata": source.calls.metadata})


def masks_from_layer_data(data: Any, attributes: dict[str, Any]) -> MaskStack:
    """The calls in a label layer as napari hands it to writers, also one that is not of ours.

    Raises
    ------
    GuiError
        If it is not the size of pages.
    """
    role = attributes.get("metadata", {}).get(ROLE)
    name = attributes.get("name", "labels")
    if isinstance(role, Role):
        settings = role.made_by if isinstance(role.made_by, CleanSettings) else None
        return MaskStack(data, role.stack.layout, settings)
    pages = data[None] if data.ndim == _PAGE_AXES else data
    if pages.ndim != _STACK_AXES or pages.shape[1:] != (PAGE_PX, PAGE_PX):
        msg = (
            f"{name}: holds labels of shape {tuple(data.shape)}, not pages of {PAGE_PX} x "
            f"{PAGE_PX}: save it with napari's own writer"
        )
        raise GuiError(msg)
    return MaskStack(pages, Layout(source=name, n_pages=len(pages)))


def check_is_no_source(path: str, attributes: dict[str, Any]) -> None:
    """Raise GuiError if a file is one that the layer's pages are read from."""
    role = attributes.get("metadata", {}).get(ROLE)
    origin = role.stack.origin if isinstance(role, Role) else None
    for file in origin.files if origin is not None else ():
        if Path(path).exists() and file.exists() and Path(path).samefile(file):
            msg = f"{path}: is what these pages are read from, so it stays: choose another name"
            raise GuiError(msg)


def file_to_write(
    path: str | Path, endings: Sequence[str], what: str, *, ending: str = "", metadata: Any
) -> Path:
    """The file that a person has chosen in a dialog, with its ending.

    Parameters
    ----------
    path : str or Path
        As the dialog gives it; what is there was asked about.
    endings : sequence of str
        Those that the name may have, as ".csv".
    what : str
        What is written, for people: "a plot".
    ending : str
        Of a name that has none; by default the first.
    metadata : dict
        Of a layer of the source, whose files are not written over.

    Raises
    ------
    SqueakOutError
        If the name ends otherwise, is that of a file that the pages are read from, or of one that
        was not asked about.
    """
    file = Path(path)
    if not file.suffix:
        file = file.with_name(f"{file.name}{ending or endings[0]}")
        if file.exists():
            msg = f"{file}: is there already: choose it by its whole name, or another"
            raise GuiError(msg)
    if file.suffix.lower() not in endings:
        msg = f"{file}: {what} is no {file.suffix}: end the name in {' or '.join(endings)}"
        raise GuiError(msg)
    check_is_no_source(str(file), {"metadata": metadata})
    return file


def probabilities_beside(viewer: Viewer, metadata: dict[str, Any]) -> ProbabilityStack | None:
    """What the network said about the source that a layer's metadata tells of, if it is shown."""
    role = metadata.get(ROLE)
    layer = member(viewer, role.stack, "probabilities") if isinstance(role, Role) else None
    return None if layer is None else _probability_stack(layer)


def unsegmented_text(viewer: Viewer | None, metadata: dict[str, Any]) -> str:
    """Say which pages of a layer's source hold no calls because nobody has looked for them."""
    role = metadata.get(ROLE)
    image = member(viewer, role.stack, "image") if viewer and isinstance(role, Role) else None
    registry = registry_in(viewer)
    state = None if registry is None else registry.state_of_image(image)
    if state is None or not isinstance(role, Role):
        return ""
    lacking = state.stage_that_lacks(PageStage.SEGMENTED)
    # What a person drew there, or approved as empty, is told by what is saved.
    unsegmented = sorted(p for p in lacking if state.review[p].state is PageState.UNREVIEWED)
    if not unsegmented:
        return ""
    return f"{shown_name(role.stack)}: {unknown_text(unsegmented, state.review.n_pages)}"


def _probability_stack(layer: Image) -> ProbabilityStack:
    role = layer.metadata[ROLE]
    return ProbabilityStack(layer.data, role.stack.layout, role.made_by or "")
