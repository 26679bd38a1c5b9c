"""What layers are called in napari: by their names, or by codes while those are hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_squeakout.gui.layers.roles import role_of
from napari_squeakout.gui.names.shown import NAMES, code_shown

from .notices import veil_notices

if TYPE_CHECKING:
    from napari_squeakout.gui.layers.layer_kinds import Layer
    from napari_squeakout.gui.layers.viewer import LayerEvent, Viewer

#: Under this name a layer carries a `_Before` while its source's name is hidden.
_BEFORE = "napari-squeakout name"
#: What napari says where nothing is under the mouse.
_STATUS = "Ready"


@dataclass(frozen=True)
class _Before:
    """What a layer is called, what it is shown as, and the file that napari says it came from."""

    name: str
    shown: str
    file: str | None


class LayerNames:
    """Renames the layers of a window while names are hidden, and calls them back afterwards.

    Their files stand in napari's status line and under the mouse: these are taken from the layers
    for that time, too.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    """

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        viewer.layers.events.inserted.connect(self._on_inserted)
        NAMES.changed.connect(self.rename)
        veil_notices()

    def disconnect_viewer(self) -> None:
        """Leave the layers as they are."""
        self._viewer.layers.events.inserted.disconnect(self._on_inserted)
        NAMES.changed.disconnect(self.rename)

    def rename(self) -> None:
        """Call every layer what it is to be called now."""
        for layer in self._viewer.layers:
            _rename(layer)
        if NAMES.codes:
            self._viewer.status = _STATUS  # it names what was under the mouse last

    def _on_inserted(self, event: LayerEvent) -> None:
        _rename(event.value)


def _rename(layer: Layer) -> None:
    role, before = role_of(layer), layer.metadata.get(_BEFORE)
    code = "" if role is None else code_shown(role.stack)
    if role is not None and code:
        real = layer.name if before is None or layer.name != before.shown else before.name
        source = role.stack.layout.source
        if before is None and real.startswith(code):  # made while names are hidden
            real = source + real.removeprefix(code)
        rest = real.removeprefix(source)
        shown = NAMES.veiled(real) if rest == real else f"{code}{rest}"
        if layer.name != shown:
            layer.name = shown
        file = _take_file(layer) if before is None else before.file
        # napari may have made it another one, where there are two of one name.
        layer.metadata[_BEFORE] = _Before(name=real, shown=layer.name, file=file)
    elif before is not None:
        del layer.metadata[_BEFORE]
        if layer.name == before.shown:
            layer.name = before.name
        _set_file(layer, before.file)


def _take_file(layer: Layer) -> str | None:
    """Let a layer tell no file it came from, and give what it told."""
    file: str | None = _bare(layer).source.path
    _set_file(layer, None)
    return file


def _set_file(layer: Layer, file: str | None) -> None:
    bare = _bare(layer)
    bare._source = bare.source.model_copy(update={"path": file})


def _bare(layer: Any) -> Any:
    """A window given to a plugin wraps its layers."""
    return getattr(layer, "__wrapped__", layer)
