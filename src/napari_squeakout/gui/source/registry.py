"""The sources of a window: who makes, finds and drops the state of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, ref

from qtpy.QtCore import QObject, Signal

from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.gui.layers.roles import role_of

from .state import SourceState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_squeakout.gui.layers.layer_kinds import ImageLayer
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer

# A window keeps its registry when its dock is closed: a new dock takes over what there is.
_REGISTRIES: WeakKeyDictionary[Any, SourceRegistry] = WeakKeyDictionary()


class SourceRegistry(QObject):
    """Owns the state of every source of a window.

    A state is made when its source is first worked on, by `take_in`, and dropped when its image
    leaves the window or is given other data: then its session is closed. Looking a state up
    changes nothing.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    """

    #: A source is worked on for the first time: its `SourceState`.
    made = Signal(object)
    #: A source has left the window, or its image shows another: its `SourceState`, closed.
    dropped = Signal(object)

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self._states: list[SourceState] = []
        # Weakly: the window holds this registry.
        self._layers = ref(_bare(viewer).layers)
        viewer.layers.events.removed.connect(self._on_removed)

    def __iter__(self) -> Iterator[SourceState]:
        """All states, that made first at first."""
        return iter(tuple(self._states))

    def take_in(self, source: SourceLayers) -> SourceState:
        """The state of a source that is about to be worked on; made if it has none yet."""
        known = self.state_of(source)
        if known is not None:
            return known
        image = _bare(source.image)
        self._leave_if_outdated(image)
        state = SourceState(source.stack.layout.n_pages, image)
        self._states.append(state)
        image.events.data.connect(self._on_data)
        self.made.emit(state)
        return state

    def state_of(self, source: SourceLayers | None) -> SourceState | None:
        """The state of a source; None where it has none, as nobody has worked on it."""
        return None if source is None else self.state_of_image(source.image)

    def state_of_image(self, image: ImageLayer | None) -> SourceState | None:
        """The state of what an image shows; also of a copy that shows the very same data."""
        shown = [] if image is None else [s for s in self._states if s.data is image.data]
        own = (state for state in shown if state.image == image)
        shared = (state for state in shown if _shows_same(image, state.image))
        return next(own, None) or next(shared, None)

    def is_answered(self, image: ImageLayer, page: int) -> bool:
        """Whether the network has answered for a page of an image's source."""
        state = self.state_of_image(image)
        return state is not None and state.stage(page) is not PageStage.UNSEGMENTED

    def _on_removed(self, event: Any) -> None:
        """A source that leaves the window lets go of its session."""
        self._leave(event.value)

    def _on_data(self, event: Any) -> None:
        """An image that was given other data is another source."""
        self._leave_if_outdated(event.source)

    def _leave_if_outdated(self, image: Any) -> None:
        state = self._whose_image_is(image)
        if state is not None and state.data is not image.data:
            self._leave(image)

    def _whose_image_is(self, image: Any) -> SourceState | None:
        return next((state for state in self._states if state.image == image), None)

    def _leave(self, image: Any) -> None:
        """Hand the state of an image to a copy of it that is still there, or drop it."""
        state = self._whose_image_is(image)
        if state is None:
            return
        state.image.events.data.disconnect(self._on_data)
        others = [layer for layer in self._layers() or () if layer != image]
        heir = next((one for one in others if self.state_of_image(one) is state), None)
        if heir is not None:
            state.image = heir
            heir.events.data.connect(self._on_data)
            return
        self._states.remove(state)
        for layer in others:
            if state.session is not None and getattr(layer, "data", None) is state.session.labels:
                layer.editable = False
        state.close()
        self.dropped.emit(state)


def registry_in(viewer: Viewer | None) -> SourceRegistry | None:
    """The registry of a window; None where no dock was opened in it."""
    return None if viewer is None else _REGISTRIES.get(_bare(viewer))


def begin_registry(viewer: Viewer) -> SourceRegistry:
    """Give a window a registry; the first dock in it does."""
    registry = _REGISTRIES[_bare(viewer)] = SourceRegistry(viewer)
    return registry


def _shows_same(image: Any, other: Any) -> bool:
    """Whether two images are of the same source: one is a copy of the other."""
    one, two = role_of(image), role_of(other)
    return one is not None and two is not None and one.stack is two.stack


def _bare(thing: Any) -> Any:
    """A window given to a plugin wraps itself and its layers, anew each time."""
    return getattr(thing, "__wrapped__", thing)
