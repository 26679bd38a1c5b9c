"""Pages of labels: room for them, and writing them so that undo stays true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.layout import Layout
from napari_squeakout.io.scratch import make_room, page_array

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from .layer_kinds import LabelsLayer


def new_labels(layout: Layout) -> NDArray[np.int32]:
    """Empty labels for all pages; for a long recording a sparse file that lives until the end."""
    return page_array(layout.shape, np.int32, sparse=True)


def as_writable(labels: Any, layout: Layout) -> NDArray[np.int32]:
    """The same array if it can be painted in (int32, in memory or mapped), or else a copy."""
    if isinstance(labels, np.ndarray) and labels.dtype == np.int32 and labels.flags.writeable:
        return labels
    copy = new_labels(layout)
    write_pages(copy, labels)
    return copy


def write_pages(target: NDArray[np.int32], labels: Any) -> None:
    """Copy the pages that differ; the others are not touched, so that a sparse file stays so."""
    if labels is target:
        return
    for index in range(len(target)):
        page = np.asarray(labels[index])
        if not np.array_equal(page, target[index]):
            make_room(target, index, index + 1)
            target[index] = page


def write_page(
    layer: LabelsLayer,
    page: int,
    values: NDArray[np.integer],
    *,
    undoable: bool,
    refresh: bool = True,
) -> None:
    """Make a page of a label layer look like `values`; pixels that do so already are not touched.

    Parameters
    ----------
    layer : Labels
        A source's calls.
    page : int
        Which page, from 0.
    values : NDArray
        (512, 512) labels.
    undoable : bool
        True: one Ctrl+Z takes the change back. False: the change is not in the history, and
        neither is what was before, for that would be painted back into other calls.
    refresh : bool
        Whether the window is redrawn (some 10 ms); False for pages that are not in view.
    """
    rows, columns = np.nonzero(layer.data[page] != values)
    if not len(rows):
        return
    make_room(layer.data, page, page + 1)
    if undoable:
        pages = np.full(len(rows), page, dtype=rows.dtype)
        with layer.block_history():
            layer.data_setitem((pages, rows, columns), values[rows, columns], refresh=refresh)
        return
    layer.data[page, rows, columns] = values[rows, columns]
    forget_pages(layer, {page})
    if refresh:  # this follows a dragged slider: the thumbnail waits for the whole stack
        layer.refresh(thumbnail=False, highlight=False, extent=False)


def erase_calls(layer: LabelsLayer, numbers: Mapping[int, Collection[int]]) -> list[int]:
    """Erase calls from several pages; one Ctrl+Z brings all of them back.

    Parameters
    ----------
    layer : Labels
        A source's calls.
    numbers : mapping
        Page -> the numbers that go there.

    Returns
    -------
    list of int
        Pages that were changed.
    """
    where = []
    for page in sorted(numbers):
        labels = np.asarray(layer.data[page])
        rows, columns = np.nonzero(labels)
        goes = np.isin(labels[rows, columns], list(numbers[page]))
        where.append((np.full(np.count_nonzero(goes), page), rows[goes], columns[goes]))
    pages, rows, columns = (np.concatenate(axis) for axis in zip(*where, strict=True))
    if len(pages):
        with layer.block_history():
            layer.data_setitem((pages, rows, columns), 0, refresh=False)
        layer.refresh()
    return [int(page) for page in np.unique(pages)]


def write_together(layer: LabelsLayer, pages: Mapping[int, NDArray[np.integer]]) -> list[int]:
    """Make several pages of a label layer look otherwise; one Ctrl+Z takes all of it back.

    Parameters
    ----------
    layer : Labels
        A source's calls.
    pages : mapping
        Page -> (512, 512) labels.

    Returns
    -------
    list of int
        Pages that were changed.
    """
    where, values = [], []
    for page in sorted(pages):
        rows, columns = np.nonzero(np.asarray(layer.data[page]) != pages[page])
        where.append((np.full(len(rows), page), rows, columns))
        values.append(pages[page][rows, columns])
        make_room(layer.data, page, page + 1)
    at, rows, columns = (np.concatenate(axis) for axis in zip(*where, strict=True))
    if len(at):
        with layer.block_history():
            layer.data_setitem((at, rows, columns), np.concatenate(values), refresh=False)
        layer.refresh()
    return [int(page) for page in np.unique(at)]


def last_steps(layer: LabelsLayer) -> tuple[Any, Any]:
    """What undo would take back next, and redo bring back; None where there is nothing.

    napari has no public way to ask.
    """
    undo, redo = (list(history) for history in _histories(layer))
    return (undo[-1] if undo else None, redo[-1] if redo else None)


def pages_touched(step: Any) -> set[int]:
    """Pages that a step of a label layer's history changes."""
    pages: set[int] = set()
    for atom in step:
        where = getattr(atom, "slice_key", atom[0])[0]
        if isinstance(where, slice):
            pages.update(range(where.start or 0, where.stop))
        else:
            pages.update(int(page) for page in np.unique(where))
    return pages


def forget_pages(layer: LabelsLayer, pages: Iterable[int]) -> None:
    """Forget what can be undone on pages; strokes on others can still be taken back.

    A step that reaches over several pages goes as a whole, and so do those on its other pages that
    would come after it: without it they would make pages that have never been.
    """
    for history in _histories(layer):
        stale, kept = set(pages), []
        for step in reversed(history):  # the next one first
            touched = pages_touched(step)
            if touched & stale:
                stale |= touched
            else:
                kept.append(step)
        if len(kept) < len(history):
            history.clear()
            history.extend(reversed(kept))


def changes_to_undo(layer: LabelsLayer) -> list[Any]:
    """Each single change that undo and redo know of; they stay the same objects to and fro."""
    return [atom for history in _histories(layer) for step in history for atom in step]


def changes_done(layer: LabelsLayer) -> list[Any]:
    """Each single change that undo can take back, the last one last; the same objects always."""
    return [atom for step in _histories(layer)[0] for atom in step]


def _histories(layer: LabelsLayer) -> tuple[Any, Any]:
    """What can be undone and redone; a window given to a plugin wraps layers and hides them."""
    bare: Any = getattr(layer, "__wrapped__", layer)
    return bare._undo_history, bare._redo_history


def drop_history(layer: LabelsLayer) -> None:
    """Forget what can be undone; napari has no other public way than this switch."""
    mode, editable = layer.mode, layer.editable
    layer.editable = True
    layer.editable = False
    layer.editable = editable
    layer.mode = mode
