"""What a layer is to us, as it stands in the layer's metadata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, overload

from napari.layers import Image, Labels, Shapes

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.stacks import SpectrogramStack

from .layer_kinds import ImageLayer, LabelsLayer, Layer
from .viewer import Viewer

#: Where a layer of ours says what it is.
ROLE = "napari-squeakout"

Kind = Literal["image", "probabilities", "calls", "truth", "annotation"]
#: What each is shown as; a layer that napari made another kind of is not ours any more.
_SHOWN_AS = {
    "image": Image,
    "probabilities": Image,
    "calls": Labels,
    "truth": Labels,
    "annotation": Shapes,
}


class GuiError(SqueakOutError):
    """A request that the window cannot fulfil as it stands."""


# Compared by identity: comparing stacks would compute their pages.
@dataclass(frozen=True, eq=False, kw_only=True)
class Role:
    """What a layer is to us.

    Parameters
    ----------
    kind : {"image", "probabilities", "calls", "truth", "annotation"}
        Which of a source's layers; truth is what samples come with, annotation frames the calls
        that a table holds.
    stack : SpectrogramStack
        The source; layers of one source hold the same object.
    data : object
        What the image showed when it became a source; an image given other data is another source.
    made_by : str or CleanSettings, optional
        Fingerprint of the model (probabilities), or settings (calls) that made it.
    """

    kind: Kind
    stack: SpectrogramStack
    data: Any = None
    made_by: str | CleanSettings | None = None


@dataclass(frozen=True, kw_only=True)
class SourceLayers:
    """The layers of one source."""

    image: ImageLayer
    probabilities: ImageLayer | None
    calls: LabelsLayer | None
    stack: SpectrogramStack


def role_of(layer: Layer) -> Role | None:
    """What a layer is; None for others', and for an image that was given other data."""
    role = layer.metadata.get(ROLE)
    if not isinstance(role, Role) or not isinstance(layer, _SHOWN_AS[role.kind]):
        return None
    return None if role.kind == "image" and layer.data is not role.data else role


@overload
def member(
    viewer: Viewer,
    stack: SpectrogramStack,
    kind: Literal["image", "probabilities"],
    asked: Layer | None = None,
) -> ImageLayer | None: ...
@overload
def member(
    viewer: Viewer, stack: SpectrogramStack, kind: Literal["calls"], asked: Layer | None = None
) -> LabelsLayer | None: ...
def member(viewer: Viewer, stack: SpectrogramStack, kind: Kind, asked: Layer | None = None) -> Any:
    """A source's layer of one kind; of several (copies) the one asked for, else the lowest."""
    members = [
        layer
        for layer in viewer.layers
        if (role := role_of(layer)) is not None and role.kind == kind and role.stack is stack
    ]
    # By equality: napari hands plugins proxies of its layers, a new one each time.
    return asked if asked in members else next(iter(members), None)
