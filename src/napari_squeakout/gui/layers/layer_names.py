"""What layers are called in napari: by their names, or by codes while those are hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_squeakout.gui.qt.names import NAMES, Files, key_of
from napari_squeakout.io.sessions.hiding import hidden_name

from .roles import role_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_squeakout.core.hidden_names import HiddenName
    from napari_squeakout.core.stacks import SpectrogramStack

    from .layer_kinds import Layer
    from .viewer import LayerEvent, Viewer

#: Under this name a layer carries a `_Before` while its source's name is hidden.
_BEFORE = "napari-squeakout name"


def shown_name(stack: SpectrogramStack) -> str:
    """What a source is called on the screen."""
    return code_shown(stack) or NAMES.veiled(stack.layout.source)


def code_shown(stack: SpectrogramStack) -> str:
    """The code that is shown instead of a source's name; empty where that is shown."""
    return "" if stack.origin is None else NAMES.code_of(stack.origin.files)


def hidden_source(
    stack: SpectrogramStack, code: str, sessions: Sequence[Path] = ()
) -> dict[Files, HiddenName]:
    """What is to be hidden of a source and its sessions; nothing of one that is of no file."""
    if stack.origin is None:
        return {}
    files = stack.origin.files
    hidden = hidden_name(code, files, name=stack.layout.source, sessions=sessions)
    return {key_of(files): hidden}


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

    def disconnect_viewer(self) -> None:
        """Leave the layers as they are."""
        self._viewer.layers.events.inserted.disconnect(self._on_inserted)
        NAMES.changed.disconnect(self.rename)

    def rename(self) -> None:
        """Call every layer what it is to be called now."""
        for layer in self._viewer.layers:
            _rename(layer)

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
