"""What napari's File menu opens: layers of a new source, or what the dock opens by itself.

Nothing on the way to a layer imports torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from napari.utils.notifications import show_error, show_info, show_warning

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.core.steps import run
from napari_squeakout.gui.layers.layers import (
    begin_at_first_page,
    image_layer_data,
    show_frequency_upwards,
)
from napari_squeakout.gui.layers.opened import gone_to
from napari_squeakout.gui.layers.viewer import Viewer
from napari_squeakout.gui.names.shown import shown_name
from napari_squeakout.gui.source.first_page import make_ready
from napari_squeakout.io.sources.images import reading_images
from napari_squeakout.io.sources.inputs import expanded
from napari_squeakout.io.sources.opening import open_recording

#: (data, attributes, kind of layer), or (None,) where there is nothing to show.
LayerData = tuple[Any, ...]
Paths = str | Sequence[str]
Result = TypeVar("Result")


def read_recordings(viewer: Viewer | None, paths: list[str]) -> list[LayerData]:
    """The layers of recordings."""

    def opened(path: Any) -> SpectrogramStack:
        return beside_window(viewer, lambda: make_ready(open_recording(path)), "Opening")

    open_ = open_recording if viewer is None else opened
    layers = [layer for p in paths for layer in _read(viewer, open_, p)]
    return layers or [(None,)]


def read_folder_of_recordings(viewer: Viewer | None, paths: list[str]) -> list[LayerData]:
    """Its recordings; several come on the list of the dock in a window, which opens the first."""
    files = [file for p in paths for file in expanded(Path(p))]
    if viewer is None or len(files) == 1:
        return read_recordings(viewer, [str(file) for file in files])
    from napari_squeakout.gui.docks import dock_in

    dock_in(viewer).recordings_panel.add([Path(p) for p in paths], open_first=True)
    return [(None,)]


def read_project(viewer: Viewer | None, folder: Path) -> list[LayerData]:
    """Nothing to add: the dock shows its list."""
    if viewer is None:
        show_info(f"{folder}: is a project: open it in napari, where its dock lists it")
    else:
        from napari_squeakout.gui.docks import dock_in

        dock_in(viewer).recordings_panel.open_project(folder)
    return [(None,)]


def read_session(viewer: Viewer | None, folder: Path) -> list[LayerData]:
    """Nothing to add: the dock opens it, with its review, beside the window."""
    if viewer is None:
        show_info(f"{folder}: is a session: open it in napari, where its dock goes on with it")
    else:
        from napari_squeakout.gui.docks import dock_in

        dock_in(viewer).session_box.open(folder)
    return [(None,)]


def read_images(viewer: Viewer | None, path: Paths) -> list[LayerData]:
    """The layers of images by their headers, of which even thousands open at once."""

    def opened(chosen: Paths) -> SpectrogramStack:
        reading = reading_images(chosen, check=False)
        return beside_window(viewer, lambda: run(reading), "Reading images")

    return _with_recordings(viewer, _read(viewer, opened, path), path)


def read_chosen_images(viewer: Viewer | None, path: Paths) -> list[LayerData]:
    """The layers of images that may be anything: decoded at once, so that what is wrong is said."""

    def opened(chosen: Paths) -> SpectrogramStack:
        return beside_window(viewer, lambda: run(reading_images(chosen)), "Reading images")

    return _with_recordings(viewer, _read(viewer, opened, path), path)


def _with_recordings(
    viewer: Viewer | None, images: list[LayerData], path: Paths
) -> list[LayerData]:
    """The recordings of a folder that holds both, as *Open folder…* opens it."""
    folders = [Path(p) for p in ([path] if isinstance(path, str) else path)]
    sounds = [file for folder in folders for file in expanded(folder) if file != folder]
    if viewer is not None and len(sounds) > 1:  # the dock lists them, and opens them one by one
        from napari_squeakout.gui.docks import dock_in

        dock_in(viewer).recordings_panel.add(sounds)
        sounds = []
    layers = [layer for file in sounds for layer in _read(viewer, open_recording, str(file))]
    return [*images, *layers] or [(None,)]


def layers_of(
    viewer: Viewer | None, stack: SpectrogramStack, *others: LayerData
) -> list[LayerData]:
    """The layers of a new source; the window is turned for them and told what to know.

    None of a source that the window shows already: that one is chosen.
    """
    if viewer is not None:
        known = gone_to(viewer, stack)
        if known:
            show_info(known)
            return []
        show_frequency_upwards(viewer)
        begin_at_first_page(viewer, stack)
    for note in stack.notes:
        show_info(f"{shown_name(stack)}: {note}")
    if stack.unreadable:
        more = f" (and {len(stack.unreadable) - 1} more)" if len(stack.unreadable) > 1 else ""
        show_warning(f"{stack.unreadable[0]}{more}")
    return [image_layer_data(stack), *others]


def beside_window(viewer: Viewer | None, work: Callable[[], Result], what: str) -> Result:
    """Do what may take long; a window is drawn meanwhile, where there is one."""
    if viewer is None:
        return work()
    from napari_squeakout.gui.waiting import awaited

    return awaited(work, what)


def _read(
    viewer: Viewer | None, open_: Callable[[Any], SpectrogramStack], path: Any
) -> list[LayerData]:
    """Layers of a path; without a window errors are raised, in one they are told.

    napari would hide the sentence in a traceback, behind one of its own.
    """
    try:
        return layers_of(viewer, open_(path))
    except SqueakOutError as error:
        if viewer is None:
            raise
        show_error(str(error))
        _tell_dock(viewer, str(error))
        return []


def _tell_dock(viewer: Viewer, sentence: str) -> None:
    """Say it in the dock too: napari's own notice is cut short and gone after seconds."""
    from napari_squeakout.gui.docks import dock_there_in

    dock = dock_there_in(viewer)
    if dock is not None:
        dock.head.say_of_file(sentence)
