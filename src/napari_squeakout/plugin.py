"""The front door: what napari calls, as listed in napari.yaml.

napari imports this module whenever a file is opened: what is heavy is imported by the functions
that need it, and nothing on the way to a layer imports torch.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from napari_squeakout.core.stacks import MaskStack, SpectrogramStack
    from napari_squeakout.gui.layers.viewer import Viewer

#: (data, attributes, kind of layer), or (None,) where there is nothing to show.
LayerData = tuple[Any, ...]
Reader = Callable[[Any], list[LayerData]]
Result = TypeVar("Result")

_SAMPLE_S = 4.4
_SAMPLE_IMAGES = 12
_SAMPLE_SEED = 8


def __getattr__(name: str) -> Any:
    """The dock's class: napari gives its window to classes of widgets only, not to functions."""
    if name != "SqueakOutDock":
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from napari_squeakout.gui.dock import SqueakOutDock

    return SqueakOutDock


def get_recording_reader(path: str | Sequence[str]) -> Reader | None:
    """Reader of recordings; None if one of the paths is none."""
    from napari_squeakout.io.sources.audio import is_recording

    return _read_recordings if all(is_recording(p) for p in _paths(path)) else None


def get_image_reader(path: str | Sequence[str]) -> Reader | None:
    """Reader of images that look like spectrograms: grey and of one of their usual sizes.

    Others are left to napari's own reader, but in a window: there a person has chosen this one,
    and gets what *Open file…* gives, or why not.
    """
    from napari_squeakout.io.sources.recognise import looks_like_pages

    paths = _paths(path)
    return _read_images if paths and looks_like_pages(paths[0]) else _reader_of_chosen()


def get_folder_reader(path: str | Sequence[str]) -> Reader | None:
    """Reader of projects, sessions, folders of recordings, and of those of spectrogram images.

    Of a folder with images the first says whether they look like spectrograms. In a window a
    person has chosen this reader for it, whatever is in it.
    """
    from napari_squeakout.io.sessions.project import is_project
    from napari_squeakout.io.sessions.record import SUFFIX
    from napari_squeakout.io.sources.inputs import expanded
    from napari_squeakout.io.sources.recognise import first_image, looks_like_pages

    paths = _paths(path)
    if len(paths) == 1 and is_project(Path(paths[0])):
        return _read_project
    if len(paths) == 1 and Path(paths[0]).suffix == SUFFIX and Path(paths[0]).is_dir():
        return _read_session
    if len(paths) == 1 and Path(paths[0]) not in expanded(Path(paths[0])):
        return _read_folder_of_recordings
    first = first_image(paths[0]) if len(paths) == 1 else None
    if first is not None and looks_like_pages(first):
        return _read_images
    is_folder = len(paths) == 1 and Path(paths[0]).is_dir()
    return _reader_of_chosen() if is_folder else None


