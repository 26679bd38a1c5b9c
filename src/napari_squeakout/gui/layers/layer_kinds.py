"""What is used of napari's layers, and what they tell of.

napari's own classes say nothing to a type checker: with `viewer.py` this is the whole list of what
the window leans on. Whatever has these names will do, so that tests may hand in less than a layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Emitter(Protocol):
    """Tells of one kind of event whoever is connected to it."""

    def connect(self, callback: Callable[..., object], *, position: str = ...) -> object:
        """Call a function at each event, before (the default) or after those that are there."""

    def disconnect(self, callback: Callable[..., object]) -> object:
        """Call it no more."""


class LayerEvents(Protocol):
    """What every layer tells."""

    @property
    def set_data(self) -> Emitter:
        """Other data are shown: a page was turned, labels were changed or undone."""

    @property
    def visible(self) -> Emitter:
        """It was hidden or shown."""

    @property
    def name(self) -> Emitter:
        """It was renamed."""


class Affine(Protocol):
    """How a layer is turned, stretched and moved besides its own scale and place."""

    @property
    def linear_matrix(self) -> NDArray[np.floating]:
        """(axes, axes)."""

    @property
    def translate(self) -> NDArray[np.floating]:
        """(axes,)."""


class Extent(Protocol):
    """Where layers lie."""

    @property
    def world(self) -> NDArray[np.floating]:
        """(2, axes) the least and the largest coordinates of their pixels' centres."""

    @property
    def step(self) -> NDArray[np.floating]:
        """(axes,) size of a pixel in the world."""


class Layer(Protocol):
    """A layer of any kind."""

    name: str
    data: Any
    metadata: dict[str, Any]
    visible: bool
    opacity: float
    #: How it is laid over those under it.
    blending: Any
    editable: bool
    #: What the mouse does to it.
    mode: Any
    scale: NDArray[np.floating]
    translate: NDArray[np.floating]
    rotate: NDArray[np.floating]
    shear: NDArray[np.floating]
    units: Sequence[Any]
    axis_labels: Sequence[str]

    @property
    def ndim(self) -> int:
        """How many axes it has."""

    @property
    def affine(self) -> Affine:
        """How it is turned besides."""

    @property
    def extent(self) -> Extent:
        """Where it lies."""

    @property
    def events(self) -> LayerEvents:
        """What it tells."""

    def world_to_data(self, position: Sequence[float], /) -> Sequence[float]:
        """From a place in the window to one among its pixels."""

    def data_to_world(self, position: Sequence[float], /) -> Sequence[float]:
        """From a place among its pixels to one in the window."""

    def refresh(
        self, *, thumbnail: bool = ..., highlight: bool = ..., extent: bool = ...
    ) -> object:
        """Draw it anew."""


class ImageEvents(LayerEvents, Protocol):
    """What a picture tells besides."""

    @property
    def data(self) -> Emitter:
        """It was given other data."""

    @property
    def contrast_limits(self) -> Emitter:
        """Other values are black and white."""

    @property
    def gamma(self) -> Emitter:
        """Its greys bend otherwise."""

    @property
    def colormap(self) -> Emitter:
        """It has other colours."""


class ImageLayer(Layer, Protocol):
    """A layer that is a picture; its data may be any array, lazy ones too."""

    rgb: bool
    multiscale: bool
    contrast_limits: Sequence[float]
    gamma: float
    #: Maps values 0..1 to colours.
    colormap: Any

    @property
    def events(self) -> ImageEvents:
        """What it tells."""


class LabelsEvents(LayerEvents, Protocol):
    """What a layer of labels tells besides."""

    @property
    def paint(self) -> Emitter:
        """A person painted, or data were set as if one had; undo tells nothing of itself."""

    @property
    def selected_label(self) -> Emitter:
        """Another number is painted with."""

    @property
    def mode(self) -> Emitter:
        """The mouse does something else."""

    @property
    def data(self) -> Emitter:
        """It was given other data."""

    @property
    def colormap(self) -> Emitter:
        """It was given other colours."""


class LabelsLayer(Layer, Protocol):
    """A layer of numbered calls."""

    selected_label: int
    contour: int
    colormap: Any
    n_edit_dimensions: int

    @property
    def events(self) -> LabelsEvents:
        """What it tells."""

    def data_setitem(self, indices: tuple[Any, ...], value: Any, refresh: bool = ...) -> None:
        """Write pixels, so that undo takes it back."""

    def get_color(self, label: int, /) -> Any:
        """(4,) 0..1, the colour that a number is shown in."""

    def block_history(self) -> AbstractContextManager[None]:
        """Make what is written meanwhile one step of undo."""


class ShapesLayer(Layer, Protocol):
    """A layer of frames."""

    def add_rectangles(self, data: Any, **look: Any) -> None:
        """Draw frames besides those that are there."""
