"""What napari's File menu saves: masks and tables of calls, as the ending of the name says."""

from __future__ import annotations

from typing import Any

from napari.utils.notifications import show_warning

from napari_squeakout.gui.layers.viewer import Viewer
from napari_squeakout.gui.qt.wording import sentence
from napari_squeakout.gui.source.contents import (
    check_is_no_source,
    masks_from_layer_data,
    probabilities_beside,
    unsegmented_text,
)
from napari_squeakout.io.results.saving import save_calls


def save_by_ending(
    viewer: Viewer | None, path: str, data: Any, attributes: dict[str, Any]
) -> list[str]:
    """Save the calls of a labels layer, and tell what a person who saves should know.

    Parameters
    ----------
    viewer : napari.Viewer, optional
        The window; None without one.
    path : str
        Its ending says what is written.
    data, attributes : array, dict
        The layer, as napari hands it to writers.

    Returns
    -------
    list of str
        What was written, as napari wants it.

    Raises
    ------
    SqueakOutError
        If it cannot be saved, or the pages are read from that file.
    """
    check_is_no_source(path, attributes)
    metadata = attributes.get("metadata", {})
    probabilities = None if viewer is None else probabilities_beside(viewer, metadata)
    notes = save_calls(masks_from_layer_data(data, attributes), probabilities, path)
    for text in filter(None, (*notes, unsegmented_text(viewer, metadata))):
        show_warning(sentence(text))
    return [path]
