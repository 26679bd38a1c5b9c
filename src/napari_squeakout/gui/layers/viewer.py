"""What is used of napari's window: the viewer, its axes, its list of layers, what they tell of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from .layer_kinds import Emitter, Extent, ImageLayer, Layer


class ViewerEvents(Protocol):
    """What the window tells of itself."""

    @property
    def status(self) -> Emitter:
        """Its status line says something else."""

    @property
    def theme(self) -> Emitter:
        """It has other colours."""

    @property
    def reset_view(self) -> Emitter:
        """The layers were fitted into the canvas."""


class DimsEvents(Protocol):
    """What is told of the axes."""

    @property
    def current_step(self) -> Emitter:
        """A slider was moved."""

    @property
    def ndisplay(self) -> Emitter:
        """Two or three axes are drawn now."""

    @property
    def order(self) -> Emitter:
        """Other axes are drawn now."""


class Dims(Protocol):
    """The axes of a window, and where its sliders stand."""

    @property
    def ndim(self) -> int:
        """How many there are."""

    @property
    def ndisplay(self) -> int:
        """How many of them are drawn."""

    @property
    def displayed(self) -> Sequence[int]:
        """Which are drawn."""

    @property
    def order(self) -> Sequence[int]:
        """All of them, those that are drawn last."""

    @property
    def point(self) -> Sequence[float]:
        """What is in view, in world coordinates."""

    @property
    def events(self) -> DimsEvents:
        """What is told."""

    def set_point(self, axis: int, value: float) -> None:
        """Move a slider, in world coordinates."""

    def set_current_step(self, axis: int, value: int) -> None:
        """Move a slider, in steps."""


class CameraEvents(Protocol):
    """What is told of the part that is seen."""

    @property
    def center(self) -> Emitter:
        """Something else is in the middle."""

    @property
    def zoom(self) -> Emitter:
        """It is larger or smaller."""

    @property
    def orientation(self) -> Emitter:
        """An axis points elsewhere."""


class Camera(Protocol):
    """What says which part of the layers is seen, and how large."""

    #: Where the vertical and the horizontal axis point.
    orientation2d: tuple[Any, Any]
    #: What of the world is in the middle of the canvas.
    center: Sequence[float]
    #: Canvas pixels a unit of the world.
    zoom: float

    @property
    def events(self) -> CameraEvents:
        """What is told."""


class SelectionEvents(Protocol):
    """What is told of the choice of layers."""

    @property
    def active(self) -> Emitter:
        """Another layer is acted on."""


class Selection(Protocol):
    """Which layers are chosen."""

    #: The one that is acted on.
    active: Layer | None

    @property
    def events(self) -> SelectionEvents:
        """What is told."""


class LayerEvent(Protocol):
    """Tells that a layer came or went."""

    @property
    def value(self) -> Layer:
        """Which one."""


class LayerListEvents(Protocol):
    """What is told of the list of layers."""

    @property
    def inserted(self) -> Emitter:
        """A layer came."""

    @property
    def removing(self) -> Emitter:
        """A layer is about to go."""

    @property
    def removed(self) -> Emitter:
        """A layer went."""

    @property
    def reordered(self) -> Emitter:
        """Layers were moved over others."""


class LayerList(Protocol):
    """The layers of a window, the lowest first."""

    @property
    def selection(self) -> Selection:
        """Which are chosen."""

    @property
    def extent(self) -> Extent:
        """Where they lie together."""

    @property
    def events(self) -> LayerListEvents:
        """What is told."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Layer]: ...

    def __contains__(self, layer: object, /) -> bool: ...

    def index(self, layer: Layer, /) -> int:
        """Place of a layer, from 0."""

    def insert(self, index: int, layer: Layer, /) -> None:
        """Put a layer at a place."""

    def append(self, layer: Layer, /) -> None:
        """Put a layer on top."""

    def remove(self, layer: Layer, /) -> None:
        """Take a layer out."""


class Cursor(Protocol):
    """Where the mouse is."""

    @property
    def position(self) -> Sequence[float]:
        """In world coordinates, as it was last over the picture."""


class MouseEvent(Protocol):
    """A button of the mouse over the picture; what it tells changes while it is held."""

    @property
    def type(self) -> str:
        """`mouse_press`, `mouse_move`, ..."""

    @property
    def button(self) -> int:
        """1 is the left one."""

    @property
    def modifiers(self) -> Sequence[Any]:
        """Keys that are held with it."""

    @property
    def position(self) -> Sequence[float]:
        """In world coordinates."""


class DockArea(Protocol):
    """Where docks are opened."""

    def add_plugin_dock_widget(self, plugin_name: str, /) -> tuple[Any, Any]:
        """Open a plugin's dock: Qt's frame, and the plugin's widget in it."""

    def add_dock_widget(self, widget: Any, /, *, name: str, area: str, menu: Any) -> Any:
        """Put a widget into a frame at a side of the canvas."""

    def remove_dock_widget(self, widget: Any, /) -> None:
        """Take a widget out of its frame, and the frame away."""


class Viewer(Protocol):
    """A window of napari, as it is handed to plugins."""

    #: The line at its foot: text, or the parts of it.
    status: Any
    #: The name of its colours.
    theme: str
    #: Called with the window and the mouse's event; generators go on while the button is held.
    mouse_drag_callbacks: list[Callable[..., Any]]

    @property
    def layers(self) -> LayerList:
        """Its layers."""

    @property
    def cursor(self) -> Cursor:
        """The mouse."""

    @property
    def dims(self) -> Dims:
        """Its axes."""

    @property
    def events(self) -> ViewerEvents:
        """What it tells of itself."""

    @property
    def window(self) -> DockArea:
        """Where its docks are."""

    def add_image(self, data: Any, **look: Any) -> ImageLayer:
        """Put a picture on top."""

    def reset_view(self) -> object:
        """Fit the layers into the canvas."""
