"""The front door: what napari calls, as listed in napari.yaml.

napari imports this module whenever a file is opened: what is heavy is imported by the functions
that need it, and nothing on the way to a layer imports torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_squeakout.gui.layers.viewer import Viewer

#: (data, attributes, kind of layer), or (None,) where there is nothing to show.
LayerData = tuple[Any, ...]
Paths = str | Sequence[str]
Reader = Callable[[Any], list[LayerData]]

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


def get_recording_reader(path: Paths) -> Reader | None:
    """Reader of recordings; None if one of the paths is none."""
    from napari_squeakout.io.sources.audio import is_recording

    return _read_recordings if all(is_recording(p) for p in _paths(path)) else None


def get_image_reader(path: Paths) -> Reader | None:
    """Reader of images that look like spectrograms: grey and of one of their usual sizes.

    Others are left to napari's own reader, but in a window: there a person has chosen this one,
    and gets what *Open file…* gives, or why not.
    """
    from napari_squeakout.io.sources.recognise import looks_like_pages

    paths = _paths(path)
    return _read_images if paths and looks_like_pages(paths[0]) else _reader_of_chosen()


def get_folder_reader(path: Paths) -> Reader | None:
    """Reader of projects, sessions, folders of recordings, and of those of spectrogram images.

    Of a folder with images the first says whether they look like spectrograms. In a window a
    person has chosen this reader for it, whatever is in it.
    """
    from napari_squeakout.io.sessions.project_list import is_project
    from napari_squeakout.io.sessions.record import SUFFIX
    from napari_squeakout.io.sources.inputs import expanded
    from napari_squeakout.io.sources.recognise import first_image, looks_like_pages

    paths = _paths(path)
    if len(paths) != 1:
        return None
    folder = Path(paths[0])
    if is_project(folder):
        return _read_project
    if folder.suffix == SUFFIX and folder.is_dir():
        return _read_session
    if folder not in expanded(folder):
        return _read_folder_of_recordings
    first = first_image(folder)
    if first is not None and looks_like_pages(first):
        return _read_images
    return _reader_of_chosen() if folder.is_dir() else None


def write_masks(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Save the numbered calls as the ending says: `.tif` is the masks, a slice a page.

    napari chooses the writer by the type set in its dialog, whatever ending a person has typed.
    Each of ours therefore writes what the ending says, and `.csv` is always the table of calls.
    A name without an ending makes a folder of PNG.
    """
    from napari_squeakout.gui.file_menu.saving import save_by_ending

    return save_by_ending(_viewer(), path, data, attributes)


def write_mask_folder(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Save the masks as a folder of PNG files, 0 and 255, named after the pages.

    Pages without names are called `0000`, `0001`, ..., by their numbers on napari's slider. A name
    with an ending gives what that says.
    """
    from napari_squeakout.gui.file_menu.saving import save_by_ending

    return save_by_ending(_viewer(), path, data, attributes)


def write_call_table(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Save the table of calls as CSV, with probabilities where the window has them.

    A name with another ending gives what that says; one without an ending gets `.csv`.
    """
    from napari_squeakout.gui.file_menu.saving import save_by_ending

    return save_by_ending(_viewer(), path if Path(path).suffix else f"{path}.csv", data, attributes)


def sample_recording() -> list[LayerData]:
    """A synthetic recording and, hidden, its true masks."""
    from napari_squeakout.gui.file_menu.reading import layers_of
    from napari_squeakout.gui.samples import synthetic_recording

    return layers_of(_viewer(), *synthetic_recording(_SAMPLE_S, seed=_SAMPLE_SEED))


def sample_images() -> list[LayerData]:
    """Synthetic spectrogram images and, hidden, their true masks."""
    from napari_squeakout.gui.file_menu.reading import layers_of
    from napari_squeakout.gui.samples import synthetic_images

    return layers_of(_viewer(), *synthetic_images(_SAMPLE_IMAGES, seed=_SAMPLE_SEED))


def sample_project() -> list[LayerData]:
    """Nothing to add: three synthetic recordings on the list of the dock, one segmented."""
    from napari_squeakout.core.steps import run
    from napari_squeakout.gui.file_menu.reading import beside_window, read_project
    from napari_squeakout.io.engines.making import make_engine
    from napari_squeakout.io.models.registry import load_model
    from napari_squeakout.io.tasks.sample_project import making_sample_project

    steps = making_sample_project(lambda: make_engine(load_model()))
    folder = beside_window(_viewer(), lambda: run(steps), "Making the sample project")
    return read_project(_viewer(), folder)


def sample_amvoc(number: int) -> list[LayerData]:
    """A real recording of mice, downloaded when it is first asked for."""
    from napari_squeakout.gui.file_menu.reading import beside_window, layers_of
    from napari_squeakout.io.samples.recordings import fetch_amvoc
    from napari_squeakout.io.sources.opening import open_recording

    what = f"Downloading mouse recording {number}"
    file = beside_window(_viewer(), lambda: fetch_amvoc(number), what)
    return layers_of(_viewer(), open_recording(file))


sample_amvoc_1 = partial(sample_amvoc, 1)
sample_amvoc_2 = partial(sample_amvoc, 2)
sample_amvoc_3 = partial(sample_amvoc, 3)
sample_amvoc_4 = partial(sample_amvoc, 4)


def _viewer() -> Viewer | None:
    import napari

    viewer: Viewer | None = napari.current_viewer()
    return viewer


def _reader_of_chosen() -> Reader | None:
    """Reader of whatever a person has chosen it for; None without a window, where nobody has.

    napari would put a traceback in front of the picture where the reader it was told refuses.
    """
    return None if _viewer() is None else _read_chosen_images


def _read_recordings(path: Paths) -> list[LayerData]:
    from napari_squeakout.gui.file_menu.reading import read_recordings

    return read_recordings(_viewer(), _paths(path))


def _read_folder_of_recordings(path: Paths) -> list[LayerData]:
    from napari_squeakout.gui.file_menu.reading import read_folder_of_recordings

    return read_folder_of_recordings(_viewer(), _paths(path))


def _read_project(path: Paths) -> list[LayerData]:
    from napari_squeakout.gui.file_menu.reading import read_project

    return read_project(_viewer(), Path(_paths(path)[0]))


def _read_session(path: Paths) -> list[LayerData]:
    from napari_squeakout.gui.file_menu.reading import read_session

    return read_session(_viewer(), Path(_paths(path)[0]))


def _read_images(path: Paths) -> list[LayerData]:
    from napari_squeakout.gui.file_menu.reading import read_images

    return read_images(_viewer(), path)


def _read_chosen_images(path: Paths) -> list[LayerData]:
    from napari_squeakout.gui.file_menu.reading import read_chosen_images

    return read_chosen_images(_viewer(), path)


def _paths(path: Paths) -> list[str]:
    """What napari hands over: one path or several."""
    return [str(path)] if isinstance(path, str | Path) else [str(p) for p in path]
