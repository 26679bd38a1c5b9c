"""Calls that a person saves from the window: what is written is what the file's ending says."""

from __future__ import annotations

from pathlib import Path

from napari_squeakout.core.detection.calls import finding_calls
from napari_squeakout.core.detection.numbering import reused_text, telling_apart
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.rendering.band_edges import cut_note
from napari_squeakout.core.stacks import MaskStack, ProbabilityStack
from napari_squeakout.core.steps import run
from napari_squeakout.io.tables.calls import write_calls

from .masks import write_mask_tiff, write_page_masks

TABLE_SUFFIX, TIFF_SUFFIXES = ".csv", (".tif", ".tiff")


def save_calls(
    masks: MaskStack, probabilities: ProbabilityStack | None, path: str | Path
) -> tuple[str, ...]:
    """Write calls as a table (`.csv`), a TIFF (`.tif`) or, without an ending, a folder of PNG.

    Each call has a number of its own in all of them, so that the table fits the masks.

    Returns
    -------
    tuple of str
        What the user should know, half sentences.

    Raises
    ------
    SqueakOutError
        If the ending is another, or it cannot be written.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in (TABLE_SUFFIX, *TIFF_SUFFIXES, ""):
        msg = (
            f"{path}: calls cannot be saved as {suffix}: end the name in .csv for the table, .tif "
            "for the masks, or in nothing for a folder of PNG"
        )
        raise InputError(msg)
    apart = run(telling_apart(masks))
    cut = None
    if suffix == TABLE_SUFFIX:
        calls = run(finding_calls(apart, probabilities))
        write_calls(calls, path)
        cut = cut_note(calls, masks.layout.grid)
    elif suffix:
        write_mask_tiff(apart, path)
    else:
        write_page_masks(apart, path)
    reused = reused_text(apart)
    notes = (reused if suffix else None, cut)
    return tuple(f"{masks.layout.source}: {note}" for note in notes if note)