def write_masks(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Save the numbered calls as the ending says: `.tif` is the masks, a slice a page.

    napari chooses the writer by the type set in its dialog, whatever ending a person has typed.
    Each of ours therefore writes what the ending says, and `.csv` is always the table of calls.
    A name without an ending makes a folder of PNG.
    """
    return _write_by_ending(path, data, attributes)


def write_mask_folder(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Save the masks as a folder of PNG files, 0 and 255, named after the pages.

    Pages without names are called `0000`, `0001`, ..., by their numbers on napari's slider. A name
    with an ending gives what that says.
    """
    return _write_by_ending(path, data, attributes)


def write_call_table(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Save the table of calls as CSV, with probabilities where the window has them.

    A name with another ending gives what that says; one without an ending gets `.csv`.
    """
    return _write_by_ending(path if Path(path).suffix else f"{path}.csv", data, attributes)


def _write_by_ending(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    from napari_squeakout.gui.source.contents import probabilities_beside, unsegmented_text
    from napari_squeakout.io.results.saving import save_calls

    _check_is_no_source(path, attributes)
    viewer = _viewer()
    metadata = attributes.get("metadata", {})
    probabilities = None if viewer is None else probabilities_beside(viewer, metadata)
    notes = save_calls(_masks(data, attributes), probabilities, path)
    _warn(*notes, unsegmented_text(viewer, metadata))
    return [path]


def _viewer() -> Viewer | None:
    import napari

    viewer: Viewer | None = napari.current_viewer()
    return viewer


def _warn(*texts: str) -> None:
    """Tell what a person who saves should know."""
    from napari.utils.notifications import show_warning

    for text in filter(None, texts):
        show_warning(f"{text[:1].upper()}{text[1:]}.")


def sample_recording() -> list[LayerData]:
    """A synthetic recording and, hidden, its true masks."""
    from napari_squeakout.gui.samples import synthetic_recording

    return _shown(*synthetic_recording(_SAMPLE_S, seed=_SAMPLE_SEED))


def sample_images() -> list[LayerData]:
    """Synthetic spectrogram images and, hidden, their true masks."""
    from napari_squeakout.gui.samples import synthetic_images

    return _shown(*synthetic_images(_SAMPLE_IMAGES, seed=_SAMPLE_SEED))


def sample_project() -> list[LayerData]:
    """Nothing to add: three synthetic recordings on the list of the dock, one segmented."""
    from napari_squeakout.core.detection.engine import Engine
    from napari_squeakout.core.steps import run
    from napari_squeakout.io.models.registry import load_model
    from napari_squeakout.io.tasks.sample_project import making_sample_project

    steps = making_sample_project(lambda: Engine(load_model()))
    return _read_project(str(_awaited(lambda: run(steps), "Making the sample project")))


def sample_amvoc(number: int) -> list[LayerData]:
    """A real recording of mice, downloaded when it is first asked for."""
    from napari_squeakout.io.samples.recordings import fetch_amvoc

    what = f"Downloading mouse recording {number}"
    return _shown(_recording_stack(_awaited(lambda: fetch_amvoc(number), what)))


sample_amvoc_1 = functools.partial(sample_amvoc, 1)
sample_amvoc_2 = functools.partial(sample_amvoc, 2)
sample_amvoc_3 = functools.partial(sample_amvoc, 3)
sample_amvoc_4 = functools.partial(sample_amvoc, 4)


def _read_recordings(path: str | Sequence[str]) -> list[LayerData]:
    layers = [layer for p in _paths(path) for layer in _read(_recording_stack, p)]
    return layers or [(None,)]


def _read_folder_of_recordings(path: str | Sequence[str]) -> list[LayerData]:
    """Its recordings; several come on the list of the dock in a window, which opens the first."""
    from napari_squeakout.io.sources.inputs import expanded

    files = [file for p in _paths(path) for file in expanded(Path(p))]
    viewer = _viewer()
    if viewer is None or len(files) == 1:
        return _read_recordings([str(file) for file in files])
    from napari_squeakout.gui.docks import dock_in

    dock_in(viewer).recordings_panel.add([Path(p) for p in _paths(path)], open_first=True)
    return [(None,)]


def _read_project(path: str | Sequence[str]) -> list[LayerData]:
    """Nothing to add: the dock shows its list."""
    from napari.utils.notifications import show_info

    from napari_squeakout.gui.docks import dock_in

    viewer, folder = _viewer(), Path(_paths(path)[0])
    if viewer is None:
        show_info(f"{folder}: is a project: open it in napari, where its dock lists it")
    else:
        dock_in(viewer).recordings_panel.open_project(folder)
    return [(None,)]


def _read_session(path: str | Sequence[str]) -> list[LayerData]:
    """Nothing to add: the dock opens it, with its review, beside the window."""
    from napari.utils.notifications import show_info

    from napari_squeakout.gui.docks import dock_in

    viewer, folder = _viewer(), Path(_paths(path)[0])
    if viewer is None:
        show_info(f"{folder}: is a session: open it in napari, where its dock goes on with it")
    else:
        dock_in(viewer).session_box.open(folder)
    return [(None,)]


def _read_images(path: str | Sequence[str]) -> list[LayerData]:
    return _read(_image_stack, path) or [(None,)]


def _reader_of_chosen() -> Reader | None:
    """Reader of whatever a person has chosen it for; None without a window, where nobody has.

    napari would put a traceback in front of the picture where the reader it was told refuses.
    """
    return None if _viewer() is None else _read_chosen_images


def _read_chosen_images(path: str | Sequence[str]) -> list[LayerData]:
    return _read(_checked_image_stack, path) or [(None,)]


def _read(open_: Callable[[Any], SpectrogramStack], path: Any) -> list[LayerData]:
    """Layers of a path; without a window errors are raised, in one they are told.

    napari would hide the sentence in a traceback, behind one of its own.
    """
    import napari
    from napari.utils.notifications import show_error

    from napari_squeakout.core.errors import SqueakOutError

    try:
        return _shown(open_(path))
    except SqueakOutError as error:
        if napari.current_viewer() is None:
            raise
        show_error(str(error))
        return []


def _recording_stack(path: str | Path) -> SpectrogramStack:
    from napari_squeakout.io.sources.opening import open_recording

    return open_recording(path)


def _image_stack(path: str | Sequence[str]) -> SpectrogramStack:
    """Images by their headers, of which even thousands open at once."""
    from napari_squeakout.core.steps import run
    from napari_squeakout.io.sources.images import reading_images

    return _awaited(lambda: run(reading_images(path, check=False)), "Reading images")


def _checked_image_stack(path: str | Sequence[str]) -> SpectrogramStack:
    """Images that may be anything: decoded at once, so that what is wrong is said."""
    from napari_squeakout.core.steps import run
    from napari_squeakout.io.sources.images import reading_images

    return _awaited(lambda: run(reading_images(path)), "Reading images")


def _awaited(work: Callable[[], Result], what: str) -> Result:
    """Do what may take long; a window is drawn meanwhile, where there is one."""
    import napari

    if napari.current_viewer() is None:
        return work()
    from napari_squeakout.gui.waiting import awaited

    return awaited(work, what)


def _shown(stack: SpectrogramStack, *others: LayerData) -> list[LayerData]:
    """The layers of a new source; the window is turned for them and told what to know.

    None of a source that the window shows already: that one is chosen.
    """
    import napari
    from napari.utils.notifications import show_info, show_warning

    from napari_squeakout.gui.layers.layers import (
        begin_at_first_page,
        image_layer_data,
        show_frequency_upwards,
    )
    from napari_squeakout.gui.layers.opened import gone_to

    viewer = napari.current_viewer()
    if viewer is not None:
        known = gone_to(viewer, stack)
        if known:
            show_info(known)
            return []
        show_frequency_upwards(viewer)
        begin_at_first_page(viewer, stack)
    for note in stack.notes:
        show_info(f"{stack.layout.source}: {note}")
    if stack.unreadable:
        more = f" (and {len(stack.unreadable) - 1} more)" if len(stack.unreadable) > 1 else ""
        show_warning(f"{stack.unreadable[0]}{more}")
    return [image_layer_data(stack), *others]


def _masks(data: Any, attributes: dict[str, Any]) -> MaskStack:
    from napari_squeakout.gui.source.contents import masks_from_layer_data

    return masks_from_layer_data(data, attributes)


def _check_is_no_source(path: str, attributes: dict[str, Any]) -> None:
    from napari_squeakout.gui.source.contents import check_is_no_source

    check_is_no_source(path, attributes)


def _paths(path: str | Sequence[str]) -> list[str]:
    return [str(path)] if isinstance(path, str | Path) else [str(p) for p in path]
