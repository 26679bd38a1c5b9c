"""Sources that are open already: opened again they are gone to, not shown twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from napari_squeakout.io.sessions.same_source import file_states, is_same_source

from .roles import role_of

if TYPE_CHECKING:
    from napari_squeakout.core.stacks import SpectrogramStack

    from .layer_kinds import ImageLayer
    from .viewer import Viewer

#: Under this name an image carries what its source's files were when it was opened.
FILES = "napari-squeakout files"


def files_as_opened(stack: SpectrogramStack) -> dict[str, Any]:
    """What an image carries, so that its source is known again."""
    return {FILES: file_states(stack.origin)}


def image_of(viewer: Viewer, stack: SpectrogramStack) -> ImageLayer | None:
    """The image that shows the same files, read in the same way; None where none does."""
    for layer in viewer.layers:
        role, states = role_of(layer), layer.metadata.get(FILES)
        if role is None or role.kind != "image" or not states:
            continue
        if is_same_source(role.stack, stack, states=states):
            return cast("ImageLayer", layer)  # as its role says
    return None


def gone_to(viewer: Viewer, stack: SpectrogramStack) -> str:
    """Choose the image that shows a stack already, and say so; nothing where there is none."""
    image = image_of(viewer, stack)
    if image is None:
        return ""
    viewer.layers.selection.active = image
    return f"{image.name} is open already, and shown now."
